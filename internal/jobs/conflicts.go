package jobs

import (
	"context"
	"fmt"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// telling is how long an ended load waits to hear what it did to the conflicts.
const telling = 5 * time.Second

// OnConflicts has f tell what becomes of the conflicts from one view to another, for the reports of loads.
func (j *Jobs) OnConflicts(f func(ctx context.Context, was, is *atlas.View) (*plan.ConflictReport, error)) {
	j.conflicts = f
}

// tellConflicts puts what the revision did to the conflicts into the job. The load is written: whatever goes wrong here,
// or takes too long, is only not known yet.
func (l *load) tellConflicts(ctx context.Context, revision plan.Revision) {
	if l.conflicts == nil || revision == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, telling)
	defer cancel()
	report, err := l.compareConflicts(ctx, revision)
	if err != nil {
		l.options.Log.Warn("what a load did to the conflicts is not known", "job", l.job.ID, "revision", revision, "error", err)
		address := fmt.Sprintf("/api/v1/conflicts/compare?from=%d&to=%d", revision-1, revision)
		report = &plan.ConflictReport{Summary: plan.Text{SV: "Vad ändringen gjorde med konflikterna är inte känt än; se " + address + ".",
			EN: "What this change did to the conflicts is not known yet; see " + address + "."}}
	}
	l.job.Conflicts = report
}

func (l *load) compareConflicts(ctx context.Context, revision plan.Revision) (report *plan.ConflictReport, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v", fault)
		}
	}()
	was := l.before
	if was == nil || was.Revision() != revision-1 {
		if was, err = l.atlas.ViewAt(ctx, revision-1); err != nil {
			return nil, err
		}
	}
	is, err := l.atlas.ViewAt(ctx, revision)
	if err != nil {
		return nil, err
	}
	return l.conflicts(ctx, was, is)
}

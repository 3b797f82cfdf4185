package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// TestCancelWhileComparing: a load and a dry run that are cancelled just as they begin to compare end there, and write
// nothing; the cancellation goes the whole way, by the database and back.
func TestCancelWhileComparing(t *testing.T) {
	st := pgtest.Open(t, "")
	at := atlas.New(st)
	if err := at.Fill(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	j, err := Open(Options{Dir: t.TempDir(), MaxBytes: 1 << 20, Log: log}, st, at)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	submitted, phases := make(chan string, 1), []plan.Phase(nil)
	j.entered = func(ctx context.Context, phase plan.Phase) {
		if phases = append(phases, phase); phase != plan.PhaseComparing {
			return
		}
		if _, err := j.Cancel(context.WithoutCancel(ctx), <-submitted); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
	}
	ctx, stop := context.WithCancel(t.Context())
	ended, err := st.Work(ctx, log, time.Minute, j.Chores()...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		stop()
		<-ended
	}()
	layer := &plan.Layer{ID: "prov", Theme: plan.Nature, Title: plan.Text{SV: "Prov"}, GeometryType: plan.Point, Status: plan.Published}
	if _, err := at.Change(t.Context(), func(*atlas.View) (plan.ChangeSet, error) {
		return plan.ChangeSet{Author: "a", Kind: plan.ChangeLayer, Layers: []plan.LayerChange{{Layer: layer.ID, Define: layer}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	before := at.View().Revision()
	for _, dry := range []bool{false, true} {
		phases = nil
		job, _, err := j.Submit(t.Context(), Request{Author: "a", Length: -1, Body: strings.NewReader(
			`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[12,58]}}]}`),
			Upload: plan.Upload{Layer: layer.ID, Mode: plan.UploadAppend, DryRun: dry}})
		if err != nil {
			t.Fatal(err)
		}
		submitted <- job.ID
		if job, err = j.Wait(t.Context(), job.ID, time.Minute, nil); err != nil || job.State != plan.JobCancelled {
			t.Errorf("dry run %v: %+v %v", dry, job, err)
		}
		if got := fmt.Sprint(phases); got != "[reading comparing]" || job.Progress.Phase != plan.PhaseComparing || job.Difference != nil {
			t.Errorf("dry run %v: the phases were %s, and the job says %+v", dry, got, job)
		}
	}
	if latest, err := st.Latest(t.Context()); err != nil || latest != before {
		t.Errorf("revision %d, was %d: something was written; %v", latest, before, err)
	}
}

package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"strukturbild/internal/plan"
)

// swedish reports whether the user's locale is Swedish.
func swedish() bool {
	return strings.HasPrefix(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")), "sv")
}

// say chooses the sentence of the user's language.
func say(text plan.Text) string {
	if swedish() {
		return text.SV
	}
	return text.EN
}

// bar shows on a terminal how far something is; elsewhere it shows nothing.
type bar struct {
	shown *progressbar.ProgressBar
	total int64 // bytes; -1 when nobody knows
}

func newBar(total int64, what plan.Text) bar {
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return bar{}
	}
	return bar{total: total, shown: progressbar.NewOptions64(total, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription(say(what)), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))}
}

func (b bar) at(n int64) {
	if b.shown != nil {
		_ = b.shown.Set64(n) // a terminal that is gone is no reason to end
	}
}

// Write counts what is written.
func (b bar) Write(p []byte) (int, error) {
	if b.shown != nil {
		_ = b.shown.Add(len(p))
	}
	return len(p), nil
}

func (b bar) end() {
	if b.shown != nil {
		_ = b.shown.Finish()
	}
}

var phases = map[plan.Phase]plan.Text{
	"":                  {SV: "väntar", EN: "waiting"},
	plan.PhaseFetching:  {SV: "hämtar", EN: "fetching"},
	plan.PhaseLoading:   {SV: "läser in", EN: "loading"},
	plan.PhaseReading:   {SV: "läser", EN: "reading"},
	plan.PhaseComparing: {SV: "jämför", EN: "comparing"},
	plan.PhaseWriting:   {SV: "skriver", EN: "writing"},
}

func (b bar) job(job plan.Job) { b.progress(job.Progress) }

func (b bar) progress(p plan.Progress) {
	if b.shown != nil {
		if b.total > 0 && p.Bytes >= b.total { // a bar that is full goes away, and what is read is still to be compared and written
			p.Bytes = b.total - 1
		}
		b.at(p.Bytes)
		b.shown.Describe(fmt.Sprintf("%s (%d)", say(phases[p.Phase]), p.Features))
	}
}

// line writes a finding of a load that went well.
func line(f plan.Finding) string {
	kind := say(plan.Text{SV: "avvisat", EN: "refused"})
	if f.Notice {
		kind = say(plan.Text{SV: "notis", EN: "notice"})
	}
	if f.Feature >= 0 {
		kind += fmt.Sprintf(": %s %d", say(plan.Text{SV: "objekt", EN: "feature"}), f.Feature)
	}
	return fmt.Sprintf("%s: %s: %s", kind, f.Rule, say(f.Message))
}

// report prints what became of the job; one that did not load is an error.
func report(job plan.Job) error {
	if err := job.Failure(); err != nil {
		return err
	}
	total := 0
	for _, n := range job.Rules {
		total += n
	}
	for _, finding := range job.Findings {
		fmt.Println(line(finding))
	}
	if more := total - len(job.Findings); more > 0 {
		fmt.Printf(say(plan.Text{SV: "... och %d till: /api/v1/jobs/%s/findings\n", EN: "... and %d more: /api/v1/jobs/%s/findings\n"}), more, job.ID)
	}
	if err := printDifference(os.Stdout, job.Difference); err != nil {
		return err
	}
	outcome := fmt.Sprintf("revision %d", job.Revision)
	switch {
	case job.DryRun:
		outcome = say(plan.Text{SV: "provkörning, inget skrivet", EN: "dry run, nothing written"})
	case job.Revision == 0:
		outcome = say(plan.Text{SV: "inget att ändra", EN: "nothing to change"})
	}
	if job.Repaired+job.Refused > 0 {
		outcome += fmt.Sprintf(say(plan.Text{SV: " (%d lagade, %d avvisade)", EN: " (%d repaired, %d refused)"}), job.Repaired, job.Refused)
	}
	fmt.Printf(say(plan.Text{SV: "%s: %d lästa, %d nya, %d ändrade, %d borttagna, %d oförändrade; %s\n",
		EN: "%s: %d read, %d added, %d changed, %d removed, %d unchanged; %s\n"}),
		job.Layer, job.Read, job.Added, job.Changed, job.Removed, job.Same, outcome)
	if job.Conflicts != nil {
		fmt.Println(say(job.Conflicts.Summary))
	}
	return nil
}

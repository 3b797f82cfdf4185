package harvest

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/jobs"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
	"strukturbild/internal/source"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// TestWhatIsDueIsPulled: only what someone has pulled before, and only when it is old enough; after a failure a day passes.
func TestWhatIsDueIsPulled(t *testing.T) {
	st := pgtest.Open(t, "")
	at := atlas.New(st)
	if err := at.Fill(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	jb, err := jobs.Open(jobs.Options{Dir: t.TempDir(), MaxBytes: 1 << 20, Log: log}, st, at)
	if err != nil {
		t.Fatal(err)
	}
	defer jb.Close()
	var catalogue source.Catalogue
	for id, days := range map[string]int{"old": 7, "fresh": 30, "never": 7, "failing": 7, "anyage": 0, "byhand": 7} {
		catalogue.Sources = append(catalogue.Sources, source.Source{ID: id, RefreshDays: days, Access: source.Access{Kind: source.File}})
	}
	h := New(Options{Catalogue: &catalogue, Due: true, Log: log}, st, at, jb)
	now := time.Now().UTC()
	past := func(id string, state plan.JobState, ago time.Duration, filename string) {
		t.Helper()
		pull := &plan.Pull{ID: id + ago.String(), Source: id, State: state, Filename: filename, Began: now.Add(-ago)}
		if err := st.AddPull(t.Context(), pulling, "", pull, dead); err != nil {
			t.Fatal(err)
		}
	}
	const day = 24 * time.Hour
	for _, id := range []string{"old", "fresh", "failing", "anyage"} {
		past(id, plan.JobDone, 10*day, "")
	}
	past("byhand", plan.JobDone, 10*day, "file.zip")
	past("failing", plan.JobFailed, time.Hour, "")
	begun := func() (ids []string) {
		t.Helper()
		pulls, err := st.Pulls(t.Context(), "", 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, pull := range pulls {
			if pull.State == plan.JobQueued {
				ids = append(ids, pull.Source)
			}
		}
		return ids
	}
	for range 2 { // the second time it is under way already
		if err := h.pullDue(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		if got := begun(); len(got) != 1 || got[0] != "old" {
			t.Errorf("%v are pulled, want old", got)
		}
	}
	if err := h.pullDue(t.Context(), now.Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := begun(); len(got) != 2 {
		t.Errorf("%v are pulled a day later, want failing too", got)
	}
	if _, err := h.Begin(t.Context(), Request{Source: "old"}); plan.CodeOf(err) != plan.Exists {
		t.Errorf("a second pull at a time: %v", err)
	}
	if len(h.Chores()) != 2 {
		t.Error("there is no chore that looks for what is due")
	}
}

// TestAPullWhoseNodeIsGone does not stand in the way for ever.
func TestAPullWhoseNodeIsGone(t *testing.T) {
	st := pgtest.Open(t, "")
	lost := &plan.Pull{ID: "lost", Source: "a", State: plan.JobRunning, Began: time.Now().UTC().Add(-dead - time.Hour)}
	next := &plan.Pull{ID: "next", Source: "a", State: plan.JobRunning, Began: time.Now().UTC()}
	for _, pull := range []*plan.Pull{lost, next} {
		if err := st.AddPull(t.Context(), pulling, "", pull, dead); err != nil {
			t.Fatal(err)
		}
	}
	got, err := st.Pull(t.Context(), "lost")
	if err != nil || got.State != plan.JobFailed || got.Failure() == nil {
		t.Errorf("%+v %v", got, err)
	}
}

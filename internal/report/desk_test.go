package report

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// newDesk is a desk over a real database with a wind farm in a forest. Nobody but the test does its chores.
func newDesk(t *testing.T, limit time.Duration) (*Desk, *store.Store) {
	t.Helper()
	st := pgtest.Open(t, "")
	at := atlas.New(st)
	if err := at.Fill(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	square := func(x float64) plan.Geometry {
		return plan.Geometry{Type: plan.Polygon, Coords: []float64{x, 6_450_000, x + 1000, 6_450_000, x + 1000, 6_451_000, x, 6_451_000, x, 6_450_000}}
	}
	layer := func(id string, theme plan.Theme, x float64) plan.LayerChange {
		return plan.LayerChange{Layer: id, Define: &plan.Layer{ID: id, Theme: theme, GeometryType: plan.Polygon, Status: plan.Published, Title: plan.Text{SV: id}},
			Add: plan.List{{ID: "1", Geometry: square(x)}}}
	}
	_, err := at.Change(t.Context(), func(*atlas.View) (plan.ChangeSet, error) {
		return plan.ChangeSet{Author: "test", Kind: plan.ChangeUpload, Layers: []plan.LayerChange{layer("parker", plan.Wind, 400_000), layer("skog", plan.Forest, 400_500)}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := conflict.Default()
	if err != nil {
		t.Fatal(err)
	}
	book := conflict.NewRulebook(st, rules)
	if err := book.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	return New(Options{Time: limit}, st, at, conflict.NewEngine(rules), book), st
}

// ordered orders a report, and has it made as the chore does.
func ordered(t *testing.T, d *Desk, order plan.ReportOrder) *plan.Report {
	t.Helper()
	report, err := d.Order(t.Context(), order, "planner")
	if err != nil {
		t.Fatal(err)
	}
	work(t, t.Context(), d, report.ID)
	if report, err = d.store.Report(t.Context(), report.ID); err != nil {
		t.Fatal(err)
	}
	return report
}

func work(t *testing.T, ctx context.Context, d *Desk, id string) {
	t.Helper()
	payload, _ := json.Marshal(id)
	if err := d.make(ctx, payload, 1); err != nil {
		t.Fatal(err)
	}
}

// TestReportOutOfTime is frozen with what there is, and says what is missing, on paper too; a comparison, of which
// nothing can be told by halves, fails and says so.
func TestReportOutOfTime(t *testing.T) {
	d, _ := newDesk(t, time.Nanosecond)
	report := ordered(t, d, plan.ReportOrder{Kind: plan.ReportConflicts})
	if report.State != plan.JobDone || report.Complete {
		t.Fatalf("the report is %+v", report)
	}
	content, _, err := d.Thaw(t.Context(), report)
	if err != nil {
		t.Fatal(err)
	}
	if len(content.Unfinished) == 0 || len(content.NotAffected) > 0 || len(content.NotAssessed) == 0 || !strings.Contains(shortfall(content), "Tiden räckte inte") {
		t.Errorf("the content says %+v", content)
	}
	var printed bytes.Buffer
	if err := Print(&printed, report, content); err != nil || printed.Len() < 10_000 {
		t.Errorf("printed are %d bytes, %v", printed.Len(), err)
	}
	failed := ordered(t, d, plan.ReportOrder{Kind: plan.ReportComparison, From: &plan.ConflictState{Revision: 1}})
	if failed.State != plan.JobFailed || failed.Code != plan.TooLarge || !strings.Contains(failed.Error, "longer than 1ns") {
		t.Errorf("the comparison is %+v", failed)
	}
}

// TestReportIsMadeOnce: one that has been cancelled, or given to others, is not frozen by the node that had it.
func TestReportIsMadeOnce(t *testing.T) {
	d, st := newDesk(t, time.Minute)
	report, err := d.Order(t.Context(), plan.ReportOrder{Kind: plan.ReportConflicts}, "planner")
	if err != nil {
		t.Fatal(err)
	}
	held, err := st.ClaimReport(t.Context(), report.ID)
	if err != nil || held == nil {
		t.Fatal(held, err)
	}
	if second, err := st.ClaimReport(t.Context(), report.ID); err != nil || second != nil {
		t.Errorf("a second node has it too: %v, %v", second, err)
	}
	if left, err := st.RemoveReport(t.Context(), report.ID); err != nil || left.State != plan.JobCancelled {
		t.Errorf("cancelled it is %v, %v", left, err)
	}
	held.State = plan.JobDone
	if err := st.EndReport(t.Context(), held, []byte("x")); plan.CodeOf(err) != plan.Stale {
		t.Errorf("a cancelled report is frozen: %v", err)
	}
	work(t, t.Context(), d, report.ID) // there is nothing to do
	if now, err := st.Report(t.Context(), report.ID); err != nil || now.State != plan.JobCancelled {
		t.Errorf("then it is %v, %v", now, err)
	}
}

// TestReportOfAStoppedNode goes on later.
func TestReportOfAStoppedNode(t *testing.T) {
	d, st := newDesk(t, time.Minute)
	report, err := d.Order(t.Context(), plan.ReportOrder{Kind: plan.ReportConflicts}, "planner")
	if err != nil {
		t.Fatal(err)
	}
	payload, _ := json.Marshal(report.ID)
	held, err := st.ClaimReport(t.Context(), report.ID)
	if err != nil {
		t.Fatal(err)
	}
	stopping, stop := context.WithCancel(t.Context())
	stop()
	if err := (&task{Desk: d, report: held}).end(stopping, nil, context.Canceled); err == nil {
		t.Error("it is not begun again")
	}
	if now, err := st.Report(t.Context(), report.ID); err != nil || now.State != plan.JobQueued {
		t.Fatalf("the report is %v, %v", now, err)
	}
	if err := d.make(t.Context(), payload, 2); err != nil {
		t.Fatal(err)
	}
	if now, err := st.Report(t.Context(), report.ID); err != nil || now.State != plan.JobDone || now.Attempts != 2 {
		t.Errorf("then it is %+v, %v", now, err)
	}
}

// TestPrintBreaksOverPages: a table that is longer than a page has its head on each, and the pages are counted.
func TestPrintBreaksOverPages(t *testing.T) {
	now := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	content := &plan.ReportContent{Kind: plan.ReportConflicts, Notice: notice, Place: plan.Text{SV: "Åmål"}, Total: 90}
	size := 1.5
	for range 90 {
		content.Conflicts = append(content.Conflicts, plan.ReportConflict{Conflict: plan.Conflict{Title: plan.Text{SV: "Vindkraft överlappar skog"}, Severity: 2, Extent: plan.Extent{AreaHa: &size},
			Interest: plan.FeatureRef{Layer: "skog", ID: "1"}}})
	}
	report := &plan.Report{State: plan.JobDone, Complete: true, Created: now, Finished: &now}
	p, err := newPrint(report, content)
	if err != nil {
		t.Fatal(err)
	}
	if n := p.PageCount(); n < 4 || n != p.pages {
		t.Errorf("%d pages, of %d said", n, p.pages)
	}
}

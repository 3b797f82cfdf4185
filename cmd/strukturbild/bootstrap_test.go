package main

import (
	"os"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// TestOldLayersAreDescribed: the built-in layers of a database from before there was metadata get theirs, once; what
// people have written stays.
func TestOldLayersAreDescribed(t *testing.T) {
	at := atlas.New(pgtest.Open(t, ""))
	if err := at.Fill(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	if err := bootstrap(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	change := func(id string, metadata plan.Metadata) {
		t.Helper()
		_, err := at.Change(t.Context(), func(view *atlas.View) (plan.ChangeSet, error) {
			snapshot, err := view.Layer(id)
			if err != nil {
				return plan.ChangeSet{}, err
			}
			layer := *snapshot.Layer()
			layer.Metadata = metadata
			return plan.ChangeSet{Kind: plan.ChangeLayer, Layers: []plan.LayerChange{{Layer: id, Base: snapshot.Revision(), Define: &layer}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change("kommun", plan.Metadata{})
	change("lan", plan.Metadata{UpdateRhythm: "NEVER"})
	for range 2 {
		if err := bootstrap(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	kommun, err := at.View().Layer("kommun")
	if err != nil {
		t.Fatal(err)
	}
	lan, err := at.View().Layer("lan")
	if err != nil {
		t.Fatal(err)
	}
	if kommun.Layer().Lineage.SV == "" || kommun.Len() != 49 || lan.Layer().UpdateRhythm != "NEVER" || lan.Layer().Lineage.SV != "" {
		t.Errorf("%+v, %d features, %+v", kommun.Layer().Metadata, kommun.Len(), lan.Layer().Metadata)
	}
	if got := at.View().Revision(); got != 4 { // the region, two changes, and one description
		t.Errorf("revision %d, want 4", got)
	}
}

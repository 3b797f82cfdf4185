package atlas_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
)

// recognised are features of a file as they are after they were looked for in what the layer has.
type recognised struct {
	plan.List
	in      plan.Stored
	looked  map[int]uint32
	watched func(i int)
}

func recognise(known plan.Stored, features plan.List, watched func(int)) recognised {
	r := recognised{features, known, map[int]uint32{}, watched}
	for i := range features {
		if number, equal := known.Holds(&features[i]); equal {
			r.looked[i] = number
		}
	}
	return r
}

func (r recognised) Stored(i int) (plan.Stored, uint32, bool) {
	number, equal := r.looked[i]
	return r.in, number, equal
}

func (r recognised) At(i int, f *plan.Feature) error {
	r.watched(i)
	return r.List.At(i, f)
}

// TestKnownWithoutIDs: what a file without ids has in common with the layer is recognised where it is decoded, and not
// read again; of many that are the same each lends its id once.
func TestKnownWithoutIDs(t *testing.T) {
	a := node(t, pgtest.Schema(t))
	random := rand.New(rand.NewPCG(23, 24))
	var features plan.List
	for i := range 40 {
		features = append(features, blob(random, fmt.Sprint(i+1)))
	}
	for i := 30; i < 40; i++ { // ten that differ by their ids alone
		features[i].Geometry, features[i].Values = features[30].Geometry, features[30].Values
	}
	write(t, a, "prov", define("prov", features...))
	s := layerOf(t, a)
	file := slices.Clone(features)
	file[3] = blob(random, "")
	file = append(file, features[30]) // an eleventh
	for i := range file {
		file[i].ID = ""
	}
	read := 0
	got, err := s.Compare(recognise(s.Known(), file, func(int) { read++ }), plan.UploadReplace)
	if err != nil {
		t.Fatal(err)
	}
	if n := got.Change.Counts(); n.Added != 2 || n.Removed != 1 || n.Changed != 0 || got.Same != 39 || got.Change.Remove[0] != "4" {
		t.Errorf("%+v, %d the same", n, got.Same)
	}
	if want := 1 + 10; read != want { // the new one, and all but the first of the alike
		t.Errorf("%d features were read again, want %d", read, want)
	}
}

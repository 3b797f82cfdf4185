package conflict

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// memory is a plan.Archive that keeps the newest state only, so that snapshots can be made without a database.
type memory struct {
	revision plan.Revision
	layers   map[string]plan.Layer
	features map[string]map[string]plan.Feature
	ended    map[string]map[string]plan.Revision
}

func newMemory() *memory {
	return &memory{layers: map[string]plan.Layer{}, features: map[string]map[string]plan.Feature{}, ended: map[string]map[string]plan.Revision{}}
}

func (m *memory) Apply(_ context.Context, changes plan.ChangeSet) (plan.Applied, error) {
	m.revision++
	for _, change := range changes.Layers {
		layer := m.layers[change.Layer]
		if change.Define != nil {
			layer = *change.Define
		}
		layer.Revision = m.revision
		m.layers[change.Layer] = layer
		if m.features[change.Layer] == nil {
			m.features[change.Layer], m.ended[change.Layer] = map[string]plan.Feature{}, map[string]plan.Revision{}
		}
		for _, id := range change.Remove {
			delete(m.features[change.Layer], id)
			m.ended[change.Layer][id] = m.revision
		}
		for _, features := range []plan.Features{change.Add, change.Replace} {
			for i := range plan.Count(features) {
				var f plan.Feature
				if err := features.At(i, &f); err != nil {
					return plan.Applied{}, err
				}
				f.Since = m.revision
				m.features[change.Layer][f.ID] = f
			}
		}
	}
	return plan.Applied{Record: plan.RevisionRecord{Revision: m.revision}}, nil
}

func (m *memory) Latest(context.Context) (plan.Revision, error) { return m.revision, nil }
func (m *memory) Picture(context.Context) (plan.Picture, error) { return m, nil }
func (m *memory) Revision() plan.Revision                       { return m.revision }
func (m *memory) Close(context.Context)                         {}
func (m *memory) Layers() []plan.Layer {
	return slices.SortedFunc(maps.Values(m.layers), func(a, b plan.Layer) int { return strings.Compare(a.ID, b.ID) })
}

func (m *memory) Ended(_ context.Context, layer string, since plan.Revision, yield func(string) error) error {
	for id, at := range m.ended[layer] {
		if at > since {
			if err := yield(id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *memory) Features(_ context.Context, layer *plan.Layer, since plan.Revision, yield func(*plan.Feature) error) error {
	for _, id := range slices.SortedFunc(maps.Keys(m.features[layer.ID]), plan.CompareIDs) {
		if f := m.features[layer.ID][id]; f.Since > since {
			if err := yield(&f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *memory) LayersAt(context.Context, plan.Revision) ([]string, error) { return nil, nil }

func (m *memory) LayerAt(context.Context, string, plan.Revision) (*plan.Layer, plan.Revision, error) {
	return nil, 0, plan.Errorf(plan.NotFound, "", "this archive has no history")
}

func (m *memory) FeaturesAt(context.Context, *plan.Layer, plan.Revision, func(*plan.Feature) error) error {
	return plan.Errorf(plan.NotFound, "", "this archive has no history")
}

// world is an atlas over a memory, for tests.
type world struct {
	t     testing.TB
	atlas *atlas.Atlas
}

func newWorld(t testing.TB) *world {
	w := &world{t, atlas.New(newMemory())}
	if err := w.atlas.Fill(context.Background(), 1, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) change(changes ...plan.LayerChange) *atlas.View {
	w.t.Helper()
	_, err := w.atlas.Change(context.Background(), func(*atlas.View) (plan.ChangeSet, error) { return plan.ChangeSet{Layers: changes}, nil })
	if err != nil {
		w.t.Fatal(err)
	}
	return w.atlas.View()
}

// layer makes a layer with the geometries as features 1, 2, 3 ...
func layer(id string, theme plan.Theme, kind plan.GeometryType, geometries ...plan.Geometry) plan.LayerChange {
	change := plan.LayerChange{Layer: id, Define: &plan.Layer{ID: id, Theme: theme, GeometryType: kind, Status: plan.Published,
		Title: plan.Text{SV: id}, Attributes: []plan.Attribute{{Name: "namn", Type: plan.String}}}}
	var add plan.List
	for i, g := range geometries {
		add = append(add, plan.Feature{ID: fmt.Sprint(i + 1), Geometry: g, Values: []plan.Value{plan.TextValue(fmt.Sprintf("%s nr %d", id, i+1))}})
	}
	change.Add = add
	return change
}

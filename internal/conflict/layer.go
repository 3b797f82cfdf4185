package conflict

import (
	"errors"
	"fmt"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// The standing conflicts as layers. A layer has one geometry type, so they are three: by what the shape of a conflict is.
var (
	areaLayer  = layerOf("conflict", plan.Polygon, plan.Text{SV: "Målkonflikter: ytor", EN: "Goal conflicts: areas"})
	lineLayer  = layerOf("conflict_line", plan.Line, plan.Text{SV: "Målkonflikter: sträckor", EN: "Goal conflicts: stretches"})
	pointLayer = layerOf("conflict_point", plan.Point, plan.Text{SV: "Målkonflikter: punkter", EN: "Goal conflicts: points"})
)

// Layers defines the layers that the standing conflicts are, ordered by id.
func Layers() []*plan.Layer { return []*plan.Layer{areaLayer, lineLayer, pointLayer} }

func layerOf(id string, kind plan.GeometryType, title plan.Text) *plan.Layer {
	return &plan.Layer{ID: id, Theme: plan.Administrative, GeometryType: kind, Status: plan.Published, Owner: "strukturbild", Title: title,
		Source: "Strukturbild", Attributes: schema(), Metadata: plan.Metadata{Language: "sv", AccessRights: plan.Public},
		Description: plan.Text{
			SV: "Där ett anspråk möter ett intresse, enligt de regler som gäller. Härleds ur lagren; kan läsas men inte ändras. Ett kunskapsunderlag, inte bindande.",
			EN: "Where a claim meets an interest, by the rules that count. Derived from the layers; can be read, not changed. Planning knowledge, not binding."}}
}

func schema() (list []plan.Attribute) {
	for _, c := range columns {
		list = append(list, c.Attribute)
	}
	return list
}

// layerMost is how many conflicts the layers may hold: about 600 bytes each.
const layerMost = 2_000_000

// Layer gives the standing conflicts as one of Layers: made when it is first asked for. TooLarge when they are too many.
func (s *Standing) Layer(id string) (*atlas.Snapshot, error) {
	if n := s.Len(); n > layerMost {
		return nil, plan.Errorf(plan.TooLarge, id, "there are %d conflicts, and at most %d are shown as a layer; /api/v1/conflicts lists them, and rules that ask less make fewer", n, layerMost)
	}
	return s.layers()[id].snapshot, nil
}

// derive makes the layers.
func (s *Standing) derive() map[string]*derivation {
	made, layers := map[plan.GeometryType]*derivation{}, map[string]*derivation{}
	for _, layer := range Layers() {
		made[layer.GeometryType] = s.begin(layer)
	}
	for i, p := range s.list(everything, nil, 0) {
		d := made[p.shapeType()]
		d.picks = append(d.picks, p)
		d.put(factsOf(p, s.ruleset.Ref()).measure(i+1), p.room())
	}
	for _, b := range s.blocks {
		for _, u := range b.unmeasured {
			if u.a != nobody && u.b != nobody {
				p := pick{b, &record{a: u.a, b: u.b}}
				made[p.shapeType()].putUnmeasured(factsOf(p, s.ruleset.Ref()), u.reason)
			}
		}
	}
	for _, layer := range Layers() {
		d := made[layer.GeometryType]
		layers[layer.ID], d.snapshot = d, d.Snapshot()
	}
	return layers
}

// derivation is one of the layers while it is made.
type derivation struct {
	*atlas.Deriver
	picks   []pick   // by slot
	reasons []string // of pairs that were not measured, whose slots come after the picks
	values  []plan.Value

	snapshot *atlas.Snapshot // when it is made
}

// Edition names the rules, by which the conflicts follow from the revision.
func (s *Standing) Edition() string {
	return fmt.Sprintf("%s-%d", s.ruleset.ID, s.ruleset.Version)
}

// begin begins a layer, as old as the newest change to the layers that it follows from.
func (s *Standing) begin(layer *plan.Layer) *derivation {
	definition := *layer
	definition.Revision = s.revision
	for _, from := range s.view.Snapshots() {
		if changed := from.Layer().Changed; takesPart(from.Layer()) && changed.After(definition.Changed) {
			definition.Changed = changed
		}
	}
	d := &derivation{}
	d.Deriver = atlas.Derive(&definition, s.Edition(), func(slot atlas.Slot) (plan.Geometry, error) {
		if i := int(slot) - len(d.picks); i >= 0 {
			return plan.Geometry{}, errors.New(d.reasons[i])
		}
		return s.shared.shape(d.picks[slot])
	})
	return d
}

func (d *derivation) put(f *facts, box plan.Box) {
	d.values = d.values[:0]
	for i := range columns {
		d.values = append(d.values, columns[i].value(f))
	}
	d.Put(&plan.Feature{ID: f.id(), Since: f.since(), Values: d.values}, box)
}

// putUnmeasured adds a pair without a measure: it has no shape, only a reason.
func (d *derivation) putUnmeasured(f *facts, reason string) {
	f.reason = reason
	d.reasons = append(d.reasons, reason)
	d.put(f, plan.EmptyBox)
}

// pairKey tells conflicts of one state apart.
type pairKey struct {
	blockKey
	a, b atlas.Slot
}

func (p pick) key() pairKey { return pairKey{p.block.blockKey, p.record.a, p.record.b} }

// touching lists the conflicts whose shapes share a point with a constant geometry.
func (s *Standing) touching(place plan.Expression) (map[pairKey]bool, error) {
	found := map[pairKey]bool{}
	for _, layer := range Layers() {
		snapshot, err := s.Layer(layer.ID)
		if err != nil {
			return nil, err
		}
		page, err := snapshot.Find(plan.Query{Layer: layer.ID,
			Filter: plan.Spatial{Op: plan.SIntersects, Left: plan.Property{Name: plan.GeometryProperty}, Right: place}})
		if err != nil {
			return nil, err
		}
		d := s.layers()[layer.ID]
		for _, slot := range page.Slots {
			if int(slot) < len(d.picks) {
				found[d.picks[slot].key()] = true
			}
		}
	}
	return found, nil
}

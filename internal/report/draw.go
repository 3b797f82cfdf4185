package report

import (
	"context"
	"strings"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// mostVertices bounds the shapes of one report.
const mostVertices = 500_000

// draw gives the shape that make makes of a conflict: nil when there is none, and the content says why.
func (f *freezer) draw(ctx context.Context, c *plan.Conflict, make func() (plan.Geometry, error)) *plan.Shape {
	if ctx.Err() != nil {
		return f.undrawn(c, "the time did not suffice for all shapes")
	}
	g, err := make()
	switch {
	case err != nil:
		return f.undrawn(c, err.Error())
	case g.IsEmpty():
		return f.undrawn(c, "the shape is empty")
	case f.drawn+g.NumVertices() > mostVertices:
		return f.undrawn(c, "the report holds as many vertices as it may")
	}
	f.drawn += g.NumVertices()
	return &plan.Shape{Geometry: g}
}

func (f *freezer) undrawn(c *plan.Conflict, why string) *plan.Shape {
	f.content.Undrawn = append(f.content.Undrawn, plan.Undrawn{Conflict: nameOf(c), Reason: why})
	return nil
}

// hit gives the shape of a what-if's hit: what the drawn figure and the interest share; of a distance, the interest's
// part nearby.
func (f *freezer) hit(c *plan.Conflict) (plan.Geometry, error) {
	interest, err := find(f.view, &c.Interest)
	if err != nil {
		return interest, err
	}
	claim := f.order.Claim.Geometry.Geometry
	if c.DistanceM != nil {
		return nearby(interest, claim.Box().Grow(c.Why.Reach()))
	}
	return common(claim, interest)
}

// common gives what the two share.
func common(a, b plan.Geometry) (plan.Geometry, error) {
	rank := map[plan.GeometryType]int{plan.Point: 0, plan.Line: 1, plan.Polygon: 2}
	if rank[a.Type] > rank[b.Type] {
		a, b = b, a // geo.Intersection keeps the type of its first figure
	}
	g, err := geo.Intersection(a, b)
	if err == nil && g.IsEmpty() { // lines that only cross
		return a, nil
	}
	return g, err
}

// nearby gives the part of the figure in the box.
func nearby(g plan.Geometry, box plan.Box) (plan.Geometry, error) {
	window := plan.Geometry{Type: plan.Polygon, Coords: []float64{box.MinX, box.MinY, box.MaxX, box.MinY, box.MaxX, box.MaxY, box.MinX, box.MaxY, box.MinX, box.MinY}}
	return geo.Intersection(g, window)
}

// find gives the geometry of a feature of the view.
func find(view *atlas.View, ref *plan.FeatureRef) (plan.Geometry, error) {
	layer, err := view.Layer(ref.Layer)
	if err != nil {
		return plan.Geometry{}, err
	}
	slot, found := layer.ByID(ref.ID)
	if !found {
		return plan.Geometry{}, plan.Errorf(plan.NotFound, ref.ID, "layer %q has no feature %q", ref.Layer, ref.ID)
	}
	return layer.Geometry(slot), nil
}

// The map shows borders to within so much of its width: a third of a millimetre on paper.
const borderDetail = 1.0 / 500

// borders freezes the municipalities that the map shows: those of the scope, and their neighbours.
func (f *freezer) borders() {
	partition, scope := f.view.Partition(), f.order.Scope
	within := map[string]bool{}
	box := plan.EmptyBox
	for i := range partition.Kommuner {
		k := &partition.Kommuner[i]
		inScope := (scope.Kommun == "" || scope.Kommun == k.Kod) && (scope.Kommunalforbund == "" || scope.Kommunalforbund == k.Kommunalforbund)
		if f.order.Claim != nil {
			inScope = f.order.Claim.Geometry.Box().Intersects(k.Geometry.Box()) && f.claimed(k.Kod)
		}
		if within[k.Kod] = inScope; inScope {
			box = box.Union(k.Geometry.Box())
		}
	}
	if f.order.Claim != nil {
		box = f.order.Claim.Geometry.Box()
		box = box.Grow(max(box.MaxX-box.MinX, box.MaxY-box.MinY, 4000) / 2)
	}
	detail := max(box.MaxX-box.MinX, box.MaxY-box.MinY) * borderDetail / 2
	f.content.Map = []plan.ReportKommun{}
	for i := range partition.Kommuner {
		k := &partition.Kommuner[i]
		if !box.Intersects(k.Geometry.Box()) {
			continue
		}
		outline, err := geo.Simplify(k.Geometry, detail)
		if err != nil || outline.IsEmpty() {
			outline = k.Geometry
		}
		f.content.Map = append(f.content.Map, plan.ReportKommun{Kommun: k.Kod, Namn: k.Namn, Within: within[k.Kod], Shape: plan.Shape{Geometry: outline}})
	}
}

func (f *freezer) claimed(kommun string) bool {
	for _, k := range f.content.ClaimKommuner {
		if k.Kommun == kommun {
			return true
		}
	}
	return false
}

// place names where the report is about.
func (f *freezer) place() {
	partition, scope := f.view.Partition(), f.order.Scope
	name := "Västra Götaland"
	switch {
	case f.order.Claim != nil:
		var names []string
		for _, k := range f.content.ClaimKommuner {
			names = append(names, k.Namn)
		}
		name = strings.Join(names, ", ")
	case scope.Kommun == plan.OutsideKommun:
		f.content.Place = plan.Text{SV: "Utanför kommunerna", EN: "Outside the municipalities"}
		return
	case scope.Kommun != "":
		if i := partition.KommunIndex(scope.Kommun); i >= 0 {
			name = partition.Kommuner[i].Namn
		}
	case scope.Kommunalforbund != "":
		if i := partition.ForbundIndex(scope.Kommunalforbund); i >= 0 {
			name = partition.Forbunden[i].Namn
		}
	}
	f.content.Place = plan.Text{SV: name, EN: name}
}

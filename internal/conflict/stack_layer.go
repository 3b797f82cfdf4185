package conflict

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"strukturbild/internal/atlas"
	"strukturbild/internal/overlay"
	"strukturbild/internal/plan"
)

// The stack as layers: a feature for each colour in each municipality, or for each combination.
var (
	colourLayer      = stackLayer("stack", plan.Text{SV: "Stapel: grönt, gult och rött", EN: "Stack: green, yellow and red"}, colourColumns)
	combinationLayer = stackLayer("stack_combination", plan.Text{SV: "Stapel: kombinationer av intressen", EN: "Stack: combinations of interests"}, combinationColumns)
)

// StackLayers defines the layers that a stack is, ordered by id.
func StackLayers() []*plan.Layer { return []*plan.Layer{colourLayer, combinationLayer} }

// stackColumns name the attributes of both.
var (
	colourColumns = []plan.Attribute{
		{Name: "land_use", Type: plan.String, Title: plan.Text{SV: "Markanvändning", EN: "Land use"}},
		{Name: "kommunkod", Type: plan.String, Title: plan.Text{SV: "Kommunkod", EN: "Municipality code"}},
		{Name: "namn", Type: plan.String, Title: plan.Text{SV: "Kommun", EN: "Municipality"}},
		{Name: "colour", Type: plan.String, Title: plan.Text{SV: "Färg", EN: "Colour"}, Codes: []plan.CodeEntry{
			{Value: string(plan.Green), Title: plan.Text{SV: "Grönt: inget intresse", EN: "Green: no interest"}},
			{Value: string(plan.Yellow), Title: plan.Text{SV: "Gult: går att anpassa", EN: "Yellow: can be adapted to"}},
			{Value: string(plan.Red), Title: plan.Text{SV: "Rött: stoppar", EN: "Red: stops it"}}}},
		{Name: "closeness", Type: plan.Number, Title: plan.Text{SV: "Närhet till rött, 0–1", EN: "Closeness to red, 0–1"}},
		{Name: "area_ha", Type: plan.Number, Unit: "ha", Title: plan.Text{SV: "Yta", EN: "Area"}},
		{Name: "share", Type: plan.Number, Title: plan.Text{SV: "Andel av kommunen, 0–1", EN: "Share of the municipality, 0–1"}},
	}
	combinationColumns = append(slices.Clone(colourColumns),
		plan.Attribute{Name: "interests", Type: plan.Integer, Title: plan.Text{SV: "Antal intressen", EN: "Number of interests"}},
		plan.Attribute{Name: "severity", Type: plan.Integer, Title: plan.Text{SV: "Högsta allvar", EN: "Highest severity"}},
		plan.Attribute{Name: "severity_sum", Type: plan.Integer, Title: plan.Text{SV: "Summa av allvar", EN: "Sum of severities"}},
		plan.Attribute{Name: "precedence", Type: plan.Integer, Title: plan.Text{SV: "Företräde", EN: "Precedence"}},
		plan.Attribute{Name: "combination", Type: plan.String, Title: plan.Text{SV: "Regler och lager", EN: "Rules and layers"}})
)

func stackLayer(id string, title plan.Text, attributes []plan.Attribute) *plan.Layer {
	return &plan.Layer{ID: id, Theme: plan.Administrative, GeometryType: plan.Polygon, Status: plan.Published, Owner: "strukturbild", Title: title,
		Source: "Strukturbild", Attributes: attributes, Metadata: plan.Metadata{Language: "sv", AccessRights: plan.Public},
		Description: plan.Text{
			SV: "Vad varje plats betyder för en markanvändning enligt de regler som gäller. Härleds ur lagren; kan läsas men inte ändras. Ett kunskapsunderlag, inte bindande.",
			EN: "What every place means for a land use by the rules that count. Derived from the layers; can be read, not changed. Planning knowledge, not binding."}}
}

// mostPlaces is how many combinations in municipalities a layer may have.
const mostPlaces = 500_000

// Layer gives the stack as one of StackLayers, of some municipalities; shapes are made when they are asked for. TooLarge
// when it has too many features.
func (s *Stack) Layer(id string, f StackFilter) (*atlas.Snapshot, error) {
	zones, err := s.zones(f)
	if err != nil {
		return nil, err
	}
	features := s.colours(zones)
	definition := *colourLayer
	if id == combinationLayer.ID {
		features, definition = s.combinations(zones), *combinationLayer
	}
	if len(features) > mostPlaces {
		return nil, plan.Errorf(plan.TooLarge, id, "there are %d combinations, and at most %d are shown as a layer; ask for one municipality", len(features), mostPlaces)
	}
	version := s.rules.Ref()
	return s.layerOf(&definition, fmt.Sprintf("%s-%d-%s", version.ID, version.Version, s.query.LandUse), features), nil
}

// layerOf makes a layer of features, whose shapes are made when they are asked for.
func (s *Stack) layerOf(of *plan.Layer, edition string, features []stackFeature) *atlas.Snapshot {
	definition := *of
	definition.Revision = s.Revision()
	for _, q := range s.questions {
		if changed := q.interest.Layer().Changed; changed.After(definition.Changed) {
			definition.Changed = changed
		}
	}
	made := atlas.Derive(&definition, edition, func(slot atlas.Slot) (plan.Geometry, error) {
		f := features[slot]
		return s.outlines.shape(s, f.zone, f.group)
	})
	for _, f := range features {
		made.Put(&plan.Feature{ID: f.id, Since: s.Revision(), Values: f.values}, s.partition.Kommuner[f.zone].Shape.Box())
	}
	return made.Snapshot()
}

// stackFeature is a feature of the layers: what has one colour, or one combination, in a municipality.
type stackFeature struct {
	id     string
	zone   int
	group  stackGroup
	values []plan.Value
}

// stackGroup is a colour, a combination or a class.
type stackGroup struct {
	by     grouped
	number int
}

// grouped is what polygons are made by.
type grouped int

const (
	byCombination grouped = iota
	byColour
	byClass
)

var colours = []plan.Colour{plan.Green, plan.Yellow, plan.Red}

func (s *Stack) colours(zones []int) (list []stackFeature) {
	for _, z := range zones {
		row := &s.rows[z]
		closeness := []float64{0, row.Closeness, 1}
		for i, portion := range []plan.Portion{row.Green, row.Yellow, row.Red} {
			if portion.AreaHa > 0 {
				list = append(list, stackFeature{fmt.Sprintf("%s-%s", row.Key, colours[i]), z, stackGroup{byColour, i},
					s.columns(row, colours[i], closeness[i], portion.AreaHa)})
			}
		}
	}
	return list
}

func (s *Stack) columns(row *plan.StackRow, colour plan.Colour, closeness, areaHa float64) []plan.Value {
	return []plan.Value{plan.TextValue(s.query.LandUse), plan.TextValue(row.Key), plan.TextValue(row.Title.SV), plan.TextValue(string(colour)),
		plan.NumberValue(closeness), plan.NumberValue(areaHa), plan.NumberValue(areaHa / row.AreaHa)}
}

func (s *Stack) combinations(zones []int) (list []stackFeature) {
	for _, z := range zones {
		row := &s.rows[z]
		for _, p := range s.places[z] {
			c := &s.combos[p.combo]
			values := append(s.columns(row, c.Colour, c.Closeness, p.area/10_000), plan.IntegerValue(int64(c.Interests)), plan.IntegerValue(int64(c.Severity)),
				plan.IntegerValue(int64(c.SeveritySum)), plan.IntegerValue(int64(c.Precedence)), plan.TextValue(describe(c)))
			list = append(list, stackFeature{fmt.Sprintf("%s-%d", row.Key, p.combo), z, stackGroup{byCombination, p.combo}, values})
		}
	}
	return list
}

// describe names the rules and layers of a combination, the most severe first.
func describe(c *plan.Combination) string {
	names := make([]string, len(c.Items))
	for i, item := range c.Items {
		names[i] = fmt.Sprintf("%d %s (%s)", item.Severity, item.Rule, item.Layer)
	}
	return strings.Join(names, "; ")
}

// outlines keeps the polygons of the municipalities that were looked at last.
type outlines struct {
	mu   sync.Mutex
	kept []*outlined
}

// outlined are the polygons of one municipality.
type outlined struct {
	zone int
	by   grouped
	made func() (map[int]plan.Geometry, error)
}

// outlinesKept is how many municipalities are kept.
const outlinesKept = 6

// shape gives the polygons of a group in a municipality. Those of all groups there are made at once.
func (o *outlines) shape(s *Stack, zone int, group stackGroup) (plan.Geometry, error) {
	shapes, err := o.of(s, zone, group.by).made()
	return shapes[group.number], err
}

func (o *outlines) of(s *Stack, zone int, by grouped) *outlined {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.kept, func(k *outlined) bool { return k.zone == zone && k.by == by })
	found := &outlined{zone: zone, by: by}
	if i >= 0 {
		found = o.kept[i]
		o.kept = slices.Delete(o.kept, i, i+1)
	} else {
		found.made = sync.OnceValues(func() (map[int]plan.Geometry, error) { return s.outline(zone, by) })
	}
	if o.kept = append(o.kept, found); len(o.kept) > outlinesKept {
		o.kept = slices.Delete(o.kept, 0, 1)
	}
	return found
}

// outline makes the polygons of a municipality.
func (s *Stack) outline(zone int, by grouped) (map[int]plan.Geometry, error) {
	tiles := overlay.Tiles(s.partition.Kommuner[zone].Shape.Box())
	return s.plane().Outlines(context.Background(), tiles, func(z int, label overlay.Label) int {
		combo, known := s.numbers[label]
		switch {
		case z != zone || !known:
			return -1
		case by == byColour:
			return slices.Index(colours, s.combos[combo].Colour)
		case by == byClass:
			return s.classes[combo]
		}
		return combo
	})
}

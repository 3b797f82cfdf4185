package conflict

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// classify gives each combination the class that its kinds come to.
func (s *Stack) classify(classOf func(kinds []int) int) {
	s.classes = make([]int, len(s.combos))
	for label, combo := range s.numbers {
		s.classes[combo] = classOf(label.Kinds())
	}
}

// group is the municipalities of a row.
type group struct {
	key   string
	title plan.Text
	zones []int
}

// groups lists the municipalities of the selection by what they are summed by, ordered by key.
func (s *Stack) groups(by Grouping, f StackFilter) ([]group, error) {
	zones, err := s.zones(f)
	if err != nil {
		return nil, err
	}
	at := map[string]*group{}
	for _, z := range zones {
		key, title := s.partition.Name(int16(z))
		if by != ByKommun {
			if key, err = s.groupOf(by, z); err != nil {
				return nil, err
			}
			title = s.titleOf(by, key)
		}
		if at[key] == nil {
			at[key] = &group{key: key, title: title}
		}
		at[key].zones = append(at[key].zones, z)
	}
	list := make([]group, 0, len(at))
	for _, key := range slices.Sorted(maps.Keys(at)) {
		list = append(list, *at[key])
	}
	return list, nil
}

// The classes of places as layers: a feature for each code, or for each class of the sum, in each municipality.
var (
	lucisLayer = derivedLayer("lucis", plan.Text{SV: "LUCIS: vad marken föredras för", EN: "LUCIS: what land is preferred for"}, plan.Text{
		SV: "Hur starkt jordbruk, bevarande och bebyggelse föredras på varje plats (1–3), efter Carr & Zwick, enligt regelverkets förslag. Härleds ur lagren; kan läsas men inte ändras. Ett kunskapsunderlag, inte bindande.",
		EN: "How much agriculture, conservation and urban use are preferred at every place (1–3), after Carr & Zwick, by the ruleset's proposals. Derived from the layers; can be read, not changed. Planning knowledge, not binding."},
		plan.Attribute{Name: "code", Type: plan.Integer, Title: plan.Text{SV: "Kod: jordbruk, bevarande, bebyggelse; 0 ändras inte", EN: "Code: agriculture, conservation, urban; 0 does not change"}},
		plan.Attribute{Name: "conflict", Type: plan.String, Title: plan.Text{SV: "Konflikt", EN: "Conflict"}},
		plan.Attribute{Name: "title", Type: plan.String, Title: plan.Text{SV: "Vad som leder", EN: "What leads"}})
	symphonyLayer = derivedLayer("symphony", plan.Text{SV: "Påverkan: summa av tryck och värden", EN: "Impact: sum of pressures and values"}, plan.Text{
		SV: "Summan av trycks styrka gånger värden gånger känslighet på varje plats, i klasser, enligt regelverkets förslag. Härleds ur lagren; kan läsas men inte ändras. Ett kunskapsunderlag, inte bindande.",
		EN: "The sum of pressures times values times sensitivity at every place, in classes, by the ruleset's proposals. Derived from the layers; can be read, not changed. Planning knowledge, not binding."},
		plan.Attribute{Name: "class", Type: plan.Integer, Title: plan.Text{SV: "Klass; 0 ingen påverkan", EN: "Class; 0 no impact"}},
		plan.Attribute{Name: "from", Type: plan.Number, Title: plan.Text{SV: "Summan är minst", EN: "The sum is at least"}},
		plan.Attribute{Name: "to", Type: plan.Number, Title: plan.Text{SV: "... och under", EN: "... and below"}})
)

// ClassLayers defines them, ordered by id.
func ClassLayers() []*plan.Layer { return []*plan.Layer{lucisLayer, symphonyLayer} }

// classColumns name where a class is and how much of it there is.
var classColumns = []plan.Attribute{
	{Name: "kommunkod", Type: plan.String, Title: plan.Text{SV: "Kommunkod", EN: "Municipality code"}},
	{Name: "namn", Type: plan.String, Title: plan.Text{SV: "Kommun", EN: "Municipality"}},
	{Name: "area_ha", Type: plan.Number, Unit: "ha", Title: plan.Text{SV: "Yta", EN: "Area"}},
	{Name: "share", Type: plan.Number, Title: plan.Text{SV: "Andel av kommunen, 0–1", EN: "Share of the municipality, 0–1"}},
}

func derivedLayer(id string, title, description plan.Text, attributes ...plan.Attribute) *plan.Layer {
	made := stackLayer(id, title, slices.Concat(classColumns, attributes))
	made.Description = description
	return made
}

// classLayer gives the classes as a layer, of some municipalities; shapes are made when they are asked for.
func (s *Stack) classLayer(of *plan.Layer, f StackFilter, values func(class int) []plan.Value) (*atlas.Snapshot, error) {
	zones, err := s.zones(f)
	if err != nil {
		return nil, err
	}
	var features []stackFeature
	for _, z := range zones {
		areas := map[int]float64{}
		for _, p := range s.places[z] {
			areas[s.classes[p.combo]] += p.area
		}
		key, name := s.partition.Name(int16(z))
		for _, class := range slices.Sorted(maps.Keys(areas)) {
			where := []plan.Value{plan.TextValue(key), plan.TextValue(name.SV), plan.NumberValue(areas[class] / 10_000), plan.NumberValue(areas[class] / s.partition.Kommuner[z].Area)}
			features = append(features, stackFeature{fmt.Sprintf("%s-%03d", key, class), z, stackGroup{byClass, class}, append(where, values(class)...)})
		}
	}
	slices.SortFunc(features, func(a, b stackFeature) int { return cmp.Compare(a.id, b.id) })
	return s.layerOf(of, of.ID, features), nil
}

// Layer gives the codes as a layer, of some municipalities.
func (l *Lucis) Layer(f StackFilter) (*atlas.Snapshot, error) {
	return l.classLayer(lucisLayer, f, func(class int) []plan.Value {
		if class == fixedClass {
			return []plan.Value{plan.IntegerValue(0), {}, plan.TextValue(useTitles[plan.FixedUse].SV)}
		}
		code := CodeOf(class)
		return []plan.Value{plan.IntegerValue(int64(class)), plan.TextValue(string(code.Conflict)), plan.TextValue(code.Title.SV)}
	})
}

// Layer gives the classes of the sum as a layer, of some municipalities.
func (s *Symphony) Layer(f StackFilter) (*atlas.Snapshot, error) {
	classes := s.symphony.emptyClasses()
	return s.classLayer(symphonyLayer, f, func(class int) []plan.Value {
		to := plan.Value{}
		if classes[class].To != nil {
			to = plan.NumberValue(*classes[class].To)
		}
		return []plan.Value{plan.IntegerValue(int64(class)), plan.NumberValue(classes[class].From), to}
	})
}

// ClassLayer gives one of ClassLayers of the view.
func (e *Engine) ClassLayer(ctx context.Context, view *atlas.View, id string, f StackFilter) (*atlas.Snapshot, error) {
	if id == symphonyLayer.ID {
		s, err := e.Symphony(ctx, view)
		if err != nil {
			return nil, err
		}
		return s.Layer(f)
	}
	l, err := e.Lucis(ctx, view)
	if err != nil {
		return nil, err
	}
	return l.Layer(f)
}

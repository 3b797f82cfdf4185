package plan

import (
	"fmt"
	"slices"
	"time"
)

// Strukturbild is a shared picture of how a region is built and is to develop: nodes, stråk and areas, drawn on purpose
// without sharp edges (Boverket's ÖP-modell calls the aspect Utvecklingsinriktning). Its elements are features of three
// layers, which are edited like any other until it is adopted.
type Strukturbild struct {
	ID              string             `json:"id"`
	Title           Text               `json:"title"`
	Description     Text               `json:"description"`
	Kommunalforbund string             `json:"kommunalforbund,omitempty"` // "" is the whole region
	Owner           string             `json:"owner"`
	Horizon         int                `json:"horizon,omitempty"`  // the year that it looks to
	Replaces        string             `json:"replaces,omitempty"` // the one that is replaced when it is adopted
	Status          StrukturbildStatus `json:"status"`
	Layers          []string           `json:"layers"`
	Steps           []StrukturbildStep `json:"steps"` // the oldest first
	Revision        Revision           `json:"revision"`
}

// StrukturbildStatus is how far a strukturbild has come.
type StrukturbildStatus string

// The statuses, in the order in which they are gone through.
const (
	Utkast  StrukturbildStatus = "utkast"  // a draft, for those with a token
	Dialog  StrukturbildStatus = "dialog"  // shown, for talks
	Remiss  StrukturbildStatus = "remiss"  // sent out for formal answers
	Antagen StrukturbildStatus = "antagen" // adopted: its elements don't change any more
	Ersatt  StrukturbildStatus = "ersatt"  // replaced or withdrawn
)

// ways lists where each status may lead.
var ways = map[StrukturbildStatus][]StrukturbildStatus{
	Utkast:  {Dialog, Remiss},
	Dialog:  {Utkast, Remiss},
	Remiss:  {Utkast, Dialog, Antagen},
	Antagen: {Ersatt},
	Ersatt:  {},
}

// StrukturbildStep is one step of a strukturbild: who, when, and by which decision.
type StrukturbildStep struct {
	From     StrukturbildStatus `json:"from,omitempty"` // "" for the first one
	To       StrukturbildStatus `json:"to"`
	Time     time.Time          `json:"time"`
	Author   string             `json:"author"`
	Decision string             `json:"decision,omitempty"` // "Direktionen 2027-03-12, § 14"
	Note     string             `json:"note,omitempty"`
	Revision Revision           `json:"revision"` // the elements as they were then
}

// StrukturbildChange makes a strukturbild, or changes it, together with a change set.
type StrukturbildChange struct {
	Base Revision // of the strukturbild that the change was prepared against; 0 for a new one
	Made *Strukturbild
	Drop bool
}

// maxStrukturbildID leaves room for the names of the layers.
const maxStrukturbildID = MaxName - len("_omrade")

// Validate reports every fault at once, as one Invalid error with a finding a fault.
func (s *Strukturbild) Validate() error {
	var faults []Finding
	fault := func(pointer, sv, en string) {
		faults = append(faults, Finding{Feature: -1, Rule: "strukturbild", Pointer: pointer, Message: Text{SV: sv, EN: en}})
	}
	if !Named.MatchString(s.ID) || len(s.ID) > maxStrukturbildID {
		fault("/id", fmt.Sprintf("id %q ska bestå av a–z, 0–9 och _ och ha högst %d tecken", s.ID, maxStrukturbildID),
			fmt.Sprintf("id %q must match %s and have at most %d characters", s.ID, Named, maxStrukturbildID))
	}
	if s.Title.SV == "" {
		fault("/title/sv", "den svenska titeln saknas", "the Swedish title is missing")
	}
	if s.Horizon != 0 && (s.Horizon < 2000 || s.Horizon > 2200) {
		fault("/horizon", fmt.Sprintf("horisonten %d är inte ett år mellan 2000 och 2200", s.Horizon), fmt.Sprintf("horizon %d is not a year between 2000 and 2200", s.Horizon))
	}
	if s.Replaces == s.ID && s.ID != "" {
		fault("/replaces", "en strukturbild kan inte ersätta sig själv", "a strukturbild can't replace itself")
	}
	if len(faults) == 0 {
		return nil
	}
	return Errorf(Invalid, faults[0].Pointer, "the strukturbild has %d fault(s): %s", len(faults), faults[0].Message.EN).WithFindings(faults...)
}

// Step takes the strukturbild to another status. Invalid where the way is not open, or a decision is missing.
func (s *Strukturbild) Step(step StrukturbildStep) error {
	if open := ways[s.Status]; !slices.Contains(open, step.To) {
		return Errorf(Invalid, "/to", "strukturbild %q is %s; from there it can become %v, not %q", s.ID, s.Status, open, step.To)
	}
	if step.To == Antagen && step.Decision == "" {
		return Errorf(Invalid, "/decision", "to adopt strukturbild %q the decision is needed: who decided, when, and its number", s.ID)
	}
	step.From, s.Status = s.Status, step.To
	s.Steps = append(slices.Clone(s.Steps), step)
	return nil
}

// IsOpen reports whether everyone may read it.
func (s *Strukturbild) IsOpen() bool { return s.Status != Utkast }

// IsFrozen reports whether its elements don't change any more.
func (s *Strukturbild) IsFrozen() bool { return s.Status == Antagen || s.Status == Ersatt }

// Define gives the definitions of its layers as its status demands.
func (s *Strukturbild) Define() []Layer {
	layers := elementLayers(s.ID)
	for i := range layers {
		l := &layers[i]
		l.Title = Text{SV: s.Title.SV + ": " + l.Title.SV}
		if s.Title.EN != "" {
			l.Title.EN = s.Title.EN + ": " + elementLayers("")[i].Title.EN
		}
		l.Description = Text{SV: "Vägledande, inte bindande: kanterna är ungefärliga.", EN: "Indicative, not binding: the edges are approximate."}
		l.Theme, l.Owner, l.Status, l.Strukturbild, l.Frozen = Structure, s.Owner, Draft, s.ID, s.IsFrozen()
		l.Language, l.UpdateRhythm, l.AccessRights = "sv", "AS_NEEDED", Public
		if s.IsOpen() {
			l.Status = Published
		}
	}
	return layers
}

// elementLayers are the three object kinds of ÖP-modell 1.0, each with the elements of ours that belong to it.
func elementLayers(id string) []Layer {
	return []Layer{
		{ID: id + "_nod", GeometryType: Point, Title: Text{"Noder", "Nodes"}, Attributes: elementAttributes(code("nod", "Nod", "Node"), code("koppling_utat", "Koppling utåt", "Link outward"))},
		{ID: id + "_strak", GeometryType: Line, Title: Text{"Stråk", "Corridors"}, Attributes: elementAttributes(code("strak", "Stråk", "Corridor"), code("vattenstrak", "Vattenstråk", "Water corridor"),
			code("barriar", "Barriär", "Barrier"), code("koppling_utat", "Koppling utåt", "Link outward"))},
		{ID: id + "_omrade", GeometryType: Polygon, Title: Text{"Områden", "Areas"}, Attributes: elementAttributes(code("karna", "Kärna", "Core"), code("stadsomrade", "Sammanhängande stadsområde", "Continuous urban area"),
			code("kustzon", "Kustzon", "Coast zone"), code("gron_kil", "Grön kil", "Green wedge"), code("omland", "Omland", "Hinterland"))},
	}
}

func code(value, sv, en string) CodeEntry { return CodeEntry{Value: value, Title: Text{sv, en}} }

// elementAttributes are those of every element (ÖP-modell: struktur, nivå, vägledning; status and horizon are ours).
func elementAttributes(elements ...CodeEntry) []Attribute {
	coded := func(codes ...CodeEntry) func(*Attribute) { return func(a *Attribute) { a.Codes = codes } }
	return []Attribute{
		attribute("namn", String, "Namn", "Name"),
		attribute("struktur", String, "Struktur", "Structure", required, coded(code("bebyggelse", "Bebyggelse", "Built environment"),
			code("natur_friluftsliv", "Natur och friluftsliv", "Nature and outdoor life"), code("kommunikationer", "Kommunikationer", "Communications"))),
		attribute("element", String, "Element", "Element", required, coded(elements...)),
		attribute("status", String, "Status", "Status", required, coded(code("befintlig", "Befintlig", "Existing"), code("utveckla", "Utveckla", "Develop"),
			code("skapa", "Skapa", "Create"), code("skydda", "Skydda", "Protect"))),
		attribute("horisont", Integer, "Horisont (år)", "Horizon (year)"),
		attribute("niva", String, "Nivå", "Level", coded(code("nationell", "Nationell", "National"), code("regional", "Regional", "Regional"),
			code("delregional", "Delregional", "Subregional"), code("kommunal", "Kommunal", "Municipal"))),
		attribute("styrka", Integer, "Styrka eller rang (1 är störst)", "Strength or rank (1 is the greatest)"),
		attribute("vagledning", String, "Vägledning", "Guidance"),
		attribute("agare", String, "Ägare", "Owner"),
	}
}

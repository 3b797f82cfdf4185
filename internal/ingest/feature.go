package ingest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"strukturbild/internal/plan"
)

// draft is a feature on its way into the house: in the file's coordinates first, after place in EPSG:3006. One with
// findings is refused.
type draft struct {
	feature  plan.Feature
	findings []plan.Finding // their Feature and ID are filled in by the report
	more     int            // further faults, which are only counted
	budget   *int           // how many more faults the decoder will put in words
	crs      []byte         // the feature's own crs member (GeoJSON 2008), to compare with the file's
	z, m     bool           // heights, and measures along lines, were dropped
	depth    int            // levels of arrays in the coordinates
	at       int64          // offset of the feature in the body
	pointer  string         // JSON pointer of the geometry: geometryPointer, or "" where the geometry stands alone
	lost     error          // the draft could not be read back from the disk
	notices  []plan.Finding // what is told of it without being a fault; as findings
	repaired bool           // its geometry is not the file's
	stored   uint32         // one more than the number of the equal feature that the layer has; 0 for none
}

// faulty reports whether the feature is refused.
func (f *draft) faulty() bool { return len(f.findings)+f.more > 0 }

const geometryPointer = "/geometry"

// fault records a fault at an offset in the feature.
func (f *draft) fault(at int, pointer string, r rule, args ...any) {
	if *f.budget > 0 {
		f.add(r.finding(args...), at, pointer)
		return
	}
	f.more++
}

func (f *draft) add(finding plan.Finding, at int, pointer string) {
	if *f.budget <= 0 {
		f.more++
		return
	}
	*f.budget--
	offset := f.at + int64(at)
	finding.Pointer, finding.Offset = pointer, &offset
	f.findings = append(f.findings, finding)
}

// decoder reads the features of one layer. It is scratch memory and belongs to one goroutine; a draft has its slices until
// the next one is begun.
type decoder struct {
	layer   *plan.Layer
	limits  Limits
	columns *Columns
	checks  Checks
	stored  plan.Stored
	known   map[string]columnUse // what the columns met are
	targets []string             // attributes that a column is mapped to
	shape   shape
	values  []plan.Value
	given   []bool       // the attribute stands in the feature, if only as null
	coords  []float64    // of the feature being placed, as they stood in the file
	revived plan.Feature // whose slices are reused

	// budget is how many more faults to put in words. A decoder takes features in the order of the file, so that what
	// comes after as many as the report will show can't be among them; this bounds what a file of nothing but faults costs.
	budget  int
	unknown map[string]bool // attributes told of as unknown
	told    map[string]int  // notices of each rule
	changes

	ignoreCRS bool // the crs members of features
}

func newDecoder(opts *Options, limits Limits) *decoder {
	return &decoder{layer: opts.Layer, limits: limits, columns: &opts.Columns, checks: opts.Checks.orDefaults(), stored: opts.Stored, known: map[string]columnUse{},
		shape: shape{open: opts.Checks.Repair}, targets: slices.Collect(maps.Values(opts.Columns.Map)), given: make([]bool, len(opts.Layer.Attributes)),
		values: make([]plan.Value, len(opts.Layer.Attributes)),
		budget: limits.MaxFindings, unknown: map[string]bool{}, told: map[string]int{}, changes: newChanges(opts.Layer), ignoreCRS: opts.IgnoreFileCRS}
}

// members tells what stands in a Feature object.
type members struct {
	kind       string
	geometry   memberState
	properties memberState
}

// memberState tells null from absent, which a patch needs to know.
type memberState int

const (
	absent memberState = iota
	null
	present
	broken // not what may stand there; there is a finding
)

// draft decodes valid JSON that stands at an offset of the body: a Feature, or a geometry as a feature without
// attributes.
func (d *decoder) draft(raw []byte, at int64) draft {
	f := draft{at: at, pointer: geometryPointer, budget: &d.budget}
	if b := raw[0]; b != '{' {
		f.fault(0, "", notFeature, kindOf(b))
		return f
	}
	got := d.members(&f, raw)
	_, bare := kinds[got.kind]
	switch {
	case bare || got.kind == "GeometryCollection":
		f.pointer = ""
		d.shape.read(&cursor{doc: raw}, d.limits)
		got.geometry = present
	case got.kind != "Feature":
		f.fault(0, "/type", notFeature, typeIs(got.kind))
		return f
	}
	if d.columns.ID != "" && f.feature.ID == "" && len(f.findings) == 0 {
		f.fault(0, attributePointer(d.columns.ID), idMissing, d.columns.ID)
	}
	d.takeGeometry(&f, got.geometry)
	d.requireAttributes(&f)
	f.feature.Values = d.values
	return f
}

// begin forgets the attributes of the feature before.
func (d *decoder) begin() {
	clear(d.values)
	clear(d.given)
}

// members reads an object into d.shape, d.values and f.
func (d *decoder) members(f *draft, raw []byte) (got members) {
	d.begin()
	c := &cursor{doc: raw}
	for name := range c.members {
		switch string(name) {
		case "type":
			got.kind = typeName(c)
		case "id":
			if d.columns.ID != "" {
				c.value()
				continue
			}
			d.id(f, c)
		case "geometry":
			got.geometry = d.geometry(f, c)
		case "properties":
			got.properties = d.properties(f, c)
		case "crs":
			f.crs = append(f.crs, c.value()...)
		default: // RFC 7946 section 6.1: foreign members are ignored
			c.value()
		}
	}
	return got
}

// typeName consumes the type member; "" when it is not a string.
func typeName(c *cursor) string {
	if c.peek() == '"' {
		return string(c.text())
	}
	c.value()
	return ""
}

var objectTypes = append([]string{"Feature", featureCollection}, kindNames...)

func typeIs(kind string) plan.Text {
	if kind == "" {
		return plan.Text{SV: "type saknas eller är inte en text", EN: "its type is missing or not a string"}
	}
	if kind == featureCollection {
		return plan.Text{SV: "en FeatureCollection får inte stå i en annan eller i en följd", EN: "a FeatureCollection may not stand in another or in a sequence"}
	}
	shown, hint := strconv.Quote(clip([]byte(kind))), suggest(kind, objectTypes)
	return plan.Text{SV: "type är " + shown + hint.SV, EN: "its type is " + shown + hint.EN}
}

// id reads the id member: a string or an integer; null counts as none.
func (d *decoder) id(f *draft, c *cursor) {
	at := c.pos
	var id string
	switch b := c.peek(); {
	case b == 'n':
		c.value()
		return
	case b == '"':
		id = string(c.text())
	case b == '-' || b-'0' <= 9:
		id = integerID(c.value())
	default:
		f.fault(at, "/id", idInvalid, kindOf(b))
		c.value()
		return
	}
	if !plan.FeatureID.MatchString(id) {
		f.fault(at, "/id", idInvalid, strconv.Quote(clip([]byte(id))))
		return
	}
	f.feature.ID = id
}

// integerID writes a number as an id. 7.0 is 7; a fraction comes back in quotes, which no id may have.
func integerID(raw []byte) string {
	if i, exact := integer(raw); exact {
		return strconv.FormatInt(i, 10)
	}
	if plainDigits(raw) { // beyond 64 bits
		return string(raw)
	}
	return strconv.Quote(string(raw))
}

// geometry reads the geometry member into d.shape.
func (d *decoder) geometry(f *draft, c *cursor) memberState {
	switch b := c.peek(); b {
	case 'n':
		c.value()
		return null
	case '{':
		d.shape.read(c, d.limits)
		return present
	default:
		f.fault(c.pos, "/geometry", geometryUnreadable, kindOf(b))
		c.value()
		return broken
	}
}

// takeGeometry checks d.shape against the layer's type and moves it into the feature.
func (d *decoder) takeGeometry(f *draft, state memberState) {
	table := d.layer.GeometryType == plan.None
	switch {
	case table && state == present:
		f.fault(0, f.pointer, geometryUnexpected, d.layer.ID)
	case table, state == broken:
	case state != present:
		f.fault(0, f.pointer, geometryMissing, d.layer.ID)
	default:
		f.take(&d.shape, d.layer.GeometryType)
		if strings.HasPrefix(d.shape.kind, "Multi") {
			d.multi++
		} else {
			d.single++
		}
	}
}

func (f *draft) take(s *shape, want plan.GeometryType) {
	geometry, faults := s.geometry(want, *f.budget)
	for _, fault := range faults {
		f.add(fault, s.at, f.pointer+fault.Pointer)
	}
	if len(faults) == 0 {
		f.feature.Geometry, f.z, f.m, f.depth = geometry, s.z, s.m, s.depth
	}
}

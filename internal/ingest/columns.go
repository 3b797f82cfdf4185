package ingest

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"strukturbild/internal/plan"
)

// Columns says how the columns of a file become the attributes of a layer.
type Columns struct {
	Map           map[string]string // column of the file to attribute of the layer
	IgnoreUnknown bool              // columns that are no attribute are left out, with a notice, instead of refused
	Require       []string          // attributes that some feature of the file must have a value of
	ID            string            // the column that holds the ids of the features; "" takes those of GeoJSON features, or none

	loose   bool     // names in any case and spelling, values as text: what formats without JSON's types need
	cut     int      // names may be cut to so many bytes (Shapefile); 0 for no
	dropped []string // columns that the reading made up
}

// ParseMap reads COLUMN:attribute,COLUMN:attribute.
func ParseMap(text string) (map[string]string, error) {
	if text == "" {
		return nil, nil
	}
	pairs := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		i := strings.LastIndexByte(pair, ':') // attribute names have no colon
		if i <= 0 || i == len(pair)-1 {
			return nil, plan.Errorf(plan.Invalid, "map", "map is written COLUMN:attribute,COLUMN:attribute, but %q is not", clip([]byte(pair)))
		}
		column := strings.TrimSpace(pair[:i])
		if _, twice := pairs[column]; twice {
			return nil, plan.Errorf(plan.Invalid, "map", "map names the column %q twice", clip([]byte(column)))
		}
		pairs[column] = strings.TrimSpace(pair[i+1:])
	}
	return pairs, nil
}

// check refuses a map onto what the layer does not have.
func (c *Columns) check(layer *plan.Layer) error {
	from := map[string]string{}
	for column, attribute := range c.Map {
		if layer.Attribute(attribute) < 0 {
			return plan.Errorf(plan.Invalid, "map", "the layer %s has no attribute %q to map %q to%s", layer.ID, clip([]byte(attribute)),
				clip([]byte(column)), suggest(attribute, namesOf(layer)).EN)
		}
		if other, taken := from[attribute]; taken {
			return plan.Errorf(plan.Invalid, "map", "map gives the attribute %q to both %q and %q", attribute, min(column, other), max(column, other))
		}
		from[attribute] = column
	}
	for _, attribute := range c.Require {
		if layer.Attribute(attribute) < 0 {
			return plan.Errorf(plan.Invalid, "require", "the layer %s has no attribute %q to require%s", layer.ID, clip([]byte(attribute)),
				suggest(attribute, namesOf(layer)).EN)
		}
	}
	return nil
}

func namesOf(layer *plan.Layer) (names []string) {
	for _, a := range layer.Attributes {
		names = append(names, a.Name)
	}
	return names
}

// ParseRequire reads attribute,attribute.
func ParseRequire(text string) (names []string) {
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// What a column can be, other than the index of an attribute.
const (
	unknownColumn = -1 - iota
	ignoredColumn // by request
	droppedColumn // made up by the reading
	idColumn
)

// column tells what a column of the file is; both says that it holds the id as well.
func (d *decoder) column(name []byte) (column int, both bool) {
	if i, known := d.known[string(name)]; known {
		return i.column, i.id
	}
	var found columnUse
	text := string(name)
	found.column = d.resolve(text)
	if d.columns.ID != "" && (text == d.columns.ID || d.columns.loose && fold(text) == fold(d.columns.ID)) {
		found.id = true
		if found.column < 0 {
			found.column = idColumn
		}
	}
	const most = 10_000 // a file of ever new names is refused soon enough
	if len(d.known) < most {
		d.known[text] = found
	}
	return found.column, found.id
}

// columnUse is what a column is known to be.
type columnUse struct {
	column int
	id     bool
}

func (d *decoder) resolve(name string) int {
	if attribute, mapped := d.columns.mapped(name); mapped {
		d.used[attribute] = true
		return d.layer.Attribute(attribute)
	}
	if i := d.attribute(name); i >= 0 && !slices.Contains(d.targets, d.layer.Attributes[i].Name) {
		return i
	}
	switch {
	case slices.Contains(d.columns.dropped, name):
		return droppedColumn
	case d.columns.IgnoreUnknown:
		return ignoredColumn
	}
	return unknownColumn
}

func (c *Columns) mapped(name string) (attribute string, mapped bool) {
	if attribute, mapped = c.Map[name]; mapped || !c.loose {
		return attribute, mapped
	}
	for column, attribute := range c.Map {
		if fold(column) == fold(name) {
			return attribute, true
		}
	}
	return "", false
}

// attribute gives the index of the attribute of that name, or -1.
func (d *decoder) attribute(name string) int {
	if i := d.layer.Attribute(name); i >= 0 || !d.columns.loose {
		return i
	}
	folded := fold(name)
	if i := d.layer.Attribute(folded); i >= 0 {
		return i
	}
	if i := d.titled(name); i >= 0 {
		return i
	}
	if d.columns.cut == 0 || len(name) != d.columns.cut {
		return unknownColumn
	}
	found := unknownColumn
	for i, a := range d.layer.Attributes {
		if strings.HasPrefix(a.Name, folded) {
			if found >= 0 {
				return unknownColumn // two have the beginning: which is meant must be said
			}
			found = i
		}
	}
	return found
}

// titled gives the index of the only attribute with that title, as our own exports write it above a column of a sheet:
// alone, or with the name and the unit after it.
func (d *decoder) titled(heading string) int {
	found := unknownColumn
	for i := range d.layer.Attributes {
		a := &d.layer.Attributes[i]
		title := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(heading, plan.UTCHeading), " ["+a.Unit+"]"), " ("+a.Name+")")
		if title == "" || title != a.Title.SV && title != a.Title.EN && title != a.Name {
			continue
		}
		if found >= 0 {
			return unknownColumn // two have the title: which is meant must be said
		}
		found = i
	}
	return found
}

// fold writes a name as attributes are named: in lower case, without marks on letters, with _ for white space and -.
func fold(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == ' ' || r == '-':
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

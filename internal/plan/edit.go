package plan

import "slices"

// Edit is what somebody wants of one feature: what it names is replaced, the rest is kept.
type Edit struct {
	ID       string    // the id that it names; "" for none
	Geometry *Geometry // nil: keep
	Values   []Value   // one an attribute, in the order of the schema
	Given    []bool    // the attributes that it names; the other Values mean nothing
}

// GeometryField names the geometry among the fields of a feature; no attribute can have the name.
const GeometryField = "geometry"

// Whole gives the edit that makes a feature what f is, in everything.
func Whole(f Feature) Edit {
	e := Edit{ID: f.ID, Values: f.Values, Given: slices.Repeat([]bool{true}, len(f.Values))}
	if !f.Geometry.IsEmpty() {
		e.Geometry = &f.Geometry
	}
	return e
}

// Apply gives the feature with the edit on it.
func (e Edit) Apply(f Feature) Feature {
	if e.Geometry != nil {
		f.Geometry = *e.Geometry
	}
	f.Values = slices.Clone(f.Values)
	for i, given := range e.Given {
		if given {
			f.Values[i] = e.Values[i]
		}
	}
	return f
}

// Then gives the edit that both are together, the other after this one.
func (e Edit) Then(next Edit) Edit {
	if next.Geometry != nil {
		e.Geometry = next.Geometry
	}
	e.Values, e.Given = slices.Clone(e.Values), slices.Clone(e.Given)
	for i, given := range next.Given {
		if given {
			e.Values[i], e.Given[i] = next.Values[i], true
		}
	}
	return e
}

// Since leaves out what the edit has in common with the version that it was made from: what its author did not touch.
func (e Edit) Since(base Feature) Edit {
	if e.Geometry != nil && e.Geometry.Equal(base.Geometry) {
		e.Geometry = nil
	}
	e.Given = slices.Clone(e.Given)
	for i := range e.Given {
		e.Given[i] = e.Given[i] && e.Values[i] != base.Values[i]
	}
	return e
}

// Collision tells that a change wrote over what somebody else had written since its author read the feature. Nothing is
// lost by it: both versions are in the history of the feature.
type Collision struct {
	ID        string   `json:"id"`
	Fields    []string `json:"fields"`    // the attributes, and GeometryField
	Base      Revision `json:"base"`      // what the author had read
	Overwrote Revision `json:"overwrote"` // the version that was written over
}

// Collide gives the fields of the edit that the versions after the first disagree with: those that were last changed by
// somebody else than the author, to something else than the edit makes them. The first version is the one that the
// edit was made from, the last the current one; all have the schema of the layer.
func (e Edit) Collide(author string, layer *Layer, versions []Version) (fields []string) {
	if len(versions) == 0 {
		return nil
	}
	current := &versions[len(versions)-1]
	for i, given := range e.Given {
		if given && e.Values[i] != current.Values[i] &&
			changedByOther(author, versions, func(a, b *Version) bool { return a.Values[i] == b.Values[i] }) {
			fields = append(fields, layer.Attributes[i].Name)
		}
	}
	if e.Geometry != nil && !e.Geometry.Equal(current.Geometry) &&
		changedByOther(author, versions, func(a, b *Version) bool { return a.Geometry.Equal(b.Geometry) }) {
		fields = append(fields, GeometryField)
	}
	return fields
}

// changedByOther reports whether the last change of what same compares was made by somebody else than the author.
func changedByOther(author string, versions []Version, same func(a, b *Version) bool) bool {
	for i := len(versions) - 1; i > 0; i-- {
		if !same(&versions[i-1], &versions[i]) {
			return versions[i].Author != author
		}
	}
	return false
}

// Field is an attribute of a feature as a protocol has it whose values are texts.
type Field struct {
	Name, Text string
	Null       bool // it has no value, and Text means nothing
}

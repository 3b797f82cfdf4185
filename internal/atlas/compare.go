package atlas

import (
	"fmt"
	"slices"
	"strconv"

	"strukturbild/internal/plan"
)

// Comparison is what would have to change for a layer to become what a file says.
type Comparison struct {
	Change plan.LayerChange
	Same   int // features that are there already, equal in every coordinate and value
}

// IsEmpty reports whether there is nothing to change.
func (c *Comparison) IsEmpty() bool {
	return len(c.Change.Add)+len(c.Change.Replace)+len(c.Change.Remove) == 0
}

// Compare prepares the change that brings the features into the layer. Features without an id get one from the layer's
// sequence; in mode replace an equal feature of the layer lends its id first, so that loading the same file again
// changes nothing. Exists: mode append with an id that is taken; Invalid: mode upsert without ids.
func (s *Snapshot) Compare(features []plan.Feature, mode plan.UploadMode) (*Comparison, error) {
	c := &comparer{snapshot: s, mode: mode, next: s.layer.NextID, seen: make(map[Slot]bool, len(features))}
	c.Change = plan.LayerChange{Layer: s.layer.ID, Base: s.revision}
	if err := c.refuse(features); err != nil {
		return nil, err
	}
	for i := range features {
		if features[i].ID != "" {
			c.identified(features[i])
		}
	}
	if slices.ContainsFunc(features, func(f plan.Feature) bool { return f.ID == "" }) {
		c.anonymous(features)
	}
	if mode == plan.UploadReplace {
		c.removeUnseen()
	}
	return &c.Comparison, nil
}

type comparer struct {
	Comparison
	snapshot *Snapshot
	mode     plan.UploadMode
	next     int64
	seen     map[Slot]bool // features of the layer that the file has too
}

// refuse finds what the mode does not allow.
func (c *comparer) refuse(features []plan.Feature) error {
	var findings []plan.Finding
	for i, f := range features {
		switch _, taken := c.snapshot.ByID(f.ID); {
		case c.mode == plan.UploadAppend && f.ID != "" && taken:
			findings = append(findings, plan.Finding{Feature: i, ID: f.ID, Rule: "id_taken", Message: plan.Text{
				SV: fmt.Sprintf("objekt-id %q finns redan i lagret; använd mode=upsert för att ersätta det", f.ID),
				EN: fmt.Sprintf("feature id %q is in the layer already; use mode=upsert to replace it", f.ID)}})
		case c.mode == plan.UploadUpsert && f.ID == "":
			findings = append(findings, plan.Finding{Feature: i, Rule: "id_missing", Message: plan.Text{
				SV: "mode=upsert kräver ett id på varje objekt", EN: "mode=upsert needs an id on every feature"}})
		}
		if len(findings) == maxFindings {
			break
		}
	}
	if len(findings) == 0 {
		return nil
	}
	code := plan.Invalid
	if c.mode == plan.UploadAppend {
		code = plan.Exists
	}
	return plan.Errorf(code, "mode", "the file can't be loaded with mode=%s: %s", c.mode, findings[0].Message.EN).WithFindings(findings...)
}

const maxFindings = 100

// identified takes a feature with an id of its own.
func (c *comparer) identified(f plan.Feature) {
	slot, found := c.snapshot.ByID(f.ID)
	switch {
	case !found:
		c.Change.Add = append(c.Change.Add, f)
	case c.snapshot.equal(slot, &f):
		c.seen[slot] = true
		c.Same++
	default:
		c.seen[slot] = true
		c.Change.Replace = append(c.Change.Replace, f)
	}
}

// anonymous takes the features without ids.
func (c *comparer) anonymous(features []plan.Feature) {
	var equals map[uint64][]Slot
	if c.mode == plan.UploadReplace {
		equals = c.snapshot.byDigest()
	}
	given := make(map[string]bool)
	for i := range c.Change.Add {
		given[c.Change.Add[i].ID] = true
	}
	for _, f := range features {
		if f.ID != "" {
			continue
		}
		if slot, found := c.takeEqual(equals, &f); found {
			c.seen[slot] = true
			c.Same++
			continue
		}
		f.ID = c.newID(given)
		c.Change.Add = append(c.Change.Add, f)
	}
}

func (c *comparer) takeEqual(equals map[uint64][]Slot, f *plan.Feature) (Slot, bool) {
	if len(equals) == 0 {
		return 0, false
	}
	for _, slot := range equals[contentDigest(f)] {
		if !c.seen[slot] && c.snapshot.equal(slot, f) {
			return slot, true
		}
	}
	return 0, false
}

func (c *comparer) newID(given map[string]bool) string {
	for {
		id := strconv.FormatInt(max(c.next, 1), 10)
		c.next = max(c.next, 1) + 1
		if _, taken := c.snapshot.ByID(id); !taken && !given[id] {
			return id
		}
	}
}

func (c *comparer) removeUnseen() {
	for slot := range c.snapshot.All("") {
		if !c.seen[slot] {
			c.Change.Remove = append(c.Change.Remove, c.snapshot.ID(slot))
		}
	}
}

// equal reports whether the feature in the slot has exactly the geometry and the values of f.
func (s *Snapshot) equal(slot Slot, f *plan.Feature) bool {
	g := s.Geometry(slot)
	return slices.Equal(g.Coords, f.Geometry.Coords) && slices.Equal(g.Ends, f.Geometry.Ends) &&
		slices.Equal(g.Parts, f.Geometry.Parts) && slices.Equal(s.Values(nil, slot), f.Values)
}

func (s *Snapshot) byDigest() map[uint64][]Slot {
	found := make(map[uint64][]Slot, s.Len())
	for slot := range s.All("") {
		f := s.Feature(slot)
		digest := contentDigest(&f)
		found[digest] = append(found[digest], slot)
	}
	return found
}

package ingest

import (
	"maps"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// changes counts what a decoder did to columns without its being a fault.
type changes struct {
	coerced []int           // values of each attribute that were rewritten
	ignored map[string]int  // values of each column that was left out
	used    map[string]bool // attributes whose mapped column was met
	filled  []bool          // attributes that some feature has a value of
	turned  int             // features with rings that ran the wrong way
	single  int             // features with a single geometry
	multi   int             // features with a multiple one
}

func newChanges(layer *plan.Layer) changes {
	return changes{coerced: make([]int, len(layer.Attributes)), ignored: map[string]int{}, used: map[string]bool{},
		filled: make([]bool, len(layer.Attributes))}
}

func (c *changes) add(other changes) {
	for i, n := range other.coerced {
		c.coerced[i] += n
	}
	for name, n := range other.ignored {
		c.ignored[name] += n
	}
	maps.Copy(c.used, other.used)
	for i, filled := range other.filled {
		c.filled[i] = c.filled[i] || filled
	}
	c.turned, c.single, c.multi = c.turned+other.turned, c.single+other.single, c.multi+other.multi
}

// notices puts the changes in words, the same whatever the order of the workers.
func (c *changes) notices(layer *plan.Layer, columns *Columns) (notices []plan.Finding) {
	tell := func(pointer string, r rule, args ...any) {
		notice := r.notice(args...)
		notice.Feature, notice.Pointer = -1, pointer
		notices = append(notices, notice)
	}
	for i, n := range c.coerced {
		if a := &layer.Attributes[i]; n > 0 {
			tell(attributePointer(a.Name), attributeCoerced, a.Name, kindTexts[a.Type], n)
		}
	}
	if len(c.ignored) > 0 {
		tell("", columnsIgnored, strings.Join(slices.Sorted(maps.Keys(c.ignored)), ", "))
	}
	for _, column := range slices.Sorted(maps.Keys(columns.Map)) {
		if !c.used[columns.Map[column]] {
			tell(attributePointer(column), columnAbsent, column)
		}
	}
	if c.turned > 0 {
		tell("", ringOrder, c.turned)
	}
	if c.single > 0 && c.multi > 0 {
		tell("", promoted, c.single, c.multi)
	}
	return notices
}

// absent finds the attributes that the file must have, and has no value of.
func (c *changes) absent(layer *plan.Layer, required []string) (faults []plan.Finding) {
	for _, name := range required {
		if !c.filled[layer.Attribute(name)] {
			fault := attributeAbsent.finding(name)
			fault.Feature, fault.Pointer = -1, attributePointer(name)
			faults = append(faults, fault)
		}
	}
	return faults
}

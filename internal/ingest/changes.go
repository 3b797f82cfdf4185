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
}

func newChanges(layer *plan.Layer) changes {
	return changes{coerced: make([]int, len(layer.Attributes)), ignored: map[string]int{}, used: map[string]bool{}}
}

func (c *changes) add(other changes) {
	for i, n := range other.coerced {
		c.coerced[i] += n
	}
	for name, n := range other.ignored {
		c.ignored[name] += n
	}
	maps.Copy(c.used, other.used)
}

// notices puts the changes in words, the same whatever the order of the workers.
func (c *changes) notices(layer *plan.Layer, columns *Columns) (notices []plan.Finding) {
	tell := func(pointer string, r rule, args ...any) {
		notice := r.finding(args...)
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
	return notices
}

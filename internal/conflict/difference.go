package conflict

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"strukturbild/internal/plan"
)

// Difference lists what the second version of rules says otherwise than the first: by rule, cell, category, goal, statement of
// precedence, and for the ruleset itself.
func Difference(from, to *plan.Ruleset) []plan.RulesetChange {
	changes := []plan.RulesetChange{}
	compare := func(what string, a, b map[string]map[string]any) {
		keys := slices.Sorted(maps.Keys(a))
		for key := range b {
			if a[key] == nil {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		for _, key := range keys {
			change := plan.RulesetChange{What: what, Key: key, Change: "changed", Fields: changedFields(a[key], b[key])}
			switch {
			case a[key] == nil:
				change.Change = "added"
			case b[key] == nil:
				change.Change = "removed"
			case len(change.Fields) == 0:
				continue
			}
			changes = append(changes, change)
		}
	}
	a, b := membersOf(from), membersOf(to)
	for _, what := range []string{"ruleset", "category", "precedence", "cell", "rule", "goal", "preference", "pressure", "value", "sensitivity"} {
		compare(what, a[what], b[what])
	}
	return changes
}

// membersOf takes a ruleset apart: by kind, then by key, each as JSON has it.
func membersOf(r *plan.Ruleset) map[string]map[string]map[string]any {
	parts := map[string]map[string]map[string]any{"ruleset": {}, "category": {}, "precedence": {}, "cell": {}, "rule": {}, "goal": {},
		"preference": {}, "pressure": {}, "value": {}, "sensitivity": {}}
	put := func(what, key string, of any) {
		fields := map[string]any{}
		text, _ := json.Marshal(of) // it came from JSON
		_ = json.Unmarshal(text, &fields)
		parts[what][key] = fields
	}
	put("ruleset", r.ID, struct {
		Title, Note  plan.Text
		Author, Date string
		Sliver       plan.Sliver
		Closeness    *plan.Closeness
		Classes      []float64
	}{r.Title, r.Note, r.Author, r.Date, r.Sliver, r.Closeness, classesOf(r)})
	for i := range r.Categories {
		put("category", r.Categories[i].ID, r.Categories[i])
	}
	for i := range r.Precedence {
		put("precedence", string(r.Precedence[i].First), r.Precedence[i])
	}
	for i := range r.Matrix {
		put("cell", r.Matrix[i].Claim+"/"+r.Matrix[i].Interest, r.Matrix[i])
	}
	for i := range r.Rules {
		put("rule", r.Rules[i].ID, r.Rules[i])
	}
	for i := range r.Goals {
		put("goal", r.Goals[i].ID, r.Goals[i])
	}
	for i := range r.Lucis {
		put("preference", r.Lucis[i].ID, struct {
			plan.Preference
			Place int `json:"place"` // the first that holds counts
		}{r.Lucis[i], i + 1})
	}
	if s := r.Symphony; s != nil {
		for i := range s.Pressures {
			put("pressure", s.Pressures[i].ID, s.Pressures[i])
		}
		for i := range s.Values {
			put("value", s.Values[i].ID, s.Values[i])
		}
		for i := range s.Sensitivity {
			put("sensitivity", s.Sensitivity[i].Pressure+"/"+s.Sensitivity[i].Value, s.Sensitivity[i])
		}
	}
	return parts
}

func classesOf(r *plan.Ruleset) []float64 {
	if r.Symphony == nil {
		return nil
	}
	return r.Symphony.Classes
}

func changedFields(a, b map[string]any) (fields []plan.FieldChange) {
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !reflect.DeepEqual(a[name], b[name]) {
			fields = append(fields, plan.FieldChange{Field: name, From: a[name], To: b[name]})
		}
	}
	return fields
}

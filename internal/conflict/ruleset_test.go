package conflict

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

func TestDefaultRulesetCoversTheThemes(t *testing.T) {
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	compiled, faults := compile(rules)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, theme := range plan.Themes {
		claims := slices.ContainsFunc(compiled.rules, func(r *rule) bool { return r.claims.has(&plan.Layer{Theme: theme}) })
		if claims != theme.IsInterest() {
			t.Errorf("theme %s has rules: %v", theme, claims)
		}
	}
	if n := len(rules.Matrix); n != len(rules.Categories)*len(rules.Categories) {
		t.Errorf("the matrix has %d cells", n)
	}
	for _, c := range rules.Matrix {
		if c.Basis == "" || c.Author == "" || c.Date == "" || c.Confidence == "" || c.Status != plan.Proposal {
			t.Errorf("cell %s/%s: %+v", c.Claim, c.Interest, c.Provenance)
		}
	}
}

const goodRule = `
- id: a_b
  title: {sv: å, en: a}
  claim: {theme: wind}
  interest: {layer: reserves}
  relation: within
  distance_m: 100
  severity: 2
  legal_basis: {sv: lag, en: law}
  basis: ours
`

func document(rules string) string {
	return "id: test\nversion: 1\ntitle: {sv: prov, en: test}\nnote: {sv: '', en: ''}\nauthor: me\ndate: '2026-01-02'\nrules:" + rules
}

func aGoal(tags string) string {
	return "goals:\n- {id: g, title: {sv: mål, en: goal}, strategy: {sv: s, en: t}, kind: priority, source: p. 6, basis: ours, note: {sv: a, en: b}, " + tags + "}\n"
}

func goesBefore(pairs ...string) string {
	text := "precedence:"
	for i := 0; i < len(pairs); i += 2 {
		text += "\n- {first: " + pairs[i] + ", before: [" + pairs[i+1] + "], legal_basis: {sv: lag, en: law}}"
	}
	return text
}

func TestLoadRuleset(t *testing.T) {
	rules, err := LoadRuleset(strings.NewReader(document(goodRule)))
	if err != nil {
		t.Fatal(err)
	}
	if r := rules.Rules[0]; r.DistanceM != 100 || r.Interest.Layer != "reserves" || r.Title.SV != "å" {
		t.Errorf("read %+v", r)
	}
}

func TestLoadRulesetRefuses(t *testing.T) {
	replace := func(old, new string) string {
		if !strings.Contains(document(goodRule), old) {
			t.Fatalf("the document has no %q", old)
		}
		return strings.Replace(document(goodRule), old, new, 1)
	}
	for name, c := range map[string]struct{ text, pointer, says string }{
		"not YAML":             {"id: [", "", "not readable YAML"},
		"empty":                {"", "", "not readable YAML"},
		"unknown field":        {replace("distance_m", "distanse_m"), "", "distanse_m"},
		"wrong type":           {replace("severity: 2", "severity: high"), "", "high"},
		"two documents":        {document(goodRule) + "\n---\nid: b\n", "", "more than one YAML document"},
		"bad id":               {replace("id: a_b", "id: A:b"), "/rules/0/id", "must match"},
		"severity":             {replace("severity: 2", "severity: 4"), "/rules/0/severity", `rule "a_b": severity is 4`},
		"theme":                {replace("theme: wind", "theme: wand"), "/rules/0/claim/theme", "wand"},
		"administrative":       {replace("theme: wind", "theme: administrative"), "/rules/0/claim/theme", "takes no part"},
		"no side":              {replace("claim: {theme: wind}", "claim: {}"), "/rules/0/claim", "neither"},
		"two sides":            {replace("{theme: wind}", "{theme: wind, layer: w}"), "/rules/0/claim", "both"},
		"relation":             {replace("relation: within", "relation: near"), "/rules/0/relation", "near"},
		"no distance":          {replace("distance_m: 100", ""), "/rules/0/distance_m", "needs one above 0"},
		"infinite distance":    {replace("distance_m: 100", "distance_m: .inf"), "/rules/0/distance_m", "needs one above 0"},
		"overlap and distance": {replace("within", "overlap"), "/rules/0/distance_m", "not to overlap"},
		"not a number":         {replace("severity: 2", "severity: 2\n  min_area_m2: .nan"), "/rules/0/min_area_m2", "finite"},
		"no law":               {replace("{sv: lag, en: law}", "{en: law}"), "/rules/0/legal_basis/sv", "missing"},
		"no basis":             {replace("basis: ours", ""), "/rules/0/basis", "missing"},
		"same id":              {document(goodRule + strings.Replace(goodRule, "100", "200", 1)), "/rules/1/id", "number 1 too"},
		"same rule":            {document(goodRule + strings.Replace(goodRule, "a_b", "a_c", 1)), "/rules/1", `same as rule "a_b"`},
		"no rules":             {document(" []"), "/rules", "no rules"},
		"two distances":        {replace("distance_m: 100", "distance_m: 100\n  distance: claim.h"), "/rules/0/distance", "give one"},
		"expression":           {replace("distance_m: 100", "distance: claim.h +* 2"), "/rules/0/distance", `rule "a_b": column 10`},
		"no condition":         {replace("relation: within", "relation: within\n  when: claim.h + 1"), "/rules/0/when", "column 9: there must be a boolean here"},
		"case":                 {replace("severity: 2", "severity: 2\n  severities: [{when: area_ha >, severity: 9}]"), "/rules/0/severities/0/severity", "severity is 9"},
		"class":                {replace("severity: 2", "severity: 2\n  class: red"), "/rules/0/class", "stop or adapt"},
		"confidence":           {replace("basis: ours", "basis: ours\n  confidence: quite"), "/rules/0/confidence", "high, medium or low"},
		"category":             {replace("{theme: wind}", "{category: mill}"), "/rules/0/claim/category", "no category"},
		"circle":               {document(goodRule) + goesBefore("wind", "nature", "nature", "forest", "forest", "wind"), "/precedence/0", "wind before nature before forest before wind"},
		"itself":               {document(goodRule) + goesBefore("wind", "wind"), "/precedence/0", "wind before wind"},
		"twice":                {document(goodRule) + goesBefore("wind", "nature", "wind", "nature"), "/precedence/1/before/0", "said twice"},
		"lonely cell":          {document(goodRule) + "categories: [{id: a, title: {sv: a, en: a}, theme: wind, legal_basis: {sv: a, en: a}}]", "/matrix", "a against a is missing"},
		"unknown cell":         {document(goodRule) + "matrix: [{claim: a, interest: b, severity: 1, basis: x}]", "/matrix/0/claim", `no category "a"`},
		"goal":                 {document(goodRule) + aGoal("themes: [wand]"), "/goals/0/themes/0", "wand"},
		"goal of no rule":      {document(goodRule) + aGoal("rules: [a_c]"), "/goals/0/rules/0", "no rule"},
		"goal of no category":  {document(goodRule) + aGoal("categories: [mill]"), "/goals/0/categories/0", "no category"},
		"goal without source":  {document(goodRule) + strings.Replace(aGoal("themes: [wind]"), "source: p. 6", "source: ''", 1), "/goals/0/source", "page or section"},
		"kind of goal":         {document(goodRule) + strings.Replace(aGoal("themes: [wind]"), "priority", "dream", 1), "/goals/0/kind", "dream"},
		"version":              {replace("version: 1", "version: 0"), "/version", "count from 1"},
	} {
		_, err := LoadRuleset(strings.NewReader(c.text))
		e, ok := errors.AsType[*plan.Error](err)
		switch {
		case !ok || e.Code != plan.Invalid:
			t.Errorf("%s: %v is no Invalid error", name, err)
		case len(e.Findings) == 0 && !strings.Contains(err.Error(), c.says):
			t.Errorf("%s: %v does not say %q", name, err, c.says)
		case len(e.Findings) > 0 && !slices.ContainsFunc(e.Findings, func(f plan.Finding) bool {
			return f.Pointer == c.pointer && strings.Contains(f.Message.EN, c.says) && (f.Message.SV != f.Message.EN || c.pointer == "")
		}):
			t.Errorf("%s: no finding at %q says %q: %+v", name, c.pointer, c.says, e.Findings)
		}
	}
}

func TestDefaultGoals(t *testing.T) {
	rules, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[plan.GoalKind]int{}
	for _, g := range rules.Goals {
		if kinds[g.Kind]++; g.Note.SV == "" || g.Note.EN == "" || g.Status != plan.Proposal || g.Source == "" {
			t.Errorf("goal %s: %+v", g.ID, g)
		}
		if g.Kind == plan.FocusArea && g.Kommunalforbund != "borasregionen" {
			t.Errorf("goal %s holds in %q", g.ID, g.Kommunalforbund)
		}
	}
	if kinds[plan.Priority] != 4 || kinds[plan.Kraftsamling] != 4 || kinds[plan.FocusArea] != 5 {
		t.Errorf("%v", kinds)
	}
}

func TestLoadRulesetReportsAllFaultsAtOnce(t *testing.T) {
	broken := strings.NewReplacer("severity: 2", "severity: 9\n  colour: red", "theme: wind", "theme: wand", "version: 1", "version: -1")
	_, err := LoadRuleset(strings.NewReader(broken.Replace(document(goodRule))))
	e, ok := errors.AsType[*plan.Error](err)
	if !ok || len(e.Findings) != 4 {
		t.Fatalf("want 4 findings, got %v", e.Findings)
	}
}

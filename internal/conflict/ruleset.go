package conflict

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"go.yaml.in/yaml/v3"

	"strukturbild/internal/plan"
)

//go:embed ruleset.yaml
var defaultRuleset []byte

// Default gives the ruleset that the service is born with: proposals, each with its basis.
func Default() (*plan.Ruleset, error) { return LoadRuleset(bytes.NewReader(defaultRuleset)) }

// MaxDistanceM is the farthest that a within rule may reach, in metres: a search wider than that is the whole region.
const MaxDistanceM = 50_000

// LoadRuleset reads a ruleset from YAML and reports every fault at once, as one Invalid error with a finding a fault.
func LoadRuleset(r io.Reader) (*plan.Ruleset, error) {
	decoder := yaml.NewDecoder(r)
	decoder.KnownFields(true)
	var rules plan.Ruleset
	check := rulesetCheck{}
	if err := decoder.Decode(&rules); err != nil {
		typeError, partly := errors.AsType[*yaml.TypeError](err)
		if !partly {
			return nil, plan.Errorf(plan.Invalid, "ruleset", "the ruleset is not readable YAML: %w", err)
		}
		for _, fault := range typeError.Errors {
			check.fault("", "", "%s", fault)
		}
	} else if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		check.fault("", "", "there is more than one YAML document in the file")
	}
	check.ruleset(&rules)
	if n := len(check.faults); n > 0 {
		return nil, plan.Errorf(plan.Invalid, "ruleset", "the ruleset has %d fault(s): %s", n, check.faults[0].Message.EN).
			WithFindings(check.faults...)
	}
	return &rules, nil
}

// rulesetCheck gathers what is wrong with a ruleset.
type rulesetCheck struct{ faults []plan.Finding }

func (c *rulesetCheck) fault(rule, pointer, format string, args ...any) {
	sentence := fmt.Sprintf(format, args...)
	if rule != "" {
		sentence = fmt.Sprintf("rule %q: %s", rule, sentence)
	}
	c.faults = append(c.faults, plan.Finding{Feature: -1, ID: rule, Rule: "ruleset", Pointer: pointer,
		Message: plan.Text{SV: sentence, EN: sentence}})
}

func (c *rulesetCheck) ruleset(r *plan.Ruleset) {
	if !plan.Named.MatchString(r.ID) || len(r.ID) > plan.MaxName {
		c.fault("", "/id", "the ruleset's id %q must match %s and have at most %d characters", r.ID, plan.Named, plan.MaxName)
	}
	if r.Version < 1 {
		c.fault("", "/version", "the ruleset's version is %d; versions count from 1", r.Version)
	}
	if _, err := plan.ParseDate(r.Date); err != nil {
		c.fault("", "/date", "the ruleset's date: %v", err)
	}
	if r.Author == "" {
		c.fault("", "/author", "the ruleset's author is missing")
	}
	c.text("", "/title", r.Title)
	if len(r.Rules) == 0 {
		c.fault("", "/rules", "the ruleset has no rules")
	}
	for i := range r.Rules {
		c.rule(r.Rules, i)
	}
}

// rule checks one rule, by itself and against the earlier ones.
func (c *rulesetCheck) rule(rules []plan.Rule, i int) {
	rule, at := &rules[i], fmt.Sprintf("/rules/%d", i)
	name := rule.ID
	if name == "" {
		name = fmt.Sprintf("number %d", i+1)
	}
	if !plan.Named.MatchString(rule.ID) || len(rule.ID) > plan.MaxName {
		c.fault(name, at+"/id", "its id must match %s and have at most %d characters", plan.Named, plan.MaxName)
	}
	c.text(name, at+"/title", rule.Title)
	c.text(name, at+"/legal_basis", rule.LegalBasis)
	c.side(name, at+"/claim", rule.Claim)
	c.side(name, at+"/interest", rule.Interest)
	if rule.Severity < 1 || rule.Severity > 3 {
		c.fault(name, at+"/severity", "severity is %d; it must be 1 (low), 2 (needs adaptation) or 3 (strong)", rule.Severity)
	}
	if rule.Basis == "" {
		c.fault(name, at+"/basis", "basis is missing: say where the threshold comes from and how sure it is")
	}
	c.relation(name, at, rule)
	for j, earlier := range rules[:i] {
		switch {
		case earlier.ID == rule.ID:
			c.fault(name, at+"/id", "the id is that of rule number %d too", j+1)
		case contradicts(&earlier, rule):
			c.fault(name, at, "it says the same as rule %q: same sides, relation and distance", earlier.ID)
		}
	}
}

func (c *rulesetCheck) relation(name, at string, rule *plan.Rule) {
	c.measure(name, at+"/min_area_m2", rule.MinAreaM2)
	c.measure(name, at+"/min_length_m", rule.MinLengthM)
	switch rule.Relation {
	case plan.Overlap:
		if rule.DistanceM != 0 {
			c.fault(name, at+"/distance_m", "distance_m belongs to the relation within, not to overlap")
		}
	case plan.Within:
		if !(rule.DistanceM > 0 && rule.DistanceM <= MaxDistanceM) {
			c.fault(name, at+"/distance_m", "distance_m is %v; the relation within needs one above 0 and at most %d", rule.DistanceM, MaxDistanceM)
		}
		if rule.MinAreaM2 != 0 || rule.MinLengthM != 0 {
			c.fault(name, at, "min_area_m2 and min_length_m belong to the relation overlap, not to within")
		}
	default:
		c.fault(name, at+"/relation", "relation is %q; it must be overlap or within", rule.Relation)
	}
}

func (c *rulesetCheck) measure(name, pointer string, m float64) {
	if !(m >= 0) || math.IsInf(m, 0) {
		c.fault(name, pointer, "the measure is %v; it must be a finite number that is not negative", m)
	}
}

func (c *rulesetCheck) side(name, pointer string, side plan.Side) {
	switch {
	case side.Theme != "" && side.Layer != "":
		c.fault(name, pointer, "it names both a theme and a layer; name one")
	case side.Layer != "":
		if !plan.Named.MatchString(side.Layer) || len(side.Layer) > plan.MaxName {
			c.fault(name, pointer+"/layer", "layer id %q must match %s", side.Layer, plan.Named)
		}
	case side.Theme == "":
		c.fault(name, pointer, "it names neither a theme nor a layer")
	case side.Theme == plan.Administrative:
		c.fault(name, pointer+"/theme", "the administrative theme is the region's division and takes no part in conflicts")
	case !slices.Contains(plan.Themes, side.Theme):
		c.fault(name, pointer+"/theme", "theme %q is not one of %v", side.Theme, plan.Themes)
	}
}

func (c *rulesetCheck) text(name, pointer string, text plan.Text) {
	if text.SV == "" {
		c.fault(name, pointer+"/sv", "the Swedish text of %s is missing", pointer)
	}
	if text.EN == "" {
		c.fault(name, pointer+"/en", "the English text of %s is missing", pointer)
	}
}

// contradicts reports whether the two rules answer the same question, so that only one of them can be meant.
func contradicts(a, b *plan.Rule) bool {
	if a.Relation != b.Relation || a.DistanceM != b.DistanceM {
		return false
	}
	same := a.Claim == b.Claim && a.Interest == b.Interest
	turned := a.Claim == b.Interest && a.Interest == b.Claim
	return same || turned && (a.Symmetric || b.Symmetric)
}

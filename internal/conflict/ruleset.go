package conflict

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"io"
	"sync"

	"go.yaml.in/yaml/v3"

	"strukturbild/internal/plan"
)

//go:embed ruleset.yaml
var defaultRuleset []byte

// Default gives the ruleset that the service is born with: proposals, each with its basis.
func Default() (*plan.Ruleset, error) { return LoadRuleset(bytes.NewReader(defaultRuleset)) }

// born gives the ruleset that the service is born with, which speaks where another is silent.
var born = sync.OnceValue(func() *plan.Ruleset {
	rules, check := readRuleset(bytes.NewReader(defaultRuleset))
	if check != nil {
		return &plan.Ruleset{} // a test loads the file
	}
	return rules
})

// MaxDistanceM is the farthest that a within rule may reach, in metres: a search wider than that is the whole region.
const MaxDistanceM = 50_000

// LoadRuleset reads a ruleset from YAML and reports every fault at once, as one Invalid error with a finding a fault.
func LoadRuleset(r io.Reader) (*plan.Ruleset, error) {
	rules, check := readRuleset(r)
	if check == nil {
		check = &rulesetCheck{}
	}
	if rules != nil {
		check.ruleset(rules)
	}
	return rules, check.err()
}

// ReadRuleset reads a ruleset from YAML, which JSON is too. Only what can't be read is a fault: a draft may be unfinished.
func ReadRuleset(r io.Reader) (*plan.Ruleset, error) {
	rules, check := readRuleset(r)
	if check != nil {
		return nil, check.err()
	}
	return rules, nil
}

func readRuleset(r io.Reader) (*plan.Ruleset, *rulesetCheck) {
	decoder := yaml.NewDecoder(r)
	decoder.KnownFields(true)
	var rules plan.Ruleset
	check := &rulesetCheck{}
	if err := decoder.Decode(&rules); err != nil {
		typeError, partly := errors.AsType[*yaml.TypeError](err)
		if !partly {
			check.fault("", "", "regelverket går inte att läsa som YAML: %v", "the ruleset is not readable YAML: %v", err)
			return nil, check
		}
		for _, fault := range typeError.Errors {
			check.tell("", "", plan.Text{SV: fault, EN: fault})
		}
	} else if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		check.fault("", "", "det finns mer än ett YAML-dokument i filen", "there is more than one YAML document in the file")
	}
	complete(&rules)
	if len(check.faults) == 0 {
		return &rules, nil
	}
	return &rules, check
}

// WriteRuleset writes the ruleset as YAML, as LoadRuleset reads it.
func WriteRuleset(w io.Writer, rules *plan.Ruleset) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(rules); err != nil {
		return err
	}
	return encoder.Close()
}

// complete writes what the whole ruleset says at each rule, cell and goal that does not say it itself: who, when, and that it
// is a proposal of which nobody is sure.
func complete(r *plan.Ruleset) {
	whose := func(p *plan.Provenance) {
		p.Status, p.Confidence = cmp.Or(p.Status, plan.Proposal), cmp.Or(p.Confidence, plan.Low)
		p.Author, p.Date = cmp.Or(p.Author, r.Author), cmp.Or(p.Date, r.Date)
	}
	for i := range r.Rules {
		whose(&r.Rules[i].Provenance)
	}
	for i := range r.Matrix {
		whose(&r.Matrix[i].Provenance)
	}
	for i := range r.Goals {
		whose(&r.Goals[i].Provenance)
	}
	for i := range r.Lucis {
		whose(&r.Lucis[i].Provenance)
	}
	if s := r.Symphony; s != nil {
		for i := range s.Pressures {
			whose(&s.Pressures[i].Provenance)
		}
		for i := range s.Values {
			whose(&s.Values[i].Provenance)
		}
		for i := range s.Sensitivity {
			whose(&s.Sensitivity[i].Provenance)
		}
	}
}

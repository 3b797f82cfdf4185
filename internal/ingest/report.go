package ingest

import (
	"fmt"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// report gathers what is wrong with a file: the first so many faults singly, the rest as a number.
type report struct {
	max     int
	ended   *fatal // what ended the reading early
	faults  []plan.Finding
	times   []int          // how many features each fault stands for
	unknown map[string]int // unknown attributes, told once a file: pointer to index in faults
	more    int            // faults that are not in faults
	heights int            // features that lost their heights
}

// limitRules are the faults that mean a limit: a file with no others is too large rather than invalid.
var limitRules = []string{tooManyFeatures.name, tooLongFeature.name, tooManyVertices.name}

func newReport(limits Limits) *report {
	return &report{max: limits.MaxFindings, unknown: map[string]int{}}
}

// feature adds the findings of a feature.
func (r *report) feature(index int, f *draft, crs string) {
	if f.z {
		r.heights++
	}
	r.more += f.more
	for _, finding := range f.findings {
		finding.Feature, finding.ID = index, f.feature.ID
		if finding.Location != nil {
			finding.Location.CRS = crs
		}
		r.add(finding)
	}
}

func (r *report) add(finding plan.Finding) {
	if finding.Rule == attributeUnknown.name {
		if i, told := r.unknown[finding.Pointer]; told {
			r.times[i]++
			return
		}
	}
	if len(r.faults) == r.max {
		r.more++
		return
	}
	if finding.Rule == attributeUnknown.name {
		r.unknown[finding.Pointer] = len(r.faults)
	}
	r.faults, r.times = append(r.faults, finding), append(r.times, 1)
}

// err gives everything as one plan.Error; nil when nothing is wrong.
func (r *report) err() error {
	findings := r.findings()
	if len(findings) == 0 {
		return nil
	}
	code := plan.TooLarge
	if slices.ContainsFunc(findings, func(f plan.Finding) bool { return !slices.Contains(limitRules, f.Rule) }) {
		code = plan.Invalid
	}
	first, more := findings[0], ""
	if n := len(findings) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d more)", n+max(r.more-1, 0))
	}
	return plan.Errorf(code, first.Pointer, "nothing was accepted: %s%s", where(first), more).WithFindings(findings...)
}

// findings gives what ended the reading, then the faults in the order of the file, then how many more there are.
func (r *report) findings() []plan.Finding {
	var all []plan.Finding
	if r.ended != nil {
		all = append(all, r.ended.finding)
	}
	for i, f := range r.faults {
		if n := r.times[i]; n > 1 {
			f.Message.SV += fmt.Sprintf(" (Det gäller %d objekt.)", n)
			f.Message.EN += fmt.Sprintf(" (That concerns %d features.)", n)
		}
		all = append(all, f)
	}
	if r.more > 0 {
		rest := moreFaults.finding(r.more)
		rest.Feature = -1
		all = append(all, rest)
	}
	return all
}

// notices gives what was changed on the way in without being a fault.
func (r *report) notices() []plan.Finding {
	if r.heights == 0 {
		return nil
	}
	notice := zDropped.finding(r.heights)
	notice.Feature = -1
	return []plan.Finding{notice}
}

// where puts the place before the sentence.
func where(f plan.Finding) string {
	var b strings.Builder
	if f.Feature >= 0 {
		fmt.Fprintf(&b, "feature %d", f.Feature)
		if f.ID != "" {
			fmt.Fprintf(&b, " (id %s)", f.ID)
		}
		b.WriteString(": ")
	}
	return b.String() + f.Message.EN
}

package ingest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// report gathers what is wrong with a file: the first so many faults singly, the rest as a number; and what is told of
// it besides.
type report struct {
	max     int
	skip    bool
	ended   *fatal         // what ended the reading early
	file    []plan.Finding // what is wrong with the file as a whole
	faults  []plan.Finding
	times   []int          // how many features each fault stands for
	unknown map[string]int // unknown attributes, told once a file: pointer to index in faults
	more    int            // faults that are not in faults
	told    []plan.Finding // notices
	untold  map[string]int // notices that are not in told, by rule
	kinds   map[string]int // notices by rule

	read, refused, repaired int // features
	heights, measures       int // features that lost their heights, and their measures
}

// limitRules are the faults that mean a limit: a file with no others is too large rather than invalid.
var limitRules = []string{tooManyFeatures.name, tooLongFeature.name, tooManyVertices.name}

func newReport(limits Limits, checks Checks) *report {
	return &report{max: limits.MaxFindings, skip: checks.Skip, unknown: map[string]int{}, untold: map[string]int{}, kinds: map[string]int{}}
}

// feature counts a feature and adds its findings; accepted when there is no fault among them.
func (r *report) feature(f *draft, crs string) (accepted bool) {
	index := r.read
	r.read++
	if f.z {
		r.heights++
	}
	if f.m {
		r.measures++
	}
	r.more += f.more
	for _, finding := range f.findings {
		r.add(of(finding, index, f, crs))
	}
	if f.faulty() {
		r.refused++
		return false
	}
	if f.repaired {
		r.repaired++
	}
	for _, notice := range f.notices {
		r.tell(of(notice, index, f, crs))
	}
	return true
}

// of fills in which feature a finding is about.
func of(finding plan.Finding, index int, f *draft, crs string) plan.Finding {
	finding.Feature, finding.ID = index, f.feature.ID
	if finding.Location != nil {
		finding.Location.CRS = crs
	}
	return finding
}

// tell adds a notice.
func (r *report) tell(notice plan.Finding) {
	if r.kinds[notice.Rule]++; r.kinds[notice.Rule] > r.max {
		r.untold[notice.Rule]++
		return
	}
	r.told = append(r.told, notice)
}

// refuses reports whether nothing of the file is to be taken: at any fault, or, where features with faults are left out,
// at one of the whole file or of its columns.
func (r *report) refuses() bool {
	whole := r.ended != nil || len(r.file) > 0 || len(r.unknown) > 0
	return whole || r.refused > 0 && !r.skip
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

// err gives everything as one plan.Error; nil when the file is taken. One of nothing but faults is not.
func (r *report) err() error {
	if !r.refuses() && (r.refused == 0 || r.refused < r.read) {
		return nil
	}
	findings := r.findings()
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
	all = append(all, r.file...)
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

// notices gives what was changed on the way in, or is odd, without being a fault; before it the faults of what was left
// out.
func (r *report) notices() []plan.Finding {
	all := append(r.findings(), r.told...)
	whole := func(notice plan.Finding) {
		notice.Feature = -1
		all = append(all, notice)
	}
	for _, rule := range slices.Sorted(maps.Keys(r.untold)) {
		whole(moreNotices.notice(rule, r.untold[rule]))
	}
	if r.heights > 0 {
		whole(zDropped.notice(r.heights))
	}
	if r.measures > 0 {
		whole(mDropped.notice(r.measures))
	}
	return all
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

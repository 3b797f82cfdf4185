package conflict

import (
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// assessment is the answer while it is being written.
type assessment struct{ plan.Assessment }

// assess lists and sums the hits. touched are the rules that have some.
func assess(rules *ruleset, touched []*rule, found *ranking, q *plan.ConflictQuery) *assessment {
	a := &assessment{plan.Assessment{Ruleset: rules.Ref(), Theme: q.Theme, Layer: q.Layer,
		NotAffected: []plan.Theme{}, NotAssessed: []plan.UnknownTheme{}}}
	picked := found.list(everything, nil, q.Limit)
	a.Hits = make([]plan.Conflict, len(picked))
	tell := rules.teller()
	for i, p := range picked {
		a.Hits[i] = tell.conflict(p)
	}
	a.HitsTotal = found.Len()
	a.NotMeasured, a.NotMeasuredTotal = found.notMeasured()
	a.ByRule = found.byRule(touched, everything)
	a.ByKommun = found.byKommun(everything)
	a.BySeverity = found.bySeverity(everything)
	for _, rows := range []*[]plan.ConflictSum{&a.ByKommun, &a.BySeverity} {
		*rows = slices.DeleteFunc(*rows, func(row plan.ConflictSum) bool { return row.Conflicts == 0 })
	}
	return a
}

// tellClaim tells how big the figure is and where it lies.
func (a *assessment) tellClaim(w *worker, claim *figure) {
	u := map[plan.GeometryType]unit{plan.Polygon: squareMetres, plan.Line: metres, plan.Point: points}[claim.geometry.Type]
	size, _ := whole(claim.geometry, u)
	a.Claim = extent(u, size)
	a.ClaimKommuner = extents(w.Partition, u, w.Divide(claim.geometry, claim.box, size))
}

var (
	noFeatures = plan.Text{SV: "Det finns inga objekt i temats lager.", EN: "The theme's layers hold no features."}
	noRule     = plan.Text{SV: "Det finns ingen regel för anspråket mot temat.", EN: "There is no rule for the claim against the theme."}
	notAll     = plan.Text{SV: "Objekt i temat kunde inte mätas.", EN: "Features of the theme could not be measured."}
)

// tellThemes names the themes that are not touched, and those that nothing can be said about.
func (a *assessment) tellThemes(view *atlas.View, blocks []*block) {
	c := newCensus(view)
	for _, b := range blocks {
		c.count(b.interest.Layer().Theme, b, len(b.records))
	}
	a.NotAffected, a.NotAssessed = c.tell()
}

// census is what is known of each theme.
type census struct {
	features           map[plan.Theme]int
	asked, hit, failed map[plan.Theme]bool
}

func newCensus(view *atlas.View) *census {
	c := &census{map[plan.Theme]int{}, map[plan.Theme]bool{}, map[plan.Theme]bool{}, map[plan.Theme]bool{}}
	for _, s := range view.Snapshots() {
		if takesPart(s.Layer()) {
			c.features[s.Layer().Theme] += s.Len()
		}
	}
	return c
}

// count notes what a block says of a theme that it is about.
func (c *census) count(theme plan.Theme, b *block, hits int) {
	c.asked[theme] = c.asked[theme] || b.interest.Len() > 0
	c.hit[theme] = c.hit[theme] || hits > 0
	c.failed[theme] = c.failed[theme] || len(b.unmeasured) > 0
}

func (c *census) tell() (notAffected []plan.Theme, notAssessed []plan.UnknownTheme) {
	notAffected, notAssessed = []plan.Theme{}, []plan.UnknownTheme{}
	unknown := func(theme plan.Theme, why plan.Text) {
		notAssessed = append(notAssessed, plan.UnknownTheme{Theme: theme, Reason: why})
	}
	for _, theme := range plan.Themes {
		switch {
		case !theme.IsInterest() || c.hit[theme]:
		case c.failed[theme]:
			unknown(theme, notAll)
		case c.features[theme] == 0:
			unknown(theme, noFeatures)
		case !c.asked[theme]:
			unknown(theme, noRule)
		default:
			notAffected = append(notAffected, theme)
		}
	}
	return notAffected, notAssessed
}

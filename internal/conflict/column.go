package conflict

import (
	"cmp"
	"slices"
	"strings"

	"strukturbild/internal/division"
	"strukturbild/internal/plan"
)

// column is an attribute of the conflicts as a layer, and where its value comes from.
type column struct {
	plan.Attribute
	value func(*facts) plan.Value
}

// facts is what a conflict's columns tell of it. An extent that is not told is null: all of a pair that was not measured.
type facts struct {
	pick
	rank            int // 1 is the first of all; 0 for a pair that was not measured
	version         plan.RulesetRef
	claim, interest plan.FeatureRef
	plan.Extent
	threshold, claimShare, interestShare *float64
	kommuner                             []string // codes; the one where most of it lies is the first
	reason                               string   // why the pair was not measured
}

func text(name string, title plan.Text, value func(*facts) string) column {
	return column{plan.Attribute{Name: name, Type: plan.String, Title: title}, func(f *facts) plan.Value {
		if s := value(f); s != "" {
			return plan.TextValue(s)
		}
		return plan.Value{}
	}}
}

func integer(name string, title plan.Text, value func(*facts) int) column {
	return column{plan.Attribute{Name: name, Type: plan.Integer, Title: title}, func(f *facts) plan.Value { return plan.IntegerValue(int64(value(f))) }}
}

func number(name, unit string, title plan.Text, value func(*facts) *float64) column {
	return column{plan.Attribute{Name: name, Type: plan.Number, Unit: unit, Title: title}, func(f *facts) plan.Value {
		if n := value(f); n != nil {
			return plan.NumberValue(*n)
		}
		return plan.Value{}
	}}
}

// onlyMeasured is a column that a pair without a measure has no value in.
func onlyMeasured(c column) column {
	value := c.value
	c.value = func(f *facts) plan.Value {
		if f.rank == 0 {
			return plan.Value{}
		}
		return value(f)
	}
	return c
}

// columns are the attributes of the layers of conflicts.
var columns = []column{
	onlyMeasured(integer("rank", plan.Text{SV: "Plats i rangordningen", EN: "Place in the ranking"}, func(f *facts) int { return f.rank })),
	onlyMeasured(integer("severity", plan.Text{SV: "Allvar: 1 låg, 2 kräver anpassning, 3 stark", EN: "Severity: 1 low, 2 needs adaptation, 3 strong"},
		func(f *facts) int { return f.block.severity })),
	onlyMeasured(coded(text("class", plan.Text{SV: "Klass", EN: "Class"}, func(f *facts) string { return string(f.block.class) }),
		plan.CodeEntry{Value: string(plan.Stop), Title: plan.Text{SV: "Stoppande", EN: "Stops the claim"}},
		plan.CodeEntry{Value: string(plan.Adapt), Title: plan.Text{SV: "Kräver anpassning", EN: "Needs adaptation"}})),
	text("rule", plan.Text{SV: "Regel", EN: "Rule"}, func(f *facts) string { return f.block.rule.ID }),
	text("title", plan.Text{SV: "Konflikt", EN: "Conflict"}, func(f *facts) string { return f.block.rule.Title.SV }),
	text("legal_basis", plan.Text{SV: "Lagstöd", EN: "Legal basis"}, func(f *facts) string { return f.block.rule.LegalBasis.SV }),
	text("claim_theme", plan.Text{SV: "Anspråkets tema", EN: "Theme of the claim"}, func(f *facts) string { return string(f.claim.Theme) }),
	text("claim_layer", plan.Text{SV: "Anspråkets lager", EN: "Layer of the claim"}, func(f *facts) string { return f.claim.Layer }),
	text("claim_id", plan.Text{SV: "Anspråkets id", EN: "Id of the claim"}, func(f *facts) string { return f.claim.ID }),
	text("claim_name", plan.Text{SV: "Anspråkets namn", EN: "Name of the claim"}, func(f *facts) string { return f.claim.Title }),
	text("interest_theme", plan.Text{SV: "Intressets tema", EN: "Theme of the interest"}, func(f *facts) string { return string(f.interest.Theme) }),
	text("interest_layer", plan.Text{SV: "Intressets lager", EN: "Layer of the interest"}, func(f *facts) string { return f.interest.Layer }),
	text("interest_id", plan.Text{SV: "Intressets id", EN: "Id of the interest"}, func(f *facts) string { return f.interest.ID }),
	text("interest_name", plan.Text{SV: "Intressets namn", EN: "Name of the interest"}, func(f *facts) string { return f.interest.Title }),
	number("area_ha", "ha", plan.Text{SV: "Gemensam yta", EN: "Shared area"}, func(f *facts) *float64 { return f.AreaHa }),
	number("length_m", "m", plan.Text{SV: "Gemensam längd", EN: "Shared length"}, func(f *facts) *float64 { return f.LengthM }),
	{plan.Attribute{Name: "points", Type: plan.Integer, Title: plan.Text{SV: "Antal punkter", EN: "Number of points"}}, (*facts).points},
	number("distance_m", "m", plan.Text{SV: "Avstånd", EN: "Distance"}, func(f *facts) *float64 { return f.DistanceM }),
	number("threshold_m", "m", plan.Text{SV: "Avstånd enligt regeln", EN: "Distance by the rule"}, func(f *facts) *float64 { return f.threshold }),
	number("claim_share", "", plan.Text{SV: "Andel av anspråket, 0-1", EN: "Share of the claim, 0-1"}, func(f *facts) *float64 { return f.claimShare }),
	number("interest_share", "", plan.Text{SV: "Andel av intresset, 0-1", EN: "Share of the interest, 0-1"}, func(f *facts) *float64 { return f.interestShare }),
	text("kommun", plan.Text{SV: "Kommunkod, där det mesta ligger", EN: "Code of the municipality where most of it lies"}, (*facts).kommun),
	text("kommuner", plan.Text{SV: "Kommunkoder, alla", EN: "Codes of all municipalities"}, func(f *facts) string { return strings.Join(f.kommuner, ",") }),
	text("ruleset", plan.Text{SV: "Regelverk", EN: "Ruleset"}, func(f *facts) string { return f.version.ID }),
	integer("ruleset_version", plan.Text{SV: "Regelverkets version", EN: "Version of the ruleset"}, func(f *facts) int { return f.version.Version }),
	integer("since_revision", plan.Text{SV: "Revision som senast ändrade anspråket eller intresset", EN: "The last revision that changed the claim or the interest"},
		func(f *facts) int { return int(f.since()) }),
	text("not_measured", plan.Text{SV: "Varför paret inte kunde mätas", EN: "Why the pair could not be measured"}, func(f *facts) string { return f.reason }),
}

func coded(c column, codes ...plan.CodeEntry) column {
	c.Codes = codes
	return c
}

func (f *facts) points() plan.Value {
	if f.Points == nil {
		return plan.Value{}
	}
	return plan.IntegerValue(int64(*f.Points))
}

func (f *facts) kommun() string {
	if len(f.kommuner) == 0 {
		return ""
	}
	return f.kommuner[0]
}

// since gives the last revision that changed one of the two.
func (p pick) since() plan.Revision {
	return max(p.block.claim.Since(p.record.a), p.block.interest.Since(p.record.b))
}

// factsOf gathers what the columns tell of a pair, measured or not.
func factsOf(p pick, version plan.RulesetRef) *facts {
	return &facts{pick: p, version: version, claim: reference(p.block.claim, p.record.a), interest: reference(p.block.interest, p.record.b)}
}

// measure adds what was measured, and the place in the ranking.
func (f *facts) measure(rank int) *facts {
	b, r := f.block, f.record
	f.rank, f.Extent = rank, extent(b.unit, r.size)
	if b.unit == distance {
		limit := b.rule.limit(b.frameOf(r))
		f.threshold = &limit
	}
	f.claimShare, f.interestShare = share(b, r.size, b.claim.Geometry(r.a)), share(b, r.size, b.interest.Geometry(r.b))
	parts := slices.Clone(b.parts(r))
	slices.SortStableFunc(parts, func(x, y division.Part) int { return cmp.Compare(y.Size, x.Size) })
	for _, part := range parts {
		kod, _ := b.partition.Name(part.Kommun)
		f.kommuner = append(f.kommuner, kod)
	}
	return f
}

// id spells the conflict's id.
func (p pick) id() string {
	b, r := p.block, p.record
	return identity{b.rule.ID, plan.FeatureRef{Layer: b.claim.Layer().ID, ID: b.claim.ID(r.a)}, plan.FeatureRef{Layer: b.interest.Layer().ID, ID: b.interest.ID(r.b)}}.String()
}

package plan

import "time"

// ConflictQuery asks which interests a claim on land would touch: a figure that is drawn, and what it would be.
type ConflictQuery struct {
	Geometry Geometry
	Theme    Theme
	// Layer, when given, is the layer that the claim would become a feature of: rules that name the layer hold too.
	Layer string
	// Attributes are those that the feature would have.
	Attributes map[string]Value
	// Buffers asks for the part of the claim that lies within each rule's distance, too.
	Buffers bool
	// Limit is how many hits are listed; 0 lists all. Totals are always those of all hits.
	Limit int
}

// Assessment answers a ConflictQuery: every interest touched, and which were not.
type Assessment struct {
	Revision Revision   `json:"revision"`
	Ruleset  RulesetRef `json:"ruleset"`
	Theme    Theme      `json:"theme"`
	Layer    string     `json:"layer,omitempty"`

	Claim         Extent         `json:"claim"`          // the whole figure's area, length or number of points
	ClaimKommuner []KommunExtent `json:"claim_kommuner"` // where it lies

	Hits        []Conflict       `json:"hits"`       // severity descending, then extent; at most ConflictQuery.Limit
	HitsTotal   int              `json:"hits_total"` // all, listed or not
	ByRule      []ConflictSum    `json:"by_rule"`
	ByKommun    []ConflictSum    `json:"by_kommun"`
	BySeverity  []ConflictSum    `json:"by_severity"`
	NotAffected []Theme          `json:"not_affected"` // there are features and rules, but no hit
	NotAssessed []UnknownTheme   `json:"not_assessed"` // nothing can be said: no features, or no rule
	NotMeasured []UnknownFeature `json:"not_measured"` // features that could not be measured; at most MaxUnmeasured
	// NotMeasuredTotal counts all of them, listed or not.
	NotMeasuredTotal int `json:"not_measured_total"`
}

// MaxUnmeasured is how many features that could not be measured an answer lists.
const MaxUnmeasured = 1000

// RulesetRef names the version of the rules that figures come from.
type RulesetRef struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// Clearance is how far a claim is from keeping a rule's distance.
type Clearance struct {
	ThresholdM float64 `json:"threshold_m"` // the distance to keep
	MissingM   float64 `json:"missing_m"`   // how much farther away the claim must be
	AtLeast    bool    `json:"at_least"`    // they overlap: it must first come out, which takes more than MissingM
}

// Why tells what made a conflict: the expressions of the rule, the numbers that went in, and the interest's source.
type Why struct {
	*Grounds
	ThresholdM *float64       `json:"threshold_m,omitempty"`
	Values     map[string]any `json:"values"`          // by name, null where the feature has none
	Goals      *GoalSides     `json:"goals,omitempty"` // of a standing conflict, when the version knows goals
}

// Reach gives the distance that the rule asks for, in metres; 0 when it asks for none.
func (w *Why) Reach() float64 {
	if w.ThresholdM == nil {
		return 0
	}
	return *w.ThresholdM
}

// Grounds are what conflicts of one rule and one severity with the features of a layer have in common.
type Grounds struct {
	Rule     RulesetRef `json:"ruleset"`
	When     []string   `json:"when,omitempty"`          // the conditions that held
	Distance string     `json:"distance,omitempty"`      // the expression that gave the threshold
	Case     string     `json:"severity_when,omitempty"` // the condition that gave the severity
	Provenance
	Source      LayerSource  `json:"source"`                 // of the interest
	ClaimSource *LayerSource `json:"claim_source,omitempty"` // nil when the claim is drawn
}

// LayerSource says where a layer comes from and how old it is.
type LayerSource struct {
	Layer    string    `json:"layer"`
	Title    Text      `json:"title"`
	Source   string    `json:"source"`
	Licence  string    `json:"licence"`
	Vintage  Period    `json:"vintage,omitzero"` // when the content holds, where that is known
	Revision Revision  `json:"revision"`         // the last that changed it
	Changed  time.Time `json:"changed"`
}

// Conflict is one claim that meets one interest under one rule. In a what-if answer the claim is the query's figure and
// Claim is nil; among standing conflicts it is a feature too.
type Conflict struct {
	ID         string      `json:"id,omitempty"` // rule:layer.id:layer.id, of a standing conflict; safe in addresses
	Rule       string      `json:"rule"`
	Title      Text        `json:"title"`
	Severity   int         `json:"severity"`   // 1 low, 2 needs adaptation, 3 strong
	Class      Class       `json:"class"`      // stop or adapt
	Precedence int         `json:"precedence"` // 0 goes before 1 (MB 3:10)
	Claim      *FeatureRef `json:"claim,omitempty"`
	Interest   FeatureRef  `json:"interest"`
	LegalBasis Text        `json:"legal_basis"`

	Extent
	ClaimShare    *float64       `json:"claim_share,omitempty"`    // of the claim's own area, length or points, 0 to 1
	InterestShare *float64       `json:"interest_share,omitempty"` // of the interest's
	Clear         *Clearance     `json:"clear,omitempty"`          // of a within rule
	Inside        *Extent        `json:"inside,omitempty"`         // the part of the claim within the threshold, when asked for
	Why           Why            `json:"why"`
	Kommuner      []KommunExtent `json:"kommuner"`
}

// FeatureRef names a feature.
type FeatureRef struct {
	Layer string `json:"layer"`
	Theme Theme  `json:"theme"`
	ID    string `json:"id"`
	Title string `json:"title,omitempty"` // its name, when the layer has one
}

// Extent is how big something is. Which figure is there follows from the relation and the geometry types: an area where
// two areas overlap, a length where a line is involved, a number of points where points are, a distance for Within.
type Extent struct {
	AreaHa    *float64 `json:"area_ha,omitempty"`
	LengthM   *float64 `json:"length_m,omitempty"`
	Points    *int     `json:"points,omitempty"`
	DistanceM *float64 `json:"distance_m,omitempty"` // 0 where they overlap
}

// KommunExtent is the part of something that lies in one municipality. The parts add up to the whole.
type KommunExtent struct {
	Kommun string `json:"kommun"` // kommunkod, or OutsideKommun
	Namn   string `json:"namn"`
	Extent
	KommunShare *float64 `json:"kommun_share,omitempty"` // of the municipality's own area, 0 to 1
}

// OutsideKommun stands where a kommunkod would for what lies in no municipality: the sea, other counties.
const OutsideKommun = "utanfor"

// ConflictSum adds up conflicts that have something in common. Where conflicts overlap each other their areas count
// each time. A conflict in several municipalities counts in each, with the part that lies there.
type ConflictSum struct {
	Key       string   `json:"key"` // the rule's id, the kommunkod, the kommunalförbund, the severity, the goal, or GOAL/GOAL
	Title     Text     `json:"title"`
	Conflicts int      `json:"conflicts"`
	Severity1 int      `json:"severity_1"`
	Severity2 int      `json:"severity_2"`
	Severity3 int      `json:"severity_3"`
	AreaHa    float64  `json:"area_ha"`
	LengthM   float64  `json:"length_m"`
	Goals     []string `json:"goals,omitempty"` // of a row by goal or by pair of goals
	// MissingM is how much farther away the claim must be to clear all of a within rule's conflicts.
	MissingM *float64 `json:"missing_m,omitempty"`
}

// UnknownTheme is a theme that nothing can be said about.
type UnknownTheme struct {
	Theme  Theme `json:"theme"`
	Reason Text  `json:"reason"`
}

// UnknownFeature is a feature that could not be measured against a claim.
type UnknownFeature struct {
	Rule     string      `json:"rule"`
	Claim    *FeatureRef `json:"claim,omitempty"`
	Interest *FeatureRef `json:"interest,omitempty"` // nil: nothing can be said about the claim under this rule
	Reason   string      `json:"reason"`
}

// Key tells pairs apart, and what could not be measured of them.
func (u *UnknownFeature) Key() string {
	key := u.Rule + "\n" + u.Reason
	for _, ref := range []*FeatureRef{u.Claim, u.Interest} {
		if ref != nil {
			key += "\n" + ref.Layer + "/" + ref.ID
		}
	}
	return key
}

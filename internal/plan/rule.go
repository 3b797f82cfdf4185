package plan

import "slices"

// Relation is what two interests must do for a rule to make them a conflict.
type Relation string

// The relations.
const (
	Overlap Relation = "overlap" // the geometries share area, length or a point
	Within  Relation = "within"  // they lie within the rule's distance of each other
)

// Class says what a conflict means for the claim.
type Class string

// The classes.
const (
	Stop  Class = "stop"  // the claim can't be there
	Adapt Class = "adapt" // it can, when it is adapted
)

// ClassOf gives the class that a severity has when the rule does not say.
func ClassOf(severity int) Class {
	if severity >= 3 {
		return Stop
	}
	return Adapt
}

// Rule says when a claim on land conflicts with an existing interest, how badly, and by what law. Rules are data: a
// planner's proposal with its basis, never constants in code.
//
// When, Distance and the conditions of Severities are expressions over the attributes of both sides, as
// `max(claim.total_height, 50)` or `interest.kind == "rail"`; docs/handbok.md tells the language.
type Rule struct {
	ID         string         `json:"id" yaml:"id"`
	Title      Text           `json:"title" yaml:"title"`
	Claim      Side           `json:"claim" yaml:"claim"`         // what is wanted
	Interest   Side           `json:"interest" yaml:"interest"`   // what is there
	Symmetric  bool           `json:"symmetric" yaml:"symmetric"` // holds with claim and interest exchanged too
	When       string         `json:"when,omitempty" yaml:"when,omitempty"`
	Relation   Relation       `json:"relation" yaml:"relation"`
	DistanceM  float64        `json:"distance_m,omitempty" yaml:"distance_m,omitempty"`
	Distance   string         `json:"distance,omitempty" yaml:"distance,omitempty"`         // metres, instead of DistanceM
	MinAreaM2  float64        `json:"min_area_m2,omitempty" yaml:"min_area_m2,omitempty"`   // a smaller overlap of two areas is a sliver
	MinLengthM float64        `json:"min_length_m,omitempty" yaml:"min_length_m,omitempty"` // a shorter overlap with a line is a sliver
	Severities []SeverityCase `json:"severities,omitempty" yaml:"severities,omitempty"`     // the first that holds
	Severity   int            `json:"severity" yaml:"severity"`                             // when none holds: 1 low, 2 needs adaptation, 3 strong
	Class      Class          `json:"class,omitempty" yaml:"class,omitempty"`               // "": that of the severity
	LegalBasis Text           `json:"legal_basis" yaml:"legal_basis"`
	Provenance `yaml:",inline"`
}

// SeverityCase is the severity of a conflict under a condition, which may also name its size: distance_m, area_ha,
// length_m, points.
type SeverityCase struct {
	When     string `json:"when" yaml:"when"`
	Severity int    `json:"severity" yaml:"severity"`
	Class    Class  `json:"class,omitempty" yaml:"class,omitempty"`
}

// Provenance says where a rule or a cell comes from, and how sure it is.
type Provenance struct {
	Status     Maturity   `json:"status,omitempty" yaml:"status,omitempty"`
	Basis      string     `json:"basis" yaml:"basis"` // the source of the threshold
	Author     string     `json:"author,omitempty" yaml:"author,omitempty"`
	Date       string     `json:"date,omitempty" yaml:"date,omitempty"`
	Confidence Confidence `json:"confidence,omitempty" yaml:"confidence,omitempty"`
}

// Maturity says whether planners have agreed on a rule.
type Maturity string

// The maturities.
const (
	Proposal Maturity = "proposal"
	Decided  Maturity = "decided"
)

// Confidence is how sure the basis of a rule is.
type Confidence string

// The confidences: a primary source or two that agree; one secondary source; an estimate.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Side names layers: one, all of a theme or of several, or the part of a theme that a category of the ruleset is.
type Side struct {
	Theme    Theme   `json:"theme,omitempty" yaml:"theme,omitempty"`
	Themes   []Theme `json:"themes,omitempty" yaml:"themes,omitempty,flow"`
	Layer    string  `json:"layer,omitempty" yaml:"layer,omitempty"`
	Category string  `json:"category,omitempty" yaml:"category,omitempty"`
}

// Equal reports whether both name the same.
func (s Side) Equal(o Side) bool {
	return s.Theme == o.Theme && s.Layer == o.Layer && s.Category == o.Category && slices.Equal(s.Themes, o.Themes)
}

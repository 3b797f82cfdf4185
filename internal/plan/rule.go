package plan

// Relation is what two interests must do for a rule to make them a conflict.
type Relation string

// The relations.
const (
	Overlap Relation = "overlap" // the geometries share area, length or a point
	Within  Relation = "within"  // they lie within Rule.DistanceM of each other
)

// Rule says when a claim on land conflicts with an existing interest, how badly, and by what law. Rules are data: a
// planner's proposal with its basis, never constants in code.
type Rule struct {
	ID         string   `json:"id" yaml:"id"`
	Title      Text     `json:"title" yaml:"title"`
	Claim      Side     `json:"claim" yaml:"claim"`         // what is wanted
	Interest   Side     `json:"interest" yaml:"interest"`   // what is there
	Symmetric  bool     `json:"symmetric" yaml:"symmetric"` // holds with claim and interest exchanged too
	Relation   Relation `json:"relation" yaml:"relation"`
	DistanceM  float64  `json:"distance_m,omitempty" yaml:"distance_m"`
	MinAreaM2  float64  `json:"min_area_m2,omitempty" yaml:"min_area_m2"`   // a smaller overlap of two areas is a sliver
	MinLengthM float64  `json:"min_length_m,omitempty" yaml:"min_length_m"` // a shorter overlap with a line is a sliver
	Severity   int      `json:"severity" yaml:"severity"`                   // 1 low, 2 needs adaptation, 3 strong
	LegalBasis Text     `json:"legal_basis" yaml:"legal_basis"`
	Basis      string   `json:"basis" yaml:"basis"` // where the threshold comes from, and how sure it is
}

// Side names a layer, or a theme and with it all its layers.
type Side struct {
	Theme Theme  `json:"theme,omitempty" yaml:"theme"`
	Layer string `json:"layer,omitempty" yaml:"layer"`
}

// Matches reports whether the layer is on this side.
func (s Side) Matches(l *Layer) bool {
	if s.Layer != "" {
		return s.Layer == l.ID
	}
	return s.Theme == l.Theme
}

// Ruleset is a published, immutable version of the rules.
type Ruleset struct {
	ID      string `json:"id" yaml:"id"`
	Version int    `json:"version" yaml:"version"`
	Title   Text   `json:"title" yaml:"title"`
	Note    Text   `json:"note" yaml:"note"`
	Author  string `json:"author" yaml:"author"`
	Date    string `json:"date" yaml:"date"`
	Rules   []Rule `json:"rules" yaml:"rules"`
}

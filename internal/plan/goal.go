package plan

// Goal is an aim of a strategy, or a public interest, that land use serves. Goals belong to a version of the rules, and
// so what is summed by them can be had again. A feature serves a goal when its layer or its theme is named, or the category
// that the rule has on its side; what a rule that is named protects (its interest) serves the goal too.
type Goal struct {
	ID              string           `json:"id" yaml:"id"`
	Title           Text             `json:"title" yaml:"title"`
	Strategy        Text             `json:"strategy" yaml:"strategy"`
	Kind            GoalKind         `json:"kind" yaml:"kind"`
	Kommunalforbund string           `json:"kommunalforbund,omitempty" yaml:"kommunalforbund,omitempty"` // where it holds; "" for the whole county
	Source          string           `json:"source" yaml:"source"`                                       // document, with page or section
	Themes          []Theme          `json:"themes,omitempty" yaml:"themes,omitempty,flow"`
	Categories      []string         `json:"categories,omitempty" yaml:"categories,omitempty,flow"`
	Layers          []string         `json:"layers,omitempty" yaml:"layers,omitempty,flow"`
	Rules           []string         `json:"rules,omitempty" yaml:"rules,omitempty,flow"`
	Note            Text             `json:"note" yaml:"note"` // on the tags, or why there are none
	Provenance      `yaml:",inline"` // of the tags
}

// GoalKind is what a strategy calls the goal.
type GoalKind string

// The kinds.
const (
	Priority       GoalKind = "priority"        // långsiktig prioritering
	Kraftsamling   GoalKind = "kraftsamling"    // of the RUS
	FocusArea      GoalKind = "focus_area"      // fokusområde of a subregional strategy
	PublicInterest GoalKind = "public_interest" // allmänt intresse, by law
)

// GoalKinds are all of them.
var GoalKinds = []GoalKind{Priority, Kraftsamling, FocusArea, PublicInterest}

// GoalSides are the goals that the two sides of a conflict serve, by id.
type GoalSides struct {
	Claim    []string `json:"claim"`
	Interest []string `json:"interest"`
}

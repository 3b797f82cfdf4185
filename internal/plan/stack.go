package plan

// StackQuery asks what every place of the region would mean for one land use.
type StackQuery struct {
	LandUse string // a layer's id, or a theme: what the claim would be
	// Attributes are those that it would have, as in a ConflictQuery.
	Attributes map[string]Value
	// AreaHa is the area of a claim, in hectares: rules that ask how big an overlap is, and slivers, need one. An overlap is
	// as big as the claim, or as the interest where that is smaller.
	AreaHa float64
}

// Colour says what a place means for a land use.
type Colour string

// The colours.
const (
	Green  Colour = "green"  // no interest
	Yellow Colour = "yellow" // interests that it can be adapted to
	Red    Colour = "red"    // an interest that stops it
)

// StackRow is how a municipality, a kommunalförbund or a county is divided. Green, yellow and red add up to its area, and
// so do the rows of each of the lists.
type StackRow struct {
	Key    string  `json:"key"` // kommunkod, id of the kommunalförbund, or länskod
	Title  Text    `json:"title"`
	AreaHa float64 `json:"area_ha"`
	Green  Portion `json:"green"`
	Yellow Portion `json:"yellow"`
	Red    Portion `json:"red"`
	// Closeness is the mean of the yellow area's, 0 to 1; 0 when nothing is yellow.
	Closeness   float64          `json:"closeness"`
	ByInterests []StackBy        `json:"by_interests"` // by the number of interests: 0, 1, 2 ...
	BySeverity  []StackBy        `json:"by_severity"`  // by the highest severity: 0, 1, 2, 3
	ByCloseness []ClosenessClass `json:"by_closeness"` // the yellow area by how close to red it is, in tenths
}

// Portion is a part of an area.
type Portion struct {
	AreaHa float64 `json:"area_ha"`
	Share  float64 `json:"share"` // of the whole, 0 to 1
}

// StackBy is the portion with one number of something.
type StackBy struct {
	Number int `json:"number"`
	Portion
}

// ClosenessClass is the portion whose closeness to red lies from From to below To.
type ClosenessClass struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
	Portion
}

// Combination is what lies on each other at a place, and how severe that is together.
type Combination struct {
	Colour      Colour     `json:"colour"`
	Interests   int        `json:"interests"`
	Severity    int        `json:"severity"`     // the highest; 0 where there is no interest
	SeveritySum int        `json:"severity_sum"` // of all interests
	Closeness   float64    `json:"closeness"`    // to red, 0 to 1
	Precedence  int        `json:"precedence"`   // the first of its conflicts: 0 goes before 1
	Items       []Interest `json:"items"`        // the most severe first
}

// Interest is what one rule says of a layer at a place.
type Interest struct {
	Rule       string `json:"rule"`
	Layer      string `json:"layer"`
	Title      Text   `json:"title"`
	Severity   int    `json:"severity"`
	Class      Class  `json:"class"`
	Precedence int    `json:"precedence"`
	LegalBasis Text   `json:"legal_basis"`
}

// CombinationArea is how much of an area has one combination.
type CombinationArea struct {
	Combination
	Portion
}

// StackPlace is what there is at one point for a land use, and why.
type StackPlace struct {
	Kommun string `json:"kommun"` // kommunkod, or OutsideKommun
	Namn   string `json:"namn"`
	Combination
	Hits        []Conflict       `json:"hits"` // each feature, ranked
	NotMeasured []UnknownFeature `json:"not_measured"`
}

// FlatLayer is a layer whose features have no area, under a rule about overlaps: it leaves no mark on a stack.
type FlatLayer struct {
	Rule     string `json:"rule"`
	Layer    string `json:"layer"`
	Features int    `json:"features"`
}

package plan

// Symphony is what a sum of impacts is made of, as the Swedish Agency for Marine and Water Management's model of that name
// adds it up (Halpern et al., 2008), on land: over all pressures i and values j of a place, the sum of intensity i times
// value j times the sensitivity of j to i.
type Symphony struct {
	Pressures   []Component   `json:"pressures" yaml:"pressures"`
	Values      []Component   `json:"values" yaml:"values"`
	Sensitivity []Sensitivity `json:"sensitivity" yaml:"sensitivity"`
	Classes     []float64     `json:"classes" yaml:"classes,flow"` // ascending, above 0: where the sum enters the next class
}

// Component is a pressure or a value. Of its levels the first that holds at a place counts there; where none does it is 0.
type Component struct {
	ID         string  `json:"id" yaml:"id"`
	Title      Text    `json:"title" yaml:"title"`
	Levels     []Level `json:"levels" yaml:"levels"`
	Provenance `yaml:",inline"`
}

// Level is how intense a pressure is somewhere, or how high a value: 0 to 100.
type Level struct {
	Mark  `yaml:",inline"`
	Level float64 `json:"level" yaml:"level"`
}

// Sensitivity is how sensitive a value is to a pressure: 0 not at all, 1 as much as can be.
type Sensitivity struct {
	Pressure    string  `json:"pressure" yaml:"pressure"`
	Value       string  `json:"value" yaml:"value"`
	Sensitivity float64 `json:"sensitivity" yaml:"sensitivity"`
	Provenance  `yaml:",inline"`
}

// SymphonyRow is the sum of a municipality, a kommunalförbund or a county. Classes add up to its area.
type SymphonyRow struct {
	Key     string            `json:"key"`
	Title   Text              `json:"title"`
	AreaHa  float64           `json:"area_ha"`
	Total   float64           `json:"total"`   // the sum times hectares, over all places
	Mean    float64           `json:"mean"`    // Total by AreaHa
	Highest float64           `json:"highest"` // the sum of the place where it is highest
	Classes []SymphonyClass   `json:"classes"`
	Top     []SymphonyPairSum `json:"top"` // the pairs that contribute most
}

// SymphonyClass is the area where the sum is at least From and below To.
type SymphonyClass struct {
	Number int      `json:"number"` // 0: the sum is 0
	From   float64  `json:"from"`
	To     *float64 `json:"to"` // nil: no bound
	Portion
}

// SymphonyPairSum is what one pressure on one value contributes to the total.
type SymphonyPairSum struct {
	Pressure string  `json:"pressure"`
	Value    string  `json:"value"`
	Total    float64 `json:"total"`
	Share    float64 `json:"share"` // of the row's total
}

// SymphonyPlace is the sum at a point, and what it is made of.
type SymphonyPlace struct {
	Kommun  string         `json:"kommun"` // kommunkod, or OutsideKommun
	Namn    string         `json:"namn"`
	Sum     float64        `json:"sum"`
	Class   int            `json:"class"`
	Terms   []SymphonyTerm `json:"terms"` // the largest first
	Reasons []SymphonyCase `json:"reasons"`
}

// SymphonyTerm is one product of the sum.
type SymphonyTerm struct {
	Pressure    string  `json:"pressure"`
	Value       string  `json:"value"`
	Intensity   float64 `json:"intensity"`
	Level       float64 `json:"level"`
	Sensitivity float64 `json:"sensitivity"`
	Basis       string  `json:"basis"` // of the sensitivity
	Product     float64 `json:"product"`
}

// SymphonyCase is a level of a component that holds at a point.
type SymphonyCase struct {
	Component string `json:"component"`
	Title     Text   `json:"title"`
	Pressure  bool   `json:"pressure"` // else it is a value
	Level
	Counts   bool         `json:"counts"` // it is the first of its component
	Features []FeatureRef `json:"features"`
	Provenance
}

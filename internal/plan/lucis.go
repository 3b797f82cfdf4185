package plan

// Use is one of the three uses that land can be preferred for in LUCIS (Carr & Zwick, 2007).
type Use string

// The uses, and land whose use will not change: protected, built up, water.
const (
	AgricultureUse  Use = "agriculture"
	ConservationUse Use = "conservation"
	UrbanUse        Use = "urban"
	FixedUse        Use = "fixed"
)

// Uses are the three, in the order of the digits of a code.
var Uses = []Use{AgricultureUse, ConservationUse, UrbanUse}

// Preference says that what lies somewhere speaks for a use, and how strongly. Of those for one use the first that holds
// at a place counts there; where none does, the preference is 1. Where one for FixedUse holds the place has no code.
type Preference struct {
	ID         string `json:"id" yaml:"id"`
	Title      Text   `json:"title" yaml:"title"`
	Use        Use    `json:"use" yaml:"use"`
	Strength   int    `json:"strength,omitempty" yaml:"strength,omitempty"` // 1 low, 2 medium, 3 high; 0 for FixedUse
	Mark       `yaml:",inline"`
	Provenance `yaml:",inline"`
}

// LucisConflict says how many uses are preferred most at a place.
type LucisConflict string

// The conflicts.
const (
	LucisNone     LucisConflict = "none"     // one use is preferred most
	LucisModerate LucisConflict = "moderate" // two are, alike, and the third less
	LucisMajor    LucisConflict = "major"    // all three are alike
)

// LucisCode is one of the 27 combinations: 100 agriculture + 10 conservation + urban, each 1 low to 3 high.
type LucisCode struct {
	Code         int           `json:"code"`
	Agriculture  int           `json:"agriculture"`
	Conservation int           `json:"conservation"`
	Urban        int           `json:"urban"`
	Conflict     LucisConflict `json:"conflict"`
	Leads        []Use         `json:"leads"` // the uses that are preferred most
	Title        Text          `json:"title"` // of the conflict, or of the use that leads
}

// LucisRow is how a municipality, a kommunalförbund or a county is divided: Fixed and Codes add up to its area, and so do
// Fixed and ByConflict.
type LucisRow struct {
	Key        string          `json:"key"`
	Title      Text            `json:"title"`
	AreaHa     float64         `json:"area_ha"`
	Fixed      Portion         `json:"fixed"`
	Codes      []LucisArea     `json:"codes"` // all 27
	ByConflict []LucisByLeader `json:"by_conflict"`
}

// LucisArea is how much of an area has one code.
type LucisArea struct {
	LucisCode
	Portion
}

// LucisByLeader is how much of an area the same uses lead.
type LucisByLeader struct {
	Conflict LucisConflict `json:"conflict"`
	Leads    []Use         `json:"leads"`
	Title    Text          `json:"title"`
	Portion
}

// LucisPlace is the code of a point, and why.
type LucisPlace struct {
	Kommun  string      `json:"kommun"` // kommunkod, or OutsideKommun
	Namn    string      `json:"namn"`
	Fixed   bool        `json:"fixed"`
	Code    *LucisCode  `json:"code"` // nil where the use will not change
	Reasons []LucisCase `json:"reasons"`
}

// LucisCase is a preference that holds at a point.
type LucisCase struct {
	Preference
	Counts   bool         `json:"counts"` // it is the first for its use
	Features []FeatureRef `json:"features"`
}

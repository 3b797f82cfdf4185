package plan

// RulesetChange is one thing that two versions of a ruleset say differently.
type RulesetChange struct {
	What   string        `json:"what"`   // ruleset, category, precedence, cell, rule, goal, preference, pressure, value or sensitivity
	Key    string        `json:"key"`    // its id; of a cell CLAIM/INTEREST, of a sensitivity PRESSURE/VALUE
	Change string        `json:"change"` // added, removed or changed
	Fields []FieldChange `json:"fields"`
}

// FieldChange is a field of it, before and after; null where it is not.
type FieldChange struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
}

// RulesetPreview compares the standing conflicts by the current rules with those by a draft.
type RulesetPreview struct {
	Revision Revision   `json:"revision"`
	Current  RulesetRef `json:"current"`
	Draft    RulesetRef `json:"draft"`
	ComparisonSums
}

// SumChange is a row of a summary before and after, and the difference. A conflict that changed counts in every row that
// it was or is in.
type SumChange struct {
	Key       string  `json:"key"`
	Title     Text    `json:"title"`
	Before    Figures `json:"before"`
	After     Figures `json:"after"`
	Conflicts int     `json:"conflicts"` // after less before; so are the next two
	AreaHa    float64 `json:"area_ha"`
	LengthM   float64 `json:"length_m"`
	Changes
}

// Figures are what conflicts add up to.
type Figures struct {
	Conflicts int     `json:"conflicts"`
	Severity1 int     `json:"severity_1"`
	Severity2 int     `json:"severity_2"`
	Severity3 int     `json:"severity_3"`
	AreaHa    float64 `json:"area_ha"`
	LengthM   float64 `json:"length_m"`
}

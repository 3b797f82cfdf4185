package plan

// Became says what has become of a conflict from one state to another.
type Became string

// What can have become of a conflict. Of a distance, less is more: a conflict grows when the two come nearer.
const (
	ConflictNew      Became = "new"
	ConflictGone     Became = "gone"
	ConflictGrown    Became = "grown"
	ConflictShrunk   Became = "shrunk"
	ConflictRevalued Became = "revalued" // as big as before, but of another severity or class, or measured otherwise
)

// ConflictChange is a conflict that two states do not have alike. States are matched by the conflict's id: its rule, its
// claim and its interest.
type ConflictChange struct {
	ID     string    `json:"id"`
	Became Became    `json:"became"`
	Before *Conflict `json:"before"` // nil when it is new
	After  *Conflict `json:"after"`  // nil when it is gone
}

// ConflictState names what conflicts were found in and by.
type ConflictState struct {
	Revision Revision   `json:"revision"`
	Ruleset  RulesetRef `json:"ruleset"`
}

// ComparisonSums are the figures of two states side by side.
type ComparisonSums struct {
	Total             SumChange   `json:"total"`
	ByKommun          []SumChange `json:"by_kommun"`
	ByKommunalforbund []SumChange `json:"by_kommunalforbund"`
	ByRule            []SumChange `json:"by_rule"`
	BySeverity        []SumChange `json:"by_severity"`
}

// Changes count conflicts by what has become of them.
type Changes struct {
	New      int `json:"new"`
	Gone     int `json:"gone"`
	Grown    int `json:"grown"`
	Shrunk   int `json:"shrunk"`
	Revalued int `json:"revalued"`
}

// Count counts one more.
func (c *Changes) Count(b Became) {
	switch b {
	case ConflictNew:
		c.New++
	case ConflictGone:
		c.Gone++
	case ConflictGrown:
		c.Grown++
	case ConflictShrunk:
		c.Shrunk++
	case ConflictRevalued:
		c.Revalued++
	}
}

// Add adds up figures.
func (f *Figures) Add(o Figures) {
	f.Conflicts, f.Severity1, f.Severity2, f.Severity3 = f.Conflicts+o.Conflicts, f.Severity1+o.Severity1, f.Severity2+o.Severity2, f.Severity3+o.Severity3
	f.AreaHa, f.LengthM = f.AreaHa+o.AreaHa, f.LengthM+o.LengthM
}

// Settle takes the difference of the row's two states.
func (s *SumChange) Settle() {
	s.Conflicts, s.AreaHa, s.LengthM = s.After.Conflicts-s.Before.Conflicts, s.After.AreaHa-s.Before.AreaHa, s.After.LengthM-s.Before.LengthM
}

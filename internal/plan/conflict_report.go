package plan

// ConflictReport tells what a change did to the standing conflicts.
type ConflictReport struct {
	Known    bool              `json:"known"`   // false: it was not found out in time; the summary says how to ask later
	Summary  Text              `json:"summary"` // in a sentence or two
	Ruleset  *RulesetRef       `json:"ruleset,omitempty"`
	Total    *ConflictTurn     `json:"total,omitempty"`
	Kommuner []KommunConflicts `json:"kommuner,omitempty"` // those where something changed, by kommunkod
}

// ConflictTurn counts conflicts by what became of them, with hectares: of a new one its area, of one that is gone what it
// had, else the difference. A conflict in several municipalities counts in each, with the part that lies there.
type ConflictTurn struct {
	Changes
	NewHa    float64 `json:"new_ha"`
	GoneHa   float64 `json:"gone_ha"`
	GrownHa  float64 `json:"grown_ha"`
	ShrunkHa float64 `json:"shrunk_ha"`
}

// KommunConflicts is what a change did in one municipality.
type KommunConflicts struct {
	Kommun string `json:"kommun"` // kommunkod, or OutsideKommun
	Namn   string `json:"namn"`
	ConflictTurn
	Sentence Text `json:"sentence"`
}

package plan

import "time"

// ReportKind says what a report freezes.
type ReportKind string

// The kinds.
const (
	ReportConflicts  ReportKind = "conflicts"        // the conflicts of what is there
	ReportWhatIf     ReportKind = "what_if"          // what a drawn figure would touch
	ReportComparison ReportKind = "comparison"       // what has become of the conflicts from one state to another
	ReportStack      ReportKind = "stack"            // green, yellow and red for a land use
	ReportTurn       ReportKind = "stack_comparison" // what has turned green, yellow or red from one state to another
)

// ReportOrder is what a report is asked to freeze.
type ReportOrder struct {
	Kind   ReportKind     `json:"kind"`
	Title  string         `json:"title"`
	Author string         `json:"author"` // as it stands in the report
	Public bool           `json:"public"` // made of what everyone may see, so that everyone may read it
	State  ConflictState  `json:"state"`
	From   *ConflictState `json:"from,omitempty"` // of a comparison
	Scope  ReportScope    `json:"scope"`
	Claim  *ReportClaim   `json:"claim,omitempty"` // of a what-if
	Stack  *StackClaim    `json:"stack,omitempty"` // of a stack
	// FromStack is the claim in the first of two states of a stack; nil when it is the same.
	FromStack *StackClaim `json:"from_stack,omitempty"`
	Limit     int         `json:"limit"` // how many conflicts, or combinations of a stack, are listed; sums are always those of all
}

// ReportScope narrows a report; empty fields keep all, so that an empty scope is the whole region.
type ReportScope struct {
	Kommun          string `json:"kommun,omitempty"`
	Kommunalforbund string `json:"kommunalforbund,omitempty"`
	Rule            string `json:"rule,omitempty"`
	Theme           Theme  `json:"theme,omitempty"`
	Layer           string `json:"layer,omitempty"`
	MinSeverity     int    `json:"min_severity,omitempty"`
}

// ReportClaim is the figure that a what-if report is about.
type ReportClaim struct {
	Geometry   Shape          `json:"geometry"`
	Theme      Theme          `json:"theme,omitempty"`
	Layer      string         `json:"layer,omitempty"`
	Attributes map[string]any `json:"attributes"`
}

// ReportPhase says what a report that is being made is at.
type ReportPhase string

// The phases, in their order.
const (
	PhaseFinding  ReportPhase = "finding"  // the conflicts; counted in pairs of layers
	PhaseDrawing  ReportPhase = "drawing"  // the shapes; counted in conflicts
	PhaseFreezing ReportPhase = "freezing" // rounding, hashing, keeping
)

// ReportProgress tells how far a report is.
type ReportProgress struct {
	Phase ReportPhase `json:"phase,omitempty"`
	Done  int         `json:"done"`
	Total int         `json:"total"`
}

// Report is an order and what became of it. Once it is done it never changes.
type Report struct {
	ID       string         `json:"id"`
	Order    ReportOrder    `json:"order"`
	State    JobState       `json:"state"`
	By       string         `json:"by"` // whose token ordered it
	Progress ReportProgress `json:"progress"`
	Attempts int            `json:"attempts"`
	Complete bool           `json:"complete"`           // false: the time was over before all was found, and the content says what is missing
	SHA256   string         `json:"sha256,omitempty"`   // of the content in its canonical form
	Layers   []string       `json:"layers,omitempty"`   // that it is made of
	Error    string         `json:"error,omitempty"`    // why it failed
	Code     Code           `json:"code,omitempty"`     // of that failure
	Locator  string         `json:"locator,omitempty"`  // of that failure
	Findings []Finding      `json:"findings,omitempty"` // of that failure
	Created  time.Time      `json:"created"`
	Finished *time.Time     `json:"finished,omitempty"` // when it was frozen, or given up
}

// Failure gives the error that the report ended with; nil when it did not fail.
func (r *Report) Failure() error {
	switch r.State {
	case JobFailed:
		return Errorf(r.Code, r.Locator, "%s", r.Error).WithFindings(r.Findings...)
	case JobCancelled:
		return Errorf(Stale, r.ID, "the report was cancelled; nothing was kept")
	}
	return nil
}

// ReportContent is what is frozen: all that the report tells, in rounded figures. The same inputs give the same content.
type ReportContent struct {
	Format        int            `json:"format"` // of this document: 1
	Notice        Text           `json:"notice"`
	Kind          ReportKind     `json:"kind"`
	Place         Text           `json:"place"`
	Scope         ReportScope    `json:"scope"`
	Limit         int            `json:"limit"`
	State         ConflictState  `json:"state"`
	RulesetTitle  Text           `json:"ruleset_title"`
	RulesetSHA256 string         `json:"ruleset_sha256"`
	From          *ConflictState `json:"from,omitempty"`
	FromSHA256    string         `json:"from_ruleset_sha256,omitempty"`
	Inputs        []ReportInput  `json:"inputs"`
	FromInputs    []ReportInput  `json:"from_inputs,omitempty"` // those that were different
	Rules         []Rule         `json:"rules"`                 // that gave any of the figures

	ByKommun          []ConflictSum    `json:"by_kommun,omitempty"`
	ByKommunalforbund []ConflictSum    `json:"by_kommunalforbund,omitempty"`
	ByRule            []ConflictSum    `json:"by_rule,omitempty"`
	BySeverity        []ConflictSum    `json:"by_severity,omitempty"`
	Comparison        *ComparisonSums  `json:"comparison,omitempty"`
	Conflicts         []ReportConflict `json:"conflicts,omitempty"` // the first Limit; then those of Top that are not among them
	Changes           []ReportChange   `json:"changes,omitempty"`   // likewise
	Total             int              `json:"total"`               // conflicts or changes, listed or not
	Top               []ReportTop      `json:"top,omitempty"`       // the first of each municipality, when there are several

	Claim         *ReportClaim   `json:"claim,omitempty"`
	ClaimExtent   *Extent        `json:"claim_extent,omitempty"`
	ClaimKommuner []KommunExtent `json:"claim_kommuner,omitempty"`

	Stack     *ReportStackFigures `json:"stack,omitempty"`
	StackTurn *ReportStackTurn    `json:"stack_comparison,omitempty"`

	NotAffected      []Theme          `json:"not_affected"`
	NotAssessed      []UnknownTheme   `json:"not_assessed"`
	NotMeasured      []UnknownFeature `json:"not_measured"` // at most MaxUnmeasured
	NotMeasuredTotal int              `json:"not_measured_total"`
	Unfinished       []string         `json:"unfinished,omitempty"` // rules that the time did not suffice for: their figures are too small
	Undrawn          []Undrawn        `json:"undrawn,omitempty"`    // conflicts without a shape

	Map []ReportKommun `json:"map"` // borders for the map, generalised
}

// ReportInput is a layer that the figures follow from, as it was.
type ReportInput struct {
	LayerSource
	Theme     Theme `json:"theme"`
	Features  int   `json:"features"`
	Synthetic bool  `json:"synthetic,omitempty"` // made-up data
}

// ReportConflict is a listed conflict with its shape.
type ReportConflict struct {
	Conflict
	Shape *Shape `json:"shape,omitempty"`
}

// ReportTop names the most severe conflicts of a municipality.
type ReportTop struct {
	Kommun    string   `json:"kommun"`
	Namn      string   `json:"namn"`
	Conflicts []string `json:"conflicts"` // ids, ranked
}

// ReportChange is a listed change, with the shape of the conflict as it is, or as it was when it is gone.
type ReportChange struct {
	ConflictChange
	Shape *Shape `json:"shape,omitempty"`
}

// Undrawn is a conflict whose shape is missing, and why.
type Undrawn struct {
	Conflict string `json:"conflict"`
	Reason   string `json:"reason"`
}

// ReportKommun is a municipality on the map.
type ReportKommun struct {
	Kommun string `json:"kommun"`
	Namn   string `json:"namn"`
	Within bool   `json:"within"` // the report's scope
	Shape  Shape  `json:"shape"`
}

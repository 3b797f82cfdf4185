package plan

// StackClaim is what a report about a stack asks of every place: a land use, and what it would have.
type StackClaim struct {
	LandUse    string         `json:"land_use"`
	Attributes map[string]any `json:"attributes"`
	AreaHa     float64        `json:"area_ha"`
}

// Query gives the question. Attributes that are no plain values are null in it; who takes the order refuses them.
func (c *StackClaim) Query() StackQuery {
	q := StackQuery{LandUse: c.LandUse, AreaHa: c.AreaHa, Attributes: map[string]Value{}}
	for name, value := range c.Attributes {
		q.Attributes[name], _ = ValueOf(value)
	}
	return q
}

// ReportStackFigures is the frozen stack. Green, yellow and red of each row add up to its area, and the rows to Total.
type ReportStackFigures struct {
	Claim             StackClaim        `json:"claim"`
	Theme             Theme             `json:"theme"`
	Total             StackRow          `json:"total"`
	ByKommun          []StackRow        `json:"by_kommun"`
	ByKommunalforbund []StackRow        `json:"by_kommunalforbund"`
	Interests         []InterestArea    `json:"interests"`    // the most severe first, then the largest
	Combinations      []CombinationArea `json:"combinations"` // the first Limit, those closest to red first
	Absent            []LayerAsked      `json:"absent"`       // layers that were asked and are nowhere in the scope
	Flat              []FlatLayer       `json:"without_area"`
	Shapes            []StackShape      `json:"shapes"`
	GeneralisedM      float64           `json:"generalised_m"` // how far shapes may be off; 0: they are exact
}

// InterestArea is how much of an area one rule speaks of a layer in. Interests lie on each other, so these don't add up.
type InterestArea struct {
	Interest
	Portion
}

// LayerAsked is a layer that a rule asks about.
type LayerAsked struct {
	Layer string `json:"layer"`
	Title Text   `json:"title"`
	Theme Theme  `json:"theme"`
}

// StackShape is where a municipality has one colour.
type StackShape struct {
	Kommun string  `json:"kommun"`
	Namn   string  `json:"namn"`
	Colour Colour  `json:"colour"`
	AreaHa float64 `json:"area_ha"`
	Shape  Shape   `json:"shape"`
}

// ReportStackTurn is the frozen comparison of two states of a stack.
type ReportStackTurn struct {
	Claim             StackClaim    `json:"claim"`
	FromClaim         StackClaim    `json:"from_claim"`
	Total             StackChange   `json:"total"`
	ByKommun          []StackChange `json:"by_kommun"`
	ByKommunalforbund []StackChange `json:"by_kommunalforbund"`
	Shapes            []TurnShape   `json:"shapes"`
	GeneralisedM      float64       `json:"generalised_m"`
}

// TurnShape is where a municipality has turned from one colour to another.
type TurnShape struct {
	Kommun string  `json:"kommun"`
	Namn   string  `json:"namn"`
	From   Colour  `json:"from"`
	To     Colour  `json:"to"`
	AreaHa float64 `json:"area_ha"`
	Shape  Shape   `json:"shape"`
}

package plan

// Colours are all of them, from the best to the worst.
var Colours = []Colour{Green, Yellow, Red}

// StackChange is a row of a stack in two states. Moves add up to AreaHa, and to the areas of both states.
type StackChange struct {
	Key        string     `json:"key"`
	Title      Text       `json:"title"`
	AreaHa     float64    `json:"area_ha"`
	Before     ColourArea `json:"before"`
	After      ColourArea `json:"after"`
	Difference ColourArea `json:"difference"` // after less before
	Moves      []Move     `json:"moves"`      // from each colour to each, also to itself
}

// ColourArea is hectares by colour.
type ColourArea struct {
	GreenHa  float64 `json:"green_ha"`
	YellowHa float64 `json:"yellow_ha"`
	RedHa    float64 `json:"red_ha"`
}

// Of gives the hectares of a colour.
func (a *ColourArea) Of(c Colour) float64 { return *a.of(c) }

// Add adds to a colour.
func (a *ColourArea) Add(c Colour, areaHa float64) { *a.of(c) += areaHa }

func (a *ColourArea) of(c Colour) *float64 {
	switch c {
	case Green:
		return &a.GreenHa
	case Yellow:
		return &a.YellowHa
	}
	return &a.RedHa
}

// Move is the area that had one colour before and has one after.
type Move struct {
	From   Colour  `json:"from"`
	To     Colour  `json:"to"`
	AreaHa float64 `json:"area_ha"`
}

// Moved gives the hectares that went from one colour to another.
func (s *StackChange) Moved(from, to Colour) float64 {
	for _, m := range s.Moves {
		if m.From == from && m.To == to {
			return m.AreaHa
		}
	}
	return 0
}

// StackState names what a side of a comparison of stacks is.
type StackState struct {
	ConflictState
	Attributes map[string]any `json:"attributes"`
	AreaHa     float64        `json:"area_ha"` // of a claim
}

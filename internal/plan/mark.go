package plan

// Mark says where a ruleset speaks of land: on the features of a side, or within a distance of them.
type Mark struct {
	Side    `yaml:",inline"`
	When    string  `json:"when,omitempty" yaml:"when,omitempty"`         // a condition on their attributes, as `it.kind == "road"`
	WithinM float64 `json:"within_m,omitempty" yaml:"within_m,omitempty"` // metres; 0: on them, which only polygons are
}

package plan

// DifferenceSummary tells how much two states of a layer differ, and where.
type DifferenceSummary struct {
	Added             int                `json:"added"`
	Removed           int                `json:"removed"`
	Changed           int                `json:"changed"`
	GeometryChanged   int                `json:"geometry_changed"` // of the changed ones
	Unchanged         int                `json:"unchanged"`
	AttributesAdded   []string           `json:"attributes_added"` // the schema's
	AttributesRemoved []string           `json:"attributes_removed"`
	BBox              *[4]float64        `json:"bbox"` // of all that differs, before and after; CRS84; null when nothing does
	Growth                               // of the whole layer
	Kommuner          []KommunDifference `json:"kommuner"` // where features were added, removed or changed, by kommunkod
	// NotMeasured are changed features whose figures can't be compared; they are counted, but no size of theirs is.
	NotMeasured []UnmeasuredChange `json:"not_measured"`
}

// UnmeasuredChange is a changed feature of which it can't be told how much came and went.
type UnmeasuredChange struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// KommunDifference is the part of a difference that lies in one municipality. A feature in several counts in each.
type KommunDifference struct {
	Kommun  string `json:"kommun"` // kommunkod, or OutsideKommun
	Namn    string `json:"namn"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
	Changed int    `json:"changed"`
	Growth
}

// Growth is what came to the areas of a polygon layer or to the lengths of a line layer, and what went from them: of a
// feature that moved, the place that it took and the place that it left. Points have neither.
type Growth struct {
	AreaAddedHa    *float64 `json:"area_added_ha,omitempty"`
	AreaRemovedHa  *float64 `json:"area_removed_ha,omitempty"`
	AreaNetHa      *float64 `json:"area_net_ha,omitempty"`
	LengthAddedM   *float64 `json:"length_added_m,omitempty"`
	LengthRemovedM *float64 `json:"length_removed_m,omitempty"`
	LengthNetM     *float64 `json:"length_net_m,omitempty"`
}

// NewGrowth tells the square metres or metres that came and went in the unit of the geometry type.
func NewGrowth(kind GeometryType, added, removed float64) (g Growth) {
	switch kind {
	case Polygon:
		added, removed = added/10_000, removed/10_000
		net := added - removed
		g.AreaAddedHa, g.AreaRemovedHa, g.AreaNetHa = &added, &removed, &net
	case Line:
		net := added - removed
		g.LengthAddedM, g.LengthRemovedM, g.LengthNetM = &added, &removed, &net
	}
	return g
}

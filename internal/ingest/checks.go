package ingest

import (
	"math"

	"strukturbild/internal/plan"
)

// Checks says what becomes of features with faults. The zero Checks repairs nothing and refuses the whole file.
type Checks struct {
	// Repair takes the valid geometry that geo.Mend proposes for one that is not valid, or has repeated vertices or
	// spikes, where the area changes by no more than both of the tolerances.
	Repair     bool
	MaxHa      float64 // change of area, hectares; 0 is 0.1
	MaxPercent float64 // change of area, per cent of what it was; 0 is 1
	// Skip leaves the features with faults out and takes the others.
	Skip bool
}

// What a repair may change unless the request says otherwise, and what a request may say.
const (
	repairHa          = 0.1
	repairPercent     = 1
	mostRepairHa      = 10
	mostRepairPercent = 10
)

// check refuses tolerances that are none.
func (c Checks) check() error {
	for name, tolerance := range map[string][2]float64{"repair_max_ha": {c.MaxHa, mostRepairHa}, "repair_max_percent": {c.MaxPercent, mostRepairPercent}} {
		if !(tolerance[0] >= 0 && tolerance[0] <= tolerance[1]) {
			return plan.Errorf(plan.Invalid, name, "%s must be above 0 and at most %v", name, tolerance[1])
		}
	}
	return nil
}

func (c Checks) orDefaults() Checks {
	if c.MaxHa == 0 {
		c.MaxHa = repairHa
	}
	if c.MaxPercent == 0 {
		c.MaxPercent = repairPercent
	}
	return c
}

// allow reports whether a repair may change an area, in square metres, by so much.
func (c Checks) allow(change, before float64) bool {
	change = math.Abs(change)
	return change <= c.MaxHa*1e4 && change <= before*c.MaxPercent/100
}

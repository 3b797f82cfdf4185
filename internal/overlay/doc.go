// Package overlay lays polygons of many kinds over each other and measures every combination of them in every zone
// (municipality): exactly, in one pass, without a noding library. It knows shapes and numbers, no rules and no layers.
//
// The plane is cut into tiles, and these by grids into cells with few edges each. What covers a cell or keeps out of it
// costs nothing more there. In a cell a line sweeps upward; between two stops the edges don't cross, and what lies
// between two of them is a trapezoid with one set of kinds. Areas are sums of trapezoids that tile the cell, so that those
// of all combinations add up to the zone whatever rounding does to a crossing.
//
// A kind is the union of its figures: it is present where more of their edges have begun than ended. Nothing needs to be
// merged before, and neither shared borders nor touching corners need a tolerance.
//
// The arrow: overlay -> geo -> plan.
package overlay

// Package division tells in which municipalities something lies, and how much of it in each: exactly, by the area
// kernel, and at once where no border runs near. It knows shapes and codes, no layers: package atlas makes the
// Partition of a view.
//
// The arrow: division -> geo -> plan.
package division

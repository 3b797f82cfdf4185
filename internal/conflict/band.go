package conflict

import "math"

// band is where a within rule has one outcome: to how many metres from the feature.
type band struct {
	reach   float64
	outcome int
}

// Outcomes by distance are looked for in this many steps, and the borders between them to a micrometre: a band that is
// narrower than a step is not seen.
const (
	bandSteps = 256
	bandGrain = 1e-6
)

// bands gives the outcomes of the feature in the frame by distance, the nearest first. A rule whose severity grows with
// the distance has no such bands: the reason says so.
func (a *asking) bands(dst []band, limit float64) (list []band, reason string) {
	list = dst[:0]
	if len(a.rule.outcomes) == 1 {
		return append(list, band{limit, 0}), ""
	}
	if !a.rule.outcomesRead.has(1 - a.figure) {
		if a.banded == nil || a.bandedTo != limit {
			a.bandedTo = limit
			a.banded, a.unbanded = a.findBands(nil, limit)
		}
		return a.banded, a.unbanded
	}
	return a.findBands(list, limit)
}

func (a *asking) findBands(list []band, limit float64) ([]band, string) {
	at := func(metres float64) int { return int(a.outcome(distance, metres)) }
	from, now := 0.0, at(0)
	for step := 1; step <= bandSteps; step++ {
		to := limit * float64(step) / bandSteps
		for next := at(to); next != now; {
			edge, after := border(from, to, now, at)
			if a.rule.outcomes[after].compare(a.rule.outcomes[now]) < 0 {
				return nil, "the severity grows with the distance, which a stack can't show"
			}
			list = append(list, band{math.Round(edge/bandGrain) * bandGrain, now})
			from, now = edge, after
		}
		from = to
	}
	return append(list, band{limit, now}), ""
}

// border finds where the outcome ends that there is at from, and which one comes after it.
func border(from, to float64, now int, at func(float64) int) (edge float64, after int) {
	after = at(to)
	for to-from > bandGrain/4 {
		middle := from + (to-from)/2
		if found := at(middle); found == now {
			from = middle
		} else {
			to, after = middle, found
		}
	}
	return to, after
}

package atlas

// Step is what leads from an earlier snapshot of a layer to a later one. Slots mean the same in both.
type Step struct {
	From Slot   // features from this slot on are new in the later snapshot
	Come []Slot // those
	Gone []Slot // features of the earlier snapshot that the later one does not have; what was changed is gone and has come
}

// StepFrom tells what has changed since the earlier snapshot, in time proportional to the changes. It can't be told when
// the layer has been read anew meanwhile: then the two have nothing in common.
func (s *Snapshot) StepFrom(earlier *Snapshot) (Step, bool) {
	if s == earlier {
		return Step{From: s.end}, true
	}
	if !s.shares(earlier) || earlier.end > s.end || len(earlier.ended) > len(s.ended) {
		return Step{}, false
	}
	step := Step{From: earlier.end}
	brief := map[Slot]bool{} // came and went in between
	for _, slot := range s.ended[len(earlier.ended):] {
		if slot < earlier.end {
			step.Gone = append(step.Gone, slot)
		} else {
			brief[slot] = true
		}
	}
	for slot := earlier.end; slot < s.end; slot++ {
		if !brief[slot] {
			step.Come = append(step.Come, slot)
		}
	}
	return step, true
}

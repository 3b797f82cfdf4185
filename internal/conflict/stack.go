package conflict

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"strukturbild/internal/atlas"
	"strukturbild/internal/overlay"
	"strukturbild/internal/plan"
)

// Stack is what every place of the region means for one land use: which interests lie on each other there. It never
// changes.
type Stack struct {
	*canvas
	tiles    map[overlay.Tile][]overlay.Sum
	combos   []plan.Combination // by number
	numbers  map[overlay.Label]int
	places   [][]placed      // by municipality
	rows     []plan.StackRow // of each municipality
	classes  []int           // of each combination, where places are told by classes
	outlines *outlines
}

// placed is the area of one combination in a municipality.
type placed struct {
	combo int
	area  float64 // square metres
}

// stacksKept is how many stacks are kept: those of a few land uses, LUCIS and Symphony, and the ones before, from which new ones are made.
const stacksKept = 12

// Stack gives the stack of the land use in the view: at once when it is known; else what has changed since an earlier one
// is measured anew. Callers who ask for the same wait for one computation, which goes on when they give up.
func (e *Engine) Stack(ctx context.Context, view *atlas.View, q plan.StackQuery) (*Stack, error) {
	c, err := e.newCanvas(view, q)
	if err != nil {
		return nil, err
	}
	return e.stackOf(ctx, view, c)
}

// stackOf gives what is measured on a canvas of the view.
func (e *Engine) stackOf(ctx context.Context, view *atlas.View, c *canvas) (*Stack, error) {
	if s := e.knownStack(c); s != nil {
		return s.of(view), nil
	}
	done := e.flight.DoChan("stack "+c.name(), func() (any, error) { return e.stack(context.WithoutCancel(ctx), c) })
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the stack: %w", ctx.Err())
	case result := <-done:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Stack).of(view), nil
	}
}

// of gives the stack for a view with the same layers.
func (s *Stack) of(view *atlas.View) *Stack {
	same := *s
	shown := *s.canvas
	shown.view = view
	same.canvas = &shown
	return &same
}

// name tells canvases apart: all that a stack depends on.
func (c *canvas) name() string {
	name := fmt.Sprintf("%p %p %s", c.rules, c.partition, c.claimName())
	for i := range c.questions {
		name += fmt.Sprintf(" %p", c.questions[i].interest)
	}
	return name
}

// claimName tells claims apart.
func (c *canvas) claimName() string {
	name := fmt.Sprintf("%q %v", c.query.LandUse, c.query.AreaHa)
	for _, key := range slices.Sorted(maps.Keys(c.query.Attributes)) {
		value := c.query.Attributes[key]
		name += fmt.Sprintf(" %q=%s %q", key, value.Kind(), value.String())
	}
	return name
}

func (e *Engine) knownStack(c *canvas) *Stack {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := c.name()
	i := slices.IndexFunc(e.stacks, func(s *Stack) bool { return s.name() == name })
	if i < 0 {
		return nil
	}
	found := e.stacks[i]
	e.stacks = append(slices.Delete(e.stacks, i, i+1), found)
	return found
}

// stack measures what is not known yet.
func (e *Engine) stack(ctx context.Context, c *canvas) (*Stack, error) {
	e.pile.Lock()
	defer e.pile.Unlock()
	if s := e.knownStack(c); s != nil {
		return s, nil
	}
	s, err := c.measure(ctx, e.earlierStacks(c))
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stacks = append(e.stacks, s); len(e.stacks) > stacksKept {
		e.stacks = slices.Delete(e.stacks, 0, 1)
	}
	return s, nil
}

// earlierStacks gives those of the same question, the newest first.
func (e *Engine) earlierStacks(c *canvas) (list []*Stack) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range slices.Backward(e.stacks) {
		if s.asksLike(c) {
			list = append(list, s)
		}
	}
	return list
}

// asksLike reports whether both ask the same, of whatever state.
func (c *canvas) asksLike(o *canvas) bool {
	return c.rules == o.rules && c.partition == o.partition && c.claimName() == o.claimName() &&
		slices.EqualFunc(c.questions, o.questions, func(a, b question) bool {
			return a.rule == b.rule && a.figure == b.figure && a.interest.Layer().ID == b.interest.Layer().ID
		})
}

// measure makes the stack: from one of the earlier ones when it can be told what has changed.
func (c *canvas) measure(ctx context.Context, earlier []*Stack) (*Stack, error) {
	s := &Stack{canvas: c, tiles: map[overlay.Tile][]overlay.Sum{}, numbers: map[overlay.Label]int{}, outlines: &outlines{}}
	extent := plan.EmptyBox
	for i := range c.partition.Kommuner {
		extent = extent.Union(c.partition.Kommuner[i].Shape.Box())
	}
	tiles := overlay.Tiles(extent)
	for _, old := range earlier {
		if stale, told := c.staleSince(old); told {
			s.tiles = maps.Clone(old.tiles)
			tiles = slices.DeleteFunc(tiles, func(t overlay.Tile) bool { return !stale[t] })
			break
		}
	}
	sums, err := c.plane().Measure(ctx, tiles)
	if err != nil {
		return nil, err
	}
	for i, t := range tiles {
		s.tiles[t] = sums[i]
	}
	s.sum()
	return s, nil
}

// staleSince gives the tiles that something has changed in since an earlier stack, and takes over what nothing could be
// said of. It can't be told when a layer has been read anew.
func (c *canvas) staleSince(old *Stack) (stale map[overlay.Tile]bool, told bool) {
	stale = map[overlay.Tile]bool{}
	gone := map[nameless]bool{}
	for f := range c.questions {
		q, before := &c.questions[f], old.questions[f].interest
		if q.interest.Layer() != before.Layer() && !slices.EqualFunc(q.interest.Layer().Attributes, before.Layer().Attributes,
			func(a, b plan.Attribute) bool { return a.Name == b.Name && a.Type == b.Type }) {
			return nil, false
		}
		step, known := q.interest.StepFrom(before)
		if !known {
			return nil, false
		}
		reach := max(c.farthest(f), old.farthest(f))
		touch := func(s *atlas.Snapshot, slots []atlas.Slot) {
			for _, slot := range slots {
				for _, t := range overlay.Tiles(s.Box(slot).Grow(reach)) {
					stale[t] = true
				}
			}
		}
		touch(q.interest, step.Come)
		touch(before, step.Gone)
		for _, slot := range step.Gone {
			gone[nameless{f, slot}] = true
		}
	}
	for key, reason := range old.unknown.reasons {
		if !gone[key] {
			c.unknown.reasons[key] = reason
		}
	}
	return stale, true
}

// farthest gives how far the features of a question may reach, in metres.
func (c *canvas) farthest(f int) float64 {
	q := &c.questions[f]
	asked, err := c.ask(q)
	if err != nil {
		return 0
	}
	reach, _, _ := asked.begin(q.interest)
	return max(reach, 0)
}

// sum adds up the tiles, in their order, so that the figures are the same however they were found.
func (s *Stack) sum() {
	zones := make([]map[overlay.Label]float64, len(s.partition.Kommuner))
	for i := range zones {
		zones[i] = map[overlay.Label]float64{}
	}
	order := slices.SortedFunc(maps.Keys(s.tiles), func(a, b overlay.Tile) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column))
	})
	for _, t := range order {
		for _, sum := range s.tiles[t] {
			zones[sum.Zone][sum.Label] += sum.Area
		}
	}
	s.places, s.rows = make([][]placed, len(zones)), make([]plan.StackRow, len(zones))
	for z, areas := range zones {
		for _, label := range slices.Sorted(maps.Keys(areas)) {
			if areas[label] < leastArea {
				continue // rounding where borders run together
			}
			if _, known := s.numbers[label]; !known {
				s.numbers[label] = len(s.combos)
				s.combos = append(s.combos, s.combination(label.Kinds()))
			}
			s.places[z] = append(s.places[z], placed{s.numbers[label], areas[label]})
		}
		s.rows[z] = s.row(z)
		s.rows[z].Key, s.rows[z].Title = s.partition.Name(int16(z))
	}
}

// Revision gives the state that the stack shows.
func (s *Stack) Revision() plan.Revision { return s.view.Revision() }

// Theme gives the theme of the land use.
func (s *Stack) Theme() plan.Theme { return s.theme }

// NotMeasured lists what nothing could be said of, at most plan.MaxUnmeasured, and counts all.
func (s *Stack) NotMeasured() (list []plan.UnknownFeature, total int) { return s.notMeasured() }

// Flat lists the layers that leave no mark, since their features have no area.
func (s *Stack) Flat() []plan.FlatLayer { return s.flat() }

// Ruleset names the rules that the stack is by.
func (s *Stack) Ruleset() plan.RulesetRef { return s.rules.Ref() }

package conflict

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"strukturbild/internal/atlas"
	"strukturbild/internal/overlay"
	"strukturbild/internal/plan"
)

// Turn is what has turned green, yellow or red from one state of a stack to another: of other revisions, by other rules, or
// for other attributes. Both are laid over each other in the municipalities of the second. It never changes.
type Turn struct {
	Before, After *Stack
	both          *twofold
	tiles         []overlay.Tile // in which something can have turned
	moved         [][]float64    // square metres by municipality and move
	outlines      []func() (map[int]plan.Geometry, error)
}

// turnsKept is how many are kept, so that figures, file and report wait once.
const turnsKept = 2

// moves is how many there are from one colour to another, or to itself.
var moves = len(plan.Colours) * len(plan.Colours)

// CompareStacks tells what becomes of the stack of the first view by the engine's rules in the second view by those of the
// other engine.
func (e *Engine) CompareStacks(ctx context.Context, was *atlas.View, q plan.StackQuery, to *Engine, is *atlas.View, p plan.StackQuery) (*Turn, error) {
	before, err := e.Stack(ctx, was, q)
	if err != nil {
		return nil, err
	}
	after, err := to.Stack(ctx, is, p)
	if err != nil {
		return nil, err
	}
	name := before.name() + " | " + after.name()
	result, err, _ := e.flight.Do("turn "+name, func() (any, error) {
		if t := e.knownTurn(name); t != nil {
			return t, nil
		}
		t, err := turn(context.WithoutCancel(ctx), before, after)
		if err != nil {
			return nil, err
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.turns = append(e.turns, t); len(e.turns) > turnsKept {
			e.turns = slices.Delete(e.turns, 0, 1)
		}
		return t, nil
	})
	if err != nil {
		return nil, err
	}
	shown := *result.(*Turn)
	shown.Before, shown.After = before, after // the same, but of the views that were asked about
	return &shown, nil
}

func (e *Engine) knownTurn(name string) *Turn {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.turns, func(t *Turn) bool { return t.Before.name()+" | "+t.After.name() == name })
	if i < 0 {
		return nil
	}
	return e.turns[i]
}

func turn(ctx context.Context, before, after *Stack) (*Turn, error) {
	t := &Turn{Before: before, After: after, both: layOver(before.canvas, after.canvas)}
	zones := after.partition.Kommuner
	t.moved, t.outlines = make([][]float64, len(zones)), make([]func() (map[int]plan.Geometry, error), len(zones))
	for z := range zones {
		t.moved[z] = make([]float64, moves)
		t.outlines[z] = sync.OnceValues(func() (map[int]plan.Geometry, error) { return t.outline(z) })
	}
	stale, told := after.changedSince(before)
	for _, tile := range slices.SortedFunc(maps.Keys(after.tiles), compareTiles) {
		if !told || stale[tile] {
			t.tiles = append(t.tiles, tile)
			continue
		}
		for _, sum := range after.tiles[tile] {
			colour := after.colourOf(sum.Label.Kinds())
			t.moved[sum.Zone][moveOf(colour, colour)] += sum.Area
		}
	}
	sums, err := t.both.plane().Measure(ctx, t.tiles)
	if err != nil {
		return nil, err
	}
	for _, list := range sums {
		for _, sum := range list {
			t.moved[sum.Zone][t.both.move(sum.Label)] += sum.Area
		}
	}
	return t, nil
}

func compareTiles(a, b overlay.Tile) int {
	return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column))
}

// changedSince gives the tiles that something has changed in since a stack of the same question; it can't be told when the
// question is another one.
func (s *Stack) changedSince(old *Stack) (stale map[overlay.Tile]bool, told bool) {
	if !s.canvas.asksLike(old.canvas) {
		return nil, false
	}
	c := *s.canvas
	c.unknown = &unknown{reasons: map[nameless]string{}} // what it takes over is known already
	return c.staleSince(old)
}

// moveOf numbers the moves from one colour to another.
func moveOf(from, to int) int { return from*len(plan.Colours) + to }

// colourOf gives the number of the colour of a place where the kinds are.
func (c *canvas) colourOf(kinds []int) int {
	worst := 0
	for _, number := range kinds {
		worst = max(worst, c.kinds[number].colour())
	}
	return worst
}

func (k *kind) colour() int {
	if k.class == plan.Stop {
		return 2
	}
	return 1
}

// twofold is two canvases laid over each other. What both ask alike is drawn once.
type twofold struct {
	before, after *canvas
	shared        []bool  // by kind of before: after has it too
	rest          *canvas // what only after asks
}

func layOver(before, after *canvas) *twofold {
	t := &twofold{before: before, after: after, shared: make([]bool, len(before.kinds))}
	t.rest = after.only(func(q *question) bool {
		f := slices.IndexFunc(before.questions, func(o question) bool { return answersAlike(before, after, &o, q) })
		if f < 0 {
			return true
		}
		for _, number := range before.kindOf[f] {
			t.shared[number] = true
		}
		return false
	})
	return t
}

// answersAlike reports whether a question has the same answer everywhere on both canvases.
func answersAlike(before, after *canvas, q, p *question) bool {
	return q.rule == p.rule && q.figure == p.figure && q.interest == p.interest && before.query.AreaHa == after.query.AreaHa &&
		(before.claimName() == after.claimName() || !(q.rule.reads | q.rule.outcomesRead).has(q.figure))
}

// only gives the canvas with some of its questions.
func (c *canvas) only(keep func(*question) bool) *canvas {
	part := *c
	part.questions, part.kinds, part.families, part.kindOf = nil, nil, nil, nil
	part.unknown = &unknown{reasons: map[nameless]string{}}
	for f := range c.questions {
		if keep(&c.questions[f]) {
			part.questions = append(part.questions, c.questions[f])
		}
	}
	part.listKinds()
	return &part
}

// plane gives both, to be measured in the municipalities of the second: its own kinds come after those of the first.
func (t *twofold) plane() *overlay.Plane {
	p := t.after.plane()
	p.Families = slices.Clone(t.before.families)
	for _, f := range t.rest.families {
		p.Families = append(p.Families, len(t.before.questions)+f)
	}
	p.Find = func(box plan.Box, yield func(overlay.Figure)) {
		t.before.find(box, yield)
		t.rest.find(box, func(f overlay.Figure) {
			f.Kind += len(t.before.kinds)
			yield(f)
		})
	}
	return p
}

// move gives the number of the move where a label is.
func (t *twofold) move(label overlay.Label) int {
	from, to := 0, 0
	for _, number := range label.Kinds() {
		if number >= len(t.before.kinds) {
			to = max(to, t.rest.kinds[number-len(t.before.kinds)].colour())
			continue
		}
		colour := t.before.kinds[number].colour()
		from = max(from, colour)
		if t.shared[number] {
			to = max(to, colour)
		}
	}
	return moveOf(from, to)
}

// outline makes the polygons of a municipality of what has turned, by move.
func (t *Turn) outline(zone int) (map[int]plan.Geometry, error) {
	box := t.After.partition.Kommuner[zone].Shape.Box()
	var tiles []overlay.Tile
	for _, tile := range t.tiles {
		if tile.Box().Intersects(box) {
			tiles = append(tiles, tile)
		}
	}
	return t.both.plane().Outlines(context.Background(), tiles, func(z int, label overlay.Label) int {
		if move := t.both.move(label); z == zone && move%(len(plan.Colours)+1) != 0 {
			return move
		}
		return -1
	})
}

// Rows gives the figures of each municipality, kommunalförbund or county of the selection.
func (t *Turn) Rows(by Grouping, f StackFilter) ([]plan.StackChange, error) {
	groups, err := t.After.groups(by, f)
	if err != nil {
		return nil, err
	}
	rows := make([]plan.StackChange, len(groups))
	for i, g := range groups {
		rows[i] = newChange(g.key, g.title)
		for _, z := range g.zones {
			t.add(&rows[i], z)
		}
	}
	return rows, nil
}

// Total gives the figures of the whole selection.
func (t *Turn) Total(f StackFilter) (plan.StackChange, error) {
	row := newChange("total", plan.Text{SV: "Hela urvalet", EN: "The whole selection"})
	zones, err := t.After.zones(f)
	for _, z := range zones {
		t.add(&row, z)
	}
	return row, err
}

func newChange(key string, title plan.Text) plan.StackChange {
	row := plan.StackChange{Key: key, Title: title}
	for _, from := range plan.Colours {
		for _, to := range plan.Colours {
			row.Moves = append(row.Moves, plan.Move{From: from, To: to})
		}
	}
	return row
}

// add counts a municipality into a row.
func (t *Turn) add(row *plan.StackChange, zone int) {
	row.AreaHa += t.After.partition.Kommuner[zone].Area / 10_000
	for number, area := range t.moved[zone] {
		m := &row.Moves[number]
		m.AreaHa += area / 10_000
		row.Before.Add(m.From, area/10_000)
		row.After.Add(m.To, area/10_000)
	}
	for _, c := range plan.Colours {
		row.Difference.Add(c, row.After.Of(c)-row.Before.Of(c)-row.Difference.Of(c))
	}
}

// Shapes gives what has turned in each municipality of the selection, as polygons.
func (t *Turn) Shapes(ctx context.Context, f StackFilter) (list []plan.TurnShape, err error) {
	zones, err := t.After.zones(f)
	if err != nil {
		return nil, err
	}
	for _, z := range zones {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("waiting for what has turned: %w", ctx.Err())
		}
		shapes, err := t.outlines[z]()
		if err != nil {
			return nil, err
		}
		key, name := t.After.partition.Name(int16(z))
		for _, number := range slices.Sorted(maps.Keys(shapes)) {
			from, to := plan.Colours[number/len(plan.Colours)], plan.Colours[number%len(plan.Colours)]
			list = append(list, plan.TurnShape{Kommun: key, Namn: name.SV, From: from, To: to, AreaHa: t.moved[z][number] / 10_000,
				Shape: plan.Shape{Geometry: shapes[number]}})
		}
	}
	return list, nil
}

// NotMeasured lists what nothing could be said of in either state, each reason once.
func (t *Turn) NotMeasured() (list []plan.UnknownFeature, total int) {
	before, m := t.Before.NotMeasured()
	after, n := t.After.NotMeasured()
	list = mergeUnknown(before, after)
	return list, max(m, n, len(list))
}

// Rules names the rules that say something of the selection in either state.
func (t *Turn) Rules(f StackFilter) (ids []string, err error) {
	before, _ := t.Before.Interests(f) // a name that only the second state knows
	after, err := t.After.Interests(f)
	for _, i := range slices.Concat(before, after) {
		if !slices.Contains(ids, i.Rule) {
			ids = append(ids, i.Rule)
		}
	}
	return ids, err
}

// State tells what the stack is of and by.
func (s *Stack) State() plan.StackState {
	state := plan.StackState{ConflictState: plan.ConflictState{Revision: s.Revision(), Ruleset: s.Ruleset()}, AreaHa: s.query.AreaHa, Attributes: map[string]any{}}
	for name, value := range s.query.Attributes {
		state.Attributes[name] = value.Plain()
	}
	return state
}

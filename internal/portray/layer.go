package portray

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// Choice is what of a layer a tile shows.
type Choice struct {
	// Attributes are the names of those that features carry; nil for all. The id is always there, as "id".
	Attributes []string
	// Anchors adds a layer of points, named as the layer and "_anchor": where the label of a line or polygon stands. A
	// feature has one anchor, in one tile of a zoom.
	Anchors bool
}

// MostFeatures is how many features of a layer a tile has: where there are more it has the largest.
const MostFeatures = 20_000

// Draw gives a layer's part of a vector tile (MVT 2.1); nothing where nothing shows. Parts of several layers, one
// after the other, are a tile. What can't be seen at the zoom is left out by these rules, but at the last zoom, where
// all is drawn:
//
//   - Of polygons smaller than a pixel one a pixel's worth of their boxes stands for all, as a pixel.
//   - Of points in a square of two pixels the first stands for all; its "point_count" tells how many.
//   - Of more than MostFeatures features the largest are drawn.
func Draw(ctx context.Context, layer *atlas.Snapshot, tile geo.Tile, choice Choice) ([]byte, error) {
	kind := layer.Layer().GeometryType
	frame, near, err := newFrame(tile)
	if !near || err != nil || kind == plan.None {
		return nil, err
	}
	a := &artist{layer: layer, frame: &frame, pencil: pencil{frame: &frame}, wire: newWireLayer(layer.Layer().ID), choice: choice}
	a.chooseAttributes()
	if choice.Anchors && kind != plan.Point {
		a.anchors = newWireLayer(layer.Layer().ID + "_anchor")
	}
	if kind == plan.Point {
		err = a.points(ctx)
	} else {
		err = a.figures(ctx)
	}
	if err != nil {
		return nil, err
	}
	body := a.wire.append(nil)
	if a.anchors != nil {
		body = a.anchors.append(body)
	}
	return body, nil
}

// artist draws the features of one layer into one tile.
type artist struct {
	layer      *atlas.Snapshot
	frame      *frame
	pencil     pencil
	wire       *wireLayer
	anchors    *wireLayer // nil: not asked for
	choice     Choice
	attributes []int
	values     []plan.Value
	owed       float64 // of polygons that are too small, in pixels
}

func (a *artist) chooseAttributes() {
	for i, attribute := range a.layer.Layer().Attributes {
		if a.choice.Attributes == nil || slices.Contains(a.choice.Attributes, attribute.Name) {
			a.attributes = append(a.attributes, i)
		}
	}
}

// all reports whether nothing is left out at this zoom.
func (a *artist) all() bool { return a.frame.step == 1 }

// candidate is a feature whose box reaches into the tile.
type candidate struct {
	slot atlas.Slot
	size float64 // metres: the longer side of its box
}

func bySlot(a, b candidate) int { return cmp.Compare(a.slot, b.slot) }

// candidates lists the features in the order of their slots, the largest ones when there are too many.
func (a *artist) candidates() (list []candidate) {
	a.layer.Search(a.frame.reach, func(slot atlas.Slot) bool {
		box := a.layer.Box(slot)
		list = append(list, candidate{slot, max(box.MaxX-box.MinX, box.MaxY-box.MinY)})
		return true
	})
	slices.SortFunc(list, bySlot)
	return list
}

// largest keeps MostFeatures candidates that can be seen.
func (a *artist) largest(list []candidate) []candidate {
	if len(list) <= MostFeatures {
		return list
	}
	slices.SortFunc(list, func(x, y candidate) int { return cmp.Or(cmp.Compare(y.size, x.size), cmp.Compare(x.slot, y.slot)) })
	list = list[:MostFeatures]
	slices.SortFunc(list, bySlot)
	return list
}

// figures draws lines and polygons.
func (a *artist) figures(ctx context.Context) error {
	var seen []candidate
	dots := a.layer.Layer().GeometryType == plan.Polygon && !a.all()
	for _, c := range a.candidates() {
		if !dots || c.size >= a.frame.pixel {
			seen = append(seen, c)
		} else if err := a.dot(c); err != nil {
			return err
		}
	}
	for i, c := range a.largest(seen) {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := a.drawFigure(c); err != nil {
			return err
		}
	}
	return nil
}

func (a *artist) drawFigure(c candidate) error {
	geometry := a.layer.Geometry(c.slot)
	figure, err := a.pencil.draw(geometry)
	if err != nil {
		return err
	}
	if len(figure.paths) > 0 {
		a.put(a.wire, c.slot, figure, 1)
	}
	if a.anchors == nil || c.size < a.frame.pixel {
		return nil
	}
	x, y := geo.PointOnSurface(geometry)
	if figure, err = a.pencil.draw(plan.Geometry{Type: plan.Point, Coords: []float64{x, y}}); err != nil {
		return err
	}
	if len(figure.paths) > 0 && figure.paths[0][0].inTile() {
		a.put(a.anchors, c.slot, figure, 1)
	}
	return nil
}

// inTile reports whether the place belongs to the tile, and so to no other one.
func (p place) inTile() bool { return p.x >= 0 && p.x < Extent && p.y >= 0 && p.y < Extent }

// dot counts a polygon that is too small to be seen, in the tile where its middle is. Each time that they come to a
// pixel, one is drawn.
func (a *artist) dot(c candidate) error {
	box := a.layer.Box(c.slot)
	if err := a.pencil.bring([]float64{(box.MinX + box.MaxX) / 2, (box.MinY + box.MaxY) / 2}); err != nil {
		return err
	}
	middle := a.pencil.places[0]
	if !middle.inTile() {
		return nil
	}
	if a.owed += (box.MaxX - box.MinX) * (box.MaxY - box.MinY) / (a.frame.pixel * a.frame.pixel); a.owed < 1 {
		return nil
	}
	a.owed--
	x, y := floor(middle.x, pixel), floor(middle.y, pixel)
	figure := &a.pencil.figure
	figure.reset(plan.Polygon)
	figure.add([]place{{x, y}, {x + pixel, y}, {x + pixel, y + pixel}, {x, y + pixel}})
	a.put(a.wire, c.slot, figure, 1)
	return nil
}

// floor gives the multiple of a step at or below v.
func floor(v, step int) int { return int(math.Floor(float64(v)/float64(step))) * step }

// points draws points, of several that look like one only the first.
func (a *artist) points(ctx context.Context) error {
	type stack struct {
		first candidate
		count int64
	}
	var stacks []stack
	at := map[place]int{}
	for i, c := range a.candidates() {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		figure, err := a.pencil.draw(a.layer.Geometry(c.slot))
		if err != nil {
			return err
		}
		if len(figure.paths) == 0 {
			continue
		}
		cell := figure.paths[0][0]
		cell = place{floor(cell.x, 2*pixel), floor(cell.y, 2*pixel)}
		if known, taken := at[cell]; taken && !a.all() && len(figure.paths) == 1 {
			stacks[known].count++
			continue
		}
		if len(stacks) == MostFeatures {
			continue
		}
		at[cell] = len(stacks)
		stacks = append(stacks, stack{c, 1})
	}
	for _, s := range stacks {
		figure, err := a.pencil.draw(a.layer.Geometry(s.first.slot))
		if err != nil {
			return err
		}
		a.put(a.wire, s.first.slot, figure, s.count)
	}
	return nil
}

// put writes a feature that stands for so many.
func (a *artist) put(to *wireLayer, slot atlas.Slot, figure *figure, count int64) {
	id := a.layer.ID(slot)
	to.tag("id", plan.TextValue(id))
	definition := a.layer.Layer()
	a.values = a.layer.Values(a.values[:0], slot)
	for _, i := range a.attributes {
		if name := definition.Attributes[i].Name; name != "id" {
			to.tag(name, a.values[i])
		}
	}
	if count > 1 {
		to.tag("point_count", plan.IntegerValue(count))
	}
	number, _ := strconv.ParseUint(id, 10, 64)
	to.add(number, figure)
}

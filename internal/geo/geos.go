package geo

import (
	"fmt"
	"math"
	"sync"

	geos "github.com/twpayne/go-geos"

	"strukturbild/internal/plan"
)

// GEOS stands behind this file alone. A GEOS context serves one goroutine at a time and geometries of different
// contexts never meet: every call borrows a context, works in it and gives plain Go values back. Contexts are lent from
// a list that never shrinks: its length is the most that ever ran at once.
type geosPool struct {
	mu   sync.Mutex
	idle []*geosRoom
}

// geosRoom is a context with the buffer that figures go in through.
type geosRoom struct {
	context *geos.Context
	wkb     []byte
	made    []*geos.Geom // to be destroyed when the call ends, not when the garbage collector comes by
}

var pool geosPool

// inGEOS runs work in a borrowed context. go-geos panics on errors of GEOS: fenced is the one place that turns them
// into errors.
func inGEOS(work func(*geosRoom) error) error {
	room := pool.borrow()
	defer pool.giveBack(room)
	return room.fenced(work)
}

func (r *geosRoom) fenced(work func(*geosRoom) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("GEOS: %v", cause)
		}
	}()
	return work(r)
}

func (p *geosPool) borrow() *geosRoom {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		room := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return room
	}
	return &geosRoom{context: geos.NewContext()}
}

func (p *geosPool) giveBack(room *geosRoom) {
	for _, g := range room.made {
		g.Destroy()
	}
	clear(room.made)
	room.made = room.made[:0]
	p.mu.Lock()
	p.idle = append(p.idle, room)
	p.mu.Unlock()
}

// in takes a figure into GEOS.
func (r *geosRoom) in(g plan.Geometry) (*geos.Geom, error) {
	r.wkb = AppendWKB(r.wkb[:0], g)
	made, err := r.context.NewGeomFromWKB(r.wkb)
	if err != nil {
		return nil, fmt.Errorf("GEOS: %w", err)
	}
	return r.keep(made), nil
}

func (r *geosRoom) keep(g *geos.Geom) *geos.Geom {
	if g == nil {
		panic("the operation failed")
	}
	r.made = append(r.made, g)
	return g
}

// drop destroys what was made last.
func (r *geosRoom) drop() {
	last := len(r.made) - 1
	r.made[last].Destroy()
	r.made = r.made[:last]
}

// out takes a figure back, keeping the parts of one type.
func (r *geosRoom) out(g *geos.Geom, kind plan.GeometryType) (plan.Geometry, error) {
	result := plan.Geometry{Type: kind}
	if err := appendFigure(&result, g); err != nil {
		return plan.Geometry{}, err
	}
	if len(result.Ends) <= 1 {
		result.Ends = nil
	}
	if len(result.Parts) <= 1 {
		result.Parts = nil
	}
	Normalize(&result)
	return result, nil
}

// dimension gives the dimension of a GEOS type: 0, 1, 2, or -1 for collections.
var singleType = map[geos.TypeID]plan.GeometryType{
	geos.TypeIDPoint: plan.Point, geos.TypeIDLineString: plan.Line, geos.TypeIDLinearRing: plan.Line, geos.TypeIDPolygon: plan.Polygon,
}

// appendFigure adds the parts of result's type that are in g, in depth.
func appendFigure(result *plan.Geometry, g *geos.Geom) error {
	if g.IsEmpty() {
		return nil
	}
	kind, single := singleType[g.TypeID()]
	if !single {
		for i := range g.NumGeometries() {
			if err := appendFigure(result, g.Geometry(i)); err != nil {
				return err
			}
		}
		return nil
	}
	if kind != result.Type {
		return nil
	}
	var one plan.Geometry
	if err := ParseEWKB(g.ToWKB(), &one); err != nil {
		return fmt.Errorf("GEOS gave a figure that can't be read: %w", err)
	}
	appendGeometry(result, one)
	return nil
}

// appendGeometry adds the parts of a geometry of the same type; bounds become explicit.
func appendGeometry(dst *plan.Geometry, g plan.Geometry) {
	explicit(dst)
	vertices, paths := uint32(dst.NumVertices()), uint32(len(dst.Ends))
	dst.Coords = append(dst.Coords, g.Coords...)
	if g.Type == plan.Point {
		return
	}
	end := 0
	for i := range g.NumPaths() {
		end += len(g.Path(i)) / 2
		dst.Ends = append(dst.Ends, vertices+uint32(end))
	}
	if g.Type == plan.Polygon {
		for i := range g.NumParts() {
			_, to := g.PartPaths(i)
			dst.Parts = append(dst.Parts, paths+uint32(to))
		}
	}
}

// explicit writes out the bounds that a geometry of one path or part leaves out.
func explicit(g *plan.Geometry) {
	if g.IsEmpty() || g.Type == plan.Point {
		return
	}
	if g.Ends == nil {
		g.Ends = []uint32{uint32(g.NumVertices())}
	}
	if g.Parts == nil && g.Type == plan.Polygon {
		g.Parts = []uint32{uint32(len(g.Ends))}
	}
}

// geosFault gives GEOS's verdict on a polygon.
func geosFault(g plan.Geometry) *Fault {
	var fault *Fault
	err := inGEOS(func(r *geosRoom) error {
		figure, err := r.in(g)
		if err != nil {
			return err
		}
		if reason := figure.IsValidReason(); reason != "Valid Geometry" {
			fault = faultOf(reason, g)
		}
		return nil
	})
	if err != nil {
		return newFault(err.Error(), 0, g.Coords[0], g.Coords[1])
	}
	return fault
}

// Intersection gives the part of a that lies in polygon b: area of a polygon, length of a line. Parts of lower
// dimension (touching lines and points) are left out; the result is empty when nothing is left.
func Intersection(a, b plan.Geometry) (plan.Geometry, error) {
	return overlay(a, b, func(a, b *geos.Geom) *geos.Geom { return a.Intersection(b) }, a.Type)
}

// CommonPoints gives the single points that a and b share: where lines cross or touch. Stretches that they share are left
// out.
func CommonPoints(a, b plan.Geometry) (plan.Geometry, error) {
	return overlay(a, b, func(a, b *geos.Geom) *geos.Geom { return a.Intersection(b) }, plan.Point)
}

// Union gives the union of the geometries, which have one type.
func Union(geometries ...plan.Geometry) (plan.Geometry, error) {
	if len(geometries) == 0 {
		return plan.Geometry{Type: plan.None}, nil
	}
	all := plan.Geometry{Type: geometries[0].Type}
	for _, g := range geometries {
		if g.Type != all.Type {
			return plan.Geometry{}, fmt.Errorf("union of a %s and a %s", all.Type, g.Type)
		}
		appendGeometry(&all, g)
	}
	return shape(all, all.Type, func(g *geos.Geom) *geos.Geom { return g.UnaryUnion() })
}

// Sagitta is how far inside a true round border that of a buffer may lie, in metres.
const Sagitta = 0.2

// BufferQuadrant gives the segments that a quarter circle of the radius is drawn with, to keep to Sagitta: never fewer
// than PostGIS's eight.
func BufferQuadrant(metres float64) int {
	return max(8, int(math.Ceil(math.Pi/4*math.Sqrt(math.Abs(metres)/(2*Sagitta)))))
}

// Buffer gives the polygon of places within the distance of g, in metres; a negative distance shrinks a polygon.
func Buffer(g plan.Geometry, metres float64) (plan.Geometry, error) {
	if box := g.Box(); metres > 0 && outset(g, box) <= small*metres {
		return new(Pen).Around(g, metres, box.Grow(2*metres)), nil
	}
	return shape(g, plan.Polygon, func(g *geos.Geom) *geos.Geom { return g.Buffer(metres, BufferQuadrant(metres)) })
}

// Simplify gives a valid figure with fewer vertices that departs from g by at most so many metres.
func Simplify(g plan.Geometry, metres float64) (plan.Geometry, error) {
	return shape(g, g.Type, func(g *geos.Geom) *geos.Geom { return g.TopologyPreserveSimplify(metres) })
}

// shape runs an operation on one figure and keeps the parts of one type.
func shape(g plan.Geometry, kind plan.GeometryType, operation func(*geos.Geom) *geos.Geom) (result plan.Geometry, err error) {
	err = inGEOS(func(r *geosRoom) error {
		figure, err := r.in(g)
		if err != nil {
			return err
		}
		result, err = r.out(r.keep(operation(figure)), kind)
		return err
	})
	return result, err
}

// overlay runs an operation on two figures and keeps the parts of one type.
func overlay(a, b plan.Geometry, operation func(a, b *geos.Geom) *geos.Geom, kind plan.GeometryType) (result plan.Geometry, err error) {
	err = inGEOS(func(r *geosRoom) error {
		left, err := r.in(a)
		if err != nil {
			return err
		}
		right, err := r.in(b)
		if err != nil {
			return err
		}
		result, err = r.out(r.keep(operation(left, right)), kind)
		return err
	})
	return result, err
}

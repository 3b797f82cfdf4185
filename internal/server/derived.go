package server

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// derived is a layer that is not stored: it follows from those that are, and from the rules that count. Who reads, asks
// layerAt, definitions and contents, which know such layers. Who writes, administers or computes asks the view or
// storedAt, which do not.
type derived struct {
	layer *plan.Layer // its definition, known without computing anything
	// make gives it as it follows from the view, which is that of who asks.
	make func(ctx context.Context, view *atlas.View) (*atlas.Snapshot, error)
	// kept gives it as it was at an earlier revision to one who may see the view, when it is at hand; else nil.
	kept func(at plan.Revision, view *atlas.View) (*atlas.Snapshot, error)
}

// derivations lists them.
func (s *Server) derivations() (list []derived) {
	for _, layer := range conflict.Layers() {
		list = append(list, derived{layer,
			func(ctx context.Context, view *atlas.View) (*atlas.Snapshot, error) {
				standing, err := s.engine.By(s.rules.Current()).Standing(ctx, view)
				if err != nil {
					return nil, err
				}
				return standing.Layer(layer.ID)
			},
			func(at plan.Revision, view *atlas.View) (*atlas.Snapshot, error) {
				standing := s.engine.By(s.rules.Current()).Kept(at, view)
				if standing == nil {
					return nil, nil
				}
				return standing.Layer(layer.ID)
			}})
	}
	for _, layer := range conflict.StackLayers() {
		list = append(list, derived{layer,
			func(ctx context.Context, view *atlas.View) (*atlas.Snapshot, error) {
				stack, err := s.engine.By(s.rules.Current()).Stack(ctx, view, windStack)
				if err != nil {
					return nil, err
				}
				return stack.Layer(layer.ID, conflict.StackFilter{})
			},
			func(plan.Revision, *atlas.View) (*atlas.Snapshot, error) { return nil, nil }}) // tiles that are at hand make it soon again
	}
	for _, layer := range conflict.ClassLayers() {
		list = append(list, derived{layer,
			func(ctx context.Context, view *atlas.View) (*atlas.Snapshot, error) {
				return s.engine.By(s.rules.Current()).ClassLayer(ctx, view, layer.ID, conflict.StackFilter{})
			},
			func(plan.Revision, *atlas.View) (*atlas.Snapshot, error) { return nil, nil }})
	}
	return slices.DeleteFunc(list, func(d derived) bool { return s.stored(d.layer.ID) })
}

// windStack is the land use that the stack as a layer shows: what the rules take a wind turbine for when nothing is said.
var windStack = plan.StackQuery{LandUse: string(plan.Wind), AreaHa: claimHa}

// stored reports whether the newest state has a layer of the id. One of before the id was kept for a derived layer goes
// on being read under it, and the derived one is not.
func (s *Server) stored(id string) bool {
	_, err := s.atlas.View().Layer(id)
	return err == nil
}

// derived finds a derived layer; nil when the id is none's.
func (s *Server) derived(id string) *derived {
	list := s.derivations()
	if i := slices.IndexFunc(list, func(d derived) bool { return d.layer.ID == id }); i >= 0 {
		return &list[i]
	}
	return nil
}

// derivedAt gives a derived layer as it was at the revision, 0 for now, for who asks; nil when the id is none's.
func (s *Server) derivedAt(c echo.Context, id string, at plan.Revision) (*atlas.Snapshot, error) {
	d := s.derived(id)
	if d == nil {
		return nil, nil
	}
	if at != 0 {
		if kept, err := d.kept(at, s.view(c)); kept != nil || err != nil {
			return kept, err
		}
	}
	view, err := s.viewAt(c, at)
	if err != nil {
		return nil, err
	}
	return d.make(c.Request().Context(), view)
}

// definition gives the definition of the request's layer. That of a derived one takes no computing.
func (s *Server) definition(c echo.Context) (*plan.Layer, error) {
	if d := s.derived(c.Param("layer")); d != nil {
		at, err := s.asOf(c)
		s.showing(c, at)
		return d.layer, err
	}
	snapshot, err := s.snapshot(c)
	if err != nil {
		return nil, err
	}
	return snapshot.Layer(), nil
}

// definitions lists the layers that who asks may read, derived ones too, ordered by id.
func (s *Server) definitions(view *atlas.View) (layers []*plan.Layer) {
	for _, snapshot := range view.Snapshots() {
		layers = append(layers, snapshot.Layer())
	}
	for _, d := range s.derivations() {
		layers = append(layers, d.layer)
	}
	slices.SortFunc(layers, func(a, b *plan.Layer) int { return cmp.Compare(a.ID, b.ID) })
	return layers
}

// contents tells what is in the layers that who asks may read, derived ones too, ordered by id.
func (s *Server) contents(ctx context.Context, view *atlas.View) (contents []ogc.Content) {
	for _, snapshot := range view.Snapshots() {
		contents = append(contents, content(snapshot))
	}
	for _, d := range s.derivations() {
		contents = append(contents, s.contentOf(ctx, d, view))
	}
	slices.SortFunc(contents, func(a, b ogc.Content) int { return cmp.Compare(a.Layer.ID, b.Layer.ID) })
	return contents
}

// listing is how long a list of layers waits for what a derived one holds.
const listing = 2 * time.Second

// contentOf tells what is in a derived layer, or when that takes too long or fails, that it is not known: asking for the
// layer itself waits, and tells why.
func (s *Server) contentOf(ctx context.Context, d derived, view *atlas.View) ogc.Content {
	ctx, cancel := context.WithTimeout(ctx, listing)
	defer cancel()
	snapshot, err := d.make(ctx, view)
	if err != nil {
		return ogc.Content{Layer: d.layer, Extent: plan.EmptyBox, Count: ogc.Uncounted}
	}
	return content(snapshot)
}

func content(snapshot *atlas.Snapshot) ogc.Content {
	return ogc.Content{Layer: snapshot.Layer(), Extent: snapshot.Extent(), Interval: snapshot.Interval(), Count: snapshot.Len()}
}

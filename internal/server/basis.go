package server

import (
	"slices"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

// baseHeader is how a client says which revision its edit was made from: the Strukturbild-Revision of what it read.
// Unlike If-Match it does not refuse the edit when others were quicker, but has it merged.
const baseHeader = "Strukturbild-Base"

// basis is what an edit was made from.
type basis struct {
	revision plan.Revision
	versions []plan.Version // of the feature, from the one that was read to the current one
}

// versionsBetween bounds how many versions an edit is held against; a feature that has changed more often since it was
// read counts as not read.
const versionsBetween = 1000

// basisOf finds out from which version of the feature the client's edit was made, or nil when that is the current one or
// nobody knows: by the header, else by what the author has read last.
func (s *Server) basisOf(c echo.Context, snapshot *atlas.Snapshot, slot atlas.Slot) (*basis, error) {
	layer, feature := snapshot.Layer(), snapshot.Feature(slot)
	seen, err := s.seen(c, layer.ID)
	if err != nil || len(seen) == 0 {
		return nil, err
	}
	if last := seen[len(seen)-1]; last.revision >= feature.Since && last.shows(layer, &feature) {
		return nil, nil
	}
	oldest := seen[0].revision
	for _, look := range seen {
		oldest = min(oldest, look.revision)
	}
	versions, err := s.store.Versions(c.Request().Context(), store.VersionQuery{Layer: layer.ID, ID: feature.ID, Since: oldest, Limit: versionsBetween})
	if err != nil {
		return nil, err
	}
	for _, look := range slices.Backward(seen) {
		at := slices.IndexFunc(versions, func(v plan.Version) bool {
			return v.Since <= look.revision && (v.Until == 0 || look.revision < v.Until)
		})
		if at >= 0 && look.shows(versions[at].Layer, &versions[at].Feature) {
			return newBasis(layer, look.revision, versions[at:]), nil
		}
	}
	return nil, nil
}

// newBasis gives nil when the current version was read, and when the schema has changed since.
func newBasis(layer *plan.Layer, revision plan.Revision, versions []plan.Version) *basis {
	if len(versions) == 1 || slices.ContainsFunc(versions, func(v plan.Version) bool { return !v.Layer.SameSchema(layer) }) {
		return nil
	}
	return &basis{revision, versions}
}

// seen gives what the client has read of the layer, oldest first.
func (s *Server) seen(c echo.Context, layer string) ([]sighting, error) {
	said := c.Request().Header.Get(baseHeader)
	if said == "" {
		return s.sightings.seen(principal(c).Name, layer), nil
	}
	revision, err := revisionParam(said, baseHeader)
	return []sighting{{revision: revision}}, err
}

// merge brings the edit into what the feature has become since: what the author did not touch stays as others have made
// it, and what both have changed is the author's, and told as a collision. Whole edits name everything, so that what was
// touched shows only against what the author had read.
func (b *basis) merge(edit plan.Edit, whole bool, author string, layer *plan.Layer, current plan.Feature) (plan.Feature, []plan.Collision) {
	from := current
	if b != nil {
		from = b.versions[0].Feature
	}
	if edit.Geometry != nil {
		geo.Settle(edit.Geometry.Coords, from.Geometry.Coords)
	}
	if whole {
		edit = edit.Since(from)
	}
	return edit.Apply(current), b.collisions(edit, author, layer)
}

func (b *basis) collisions(edit plan.Edit, author string, layer *plan.Layer) []plan.Collision {
	if b == nil {
		return nil
	}
	fields := edit.Collide(author, layer, b.versions)
	if len(fields) == 0 {
		return nil
	}
	current := &b.versions[len(b.versions)-1]
	return []plan.Collision{{ID: current.ID, Fields: fields, Base: b.revision, Overwrote: current.Since}}
}

// removal tells what is lost when the author removes the feature: what others have changed since it was read.
func (b *basis) removal(author string, layer *plan.Layer) []plan.Collision {
	if b == nil {
		return nil
	}
	return b.collisions(plan.Whole(b.versions[0].Feature), author, layer)
}

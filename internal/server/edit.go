package server

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/ingest"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// editing is the single-feature edits in one of their two spellings: REST, and OGC API Features Part 4 (20-002).
type editing struct {
	*Server
	before, after string // of the layer's id, in the path of its features
	makesIDs      bool   // the id in the body of a new feature is not looked at
	silent        bool   // the feature is not answered unless the client prefers it
	bodies        []string
	patches       []string // media types; nil: the contract knows
}

func (s *Server) restEditing() editing {
	return editing{Server: s, before: api + "/layers/", after: "/features"}
}

// The media types of bodies that OGC API reads, also told by OPTIONS. Merge patch is what the standard says; the others
// are what clients also call one.
var (
	featureBodies = []string{ogc.MediaGeoJSON, ogc.MediaJSON, "application/vnd.geo+json"}
	patchBodies   = []string{ogc.MediaMergePatch, ogc.MediaGeoJSON, ogc.MediaJSON}
)

func (s *Server) ogcEditing() editing {
	return editing{Server: s, before: "/ogc/collections/", after: "/items", makesIDs: true, silent: true, bodies: featureBodies, patches: patchBodies}
}

// create makes a new feature (Part 4, 6.3).
func (e editing) create(c echo.Context) error {
	body, err := readAs(c, e.bodies)
	if err != nil {
		return err
	}
	forgiving := lenient(c)
	applied, err := e.change(c, plan.ChangeEdit, func(view *atlas.View) (*plan.LayerChange, error) {
		snapshot, err := view.Layer(c.Param("layer"))
		if err != nil {
			return nil, err
		}
		options, err := bodyOptions(c, snapshot, forgiving)
		if err != nil {
			return nil, err
		}
		feature, err := ingest.DecodeFeature(body, options)
		if err != nil {
			return nil, err
		}
		if e.makesIDs {
			feature.ID = ""
		}
		compared, err := snapshot.Compare(plan.List{feature}, plan.UploadAppend)
		if err != nil {
			return nil, err
		}
		return &compared.Change, nil
	})
	if err != nil {
		return err
	}
	id := string(applied.Result)
	c.Response().Header().Set(echo.HeaderLocation, e.base(c)+e.before+c.Param("layer")+e.after+"/"+url.PathEscape(id))
	return e.answer(c, http.StatusCreated, id)
}

// replace makes a feature what the body says (Part 4, 6.4).
func (e editing) replace(c echo.Context) error {
	return e.edit(c, e.bodies, true, func(body []byte, options ingest.Options) (plan.Edit, error) {
		feature, err := ingest.DecodeFeature(body, options)
		return plan.Whole(feature), err
	})
}

// update takes a JSON merge patch of the feature (Part 4, 7; RFC 7396).
func (e editing) update(c echo.Context) error { return e.edit(c, e.patches, false, ingest.DecodePatch) }

// edit makes one feature what read gives of the body, in what it names.
func (e editing) edit(c echo.Context, media []string, whole bool, read func([]byte, ingest.Options) (plan.Edit, error)) error {
	body, err := readAs(c, media)
	if err != nil {
		return err
	}
	forgiving := lenient(c)
	_, err = e.change(c, plan.ChangeEdit, func(view *atlas.View) (*plan.LayerChange, error) {
		snapshot, slot, basis, err := e.target(c, view)
		if err != nil {
			return nil, err
		}
		options, err := bodyOptions(c, snapshot, forgiving)
		if err != nil {
			return nil, err
		}
		edit, err := read(body, options)
		if err != nil {
			return nil, err
		}
		if edit.ID != "" && edit.ID != snapshot.ID(slot) {
			return nil, plan.Errorf(plan.Invalid, "id", "the body has the id %q, the address %q; a feature keeps its id", edit.ID, snapshot.ID(slot))
		}
		feature, collisions := basis.merge(edit, whole, principal(c).Name, snapshot.Layer(), snapshot.Feature(slot))
		compared, err := snapshot.Compare(plan.List{feature}, plan.UploadUpsert)
		if err != nil || compared.IsEmpty() {
			return nil, err
		}
		compared.Change.Collisions = collisions
		return &compared.Change, nil
	})
	if err != nil {
		return err
	}
	return e.answer(c, http.StatusOK, c.Param("id"))
}

// remove ends a feature (Part 4, 6.5); its history stays.
func (e editing) remove(c echo.Context) error {
	_, err := e.change(c, plan.ChangeEdit, func(view *atlas.View) (*plan.LayerChange, error) {
		snapshot, slot, basis, err := e.target(c, view)
		if err != nil {
			return nil, err
		}
		return &plan.LayerChange{Layer: snapshot.Layer().ID, Base: snapshot.Revision(), Remove: []string{snapshot.ID(slot)},
			Collisions: basis.removal(principal(c).Name, snapshot.Layer())}, nil
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// target finds the feature that the address names, holds the preconditions against it, and finds out what the edit was
// made from: a client that states a precondition has said so.
func (e editing) target(c echo.Context, view *atlas.View) (*atlas.Snapshot, atlas.Slot, *basis, error) {
	snapshot, err := view.Layer(c.Param("layer"))
	if err != nil {
		return nil, 0, nil, err
	}
	slot, err := featureIn(snapshot, c.Param("id"))
	if err != nil {
		return nil, 0, nil, err
	}
	if err := ifMatch(c, snapshot.Since(slot)); err != nil {
		return nil, 0, nil, err
	}
	if conditional(c) {
		return snapshot, slot, nil, e.unchangedSince(c, snapshot.Since(slot))
	}
	basis, err := e.basisOf(c, snapshot, slot)
	return snapshot, slot, basis, err
}

// readAs reads a body of one of the media types (Part 4, 6.3.1: without one it is 400).
func readAs(c echo.Context, media []string) ([]byte, error) {
	if media != nil {
		sent := c.Request().Header.Get(echo.HeaderContentType)
		kind, _, err := mime.ParseMediaType(sent)
		switch {
		case sent == "" || err != nil:
			return nil, plan.Errorf(plan.Invalid, echo.HeaderContentType, "the header Content-Type is missing or can't be read; it must be one of %s", strings.Join(media, ", "))
		case !slices.Contains(media, kind):
			return nil, plan.Errorf(plan.Unsupported, echo.HeaderContentType, "a body of the type %q is not read here; send one of %s", kind, strings.Join(media, ", "))
		}
	}
	return readBody(c)
}

// bodyOptions says how the body of an edit is read. Content-Crs names the system with the axis order that its address
// stands for (Part 2, 6.3); the parameter crs of REST means x, y however it is spelt.
func bodyOptions(c echo.Context, snapshot *atlas.Snapshot, forgiving bool) (ingest.Options, error) {
	options := ingest.Options{Layer: snapshot.Layer(), CRS: c.QueryParam("crs")}
	options.Columns.IgnoreUnknown = forgiving
	said := c.Request().Header.Get("Content-Crs")
	if said == "" {
		return options, nil
	}
	crs, err := geo.ParseCRS(strings.Trim(strings.TrimSpace(said), "<>"))
	switch {
	case err != nil || !slices.Contains(geo.Supported, crs.WithURIOrder()):
		return options, plan.Errorf(plan.Invalid, "Content-Crs", "Content-Crs is %q; use one of %s", said, strings.Join(ogc.SystemURIs(), ", "))
	case options.CRS != "":
		return options, plan.Errorf(plan.Invalid, "Content-Crs", "Content-Crs and the parameter crs both name a coordinate system; give one of them")
	}
	options.CRS, options.Swapped = crs.Name(), crs.Flipped()
	return options, nil
}

// answer tells what the feature has become, or only its version when the client, or else the spelling, wants no more
// (RFC 7240, 4.2).
func (e editing) answer(c echo.Context, status int, id string) error {
	snapshot, err := e.atlas.View().Layer(c.Param("layer"))
	if err != nil {
		return err
	}
	slot, err := featureIn(snapshot, id)
	if err != nil {
		return err
	}
	wanted := preference(c, "return")
	if wanted == "minimal" || wanted == "representation" {
		preferenceApplied(c, "return", wanted)
	}
	if wanted != "minimal" && (!e.silent || wanted == "representation") {
		return e.writeFeature(c, status, snapshot, slot, geo.CRS84)
	}
	if status == http.StatusOK {
		status = http.StatusNoContent
	}
	c.Response().Header().Set("ETag", etag(snapshot.Since(slot)))
	return c.NoContent(status)
}

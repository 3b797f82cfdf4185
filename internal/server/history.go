package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
)

const revisionsPage = 100

func (s *Server) getLayerRevisions(c echo.Context) error {
	if _, err := s.view(c).Layer(c.Param("layer")); err != nil {
		return err
	}
	return s.listRevisions(c, c.Param("layer"))
}

func (s *Server) getRevisions(c echo.Context) error { return s.listRevisions(c, "") }

func (s *Server) listRevisions(c echo.Context, layer string) error {
	q := store.RevisionQuery{Layer: layer, Limit: revisionsPage}
	if limit, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		q.Limit = limit
	}
	if before, err := strconv.ParseInt(c.QueryParam("before"), 10, 64); err == nil {
		q.Before = plan.Revision(before)
	}
	q.Limit++ // one more tells whether there is a next page
	if err := s.reachable(); err != nil {
		return err
	}
	records, err := s.store.Revisions(c.Request().Context(), q)
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if len(records) == q.Limit {
		records = records[:q.Limit-1]
		links = append(links, s.nextLink(c, "before", strconv.FormatInt(int64(records[len(records)-1].Revision), 10)))
	}
	atRevision(c, s.atlas.View().Revision())
	return c.JSON(http.StatusOK, map[string]any{"revisions": records, "links": links})
}

func (s *Server) getRevision(c echo.Context) error {
	number, err := revisionParam(c.Param("revision"), "revision")
	if err != nil {
		return err
	}
	record, err := s.store.Revision(c.Request().Context(), number)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, record)
}

func revisionParam(text, name string) (plan.Revision, error) {
	if text == "" {
		return 0, nil
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		return 0, plan.Errorf(plan.Invalid, name, "%s=%q is not a revision number", name, text)
	}
	return plan.Revision(number), nil
}

// getDiff tells what changed in the layer between two revisions, feature by feature.
func (s *Server) getDiff(c echo.Context) error {
	from, err := revisionParam(c.QueryParam("from"), "from")
	if err != nil {
		return err
	}
	to, err := revisionParam(c.QueryParam("to"), "to")
	if err != nil {
		return err
	}
	is, err := s.snapshot(c, to)
	if err != nil {
		return err
	}
	was, err := s.atlas.Snapshot(c.Request().Context(), c.Param("layer"), from)
	if err != nil {
		return err
	}
	body, err := encodeDifference(was.Layer(), is.Layer(), atlas.Diff(was, is))
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, body)
}

// encodeDifference writes the three lists, with every feature as GeoJSON in CRS84.
func encodeDifference(was, is *plan.Layer, d atlas.Difference) ([]byte, error) {
	before, after := ogc.NewEncoder(was, geo.CRS84), ogc.NewEncoder(is, geo.CRS84)
	var failure error
	encode := func(encoder *ogc.Encoder, f *plan.Feature) json.RawMessage {
		text, err := encoder.Append(nil, f)
		failure = errors.Join(failure, err)
		return text
	}
	type pair struct {
		Before json.RawMessage `json:"before"`
		After  json.RawMessage `json:"after"`
	}
	answer := struct {
		Added   []json.RawMessage `json:"added"`
		Removed []json.RawMessage `json:"removed"`
		Changed []pair            `json:"changed"`
	}{[]json.RawMessage{}, []json.RawMessage{}, []pair{}}
	for i := range d.Added {
		answer.Added = append(answer.Added, encode(after, &d.Added[i]))
	}
	for i := range d.Removed {
		answer.Removed = append(answer.Removed, encode(before, &d.Removed[i]))
	}
	for i := range d.Changed {
		answer.Changed = append(answer.Changed, pair{encode(before, &d.Changed[i].Before), encode(after, &d.Changed[i].After)})
	}
	if failure != nil {
		return nil, failure
	}
	return json.Marshal(answer)
}

// rollback is the body of a rollback request.
type rollback struct {
	To plan.Revision `json:"to"`
}

// postRollback makes the layer what it was at a revision. That is a new revision; nothing is forgotten.
func (s *Server) postRollback(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	var request rollback
	if err := strictJSON(body, &request); err != nil {
		return err
	}
	id := c.Param("layer")
	was, err := s.atlas.Snapshot(c.Request().Context(), id, request.To)
	if err != nil {
		return err
	}
	applied, err := s.change(c, plan.ChangeRollback, func(view *atlas.View) (*plan.LayerChange, error) {
		is, err := view.Layer(id)
		if err != nil {
			return nil, err
		}
		return is.RollBack(was)
	})
	if err != nil {
		return err
	}
	if applied.Record.Revision == 0 { // the layer is as it was: the newest revision stands
		latest, err := s.store.Revision(c.Request().Context(), s.atlas.View().Revision())
		if err != nil {
			return err
		}
		applied.Record = *latest
	}
	return c.JSON(http.StatusOK, applied.Record)
}

// checksumAnswer lets verify compare this node's atlas with the database.
type checksumAnswer struct {
	Layer    string        `json:"layer"`
	Revision plan.Revision `json:"revision"`
	atlas.Checksum
}

func (s *Server) getChecksum(c echo.Context) error {
	snapshot, err := s.snapshot(c, 0)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, checksumAnswer{snapshot.Layer().ID, snapshot.Revision(), snapshot.Checksum()})
}

package server

import (
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/export"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
	"strukturbild/internal/wfs"
)

// wfsFound is what the queries of a request have found.
type wfsFound struct {
	request  *wfs.Request
	revision plan.Revision // the state that was asked
	now      bool          // which was the newest
	results  []wfsResult
	matched  int // features on all pages together
	returned int
	lock     string // its id, when what was found is locked for who asks
}

type wfsResult struct {
	page   *atlas.Page
	system ogc.Reference
}

// findWFS asks the layers. startIndex and count go over all queries together (OGC 09-025r2, 7.6.3.4).
func (s *Server) findWFS(c echo.Context, request *wfs.Request, format wfs.Format) (*wfsFound, error) {
	found := &wfsFound{request: request}
	var err error
	if found.revision, err = s.asOf(c); err != nil {
		return nil, err
	}
	if found.now = found.revision == 0; found.now { // all queries, and the pages to come, see the same state
		found.revision = s.atlas.View().Revision()
	}
	if len(request.Queries) == 0 {
		_, _, err := wfs.Query{}.Resolve(request.Version)
		return nil, err
	}
	skip, left := request.StartIndex, request.Count
	for _, query := range request.Queries {
		result, err := s.findOne(c, found, query, format, skip, left)
		if err != nil {
			return nil, err
		}
		n := len(result.page.Slots)
		found.results = append(found.results, result)
		found.matched, found.returned = found.matched+result.page.Matched, found.returned+n
		skip = max(skip-result.page.Matched, 0)
		if left != wfs.NoCount {
			left -= n
		}
	}
	atRevision(c, found.revision)
	return found, nil
}

// findOne asks one layer for at most so many features; none when only their number is wanted.
func (s *Server) findOne(c echo.Context, found *wfsFound, query wfs.Query, format wfs.Format, skip, most int) (result wfsResult, err error) {
	request := found.request
	query, layer, err := query.Resolve(request.Version)
	if err != nil {
		return result, err
	}
	snapshot, err := s.layerAt(c, layer, found.revision)
	if plan.CodeOf(err) == plan.NotFound {
		return result, request.NoLayer(layer)
	}
	if err != nil {
		return result, err
	}
	if err := s.ofLayer(c, request.Version, query.NamedIDs(), snapshot, found.revision); err != nil {
		return result, err
	}
	wanted, system, err := query.Plan(request.Version, snapshot.Layer(), format)
	if err != nil {
		return result, err
	}
	none := request.Hits || most == 0
	if wanted.Skip, wanted.Limit = skip, max(most, 0); none {
		wanted.Skip, wanted.Limit = 0, 1
	}
	if request.Operation == wfs.GetPropertyValue {
		if wanted, err = request.Values(wanted, snapshot.Layer()); err != nil {
			return result, err
		}
	}
	page, err := snapshot.Find(wanted)
	if err != nil {
		return result, wfs.FilterFault(err)
	}
	if none {
		page.Slots = nil
	} else if found.now {
		s.sightings.note(principal(c).Name, wanted, found.revision, page)
	}
	return wfsResult{page, system}, nil
}

// ofLayer refuses the ids of features that begin with the name of another layer, unless the layer has such an id.
func (s *Server) ofLayer(c echo.Context, version wfs.Version, ids []string, snapshot *atlas.Snapshot, at plan.Revision) error {
	layer := snapshot.Layer().ID
	for _, id := range ids {
		other, _, qualified := strings.Cut(id, ".")
		if !qualified || other == layer {
			continue
		}
		if slices.ContainsFunc(ogc.FeatureIDs(layer, id), func(id string) bool { _, has := snapshot.ByID(id); return has }) {
			continue
		}
		if _, err := s.layerAt(c, other, at); err == nil {
			return wfs.OtherType(version, id, layer)
		}
	}
	return nil
}

// around gives the addresses of the pages before and after, "" where there is none.
func (f *wfsFound) around(service string) (before, next string) {
	r := f.request
	if r.Hits && f.matched > 0 {
		return "", r.Address(service, 0, f.revision) // the features that were counted (OGC 09-025r2, 7.7.4.4.1)
	}
	if r.Count == wfs.NoCount || r.Count == 0 {
		return "", ""
	}
	if r.StartIndex > 0 {
		before = r.Address(service, max(r.StartIndex-r.Count, 0), f.revision)
	}
	if r.StartIndex+f.returned < f.matched && f.returned > 0 {
		next = r.Address(service, r.StartIndex+f.returned, f.revision)
	}
	return before, next
}

// gml gives what was found as the writer takes it.
func (s *Server) gml(c echo.Context, found *wfsFound, edition *ogc.GML) ogc.GMLFile {
	service := s.base(c) + wfsPath
	file := ogc.GMLFile{Edition: edition, Time: time.Now(), Hits: found.request.Hits, Lock: found.lock}
	file.Before, file.Next = found.around(service)
	var layers []string
	for _, r := range found.results {
		layers = append(layers, r.page.Layer().ID)
		extent := plan.EmptyBox
		for _, slot := range r.page.Slots {
			extent = extent.Union(r.page.Snapshot.Box(slot))
		}
		file.Results = append(file.Results, ogc.GMLResult{Layer: r.page.Layer(), System: r.system, Features: r.page.Features(),
			Matched: r.page.Matched, Returned: len(r.page.Slots), Extent: extent})
	}
	file.Schema = wfs.SchemaAddress(service, edition, layers...)
	file.Check = c.Request().Context().Err
	file.Report = func(err error) string {
		s.log.Warn("answer broken off", "request_id", requestID(c), "error", err)
		return wfsReport(s.problemOf(err, c), err).XML(wfs.V200)
	}
	return file
}

func (s *Server) getWFSFeatures(c echo.Context, request *wfs.Request) error {
	format, err := request.Format()
	if err != nil {
		return err
	}
	locks := request.Operation == wfs.GetFeatureWithLock
	if locks {
		err = errors.Join(allowed(c, plan.Officer), request.LockableAs(format))
	}
	if err != nil {
		return err
	}
	found, err := s.findWFS(c, request, format)
	if err == nil && locks {
		err = s.lockFound(c, found)
	}
	if err != nil {
		return err
	}
	header := c.Response().Header()
	switch id, alone := request.ByID(); {
	case alone && found.matched == 0:
		return wfs.NoFeature(id)
	case format.File == wfs.GeoJSON:
		return s.writeWFSGeoJSON(c, found)
	case format.GML == nil:
		return s.exportWFS(c, found, format.File)
	case alone && found.returned == 1 && !locks:
		return s.writeWFSFeature(c, found, format.GML)
	}
	header.Set(echo.HeaderContentType, format.GML.Media)
	return s.streamed(c, func() error { return ogc.WriteGML(c.Response(), s.gml(c, found, format.GML)) })
}

// streamed writes an answer of which no more than a piece is ever in memory. What fails after the first piece breaks the connection off:
// half of it must not look like all.
func (s *Server) streamed(c echo.Context, write func() error) error {
	if c.Request().Method == http.MethodHead {
		c.Response().WriteHeader(http.StatusOK)
		return nil
	}
	err := write()
	if err != nil && c.Response().Committed {
		s.log.Warn("answer broken off", "request_id", requestID(c), "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

// writeWFSFeature writes the feature that GetFeatureById asks for.
func (s *Server) writeWFSFeature(c echo.Context, found *wfsFound, edition *ogc.GML) error {
	result := found.results[0]
	schema := wfs.SchemaAddress(s.base(c)+wfsPath, edition, result.page.Layer().ID)
	c.Response().Header().Set(echo.HeaderContentType, edition.Media)
	for feature := range result.page.Features() {
		return ogc.WriteGMLFeature(c.Response(), edition, schema, result.page.Layer(), result.system, feature)
	}
	return nil
}

// single gives the one result that a file can hold.
func (f *wfsFound) single() (wfsResult, error) {
	if len(f.results) != 1 {
		return wfsResult{}, wfs.OneLayerAFile(f.request.OutputFormat)
	}
	return f.results[0], nil
}

// writeWFSGeoJSON writes a page as GeoJSON: x first, as every reader of it expects, and with the ids that GML has.
func (s *Server) writeWFSGeoJSON(c echo.Context, found *wfsFound) error {
	result, err := found.single()
	if err != nil {
		return err
	}
	links := []ogc.Link{}
	before, next := found.around(s.base(c) + wfsPath)
	for rel, href := range map[string]string{"prev": before, "next": next} {
		if href != "" {
			links = append(links, ogc.Link{Href: href, Rel: rel, Type: ogc.MediaGeoJSON})
		}
	}
	crs := result.system.CRS.WithXYOrder()
	items := ogc.Items{Layer: result.page.Layer(), CRS: crs, Features: byGMLID(result.page), Matched: found.matched, Links: links, Time: time.Now(), System: crs.URN()}
	c.Response().Header().Set(echo.HeaderContentType, ogc.MediaGeoJSON)
	return s.streamed(c, func() error { return ogc.WriteItems(c.Response(), items) })
}

// byGMLID yields the features of the page by their ids in GML.
func byGMLID(page *atlas.Page) iter.Seq[*plan.Feature] {
	return func(yield func(*plan.Feature) bool) {
		for f := range page.Features() {
			f.ID = ogc.GMLID(page.Layer().ID, f.ID)
			if !yield(f) {
				return
			}
		}
	}
}

// exportWFS answers with a file.
func (s *Server) exportWFS(c echo.Context, found *wfsFound, name string) error {
	result, err := found.single()
	if err != nil {
		return err
	}
	format, err := export.FormatNamed(name)
	if err != nil {
		return err
	}
	layer := result.page.Layer()
	file := export.File{Format: format, CRS: result.system.CRS.WithXYOrder(),
		Layers: []export.Layer{{Name: layer.ID, Definition: layer, Features: result.page.Features(), Count: found.returned}}}
	c.Response().Header().Set(echo.HeaderContentType, format.MediaType)
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	return s.export(c, file, layer.ID+format.Extension)
}

// getPropertyValue answers with the values of one property.
func (s *Server) getPropertyValue(c echo.Context, request *wfs.Request) error {
	format, err := request.Format()
	if err != nil {
		return err
	}
	if format.GML != ogc.GML32 {
		return wfs.OnlyGML32(request.OutputFormat)
	}
	found, err := s.findWFS(c, request, format)
	if err != nil {
		return err
	}
	file := s.gml(c, found, format.GML)
	if len(file.Results) != 1 {
		return wfs.OneLayerAFile("GetPropertyValue")
	}
	property, err := request.Value(found.results[0].page.Snapshot.Layer())
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentType, format.GML.Media)
	return s.streamed(c, func() error { return ogc.WriteGMLValues(c.Response(), file, property) })
}

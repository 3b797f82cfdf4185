package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/export"
	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// getExport answers with a layer, as it is or was, as a file.
func (s *Server) getExport(c echo.Context) error {
	snapshot, err := s.snapshot(c)
	if err != nil {
		return err
	}
	parameters, err := query(c)
	if err != nil {
		return err
	}
	file, err := exportFile(parameters, snapshot)
	if err != nil {
		return err
	}
	tag, err := s.fileTag(c, snapshot.Revision(), snapshot.Edition())
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("ETag", tag)
	header.Set(echo.HeaderCacheControl, "no-cache")
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	header.Set(echo.HeaderContentType, file.Format.MediaType)
	name := fmt.Sprintf("%s-r%d%s", snapshot.Layer().ID, snapshot.Revision(), file.Format.Extension)
	if c.Request().Method == http.MethodHead {
		header.Set(echo.HeaderContentDisposition, attached(name))
		return c.NoContent(http.StatusOK)
	}
	return s.export(c, file, name)
}

// exportsAtOnce bounds the files that are being made or sent.
const exportsAtOnce = 4

// export makes the file and sends it. Only so many do that at a time: each takes a core and room on the disk.
func (s *Server) export(c echo.Context, file export.File, name string) error {
	select {
	case s.exports <- struct{}{}:
		defer func() { <-s.exports }()
	default:
		return plan.Errorf(plan.Unavailable, "", "%d files are being made, and no more are made at once; try again in a moment", cap(s.exports))
	}
	product, err := s.options.Exports.Make(c.Request().Context(), file)
	if err != nil {
		return err
	}
	defer product.Close()
	header := c.Response().Header()
	header.Set(echo.HeaderContentDisposition, attached(name))
	if product.Size >= 0 {
		header.Set(echo.HeaderContentLength, strconv.FormatInt(product.Size, 10))
	}
	err = product.Send(answerWriter{c})
	if err != nil && c.Response().Committed {
		s.log.Warn("answer broken off", "request_id", requestID(c), "error", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	if err != nil {
		header.Del(echo.HeaderContentDisposition)
		header.Del(echo.HeaderContentLength)
	}
	return err
}

func attached(name string) string { return `attachment; filename="` + name + `"` }

// answerWriter writes the answer until the time of the request is over.
type answerWriter struct{ echo.Context }

func (w answerWriter) Write(p []byte) (int, error) {
	if err := w.Request().Context().Err(); err != nil {
		return 0, err
	}
	return w.Response().Write(p)
}

var _ io.Writer = answerWriter{}

// exportFile says what the request asks for.
func exportFile(parameters url.Values, snapshot *atlas.Snapshot) (file export.File, err error) {
	if file.Format, err = export.FormatNamed(parameters.Get("f")); err != nil {
		return file, err
	}
	usual := geo.House
	if file.Format.Degrees() {
		usual = geo.CRS84
	}
	request, err := ogc.ParseExport(parameters, snapshot.Layer(), usual)
	if err != nil {
		return file, err
	}
	page, err := snapshot.Find(request.Query)
	if err != nil {
		return file, err
	}
	layer := export.Layer{Name: snapshot.Layer().ID, Definition: snapshot.Layer(), Features: page.Features(), Count: len(page.Slots)}
	if request.Attributes != nil {
		if layer, err = layer.Select(request.Attributes); err != nil {
			return file, err
		}
	}
	file.CRS, file.Layers = request.CRS, []export.Layer{layer}
	file.Table = export.Table{Geometry: export.TableGeometry(parameters.Get("geometry")), Semicolon: parameters.Get("separator") == "semicolon",
		Mark: parameters.Get("bom") == "true"}
	return file, nil
}

// fileTag tells files apart: by the state of what is in it, by what is asked of that, and by the program that makes them.
func (s *Server) fileTag(c echo.Context, revision plan.Revision, edition string) (string, error) {
	parameters, err := query(c)
	if err != nil {
		return "", err
	}
	asked := url.Values(maps.Clone(map[string][]string(parameters)))
	asked.Del("revision") // that of the state says more
	asked.Del("at")
	sum := sha256.Sum256([]byte(s.options.Version + edition + "?" + asked.Encode()))
	return fmt.Sprintf(`"%d-%s"`, revision, hex.EncodeToString(sum[:8])), nil
}

// makesFile reports whether the answer is a file, which takes as long as it takes.
func makesFile(c echo.Context) bool {
	switch f := c.QueryParam("f"); c.Path() {
	case exportPath, stackPath, turnPath, lucisPath, symphonyPath, strukturbildExportPath:
		return true
	case reportPath:
		return slices.Contains([]string{"csv", "gpkg", "xlsx", "pdf"}, f)
	case conflictsPath:
		return c.Request().Method != http.MethodPost && f != "" && f != "json" && f != "geojson"
	}
	return false
}

package server

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
)

// Uploads that resume, by the tus protocol 1.0.0 (tus.io): core, creation, expiration, checksum, termination.
const (
	tusVersion   = "1.0.0"
	tusExtension = "creation,expiration,checksum,termination"
	offsetStream = "application/offset+octet-stream"
	// statusChecksum is what a piece is refused with that did not arrive as it was sent (tus, checksum).
	statusChecksum = 460
)

// tus requires and names the version (tus, Tus-Resumable).
func (s *Server) tus(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Tus-Resumable", tusVersion)
		if got := c.Request().Header.Get("Tus-Resumable"); got != tusVersion && c.Request().Method != http.MethodOptions && c.Request().Method != http.MethodGet {
			c.Response().Header().Set("Tus-Version", tusVersion)
			return echo.NewHTTPError(http.StatusPreconditionFailed, "this address speaks tus "+tusVersion+": send Tus-Resumable: "+tusVersion)
		}
		return next(c)
	}
}

// tusOptions tells what is spoken (tus, OPTIONS).
func (s *Server) tusOptions(c echo.Context) error {
	header := c.Response().Header()
	header.Set("Tus-Version", tusVersion)
	header.Set("Tus-Extension", tusExtension)
	header.Set("Tus-Max-Size", strconv.FormatInt(s.options.MaxUpload, 10))
	header.Set("Tus-Checksum-Algorithm", jobs.ChecksumAlgorithms)
	return c.NoContent(http.StatusNoContent)
}

// tusCreate begins an upload (tus, creation). Its metadata are the parameters of a plain upload, and layer.
func (s *Server) tusCreate(c echo.Context) error {
	length, err := strconv.ParseInt(c.Request().Header.Get("Upload-Length"), 10, 64)
	if err != nil {
		return plan.Errorf(plan.Invalid, "Upload-Length", "Upload-Length must say how many bytes the file has")
	}
	upload, err := s.tusUpload(c.Request().Header.Get("Upload-Metadata"))
	if err != nil {
		return err
	}
	key, err := idempotencyKey(c)
	if err != nil {
		return err
	}
	if err := s.reachable(); err != nil {
		return err
	}
	p, err := s.jobs.Begin(c.Request().Context(), upload, principal(c).Name, key, length)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, s.base(c)+api+"/uploads/"+p.ID)
	tusState(c, p)
	return c.NoContent(http.StatusCreated)
}

// tusUpload reads the metadata, and holds them against the contract of a plain upload.
func (s *Server) tusUpload(text string) (upload plan.Upload, err error) {
	metadata, err := tusMetadata(text)
	if err != nil {
		return upload, err
	}
	layer, mediaType := metadata.Get("layer"), metadata.Get("filetype")
	for _, name := range []string{"layer", "filetype", "name", "type", "relativePath"} { // the last three are of some clients' own
		metadata.Del(name)
	}
	if layer == "" {
		return upload, plan.Errorf(plan.Invalid, "Upload-Metadata", "Upload-Metadata must name the layer, and may hold the parameters of a plain upload")
	}
	plain, err := http.NewRequest(http.MethodPost, api+"/layers/"+url.PathEscape(layer)+"/uploads?"+metadata.Encode(), nil)
	if err != nil {
		return upload, err
	}
	if err := s.contract.check(plain, false); err != nil {
		return upload, err
	}
	return uploadOf(layer, metadata, mediaType), nil
}

// tusMetadata reads names and base64 values: "layer cHJvdg==,dry_run dHJ1ZQ==" (tus, Upload-Metadata).
func tusMetadata(text string) (url.Values, error) {
	metadata := url.Values{}
	if strings.TrimSpace(text) == "" {
		return metadata, nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		name, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || name == "" || metadata.Has(name) {
			return nil, plan.Errorf(plan.Invalid, "Upload-Metadata", "Upload-Metadata is names, each once and with a base64 value, between commas; %.40q is not", pair)
		}
		metadata.Set(name, string(value))
	}
	return metadata, nil
}

// partial finds the upload of the address. Another request for it breaks this one off.
func (s *Server) partial(c echo.Context) (*jobs.Partial, func(), error) {
	control := http.NewResponseController(c.Response())
	return s.jobs.Partial(c.Request().Context(), c.Param("id"), principal(c).Name, func() {
		_ = control.SetReadDeadline(time.Now())
	})
}

// tusState says how much has arrived, until when the rest may, and which job it has become.
func tusState(c echo.Context, p *jobs.Partial) {
	header := c.Response().Header()
	header.Set("Upload-Offset", strconv.FormatInt(p.Offset, 10))
	header.Set("Upload-Length", strconv.FormatInt(p.Length, 10))
	header.Set("Upload-Expires", p.Expires.Format(http.TimeFormat)) // tus, expiration
	header.Set(echo.HeaderCacheControl, "no-store")                 // tus, HEAD
	if p.Job != "" {
		header.Set("Strukturbild-Job", p.Job)
	}
}

// tusGet answers HEAD for clients of the protocol, and GET for people.
func (s *Server) tusGet(c echo.Context) error {
	p, release, err := s.partial(c)
	if err != nil {
		return err
	}
	defer release()
	tusState(c, p)
	return c.JSON(http.StatusOK, map[string]any{"id": p.ID, "layer": p.Upload.Layer, "offset": p.Offset, "length": p.Length,
		"expires": p.Expires, "job": p.Job})
}

// tusPatch takes the next piece (tus, PATCH).
func (s *Server) tusPatch(c echo.Context) error {
	r := c.Request()
	if r.Header.Get(echo.HeaderContentType) != offsetStream {
		return echo.NewHTTPError(http.StatusUnsupportedMediaType, "the piece must be sent as "+offsetStream)
	}
	piece := jobs.Piece{Body: r.Body}
	var err error
	if piece.Offset, err = strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64); err != nil {
		return plan.Errorf(plan.Invalid, "Upload-Offset", "Upload-Offset must say at which byte the piece begins")
	}
	if algorithm, sum, given := strings.Cut(r.Header.Get("Upload-Checksum"), " "); given {
		piece.Sum.Algorithm = algorithm
		if piece.Sum.Sum, err = base64.StdEncoding.DecodeString(sum); err != nil {
			return plan.Errorf(plan.Invalid, "Upload-Checksum", "Upload-Checksum is an algorithm and a base64 value")
		}
	}
	if err := piece.Sum.Check(); err != nil {
		return err
	}
	p, release, err := s.partial(c)
	if err != nil {
		return err
	}
	defer release()
	err = s.jobs.Continue(r.Context(), p, piece)
	if jobs.IsChecksum(err) {
		return echo.NewHTTPError(statusChecksum, err.Error())
	}
	if err != nil {
		return err
	}
	tusState(c, p)
	return c.NoContent(http.StatusNoContent)
}

// tusDelete removes an upload that is not complete (tus, termination).
func (s *Server) tusDelete(c echo.Context) error {
	p, release, err := s.partial(c)
	if err != nil {
		return err
	}
	defer release()
	if err := s.jobs.Abandon(p); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

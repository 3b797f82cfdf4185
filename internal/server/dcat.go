package server

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/dcat"
)

// getDCAT describes the published layers, whoever asks: the catalogue is for harvesters.
func (s *Server) getDCAT(c echo.Context) error {
	view, format := s.atlas.View().Published(), dcatFormat(c)
	catalogue := dcat.Catalogue{Base: s.base(c), Publisher: s.options.Publisher, Exports: s.contract.exports()}
	issued := s.issued(c.Request().Context())
	for _, snapshot := range view.Snapshots() {
		layer := snapshot.Layer()
		catalogue.Datasets = append(catalogue.Datasets,
			dcat.Dataset{Layer: layer, Extent: worldBox(snapshot), Count: snapshot.Len(), Issued: issued[layer.ID]})
	}
	atRevision(c, view.Revision())
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
	return c.Blob(http.StatusOK, format.MediaType(), catalogue.Encode(format))
}

// dcatFormat takes the parameter f, else what the client prefers (RFC 9110, 12.5.1), else Turtle.
func dcatFormat(c echo.Context) dcat.Format {
	if f := c.QueryParam("f"); f != "" {
		return dcat.Format(f)
	}
	var turtle, xml float64
	for part := range strings.SplitSeq(c.Request().Header.Get(echo.HeaderAccept), ",") {
		media, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, err := strconv.ParseFloat(parameters["q"], 64); err == nil {
			quality = q
		}
		switch media {
		case "text/turtle", "application/x-turtle":
			turtle = max(turtle, quality)
		case "application/rdf+xml", "application/xml", "text/xml":
			xml = max(xml, quality)
		}
	}
	if xml > turtle {
		return dcat.RDFXML
	}
	return dcat.Turtle
}

// issued tells when each layer first was there. That is history: while the database is away it is left out.
func (s *Server) issued(ctx context.Context) map[string]time.Time {
	if s.reachable() != nil {
		return nil
	}
	issued, err := s.store.LayersBegan(ctx)
	if err != nil {
		s.log.Warn("the age of the layers could not be read", "error", err)
	}
	return issued
}

// exports lists the formats that the contract lets a layer be exported in.
func (k *contract) exports() (formats []string) {
	path := k.document.Paths.Value("/layers/{layer}/export")
	if path == nil || path.Get == nil {
		return nil
	}
	parameter := path.Get.Parameters.GetByInAndName("query", "f")
	if parameter == nil {
		return nil
	}
	for _, value := range parameter.Schema.Value.Enum {
		if format, ok := value.(string); ok {
			formats = append(formats, format)
		}
	}
	return formats
}

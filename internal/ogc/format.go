package ogc

import (
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"strukturbild/internal/plan"
)

// Format is the form of an answer.
type Format string

// The formats of the parameter f; features have all of them, other documents the first two.
const (
	JSON       Format = "json"
	HTML       Format = "html"
	JSONFG     Format = "jsonfg"
	GMLFormat  Format = "gml"
	FlatGeobuf Format = "fgb"
)

// Which formats there are of a document, of one feature, and of a page of features.
var (
	documentFormats = []Format{JSON, HTML}
	itemFormats     = []Format{JSON, HTML, JSONFG, GMLFormat}
	itemsFormats    = []Format{JSON, HTML, JSONFG, GMLFormat, FlatGeobuf}
)

// Media types of the answers.
const (
	MediaJSON       = "application/json"
	MediaGeoJSON    = "application/geo+json"
	MediaMergePatch = "application/merge-patch+json" // RFC 7396
	MediaJSONFG     = "application/fg+json"
	MediaFlatGeobuf = "application/flatgeobuf"
	MediaHTML       = "text/html; charset=utf-8"
	MediaAPI        = "application/vnd.oai.openapi+json;version=3.0"
	MediaSchema     = "application/schema+json"
	MediaXML        = "application/xml"
	mediaHTML       = "text/html" // in links
)

// formatsOf gives the formats of a page of the layer's features: FlatGeobuf is for geometries.
func formatsOf(layer *plan.Layer) []Format {
	if layer.GeometryType == plan.None {
		return itemFormats
	}
	return itemsFormats
}

// Media gives the media type of features in the format.
func (f Format) Media() string {
	switch f {
	case HTML:
		return mediaHTML
	case JSONFG:
		return MediaJSONFG
	case GMLFormat:
		return GML32.Media
	case FlatGeobuf:
		return MediaFlatGeobuf
	}
	return MediaGeoJSON
}

// formatOf gives the format that a media type of an Accept header stands for, or "".
func formatOf(media string) Format {
	switch media {
	case "text/html", "application/xhtml+xml":
		return HTML
	case MediaJSONFG, "application/vnd.ogc.fg+json":
		return JSONFG
	case "application/gml+xml":
		return GMLFormat
	case MediaFlatGeobuf:
		return FlatGeobuf
	}
	if strings.HasSuffix(media, "json") {
		return JSON
	}
	return ""
}

// negotiate chooses one of the formats by the Accept header (RFC 9110, 12.5.1): the one that is preferred, and JSON for
// whoever does not say.
func negotiate(accept string, formats []Format) Format {
	best, most := JSON, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		media, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, err := strconv.ParseFloat(parameters["q"], 64); err == nil {
			quality = q
		}
		format := formatOf(media)
		if slices.Contains(formats, format) && (quality > most || quality == most && format == JSON) {
			best, most = format, quality
		}
	}
	return best
}

// alternates gives links to the document in the other formats.
func (f Format) alternates(path string, values url.Values, formats []Format) (links []Link) {
	for _, other := range formats {
		if other != f {
			links = append(links, Link{Href: address(path, with(values, "f", string(other))), Rel: "alternate", Type: other.Media()})
		}
	}
	return links
}

// Language is the language of titles and pages.
type Language string

// The languages of the service.
const (
	Swedish Language = "sv"
	English Language = "en"
)

var languages = language.NewMatcher([]language.Tag{language.Swedish, language.English})

// ParseLanguage chooses by the Accept-Language header: Swedish unless English is preferred.
func ParseLanguage(acceptLanguage string) Language {
	if _, index := language.MatchStrings(languages, acceptLanguage); index == 1 {
		return English
	}
	return Swedish
}

// of gives the text in the language, or in the other one where it is missing.
func (l Language) of(t plan.Text) string {
	if t.SV == "" || l == English && t.EN != "" {
		return t.EN
	}
	return t.SV
}

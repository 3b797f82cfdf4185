package ogc

import (
	"mime"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"strukturbild/internal/plan"
)

// Format is the form of an answer.
type Format string

// The formats of the parameter f.
const (
	JSON Format = "json"
	HTML Format = "html"
)

// Media types of the answers.
const (
	MediaJSON       = "application/json"
	MediaGeoJSON    = "application/geo+json"
	MediaMergePatch = "application/merge-patch+json" // RFC 7396
	MediaHTML       = "text/html; charset=utf-8"
	MediaAPI        = "application/vnd.oai.openapi+json;version=3.0"
	MediaSchema     = "application/schema+json"
	MediaXML        = "application/xml"
	mediaHTML       = "text/html" // in links
)

// items gives the media type of features in the format, for links.
func (f Format) items() string {
	if f == HTML {
		return mediaHTML
	}
	return MediaGeoJSON
}

// other gives the format that a link offers as the alternate.
func (f Format) other() Format {
	if f == HTML {
		return JSON
	}
	return HTML
}

// negotiate chooses by the Accept header (RFC 9110, 12.5.1): HTML only for those who prefer it, JSON for all others.
func negotiate(accept string) Format {
	var forHTML, forJSON float64
	for part := range strings.SplitSeq(accept, ",") {
		media, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, err := strconv.ParseFloat(parameters["q"], 64); err == nil {
			quality = q
		}
		switch {
		case media == "text/html" || media == "application/xhtml+xml":
			forHTML = max(forHTML, quality)
		case strings.HasSuffix(media, "json"):
			forJSON = max(forJSON, quality)
		}
	}
	if forHTML > forJSON {
		return HTML
	}
	return JSON
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

package ogc

import (
	"net/url"
	"strings"
)

// Link is a web link (RFC 8288), as every document of OGC API carries it.
type Link struct {
	Href      string `json:"href"`
	Rel       string `json:"rel"`
	Type      string `json:"type,omitempty"`
	Title     string `json:"title,omitempty"`
	Templated bool   `json:"templated,omitempty"`
}

// LinkHeader renders the links as the value of a Link header (RFC 8288, 3). Titles stay in the body: a header is ASCII.
func LinkHeader(links []Link) string {
	var text strings.Builder
	for i, link := range links {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString("<" + link.Href + `>; rel="` + link.Rel + `"`)
		if link.Type != "" {
			text.WriteString(`; type="` + link.Type + `"`)
		}
	}
	return text.String()
}

// address gives the path with the parameters, percent-encoded and in alphabetical order.
func address(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// with gives a copy of the parameters in which the name has the value; "" leaves the name out.
func with(values url.Values, name, value string) url.Values {
	changed := make(url.Values, len(values)+1)
	for key, list := range values {
		changed[key] = list
	}
	if value == "" {
		changed.Del(name)
	} else {
		changed.Set(name, value)
	}
	return changed
}

package ogc

import (
	"encoding/xml"
	"io"
	"time"
)

// MediaAtom is the media type of Atom feeds (RFC 4287, 7).
const MediaAtom = "application/atom+xml"

// Feed is an Atom feed (RFC 4287, 4.1.1). Its links carry the pages (RFC 5005, 3).
type Feed struct {
	XMLName   xml.Name     `xml:"http://www.w3.org/2005/Atom feed"`
	Language  string       `xml:"xml:lang,attr"`
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Subtitle  string       `xml:"subtitle,omitempty"`
	Updated   AtomTime     `xml:"updated"`
	Author    AtomPerson   `xml:"author"`
	Links     []AtomLink   `xml:"link"`
	Generator string       `xml:"generator"`
	Entries   []*FeedEntry `xml:"entry"`
}

// FeedEntry is one entry (RFC 4287, 4.1.2).
type FeedEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Updated    AtomTime       `xml:"updated"`
	Published  AtomTime       `xml:"published"`
	Author     AtomPerson     `xml:"author"`
	Links      []AtomLink     `xml:"link"`
	Categories []AtomCategory `xml:"category"`
	Summary    string         `xml:"summary,omitempty"`
}

// AtomLink is a link (RFC 4287, 4.2.7).
type AtomLink struct {
	Rel   string `xml:"rel,attr"`
	Type  string `xml:"type,attr,omitempty"`
	Title string `xml:"title,attr,omitempty"`
	Href  string `xml:"href,attr"`
}

// AtomCategory is a category (RFC 4287, 4.2.2).
type AtomCategory struct {
	Term   string `xml:"term,attr"`
	Scheme string `xml:"scheme,attr,omitempty"`
	Label  string `xml:"label,attr,omitempty"`
}

// AtomPerson names someone (RFC 4287, 3.2).
type AtomPerson struct {
	Name string `xml:"name"`
}

// AtomTime is a date construct (RFC 4287, 3.3).
type AtomTime time.Time

// MarshalText gives RFC 3339 with a capital T and Z.
func (t AtomTime) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.999999Z"), nil
}

// Write writes the document.
func (f *Feed) Write(w io.Writer) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	return xml.NewEncoder(w).Encode(f)
}

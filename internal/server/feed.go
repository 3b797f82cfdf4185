package server

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/ogc"
)

// writeFeed writes a page of the changes as Atom, in Swedish.
func (s *Server) writeFeed(c echo.Context, changes []change, next string) error {
	feed := &ogc.Feed{Language: "sv", ID: s.tag(c, "changes?"+feedFilters(c).Encode()), Title: "Ändringar i Strukturbild",
		Subtitle: "Vad varje revision ändrade i varje lager, nyast först", Updated: ogc.AtomTime(newestTime(changes)),
		Author: ogc.AtomPerson{Name: "Strukturbild"}, Generator: "Strukturbild", Links: s.feedLinks(c, next)}
	for i := range changes {
		feed.Entries = append(feed.Entries, s.feedEntry(c, &changes[i]))
	}
	var body bytes.Buffer
	if err := feed.Write(&body); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, ogc.MediaAtom, body.Bytes())
}

// feedFilters gives the parameters that choose what is in the feed; they make it another one, and so does no page.
func feedFilters(c echo.Context) url.Values {
	chosen := url.Values{}
	for _, name := range []string{"layer", "kommun", "since"} {
		if value := c.QueryParam(name); value != "" {
			chosen.Set(name, value)
		}
	}
	return chosen
}

// feedLinks gives self and the pages (RFC 5005, 3).
func (s *Server) feedLinks(c echo.Context, next string) []ogc.AtomLink {
	path, values := s.base(c)+c.Request().URL.Path, c.Request().URL.Query()
	at := func(rel, media string, before string) ogc.AtomLink {
		chosen := url.Values{}
		for name, list := range values {
			chosen[name] = list
		}
		chosen.Del("before")
		if before != "" {
			chosen.Set("before", before)
		}
		chosen.Set("f", map[string]string{ogc.MediaAtom: "atom", ogc.MediaJSON: "json"}[media])
		return ogc.AtomLink{Rel: rel, Type: media, Href: path + "?" + chosen.Encode()}
	}
	links := []ogc.AtomLink{at("self", ogc.MediaAtom, c.QueryParam("before")), at("alternate", ogc.MediaJSON, c.QueryParam("before")), at("first", ogc.MediaAtom, "")}
	if next != "" {
		links = append(links, at("next", ogc.MediaAtom, next))
	}
	return links
}

func (s *Server) feedEntry(c echo.Context, e *change) *ogc.FeedEntry {
	number := strconv.FormatInt(int64(e.Revision), 10)
	entry := &ogc.FeedEntry{ID: s.tag(c, "revision/"+number+"/"+e.Layer), Title: e.Title.SV + ": " + headline(e), Summary: summary(e),
		Updated: ogc.AtomTime(e.Time), Published: ogc.AtomTime(e.Time), Author: ogc.AtomPerson{Name: authorOf(e.Author)}}
	for i, link := range e.Links {
		rel := "related"
		if i == 0 {
			rel = "alternate"
		}
		entry.Links = append(entry.Links, ogc.AtomLink{Rel: rel, Type: link["type"], Href: link["href"], Title: "Skillnaden som revision " + number + " gjorde"})
	}
	entry.Categories = append(entry.Categories, ogc.AtomCategory{Term: e.Layer, Scheme: s.tag(c, "layer"), Label: e.Title.SV})
	for _, kod := range e.Kommuner {
		entry.Categories = append(entry.Categories, ogc.AtomCategory{Term: kod, Scheme: s.tag(c, "kommun")})
	}
	return entry
}

// headline tells in Swedish what happened, as in "3 nya, 1 ändrat".
func headline(e *change) string {
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{{e.Added, "nytt", "nya"}, {e.Changed, "ändrat", "ändrade"}, {e.Removed, "borttaget", "borttagna"}} {
		switch {
		case p.n == 1:
			parts = append(parts, "1 "+p.one)
		case p.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.many))
		}
	}
	if e.Defined {
		parts = append(parts, "lagrets beskrivning ändrad")
	}
	if n := len(e.Collisions); n > 0 {
		parts = append(parts, fmt.Sprintf("%d krock", n)+map[bool]string{true: "ar"}[n > 1])
	}
	if len(parts) == 0 {
		return "inget ändrat"
	}
	return strings.Join(parts, ", ")
}

// summary gives the note, and of each collision what was written over.
func summary(e *change) string {
	sentences := []string{}
	if e.Note != "" {
		sentences = append(sentences, e.Note)
	}
	for _, c := range e.Collisions {
		sentences = append(sentences, fmt.Sprintf("Objekt %s: %s skrevs över från revision %d, som den som skrev inte hade läst.", c.ID, strings.Join(c.Fields, ", "), c.Overwrote))
	}
	return strings.Join(sentences, " ")
}

// tag gives a name that stays the same wherever the feed is read: a tag URI (RFC 4151) of the service's own host.
func (s *Server) tag(c echo.Context, specific string) string {
	host := c.Request().Host
	if base, err := url.Parse(s.base(c)); err == nil {
		host = base.Host
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return "tag:" + host + ",2026:strukturbild/" + strings.TrimSuffix(specific, "?")
}

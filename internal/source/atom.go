package source

import (
	"context"
	"encoding/xml"
	"net/url"
	"strings"

	"strukturbild/internal/plan"
)

// feed is as much of Atom (RFC 4287) as leads to a file. INSPIRE's service feeds link to feeds of datasets first.
type feed struct {
	XMLName xml.Name
	Entries []struct {
		Title string     `xml:"title"`
		Links []atomLink `xml:"link"`
	} `xml:"entry"`
}

type atomLink struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
}

// maxFeeds is how many feeds may be read on the way to a file.
const maxFeeds = 10

// atom finds the file whose address contains Access.Entry, in the feed or in one that it links to, and gets it.
func (f *fetch) atom(ctx context.Context) error {
	waiting, read := []string{f.source.Access.URL}, map[string]bool{}
	for len(waiting) > 0 && len(read) < maxFeeds {
		address := waiting[0]
		waiting = waiting[1:]
		if read[address] {
			continue
		}
		read[address] = true
		files, feeds, err := f.links(ctx, address)
		if err != nil {
			return err
		}
		switch len(files) {
		case 0:
			waiting = append(waiting, feeds...)
		case 1:
			return f.file(ctx, files[0])
		default:
			return plan.Errorf(plan.Invalid, "source", "the feed has %d files that fit %q, among them %s and %s: entry must say which", len(files),
				f.source.Access.Entry, files[0], files[1])
		}
	}
	return plan.Errorf(plan.NotFound, "source", "the feed %s has no file whose address contains %q", f.source.Access.URL, f.source.Access.Entry)
}

// links gives the files of a feed that fit, and the feeds that it leads to.
func (f *fetch) links(ctx context.Context, address string) (files, feeds []string, err error) {
	body, err := f.document(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	base, err := url.Parse(address)
	if err != nil {
		return nil, nil, err
	}
	var read feed
	if err := xml.Unmarshal(body, &read); err != nil || read.XMLName.Local != "feed" {
		return nil, nil, plan.Errorf(plan.Invalid, "source", "%s is no Atom feed", address)
	}
	for _, entry := range read.Entries {
		for _, link := range entry.Links {
			target, err := base.Parse(strings.TrimSpace(link.Href))
			if err != nil || link.Href == "" {
				continue
			}
			leads := strings.HasPrefix(link.Type, "application/atom+xml")
			switch {
			case leads && link.Rel != "self" && link.Rel != "up":
				feeds = append(feeds, target.String())
			case !leads && isFile(link) && strings.Contains(strings.ToLower(target.String()), strings.ToLower(f.source.Access.Entry)):
				files = append(files, target.String())
			}
		}
	}
	return files, feeds, nil
}

// isFile tells links to data from those to pages about it (INSPIRE download services: alternate, or section for parts).
func isFile(link atomLink) bool {
	switch link.Rel {
	case "", "alternate", "enclosure", "section":
		return link.Type != "text/html" && link.Type != "application/xhtml+xml"
	}
	return false
}

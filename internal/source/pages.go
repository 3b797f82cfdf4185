package source

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"strukturbild/internal/plan"
)

// part is a downloaded file: all of a dataset, or a page of it.
type part struct {
	path      string
	name      string // what it is called at the source: the ending tells the format
	mediaType string
	inspect   func(path string) error // before it is taken; may be nil
}

// aPage is a page of GeoJSON.
var aPage = part{name: "page.geojson", mediaType: "application/geo+json"}

const defaultPage = 1000

func (a *Access) page() int {
	if a.PageSize > 0 {
		return a.PageSize
	}
	return defaultPage
}

// fetch gets all parts of the source into the directory and has each taken as it comes, so that only one lies on the
// disk at a time; take gives how many features were in it.
type fetch struct {
	*client
	source *Source
	dir    string
	known  Stamp
	take   func(part) (features int, err error)
	stamp  Stamp
	number int
}

func (f *fetch) run(ctx context.Context) error {
	switch f.source.Access.Kind {
	case File:
		return f.file(ctx, f.source.Access.URL)
	case Atom:
		return f.atom(ctx)
	case WFS:
		return f.wfs(ctx)
	case ArcGIS:
		return f.arcgis(ctx)
	case OGCAPI:
		return f.ogcAPI(ctx)
	}
	return plan.Errorf(plan.Invalid, "source", "the source %q can't be fetched by itself (%s): get the file from %s and give it to pull",
		f.source.ID, f.source.Access.Kind, f.source.LandingPage)
}

// file gets one file.
func (f *fetch) file(ctx context.Context, address string) (err error) {
	u, err := url.Parse(address)
	if err != nil {
		return plan.Errorf(plan.Invalid, "source", "%q is no address: %w", address, err)
	}
	target := filepath.Join(f.dir, "file")
	if f.stamp, err = f.whole(ctx, address, target, f.known); err != nil {
		return err
	}
	_, err = f.take(part{path: target, name: filepath.Base(u.Path)})
	return err
}

// onePage gets a page, has it taken and removes it.
func (f *fetch) onePage(ctx context.Context, address string, p part) (features int, err error) {
	if f.number++; f.number > maxPages {
		return 0, plan.Errorf(plan.TooLarge, "source", "the source has more than %d pages; a larger page_size may help", maxPages)
	}
	p.path = filepath.Join(f.dir, "page"+strconv.Itoa(f.number))
	if err := f.page(ctx, address, p.path); err != nil {
		return 0, err
	}
	if p.inspect != nil {
		if err := p.inspect(p.path); err != nil {
			return 0, err
		}
	}
	features, err = f.take(p)
	if err == nil {
		err = os.Remove(p.path)
	}
	return features, err
}

// counted refuses to go on with less, or more, than the source said that there was.
func counted(said, got int) error {
	if said >= 0 && said != got {
		return plan.Errorf(plan.Unavailable, "source", "the source said that it has %d features there, and gave %d; nothing was written, try again", said, got)
	}
	return nil
}

// with adds parameters to an address, which may have some.
func with(address string, parameters url.Values) string {
	joint := "?"
	if strings.Contains(address, "?") {
		joint = "&"
	}
	return strings.TrimRight(address, "?&") + joint + parameters.Encode()
}

// wfs pages through a feature type (WFS 2.0, 7.7.4.4), within the county.
func (f *fetch) wfs(ctx context.Context) error {
	a := &f.source.Access
	asked := url.Values{"service": {"WFS"}, "version": {"2.0.0"}, "request": {"GetFeature"}, "typeNames": {a.TypeName},
		// The URN means northing first (WFS 2.0, 7.6.3.3), and so does srsName of the answer.
		"bbox":    {fmt.Sprintf("%.0f,%.0f,%.0f,%.0f,urn:ogc:def:crs:EPSG::3006", county.MinY, county.MinX, county.MaxY, county.MaxX)},
		"srsName": {"urn:ogc:def:crs:" + strings.Replace(f.source.CRS, ":", "::", 1)}}
	if a.SortBy != "" {
		asked.Set("sortBy", a.SortBy)
	}
	hits, err := f.document(ctx, with(a.URL, and(asked, "resultType", "hits")))
	if err != nil {
		return err
	}
	said, err := numberMatched(hits)
	if err != nil {
		return err
	}
	p := part{name: "page.gml", mediaType: "application/gml+xml"}
	if a.Output != "" {
		asked.Set("outputFormat", a.Output)
		if strings.Contains(a.Output, "json") {
			p = aPage
		}
	}
	asked.Set("count", strconv.Itoa(a.page()))
	got := 0
	for said < 0 || got < said {
		asked.Set("startIndex", strconv.Itoa(got))
		n, err := f.onePage(ctx, with(a.URL, asked), p)
		if err != nil {
			return err
		}
		got += n
		if n == 0 || said < 0 && n < a.page() {
			break
		}
	}
	return counted(said, got)
}

// and gives a copy of the parameters with one more.
func and(values url.Values, name, value string) url.Values {
	more := url.Values{name: {value}}
	for key, list := range values {
		more[key] = list
	}
	return more
}

// numberMatched reads how many features a WFS has; -1 when it does not know.
func numberMatched(hits []byte) (int, error) {
	var answer struct {
		XMLName xml.Name
		Matched string `xml:"numberMatched,attr"`
		Text    string `xml:",innerxml"`
	}
	if err := xml.Unmarshal(hits, &answer); err != nil {
		return 0, plan.Errorf(plan.Invalid, "source", "the service's answer can't be read as XML: %w", err)
	}
	if answer.XMLName.Local == "ExceptionReport" {
		return 0, plan.Errorf(plan.Invalid, "source", "the service refuses the request: %s", tagless(answer.Text))
	}
	n, err := strconv.Atoi(answer.Matched)
	if err != nil {
		n = -1
	}
	return n, nil
}

// tagless gives the text of XML or HTML, as far as it can be read; of anything else, all of it.
func tagless(document string) string {
	var text bytes.Buffer
	decoder := xml.NewDecoder(strings.NewReader(document))
	decoder.Strict = false
	for {
		token, err := decoder.Token()
		if err != nil {
			return strings.Join(strings.Fields(text.String()), " ")
		}
		if characters, ok := token.(xml.CharData); ok {
			text.Write(characters)
		}
	}
}

// arcgis pages through layers of a MapServer or FeatureServer, within the county; GeoJSON is in WGS 84.
func (f *fetch) arcgis(ctx context.Context) error {
	for _, layer := range f.source.Access.Layers {
		address := strings.TrimRight(f.source.Access.URL, "/") + "/" + strconv.Itoa(layer) + "/query"
		if err := f.arcgisLayer(ctx, address); err != nil {
			return err
		}
	}
	return nil
}

func (f *fetch) arcgisLayer(ctx context.Context, address string) error {
	a := &f.source.Access
	asked := url.Values{"where": {"1=1"}, "geometryType": {"esriGeometryEnvelope"}, "inSR": {"3006"}, "spatialRel": {"esriSpatialRelIntersects"},
		"geometry": {fmt.Sprintf("%.0f,%.0f,%.0f,%.0f", county.MinX, county.MinY, county.MaxX, county.MaxY)}}
	counting := and(and(asked, "returnCountOnly", "true"), "f", "json")
	body, err := f.document(ctx, with(address, counting))
	if err != nil {
		return err
	}
	var said struct {
		Count *int            `json:"count"`
		Error json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Count == nil {
		return plan.Errorf(plan.Invalid, "source", "the service does not say how many features it has: %.300s", body)
	}
	for name, value := range map[string]string{"f": "geojson", "outFields": "*", "outSR": "4326", "resultRecordCount": strconv.Itoa(a.page())} {
		asked.Set(name, value)
	}
	if a.SortBy != "" {
		asked.Set("orderByFields", a.SortBy)
	}
	got := 0
	// The service may give fewer at a time than is asked for (exceededTransferLimit): what it gave is what counts.
	for got < *said.Count {
		asked.Set("resultOffset", strconv.Itoa(got))
		n, err := f.onePage(ctx, with(address, asked), aPage)
		if err != nil {
			return err
		}
		if got += n; n == 0 {
			break
		}
	}
	return counted(*said.Count, got)
}

// ogcAPI follows the pages of a collection (OGC API Features Part 1, 7.15), within the county.
func (f *fetch) ogcAPI(ctx context.Context) error {
	a := &f.source.Access
	address := with(strings.TrimRight(a.URL, "/")+"/collections/"+url.PathEscape(a.Collection)+"/items", url.Values{"f": {"json"},
		"limit": {strconv.Itoa(a.page())}, "bbox": {"10.5,56.9,15.0,59.4"}}) // the county, in CRS84
	got, said := 0, -1
	for address != "" {
		var head pageHead
		p := aPage
		p.inspect = head.read
		n, err := f.onePage(ctx, address, p)
		if err != nil {
			return err
		}
		if got == 0 && head.Matched != nil {
			said = *head.Matched
		}
		got += n
		if address, err = head.next(address); err != nil {
			return err
		}
	}
	return counted(said, got)
}

// pageHead is what a page says of the others.
type pageHead struct {
	Matched *int `json:"numberMatched"`
	Links   []struct{ Href, Rel string }
}

func (h *pageHead) read(path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, h); err != nil {
		return unreadable(err)
	}
	return nil
}

// next gives the address of the next page, or "".
func (h *pageHead) next(current string) (string, error) {
	base, err := url.Parse(current)
	if err != nil {
		return "", err
	}
	for _, link := range h.Links {
		if link.Rel == "next" {
			following, err := base.Parse(link.Href)
			if err != nil || following.String() == current {
				return "", plan.Errorf(plan.Invalid, "source", "the link to the next page leads nowhere: %q", link.Href)
			}
			return following.String(), nil
		}
	}
	return "", nil
}

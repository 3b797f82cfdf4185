package ogc

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

func TestNextLink(t *testing.T) {
	const sent = "bbox=11%2C57%2C12%2C58&crs=http%3A%2F%2Fwww.opengis.net%2Fdef%2Fcrs%2FEPSG%2F0%2F3006&limit=2&namn=%C3%85m%C3%A5l+%26+%C3%96"
	r, err := parse(t, sent)
	if err != nil {
		t.Fatal(err)
	}
	links := testSite.ItemsLinks(r, 42, 1234, "aå:1")
	rels := map[string]Link{}
	for _, link := range links {
		if _, known := rels[link.Rel]; !known {
			rels[link.Rel] = link
		}
	}
	const path = "https://example.org/ogc/collections/allt_mojligt/items?"
	if got := rels["self"].Href; got != path+sent {
		t.Errorf("self is %s", got)
	}
	if got, want := rels["alternate"].Href, path+strings.Replace(sent, "&limit", "&f=html&limit", 1); got != want {
		t.Errorf("alternate is %s, want %s", got, want)
	}
	next := rels["next"]
	address, err := url.Parse(next.Href)
	if err != nil || next.Type != "application/geo+json" || !strings.HasPrefix(next.Href, path) {
		t.Fatalf("next is %+v, %v", next, err)
	}
	query := address.Query()
	again, err := ParseItems(query, "", everything)
	if err != nil {
		t.Fatal(err)
	}
	if again.Query.After != "aå:1" || again.Query.Matched != 1234 || again.Query.Revision != 42 || again.Query.Limit != 2 || again.CRS != r.CRS || !reflect.DeepEqual(again.Query.Filter.(plan.And)[0], is("namn", plan.TextValue("Åmål & Ö"))) {
		t.Errorf("the next page asks %+v", again)
	}
	// The second page goes on at the first one's revision, whatever is newest by then.
	third, err := url.Parse(testSite.ItemsLinks(again, 99, 1234, "z")[1].Href)
	if err != nil {
		t.Fatal(err)
	}
	if last, err := ParseItems(third.Query(), "", everything); err != nil || last.Query.Revision != 42 || last.Query.After != "z" {
		t.Errorf("the third page asks %+v, %v", last, err)
	}
	if slices.ContainsFunc(testSite.ItemsLinks(r, 42, 0, ""), func(l Link) bool { return l.Rel == "next" }) {
		t.Error("the last page has a next link")
	}
}

func TestCursorBelongsToItsRequest(t *testing.T) {
	text := func(query string) string {
		r, err := parse(t, query)
		if err != nil {
			t.Fatal(err)
		}
		next, _ := url.Parse(r.Links("https://example.org/items", 42, 0, "7")[1].Href)
		return next.Query().Get("cursor")
	}
	c := text("namn=x&limit=10")
	for query, good := range map[string]bool{
		"namn=x&limit=10":                true,
		"namn=x&limit=500&crs=EPSG:3006": true, // neither changes which features there are
		"namn=x&f=html&revision=42":      true,
		"namn=x&revision=41":             false,
		"namn=y&limit=10":                false,
		"limit=10":                       false,
		"namn=x&antal=1":                 false,
		"namn=x&bbox=11,57,12,58":        false,
		"namn=x&datetime=1990-01-01":     false,
	} {
		_, err := parse(t, query+"&cursor="+c)
		if (err == nil) != good {
			t.Errorf("%s with the cursor of namn=x: %v", query, err)
		}
	}
	other, values := *everything, url.Values{"namn": {"x"}, "cursor": {c}}
	other.ID = "annat"
	if _, err := ParseItems(values, "", &other); err == nil {
		t.Error("the cursor of one layer was taken for another")
	}
	for i := range c { // no letter can be changed
		forged := []byte(c)
		forged[i] = map[bool]byte{true: 'B', false: 'A'}[forged[i] == 'A']
		if r, err := parse(t, "namn=x&cursor="+string(forged)); err == nil && (r.Query.After != "7" || r.Query.Revision != 42) {
			t.Errorf("the forged cursor %s was taken", forged)
		}
	}
	if _, err := parse(t, "namn=x&cursor="+c[:len(c)-2]); err == nil {
		t.Error("a shortened cursor was taken")
	}
}

func TestLinkHeader(t *testing.T) {
	got := LinkHeader([]Link{{"https://example.org/a?b=%C3%A5&c=d", "next", MediaGeoJSON, "Nästa", false}, {"https://example.org/", "self", "", "", false}})
	if want := `<https://example.org/a?b=%C3%A5&c=d>; rel="next"; type="application/geo+json", <https://example.org/>; rel="self"`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestItemLinks(t *testing.T) {
	r, err := ParseItem(url.Values{"crs": {"EPSG:3006"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	links := testSite.ItemLinks(r, "allt_mojligt", "aå:1")
	if links[0].Href != "https://example.org/ogc/collections/allt_mojligt/items/a%C3%A5:1?crs=EPSG%3A3006" ||
		links[1].Href != "https://example.org/ogc/collections/allt_mojligt/items/a%C3%A5:1?crs=EPSG%3A3006&f=html" ||
		links[2].Type != MediaJSONFG || links[3].Type != GML32.Media || links[4].Rel != "collection" {
		t.Errorf("got %+v", links)
	}
}

func TestContentCRS(t *testing.T) {
	for name, want := range map[string]string{
		"CRS84": "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>",
		"http://www.opengis.net/def/crs/EPSG/0/3006": "<http://www.opengis.net/def/crs/EPSG/0/3006>",
		"EPSG:3006": "<EPSG:3006>",
		"EPSG:3857": "<http://www.opengis.net/def/crs/EPSG/0/3857>",
	} {
		if got := ContentCRS(mustCRS(t, name)); got != want {
			t.Errorf("%s gives %s", name, got)
		}
	}
}

func TestBaseWithSlash(t *testing.T) {
	site := Site{Base: "https://example.org/ogc/"}
	for _, link := range site.Landing().Links {
		if strings.Contains(strings.TrimPrefix(link.Href, "https://"), "//") {
			t.Errorf("link %+v", link)
		}
	}
}

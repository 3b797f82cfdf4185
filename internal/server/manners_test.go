package server_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"strukturbild/internal/jobs"
	"strukturbild/internal/pgtest"
	"strukturbild/internal/plan"
	"strukturbild/internal/server"
	"strukturbild/internal/source"
)

// raw sends a GET and gives the answer as it came over the wire.
func (s *site) raw(path string, headers ...string) *answer {
	s.Helper()
	return s.ask(plan.Anonymous, "GET", path, "", headers...) // a named Accept-Encoding keeps Go from unpacking
}

func unpack(t *testing.T, coding string, body []byte) []byte {
	t.Helper()
	var reader io.Reader = bytes.NewReader(body)
	var err error
	switch coding {
	case "gzip":
		reader, err = gzip.NewReader(reader)
	case "br":
		reader = brotli.NewReader(reader)
	case "zstd":
		reader, err = zstd.NewReader(reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatalf("%s: %v", coding, err)
	}
	return text
}

// TestContentCodings: what the client takes best, told in the ETag, and 304 for what it has in any coding.
func TestContentCodings(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Admin, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	s.upload("mode=append", collection(square("1", 350000, 6450000, `{"namn":"`+strings.Repeat("Åmål ", 600)+`"}`))).want(http.StatusCreated)
	const path = provItems + "/1"
	plain := s.raw(path, "Accept-Encoding", "identity").want(http.StatusOK)
	tag := plain.header.Get("ETag")
	for accept, coding := range map[string]string{"gzip": "gzip", "br;q=0.5, gzip;q=0.4": "br", "gzip, deflate, br, zstd": "zstd", "*": "zstd", "deflate": "", "gzip;q=0": "",
		"identity, gzip;q=0.5": "", "GZIP": "gzip"} {
		got := s.raw(path, "Accept-Encoding", accept).want(http.StatusOK)
		if got.header.Get("Content-Encoding") != coding || !strings.Contains(strings.Join(got.header.Values("Vary"), ", "), "Accept-Encoding") {
			t.Errorf("%s: Content-Encoding %q, Vary %v", accept, got.header.Get("Content-Encoding"), got.header.Values("Vary"))
			continue
		}
		if text := unpack(t, coding, got.body); !bytes.Equal(text, plain.body) {
			t.Errorf("%s: %.100s", accept, text)
		}
		if its := got.header.Get("ETag"); (its == tag) != (coding == "") {
			t.Errorf("%s: the ETag is %s, as plain text %s", accept, its, tag)
		} else if again := s.raw(path, "Accept-Encoding", accept, "If-None-Match", its).want(http.StatusNotModified); again.header.Get("ETag") != its {
			t.Errorf("%s: 304 with the ETag %s, want %s", accept, again.header.Get("ETag"), its)
		}
	}
	zipped := s.raw(path, "Accept-Encoding", "gzip").header.Get("ETag")
	s.patch(plan.Officer, "1", `{"antal":3}`, "If-Match", zipped).want(http.StatusNoContent) // the version counts, not the coding
	if small := s.raw("/healthz", "Accept-Encoding", "gzip"); small.header.Get("Content-Encoding") != "" {
		t.Error("a small answer is packed")
	}
	if file := s.raw("/api/v1/layers/prov/export?f=gpkg", "Accept-Encoding", "gzip").want(http.StatusOK); file.header.Get("Content-Encoding") != "" {
		t.Error("a file that is packed already is packed again")
	}
}

// TestConditionalReading: pages, layers and lists answer 304 until something changes.
func TestConditionalReading(t *testing.T) {
	s := editSite(t)
	for _, path := range []string{provItems + "?limit=2", provItems + "?bbox=11,57,13,59&crs=http://www.opengis.net/def/crs/EPSG/0/3006", "/api/v1/layers/prov/features", "/ogc/collections/prov",
		"/ogc/collections", "/ogc/collections/prov/items?f=html", provItems + "/1"} {
		first := s.raw(path).want(http.StatusOK)
		tag := first.header.Get("ETag")
		if tag == "" || first.header.Get("Cache-Control") != "no-cache" && !strings.HasSuffix(path, "/1") {
			t.Errorf("%s: ETag %q, Cache-Control %q", path, tag, first.header.Get("Cache-Control"))
		}
		same := s.raw(path, "If-None-Match", tag).want(http.StatusNotModified)
		if len(same.body) > 0 || same.header.Get("ETag") != tag {
			t.Errorf("%s: 304 with %v %s", path, same.header, same.body)
		}
		s.patch(plan.Officer, "1", `{"antal":`+itoa(len(path)+1000)+`}`).want(http.StatusNoContent)
		if now := s.raw(path, "If-None-Match", tag); now.status == http.StatusNotModified && !strings.HasPrefix(path, "/ogc/collections") {
			t.Errorf("%s: 304 after a change", path)
		}
	}
}

// TestLenientReading passes over parameters that mean nothing.
func TestLenientReading(t *testing.T) {
	s := editSite(t)
	s.raw(provItems+"?farg=blå", "Prefer", "handling=strict").problem(http.StatusBadRequest, plan.Invalid)
	s.raw(provItems+"?farg=blå").problem(http.StatusBadRequest, plan.Invalid)
	if got := s.raw(provItems+"?farg=blå&limit=1", "Prefer", "handling=lenient").want(http.StatusOK); got.header.Get("Preference-Applied") != "handling=lenient" ||
		got.json()["numberReturned"] != 1.0 {
		t.Errorf("%v %s", got.header, got.body)
	}
}

// TestAddressesWithASlash: both ways for every open document, and HEAD as GET.
func TestAddressesWithASlash(t *testing.T) {
	s := editSite(t)
	for _, path := range []string{"/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/prov", provItems, provItems + "/1", "/ogc/collections/prov/schema", "/api/v1/layers", "/healthz"} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			plain, slashed := s.ask(plan.Anonymous, method, path, "").want(http.StatusOK), s.ask(plan.Anonymous, method, path+"/", "").want(http.StatusOK)
			if plain.header.Get("Content-Type") != slashed.header.Get("Content-Type") || method != "GET" && len(plain.body) > 0 {
				t.Errorf("%s %s: %v, with a slash %v", method, path, plain.header, slashed.header)
			}
		}
	}
}

// TestCrossOrigin: any page may read; those on the list may send tokens and write.
func TestCrossOrigin(t *testing.T) {
	s := newNodeOf(t, pgtest.Schema(t), jobs.Options{}, &source.Catalogue{}, func(o *server.Options) { o.CORSOrigins = []string{"https://karta.example.se"} })
	ask := func(origin, method string) http.Header {
		return s.ask(plan.Anonymous, "OPTIONS", provItems, "", "Origin", origin, "Access-Control-Request-Method", method).header
	}
	if h := ask("https://annan.example", "PATCH"); strings.Contains(h.Get("Access-Control-Allow-Methods"), "PATCH") || strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("a stranger may write: %v", h)
	}
	if h := ask("https://karta.example.se", "PATCH"); !strings.Contains(h.Get("Access-Control-Allow-Methods"), "PATCH") ||
		!strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") || h.Get("Access-Control-Allow-Origin") != "https://karta.example.se" {
		t.Errorf("the listed map may not write: %v", h)
	}
	read := s.raw("/ogc", "Origin", "https://annan.example").want(http.StatusOK).header
	if read.Get("Access-Control-Allow-Origin") != "*" || read.Get("Access-Control-Allow-Credentials") != "" || !strings.Contains(read.Get("Access-Control-Expose-Headers"), "Link") {
		t.Errorf("a stranger reads %v", read)
	}
}

// TestLinksBehindProxies: what a trusted proxy says counts, and nobody else's word.
func TestLinksBehindProxies(t *testing.T) {
	trusting := newNodeOf(t, pgtest.Schema(t), jobs.Options{}, &source.Catalogue{}, func(o *server.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	})
	strict := newSite(t)
	self := func(s *site, headers ...string) string {
		request := httptest.NewRequest("GET", "/ogc", nil)
		request.RemoteAddr, request.Host = "127.0.0.1:5555", "intern:8080"
		for i := 0; i < len(headers); i += 2 {
			request.Header.Add(headers[i], headers[i+1])
		}
		answer := httptest.NewRecorder()
		s.server.Handler().ServeHTTP(answer, request)
		_, rest, _ := strings.Cut(answer.Body.String(), `"href":"`)
		href, _, _ := strings.Cut(rest, `"`)
		return href
	}
	const plain = "http://intern:8080/ogc"
	for _, c := range []struct {
		want    string
		headers []string
	}{
		{plain, nil},
		{"https://plan.example.se/ogc", []string{"Forwarded", `for=192.0.2.60;proto=https;host="plan.example.se"`}},
		{"https://yttre.example.se/ogc", []string{"Forwarded", `for=192.0.2.1;proto=https;host=yttre.example.se, for=10.1.2.3;proto=http;host=inre.example.se`}},
		{"http://inre.example.se/ogc", []string{"Forwarded", `for=6.6.6.6;proto=https;host=lurad.example, for=192.0.2.1;proto=http;host=inre.example.se`}},
		{"https://plan.example.se/karta/ogc", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "lurad.example, plan.example.se", "X-Forwarded-Prefix", "/karta/"}},
		{"https://plan.example.se:8443/ogc", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "plan.example.se", "X-Forwarded-Port", "8443"}},
		{"https://plan.example.se/ogc", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "plan.example.se", "X-Forwarded-Port", "443"}},
		{plain, []string{"X-Forwarded-Proto", "javascript", "X-Forwarded-Host", `plan"><script>`, "X-Forwarded-Prefix", "//lurad.example"}},
	} {
		if got := self(trusting, c.headers...); got != c.want {
			t.Errorf("%v: links begin with %s, want %s", c.headers, got, c.want)
		}
		if got := self(strict, c.headers...); got != plain {
			t.Errorf("%v from a stranger: links begin with %s", c.headers, got)
		}
	}
}

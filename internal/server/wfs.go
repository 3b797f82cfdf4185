package server

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
	"strukturbild/internal/wfs"
)

const wfsPath = "/wfs"

// getWFS answers a request in key-value pairs.
func (s *Server) getWFS(c echo.Context) error {
	request, err := wfs.ParseKVP(c.Request().URL.RawQuery)
	return s.answerWFS(c, request, err)
}

// postWFS answers a request in XML, or a form with what GET has in its address.
func (s *Server) postWFS(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Time{}) // nothing more is read
	if strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEApplicationForm) {
		request, err := wfs.ParseKVP(string(body))
		return s.answerWFS(c, request, err)
	}
	request, err := wfs.ParseXML(body)
	return s.answerWFS(c, request, err)
}

// answerWFS does what is asked. Nothing may be kept: QGIS drops every other directive, and keeps answers for a day.
func (s *Server) answerWFS(c echo.Context, request *wfs.Request, err error) error {
	c.Set("wfs_version", request.Version)
	c.Set("wfs_operation", request.Operation)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if err != nil {
		return err
	}
	switch request.Operation {
	case wfs.GetCapabilities:
		return s.getWFSCapabilities(c, request)
	case wfs.DescribeFeatureType:
		return s.describeFeatureType(c, request)
	case wfs.ListStoredQueries, wfs.DescribeStoredQueries:
		return s.getStoredQueries(c, request)
	case wfs.GetPropertyValue:
		return s.getPropertyValue(c, request)
	case wfs.Transaction:
		return s.transact(c, request)
	case wfs.LockFeature:
		return s.lockFeatures(c, request)
	}
	return s.getWFSFeatures(c, request)
}

// isOWS reports whether the address is one whose errors are exception reports.
func isOWS(c echo.Context) bool { return strings.HasPrefix(c.Request().URL.Path, wfsPath) }

// wfsVersion gives the version that the request is answered in, also when its handler was not reached.
func wfsVersion(c echo.Context) wfs.Version {
	if version, known := c.Get("wfs_version").(wfs.Version); known {
		return version
	}
	request, _ := wfs.ParseKVP(c.Request().URL.RawQuery)
	return request.Version
}

// wfsStatus gives the status of a failure. QGIS shows the report of a transaction of before 2.0.0 only when it comes with 200; that
// credentials are needed, and what is our fault, it must see by the status.
func wfsStatus(c echo.Context, status int) int {
	operation, _ := c.Get("wfs_operation").(wfs.Operation)
	if operation == wfs.Transaction && c.Request().Method == http.MethodPost && wfsVersion(c) != wfs.V200 && status < http.StatusInternalServerError && status != http.StatusUnauthorized {
		return http.StatusOK
	}
	return status
}

// wfsReport gives the exception of a problem.
func wfsReport(p problem, err error) wfs.Report {
	report := wfs.Report{Exception: wfs.ExceptionOf(err, p.Code), Locator: p.Locator, Text: p.Detail}
	if report.Text == "" {
		report.Text = p.Title
	}
	for _, finding := range p.Findings {
		report.Text += "\n" + finding.Message.EN
	}
	if p.Status >= http.StatusInternalServerError {
		report.Text += " " + p.RequestID
	}
	return report
}

// wfsDocuments keeps the capabilities, which are built once for each revision, version, language and circle of readers.
type wfsDocuments struct {
	sync.Mutex
	revision plan.Revision
	texts    map[wfsDocument][]byte
}

type wfsDocument struct {
	version  wfs.Version
	language ogc.Language
	address  string
	sections string
	drafts   bool
	writes   bool
	rules    *plan.Ruleset // that derived layers follow from
}

// wfsDocumentsKept bounds how many there are of a revision: addresses are many when each request says its own.
const wfsDocumentsKept = 100

func (d *wfsDocuments) get(revision plan.Revision, which wfsDocument) []byte {
	d.Lock()
	defer d.Unlock()
	if d.revision != revision {
		return nil
	}
	return d.texts[which]
}

func (d *wfsDocuments) keep(revision plan.Revision, which wfsDocument, text []byte) {
	d.Lock()
	defer d.Unlock()
	if d.revision != revision || len(d.texts) >= wfsDocumentsKept {
		d.revision, d.texts = revision, map[wfsDocument][]byte{}
	}
	d.texts[which] = text
}

func (s *Server) getWFSCapabilities(c echo.Context, request *wfs.Request) error {
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	site := s.site(c)
	which := wfsDocument{request.Version, site.Language, s.base(c) + wfsPath, strings.Join(request.Sections, ","), maySeeDrafts(c), principal(c).Role.Allows(plan.Officer), s.rules.Current()}
	text := s.wfsDocuments.get(view.Revision(), which)
	if text == nil {
		service := wfs.Service{Address: which.address, Revision: view.Revision(), Language: site.Language,
			Provider: wfs.Provider{Name: s.options.Publisher.Name, Site: s.options.Publisher.Homepage, Email: s.options.Publisher.Email},
			Contents: s.contents(c.Request().Context(), view)}
		if which.writes {
			service.Writable = s.stored
		}
		var document bytes.Buffer
		if err := service.WriteCapabilities(&document, request.Version, request.Sections); err != nil {
			return err
		}
		text = document.Bytes()
		if !slices.ContainsFunc(service.Contents, func(c ogc.Content) bool { return c.Count == ogc.Uncounted }) {
			s.wfsDocuments.keep(view.Revision(), which, text)
		}
	}
	return c.Blob(http.StatusOK, "text/xml; charset=utf-8", text)
}

// describeFeatureType gives the schema of the layers that are named, or of all.
func (s *Server) describeFeatureType(c echo.Context, request *wfs.Request) error {
	edition, err := request.SchemaFormat()
	if err != nil {
		return err
	}
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	layers, err := wfs.Described(request, s.definitions(view))
	if err != nil {
		return err
	}
	schema, err := edition.XSD(layers...)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, edition.Media, schema)
}

func (s *Server) getStoredQueries(c echo.Context, request *wfs.Request) error {
	view, err := s.viewAsked(c)
	if err != nil {
		return err
	}
	var document bytes.Buffer
	write := wfs.WriteStoredQueries
	if request.Operation == wfs.DescribeStoredQueries {
		write = request.WriteStoredQueryDescriptions
	}
	if err := write(&document, s.definitions(view)); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/xml", document.Bytes())
}

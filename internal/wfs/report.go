package wfs

import (
	"encoding/xml"
	"strings"
)

// Report is an error as clients of the service read it.
type Report struct {
	Exception Exception
	Locator   string
	Text      string
}

type owsReport struct {
	XMLName   xml.Name
	Version   string `xml:"version,attr"`
	Language  string `xml:"xml:lang,attr,omitempty"`
	Exception owsException
}

type owsException struct {
	XMLName xml.Name
	Code    string `xml:"exceptionCode,attr"`
	Locator string `xml:"locator,attr,omitempty"`
	Text    string `xml:"ExceptionText"`
}

type ogcReport struct {
	XMLName   xml.Name `xml:"http://www.opengis.net/ogc ServiceExceptionReport"`
	Version   string   `xml:"version,attr"`
	Exception struct {
		Code    string `xml:"code,attr"`
		Locator string `xml:"locator,attr,omitempty"`
		Text    string `xml:",chardata"`
	} `xml:"ServiceException"`
}

// XML gives the report in the form of the version: ows:ExceptionReport (OGC 06-121r3, 8; 05-008, 8), and in 1.0.0
// ogc:ServiceExceptionReport (02-058, 7.7).
func (r Report) XML(version Version) string {
	var report any
	if version == V100 {
		old := ogcReport{Version: "1.2.0"}
		old.Exception.Code, old.Exception.Locator, old.Exception.Text = string(r.Exception), r.Locator, r.Text
		report = old
	} else {
		space, language := "http://www.opengis.net/ows/1.1", "en"
		if version == V110 {
			space, language = "http://www.opengis.net/ows", ""
		}
		name := func(local string) xml.Name { return xml.Name{Space: space, Local: local} }
		report = owsReport{name("ExceptionReport"), string(version), language,
			owsException{name("Exception"), string(r.Exception), r.Locator, r.Text}}
	}
	var text strings.Builder
	_ = xml.NewEncoder(&text).Encode(report) // a builder takes everything, and the types are encodable
	return text.String()
}

// Document gives the report as a document, and its media type.
func (r Report) Document(version Version) (media string, document []byte) {
	media = "application/xml"
	if version != V200 {
		media = "text/xml; charset=utf-8"
	}
	return media, []byte(xml.Header + r.XML(version) + "\n")
}

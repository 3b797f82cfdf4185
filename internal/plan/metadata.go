package plan

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"time"
)

// AboutSheet is the sheet of an exported workbook that describes the layer; whoever reads a workbook passes it by.
const AboutSheet = "Om lagret"

// UTCHeading ends the heading of a column of instants in a workbook, whose cells have no time zone of their own.
const UTCHeading = " [UTC]"

// Metadata is what a layer says of itself beside its schema, for people and for catalogues (DCAT-AP-SE 3.0.1). Every
// part may be missing: what is not known is left out, never guessed.
type Metadata struct {
	Keywords     []Text       `json:"keywords,omitempty" yaml:"keywords"`
	Vintage      Period       `json:"vintage,omitzero" yaml:"vintage"` // when the content holds, which is seldom when it was loaded
	Contact      Contact      `json:"contact,omitzero" yaml:"contact"`
	UpdateRhythm UpdateRhythm `json:"update_rhythm,omitempty" yaml:"update_rhythm"`
	Language     Language     `json:"language,omitempty" yaml:"language"` // of the attributes' values
	Lineage      Text         `json:"lineage,omitzero" yaml:"lineage"`    // where the content comes from and what was done to it
	LandingPage  string       `json:"landing_page,omitempty" yaml:"landing_page"`
	LicenceURI   string       `json:"licence_uri,omitempty" yaml:"licence_uri"`
	AccessRights AccessRights `json:"access_rights,omitempty" yaml:"access_rights"`
}

// Contact is who answers questions about a layer.
type Contact struct {
	Name         string `json:"name,omitempty" yaml:"name"`
	Email        string `json:"email,omitempty" yaml:"email"`
	Organisation string `json:"organisation,omitempty" yaml:"organisation"`
}

// Period is a stretch of time. Each end is a year (2022) or a date (2022-12-31), or open; the same at both ends is an
// as-of date.
type Period struct {
	From string `json:"from,omitempty" yaml:"from"`
	To   string `json:"to,omitempty" yaml:"to"`
}

// UpdateRhythm is how often the content is renewed: a code of the EU vocabulary of frequencies
// (http://publications.europa.eu/resource/authority/frequency).
type UpdateRhythm string

// UpdateRhythms lists the codes.
var UpdateRhythms = []UpdateRhythm{"TRIENNIAL", "BIENNIAL", "ANNUAL", "ANNUAL_2", "ANNUAL_3", "QUARTERLY", "BIMONTHLY", "MONTHLY", "MONTHLY_2",
	"MONTHLY_3", "BIWEEKLY", "WEEKLY", "WEEKLY_2", "WEEKLY_3", "DAILY", "DAILY_2", "HOURLY", "CONT", "UPDATE_CONT", "QUADRENNIAL",
	"QUINQUENNIAL", "DECENNIAL", "AS_NEEDED", "IRREG", "NOT_PLANNED", "NEVER", "OTHER", "UNKNOWN"}

// Language is a language by its two letters (ISO 639-1).
type Language string

// Languages lists those that a layer of this county can be expected in: Swedish, the neighbours', the national
// minorities' that have a code, and English.
var Languages = []Language{"sv", "en", "da", "nb", "fi", "se"}

// AccessRights says who may have the data (http://publications.europa.eu/resource/authority/access-right).
type AccessRights string

// The access rights.
const (
	Public     AccessRights = "PUBLIC"
	Restricted AccessRights = "RESTRICTED"
	NonPublic  AccessRights = "NON_PUBLIC"
)

// AllAccessRights lists them.
var AllAccessRights = []AccessRights{Public, Restricted, NonPublic}

// licenceURIs are the addresses that DCAT-AP-SE names the open licences by.
var licenceURIs = map[string]string{
	"CC0 1.0":      "http://creativecommons.org/publicdomain/zero/1.0/",
	"CC0":          "http://creativecommons.org/publicdomain/zero/1.0/",
	"CC BY 4.0":    "http://creativecommons.org/licenses/by/4.0/",
	"CC BY-SA 4.0": "http://creativecommons.org/licenses/by-sa/4.0/",
}

// LicenceAddress gives the address of the licence: the one that is stated, or that of a licence known by name; "" when
// there is neither.
func (l *Layer) LicenceAddress() string {
	if l.LicenceURI != "" {
		return l.LicenceURI
	}
	return licenceURIs[l.Licence]
}

// Bounds on texts that catalogues show.
const (
	maxKeywords = 50
	maxKeyword  = 100 // characters
)

// faults calls fault for every part that is wrong.
func (m *Metadata) faults(fault func(pointer, format string, args ...any)) {
	if len(m.Keywords) > maxKeywords {
		fault("/keywords", "there are %d keywords; at most %d are taken", len(m.Keywords), maxKeywords)
	}
	for i, k := range m.Keywords {
		if k.SV == "" || len([]rune(k.SV)) > maxKeyword || len([]rune(k.EN)) > maxKeyword {
			fault(fmt.Sprintf("/keywords/%d", i), "keyword %d must have a Swedish form, and at most %d characters in each language", i, maxKeyword)
		}
	}
	if why := m.Vintage.fault(); why != "" {
		fault("/vintage", "%s", why)
	}
	if a, err := mail.ParseAddress(m.Contact.Email); m.Contact.Email != "" && (err != nil || a.Address != m.Contact.Email) {
		fault("/contact/email", "%q is not an e-mail address", m.Contact.Email)
	}
	if m.Contact != (Contact{}) && m.Contact.Name == "" && m.Contact.Organisation == "" {
		fault("/contact", "a contact needs a name or an organisation")
	}
	oneOf(fault, "/update_rhythm", m.UpdateRhythm, UpdateRhythms)
	oneOf(fault, "/language", m.Language, Languages)
	oneOf(fault, "/access_rights", m.AccessRights, AllAccessRights)
	if m.Lineage.EN != "" && m.Lineage.SV == "" {
		fault("/lineage/sv", "the lineage must be told in Swedish too")
	}
	for _, address := range []struct{ pointer, text string }{{"/landing_page", m.LandingPage}, {"/licence_uri", m.LicenceURI}} {
		if address.text != "" && !IsWebAddress(address.text) {
			fault(address.pointer, "%q is not an address that begins with http:// or https://", address.text)
		}
	}
}

func oneOf[T ~string](fault func(string, string, ...any), pointer string, value T, allowed []T) {
	if value != "" && !slices.Contains(allowed, value) {
		fault(pointer, "%q is not one of %v", value, allowed)
	}
}

// IsWebAddress reports whether the text is an absolute http or https address without what an address can't have.
func IsWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.String() == text
}

// fault says what is wrong with the period, or "".
func (p Period) fault() string {
	for _, end := range []string{p.From, p.To} {
		if _, known := layoutOf(end); end != "" && !known {
			return fmt.Sprintf("%q is neither a year like 2022 nor a date like 2022-12-31", end)
		}
	}
	// A year compares with a date by its own digits, so that 2022 to 2022-06-30 is in order.
	if n := min(len(p.From), len(p.To)); n > 0 && p.From[:n] > p.To[:n] {
		return fmt.Sprintf("the period ends (%s) before it begins (%s)", p.To, p.From)
	}
	return ""
}

// layoutOf tells whether the text is a year or a date.
func layoutOf(text string) (layout string, known bool) {
	for _, layout := range []string{"2006", time.DateOnly} {
		if _, err := time.Parse(layout, text); err == nil {
			return layout, true
		}
	}
	return "", false
}

// IsYear reports whether an end of a period is a whole year.
func IsYear(end string) bool { return len(end) == len("2006") }

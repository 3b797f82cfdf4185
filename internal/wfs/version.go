package wfs

import (
	"fmt"
	"slices"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
)

// Version is an edition of the standard.
type Version string

// The versions.
const (
	V200 Version = "2.0.0"
	V110 Version = "1.1.0"
	V100 Version = "1.0.0"
)

// versions lists them, the newest first.
var versions = []Version{V200, V110, V100}

// gml gives the edition of GML that the version answers with unless asked for another.
func (v Version) gml() *ogc.GML {
	switch v {
	case V110:
		return ogc.GML31
	case V100:
		return ogc.GML21
	}
	return ogc.GML32
}

// system names a coordinate system as the version does: by a short name with easting first in 1.0.0, since then by one
// that stands for the registry's axis order.
func (v Version) system(crs geo.CRS) ogc.Reference {
	if v == V100 {
		return ogc.ShortReference(crs)
	}
	return ogc.URNReference(crs)
}

// DefaultSystem is the system of answers, and of requests that name none.
func (v Version) DefaultSystem() ogc.Reference { return v.system(geo.House) }

// typeNames is what the version calls the parameter that names feature types.
func (v Version) typeNames() string {
	if v == V200 {
		return "typeNames"
	}
	return "typeName"
}

// parseVersion finds the version that is named; 2.0.2 and the like are corrections of what we speak.
func parseVersion(text string) (Version, bool) {
	for _, v := range versions {
		if text == string(v) || strings.HasPrefix(text, string(v[:len("2.0.")])) && isNumber(text[len("2.0."):]) {
			return v, true
		}
	}
	return V200, false
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// negotiate chooses the version of the capabilities. acceptVersions, in the client's order, comes before version (OGC
// 06-121r3, 7.3.2), which follows the older rule: the one that is asked for, else the next lower, else the lowest.
func negotiate(acceptVersions []string, version string) (Version, error) {
	if len(acceptVersions) > 0 {
		for _, text := range acceptVersions {
			if v, found := parseVersion(strings.TrimSpace(text)); found {
				return v, nil
			}
		}
		return V200, faultf(VersionNegotiationFailed, "acceptVersions", "none of the versions %s is spoken here; the versions are %s",
			clip(strings.Join(acceptVersions, ", ")), versionList())
	}
	if version == "" {
		return V200, nil
	}
	if v, found := parseVersion(version); found {
		return v, nil
	}
	if !startsWithDigit(version) {
		return V200, faultf(VersionNegotiationFailed, "version", "%q is not a version; the versions are %s", clip(version), versionList())
	}
	lower := slices.IndexFunc(versions, func(v Version) bool { return string(v) < version })
	if lower < 0 {
		lower = len(versions) - 1
	}
	return versions[lower], nil
}

func startsWithDigit(s string) bool { return s[0] >= '0' && s[0] <= '9' }

func versionList() string {
	return strings.Trim(fmt.Sprint(versions), "[]")
}

package export

import (
	"fmt"
	"time"

	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// fact is one thing that a file tells of its layer, where the format has a place for it.
type fact struct {
	key   string // in formats that programs read
	label string // in Swedish, for people
	value string
}

// notBinding stands in everything that leaves the service.
const notBinding = "Kunskapsunderlag, inte bindande. / Planning knowledge, not binding."

func facts(layer Layer, crs geo.CRS) []fact {
	l := layer.Definition
	synthetic := ""
	if l.Synthetic {
		synthetic = "Syntetiska (påhittade) data. / Synthetic (made up) data."
	}
	return []fact{
		{"title", "Titel", l.Title.SV},
		{"description", "Beskrivning", l.Description.SV},
		{"layer", "Lager", l.ID},
		{"revision", "Revision", fmt.Sprint(l.Revision)},
		{"date", "Datum", l.Changed.UTC().Format(time.RFC3339)},
		{"source", "Källa", l.Source},
		{"licence", "Licens", l.Licence},
		{"crs_name", "Koordinatsystem", systemOf(l, crs)},
		{"note", "Anmärkning", notBinding},
		{"synthetic", "Syntetiskt", synthetic},
	}
}

func systemOf(l *plan.Layer, crs geo.CRS) string {
	if l.GeometryType == plan.None {
		return ""
	}
	return crs.Name()
}

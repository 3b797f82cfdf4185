package report

import (
	"fmt"
	"strings"

	"strukturbild/internal/export"
	"strukturbild/internal/plan"
)

// stackTables gives a stack as tables, the first one first.
func stackTables(s *plan.ReportStackFigures) []export.Layer {
	return []export.Layer{stackTable("kommuner", "Per kommun", s.ByKommun), stackTable("kommunalforbund", "Per kommunalförbund", s.ByKommunalforbund),
		stackTable("totalt", "Hela urvalet", []plan.StackRow{s.Total}),
		tableOf("intressen", "Intressen", plan.None, s.Interests, func(i *plan.InterestArea) string { return fmt.Sprintf("%s:%s:%d", i.Rule, i.Layer, i.Severity) }, nil, interestColumns),
		tableOf("kombinationer", "Kombinationer", plan.None, s.Combinations, combinationID, nil, combinationColumns),
		tableOf("ej_berorda", "Ej berörda lager", plan.None, s.Absent, func(l *plan.LayerAsked) string { return l.Layer }, nil, absentColumns),
		tableOf("utan_yta", "Utan yta", plan.None, s.Flat, func(l *plan.FlatLayer) string { return l.Rule + ":" + l.Layer }, nil, flatColumns)}
}

func stackTable(name, title string, rows []plan.StackRow) export.Layer {
	columns := []column[plan.StackRow]{
		text("namn", "Namn", func(r *plan.StackRow) string { return r.Title.SV }),
		figure("area_ha", "Yta", "ha", func(r *plan.StackRow) *float64 { return &r.AreaHa }),
		figure("gront_ha", "Grönt", "ha", func(r *plan.StackRow) *float64 { return &r.Green.AreaHa }),
		figure("gult_ha", "Gult", "ha", func(r *plan.StackRow) *float64 { return &r.Yellow.AreaHa }),
		figure("rott_ha", "Rött", "ha", func(r *plan.StackRow) *float64 { return &r.Red.AreaHa }),
		figure("gront_andel", "Andel grönt", "", func(r *plan.StackRow) *float64 { return &r.Green.Share }),
		figure("gult_andel", "Andel gult", "", func(r *plan.StackRow) *float64 { return &r.Yellow.Share }),
		figure("rott_andel", "Andel rött", "", func(r *plan.StackRow) *float64 { return &r.Red.Share }),
		figure("narhet", "Det gulas närhet till rött", "", func(r *plan.StackRow) *float64 { return &r.Closeness }),
	}
	for tenth := range 10 {
		columns = append(columns, figure(fmt.Sprintf("narhet_%d_ha", tenth), fmt.Sprintf("Gult med närhet 0,%d till %s", tenth, decimal(float64(tenth+1)/10, 1)), "ha",
			func(r *plan.StackRow) *float64 { return &r.ByCloseness[tenth].AreaHa }))
	}
	return tableOf(name, title, plan.None, rows, func(r *plan.StackRow) string { return r.Key }, nil, columns)
}

var interestColumns = []column[plan.InterestArea]{
	text("regel", "Regel", func(i *plan.InterestArea) string { return i.Rule }),
	text("regel_titel", "Regelns titel", func(i *plan.InterestArea) string { return i.Title.SV }),
	text("lager", "Lager", func(i *plan.InterestArea) string { return i.Layer }),
	count("allvar", "Allvar", func(i *plan.InterestArea) int { return i.Severity }),
	text("klass", "Klass", func(i *plan.InterestArea) string { return classTitles[i.Class] }),
	figure("area_ha", "Yta", "ha", func(i *plan.InterestArea) *float64 { return &i.AreaHa }),
	figure("andel", "Andel", "", func(i *plan.InterestArea) *float64 { return &i.Share }),
	text("lagrum", "Rättslig grund", func(i *plan.InterestArea) string { return i.LegalBasis.SV }),
}

// combinationID names what lies on each other: each rule, layer and severity.
func combinationID(c *plan.CombinationArea) string {
	parts := make([]string, len(c.Items))
	for i, item := range c.Items {
		parts[i] = fmt.Sprintf("%s:%s:%d", item.Rule, item.Layer, item.Severity)
	}
	return strings.Join(parts, " ")
}

var combinationColumns = []column[plan.CombinationArea]{
	text("farg", "Färg", func(c *plan.CombinationArea) string { return nameOf3[c.Colour] }),
	figure("narhet", "Närhet till rött", "", func(c *plan.CombinationArea) *float64 { return &c.Closeness }),
	count("intressen", "Antal intressen", func(c *plan.CombinationArea) int { return c.Interests }),
	count("allvar", "Högsta allvar", func(c *plan.CombinationArea) int { return c.Severity }),
	count("allvar_summa", "Summa av allvar", func(c *plan.CombinationArea) int { return c.SeveritySum }),
	figure("area_ha", "Yta", "ha", func(c *plan.CombinationArea) *float64 { return &c.AreaHa }),
	figure("andel", "Andel", "", func(c *plan.CombinationArea) *float64 { return &c.Share }),
	text("vad", "Intressen på varandra", func(c *plan.CombinationArea) string {
		parts := make([]string, len(c.Items))
		for i, item := range c.Items {
			parts[i] = item.Title.SV + " (" + item.Layer + ")"
		}
		return strings.Join(parts, "; ")
	}),
}

var absentColumns = []column[plan.LayerAsked]{
	text("titel", "Titel", func(l *plan.LayerAsked) string { return l.Title.SV }),
	text("tema", "Tema", func(l *plan.LayerAsked) string { return themeTitles[l.Theme] }),
}

var flatColumns = []column[plan.FlatLayer]{
	text("regel", "Regel", func(l *plan.FlatLayer) string { return l.Rule }),
	text("lager", "Lager", func(l *plan.FlatLayer) string { return l.Layer }),
	count("objekt", "Objekt", func(l *plan.FlatLayer) int { return l.Features }),
}

// turnTables gives what has turned as tables.
func turnTables(s *plan.ReportStackTurn) []export.Layer {
	return []export.Layer{TurnTable("kommuner", "Per kommun", s.ByKommun), TurnTable("kommunalforbund", "Per kommunalförbund", s.ByKommunalforbund),
		TurnTable("totalt", "Hela urvalet", []plan.StackChange{s.Total})}
}

// TurnTable gives rows of what has turned as a table, with Swedish names.
func TurnTable(name, title string, rows []plan.StackChange) export.Layer {
	columns := []column[plan.StackChange]{
		text("namn", "Namn", func(r *plan.StackChange) string { return r.Title.SV }),
		figure("area_ha", "Yta", "ha", func(r *plan.StackChange) *float64 { return &r.AreaHa }),
	}
	for _, c := range plan.Colours {
		of, word := folded[c], nameOf3[c]
		columns = append(columns, turnColumn(of+"_fore_ha", word+" före", func(r *plan.StackChange) float64 { return r.Before.Of(c) }),
			turnColumn(of+"_efter_ha", word+" efter", func(r *plan.StackChange) float64 { return r.After.Of(c) }),
			turnColumn(of+"_skillnad_ha", word+", skillnad", func(r *plan.StackChange) float64 { return r.Difference.Of(c) }))
	}
	for _, from := range plan.Colours {
		for _, to := range plan.Colours {
			columns = append(columns, turnColumn(folded[from]+"_till_"+folded[to]+"_ha", turnedTitle(from, to), func(r *plan.StackChange) float64 { return r.Moved(from, to) }))
		}
	}
	return tableOf(name, title, plan.None, rows, func(r *plan.StackChange) string { return r.Key }, nil, columns)
}

// folded names colours in names of columns.
var folded = map[plan.Colour]string{plan.Green: "gront", plan.Yellow: "gult", plan.Red: "rott"}

func turnColumn(name, title string, of func(*plan.StackChange) float64) column[plan.StackChange] {
	return figure(name, title, "ha", func(r *plan.StackChange) *float64 {
		v := of(r)
		return &v
	})
}

// stackShapes gives the polygons of a stack, or of what has turned.
func stackShapes(c *plan.ReportContent) (list []export.Layer) {
	if c.Stack != nil {
		list = append(list, tableOf("stapel", "Grönt, gult och rött", plan.Polygon, c.Stack.Shapes,
			func(s *plan.StackShape) string { return s.Kommun + "-" + folded[s.Colour] }, func(s *plan.StackShape) plan.Geometry { return s.Shape.Geometry },
			[]column[plan.StackShape]{text("kommunkod", "Kommunkod", func(s *plan.StackShape) string { return s.Kommun }),
				text("namn", "Kommun", func(s *plan.StackShape) string { return s.Namn }),
				text("farg", "Färg", func(s *plan.StackShape) string { return nameOf3[s.Colour] }),
				figure("area_ha", "Yta", "ha", func(s *plan.StackShape) *float64 { return &s.AreaHa })}))
	}
	if c.StackTurn != nil {
		list = append(list, tableOf("bytt_farg", "Vad som bytt färg", plan.Polygon, c.StackTurn.Shapes,
			func(s *plan.TurnShape) string { return s.Kommun + "-" + folded[s.From] + "-" + folded[s.To] }, func(s *plan.TurnShape) plan.Geometry { return s.Shape.Geometry },
			[]column[plan.TurnShape]{text("kommunkod", "Kommunkod", func(s *plan.TurnShape) string { return s.Kommun }),
				text("namn", "Kommun", func(s *plan.TurnShape) string { return s.Namn }),
				text("fran", "Från", func(s *plan.TurnShape) string { return nameOf3[s.From] }),
				text("till", "Till", func(s *plan.TurnShape) string { return nameOf3[s.To] }),
				figure("area_ha", "Yta", "ha", func(s *plan.TurnShape) *float64 { return &s.AreaHa })}))
	}
	return list
}

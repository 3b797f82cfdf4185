package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"strukturbild/internal/export"
	"strukturbild/internal/plan"
)

// column is a column of a table of rows T.
type column[T any] struct {
	plan.Attribute
	of func(*T) plan.Value
}

func text[T any](name, title string, of func(*T) string) column[T] {
	return column[T]{plan.Attribute{Name: name, Type: plan.String, Title: plan.Text{SV: title, EN: name}}, func(row *T) plan.Value {
		if value := of(row); value != "" {
			return plan.TextValue(value)
		}
		return plan.Value{}
	}}
}

func count[T any](name, title string, of func(*T) int) column[T] {
	return column[T]{plan.Attribute{Name: name, Type: plan.Integer, Title: plan.Text{SV: title, EN: name}}, func(row *T) plan.Value {
		return plan.IntegerValue(int64(of(row)))
	}}
}

func figure[T any](name, title, unit string, of func(*T) *float64) column[T] {
	return column[T]{plan.Attribute{Name: name, Type: plan.Number, Unit: unit, Title: plan.Text{SV: title, EN: name}}, func(row *T) plan.Value {
		if value := of(row); value != nil {
			return plan.NumberValue(*value)
		}
		return plan.Value{}
	}}
}

// tableOf makes a layer of rows: without geometry when shape is nil.
func tableOf[T any](name, title string, kind plan.GeometryType, rows []T, id func(*T) string, shape func(*T) plan.Geometry, columns []column[T]) export.Layer {
	definition := &plan.Layer{ID: name, Title: plan.Text{SV: title, EN: name}, GeometryType: kind, Source: "Strukturbild", Description: notice}
	for _, c := range columns {
		definition.Attributes = append(definition.Attributes, c.Attribute)
	}
	return export.Layer{Name: name, Definition: definition, Count: len(rows), Features: func(yield func(*plan.Feature) bool) {
		for i := range rows {
			f := plan.Feature{ID: id(&rows[i]), Geometry: plan.Geometry{Type: kind}}
			if shape != nil {
				f.Geometry = shape(&rows[i])
			}
			for _, c := range columns {
				f.Values = append(f.Values, c.of(&rows[i]))
			}
			if !yield(&f) {
				return
			}
		}
	}}
}

// fact is one thing that the report says of itself.
type fact struct{ label, value string }

// tables gives the content as tables, the first one first.
func tables(r *plan.Report, c *plan.ReportContent) []export.Layer {
	list := []export.Layer{tableOf("konflikter", "Konflikter", plan.None, c.Conflicts, conflictID, nil, conflictColumns)}
	switch {
	case c.Stack != nil:
		list = stackTables(c.Stack)
	case c.StackTurn != nil:
		list = turnTables(c.StackTurn)
	case c.Kind == plan.ReportComparison:
		sums := c.Comparison
		list = []export.Layer{
			tableOf("andringar", "Ändrade konflikter", plan.None, c.Changes, changeID, nil, changeColumns),
			changeTable("kommuner", "Per kommun", sums.ByKommun), changeTable("kommunalforbund", "Per kommunalförbund", sums.ByKommunalforbund),
			changeTable("per_regel", "Per regel", sums.ByRule), changeTable("allvar", "Per allvar", sums.BySeverity)}
	default:
		list = append(list, sumTable("kommuner", "Per kommun", c.ByKommun), sumTable("kommunalforbund", "Per kommunalförbund", c.ByKommunalforbund),
			sumTable("per_regel", "Per regel", c.ByRule), sumTable("allvar", "Per allvar", c.BySeverity))
	}
	return append(list, tableOf("regler", "Regler", plan.None, c.Rules, func(r *plan.Rule) string { return r.ID }, nil, ruleColumns),
		tableOf("kallor", "Källor", plan.None, slices.Concat(c.Inputs, c.FromInputs), inputID, nil, inputColumns),
		tableOf("ej_matta", "Ej mätta", plan.None, c.NotMeasured, func(u *plan.UnknownFeature) string { return strings.ReplaceAll(u.Key(), "\n", " ") }, nil, unmeasuredColumns),
		tableOf("om_rapporten", "Om rapporten", plan.None, facts(r, c), func(f *fact) string { return f.label }, nil,
			[]column[fact]{text("varde", "Värde", func(f *fact) string { return f.value })}))
}

// shapes gives the layers of the content that have a place, by geometry type.
func shapes(c *plan.ReportContent) (list []export.Layer) {
	list = stackShapes(c)
	for _, kind := range []plan.GeometryType{plan.Polygon, plan.Line, plan.Point} {
		name := map[plan.GeometryType]string{plan.Polygon: "yta", plan.Line: "linje", plan.Point: "punkt"}[kind]
		is := func(s *plan.Shape) bool { return s != nil && s.Type == kind }
		conflicts := slices.DeleteFunc(slices.Clone(c.Conflicts), func(row plan.ReportConflict) bool { return !is(row.Shape) })
		if len(conflicts) > 0 {
			list = append(list, tableOf("konflikter_"+name, "Konflikter", kind, conflicts, conflictID,
				func(row *plan.ReportConflict) plan.Geometry { return row.Shape.Geometry }, conflictColumns))
		}
		changes := slices.DeleteFunc(slices.Clone(c.Changes), func(row plan.ReportChange) bool { return !is(row.Shape) })
		if len(changes) > 0 {
			list = append(list, tableOf("andringar_"+name, "Ändrade konflikter", kind, changes, changeID,
				func(row *plan.ReportChange) plan.Geometry { return row.Shape.Geometry }, changeColumns))
		}
	}
	return append(list, tableOf("karta_kommuner", "Kommungränser på kartan (generaliserade)", plan.Polygon, c.Map, func(k *plan.ReportKommun) string { return k.Kommun },
		func(k *plan.ReportKommun) plan.Geometry { return k.Shape.Geometry },
		[]column[plan.ReportKommun]{text("namn", "Namn", func(k *plan.ReportKommun) string { return k.Namn })}))
}

func conflictID(row *plan.ReportConflict) string { return nameOf(&row.Conflict) }
func changeID(row *plan.ReportChange) string     { return row.ID }
func inputID(row *plan.ReportInput) string       { return fmt.Sprintf("%s@%d", row.Layer, row.Revision) }

// nameOf gives the conflict's id; of a drawn claim, what it meets.
func nameOf(c *plan.Conflict) string {
	return cmp.Or(c.ID, c.Rule+":"+c.Interest.Layer+"/"+c.Interest.ID)
}

// conflictColumns tell a conflict.
var conflictColumns = columnsOf("", "", func(row *plan.ReportConflict) *plan.Conflict { return &row.Conflict })

// changeColumns tell a change: what it is now or was last, and the figures of both states.
var changeColumns = slices.Concat(
	[]column[plan.ReportChange]{text("blev", "Vad som hänt", func(row *plan.ReportChange) string { return becameTitles[row.Became] })},
	columnsOf("", "", func(row *plan.ReportChange) *plan.Conflict { return cmp.Or(row.After, row.Before) }),
	sizesOf("fore_", " före", func(row *plan.ReportChange) *plan.Conflict { return row.Before }),
	sizesOf("efter_", " efter", func(row *plan.ReportChange) *plan.Conflict { return row.After }))

func columnsOf[T any](prefix, suffix string, of func(*T) *plan.Conflict) []column[T] {
	side := func(row *T) plan.FeatureRef {
		if claim := of(row).Claim; claim != nil {
			return *claim
		}
		return plan.FeatureRef{}
	}
	return slices.Concat([]column[T]{
		text("regel", "Regel", func(row *T) string { return of(row).Rule }),
		text("regel_titel", "Regelns titel", func(row *T) string { return of(row).Title.SV }),
		text("klass", "Klass", func(row *T) string { return classTitles[of(row).Class] }),
		text("ansprak_lager", "Anspråkets lager", func(row *T) string { return side(row).Layer }),
		text("ansprak_id", "Anspråkets id", func(row *T) string { return side(row).ID }),
		text("ansprak", "Anspråk", func(row *T) string { return side(row).Title }),
		text("intresse_lager", "Intressets lager", func(row *T) string { return of(row).Interest.Layer }),
		text("intresse_id", "Intressets id", func(row *T) string { return of(row).Interest.ID }),
		text("intresse", "Intresse", func(row *T) string { return of(row).Interest.Title }),
	}, sizesOf(prefix, suffix, of), []column[T]{
		figure("troskel_m", "Tröskel", "m", func(row *T) *float64 { return of(row).Why.ThresholdM }),
		figure("saknas_m", "Fattas", "m", func(row *T) *float64 {
			if clear := of(row).Clear; clear != nil {
				return &clear.MissingM
			}
			return nil
		}),
		text("kommuner", "Kommuner", func(row *T) string { return kommunerOf(of(row)) }),
		text("lagrum", "Rättslig grund", func(row *T) string { return of(row).LegalBasis.SV }),
		text("kalla", "Källa", func(row *T) string { return of(row).Why.Source.Source }),
		text("kalla_datum", "Källans datum", func(row *T) string { return day(of(row).Why.Source.Changed) }),
	})
}

// sizesOf are the figures of a conflict; null where there is none.
func sizesOf[T any](prefix, suffix string, of func(*T) *plan.Conflict) []column[T] {
	size := func(get func(*plan.Conflict) *float64) func(*T) *float64 {
		return func(row *T) *float64 {
			if c := of(row); c != nil {
				return get(c)
			}
			return nil
		}
	}
	return []column[T]{
		figure(prefix+"allvar", "Allvar"+suffix, "", size(func(c *plan.Conflict) *float64 { return number(c.Severity) })),
		figure(prefix+"area_ha", "Yta"+suffix, "ha", size(func(c *plan.Conflict) *float64 { return c.AreaHa })),
		figure(prefix+"langd_m", "Längd"+suffix, "m", size(func(c *plan.Conflict) *float64 { return c.LengthM })),
		figure(prefix+"punkter", "Punkter"+suffix, "", size(func(c *plan.Conflict) *float64 {
			if c.Points == nil {
				return nil
			}
			return number(*c.Points)
		})),
		figure(prefix+"avstand_m", "Avstånd"+suffix, "m", size(func(c *plan.Conflict) *float64 { return c.DistanceM })),
	}
}

func number(n int) *float64 {
	f := float64(n)
	return &f
}

// kommunerOf tells where a conflict lies, and how much of it.
func kommunerOf(c *plan.Conflict) string {
	parts := make([]string, len(c.Kommuner))
	for i, k := range c.Kommuner {
		parts[i] = k.Namn
		if len(c.Kommuner) > 1 && k.AreaHa != nil {
			parts[i] += " " + hectares(*k.AreaHa) + " ha"
		}
	}
	return strings.Join(parts, "; ")
}

func sumTable(name, title string, rows []plan.ConflictSum) export.Layer {
	return tableOf(name, title, plan.None, rows, func(s *plan.ConflictSum) string { return s.Key }, nil, []column[plan.ConflictSum]{
		text("namn", "Namn", func(s *plan.ConflictSum) string { return s.Title.SV }),
		count("konflikter", "Konflikter", func(s *plan.ConflictSum) int { return s.Conflicts }),
		count("allvar_3", "Starka", func(s *plan.ConflictSum) int { return s.Severity3 }),
		count("allvar_2", "Kräver anpassning", func(s *plan.ConflictSum) int { return s.Severity2 }),
		count("allvar_1", "Låga", func(s *plan.ConflictSum) int { return s.Severity1 }),
		figure("area_ha", "Yta", "ha", func(s *plan.ConflictSum) *float64 { return &s.AreaHa }),
		figure("langd_m", "Längd", "m", func(s *plan.ConflictSum) *float64 { return &s.LengthM }),
	})
}

func changeTable(name, title string, rows []plan.SumChange) export.Layer {
	return tableOf(name, title, plan.None, rows, func(s *plan.SumChange) string { return s.Key }, nil, []column[plan.SumChange]{
		text("namn", "Namn", func(s *plan.SumChange) string { return s.Title.SV }),
		count("nya", "Nya", func(s *plan.SumChange) int { return s.New }),
		count("borta", "Borta", func(s *plan.SumChange) int { return s.Gone }),
		count("storre", "Större", func(s *plan.SumChange) int { return s.Grown }),
		count("mindre", "Mindre", func(s *plan.SumChange) int { return s.Shrunk }),
		count("omvarderade", "Omvärderade", func(s *plan.SumChange) int { return s.Revalued }),
		count("konflikter_fore", "Konflikter före", func(s *plan.SumChange) int { return s.Before.Conflicts }),
		count("konflikter_efter", "Konflikter efter", func(s *plan.SumChange) int { return s.After.Conflicts }),
		figure("area_ha_fore", "Yta före", "ha", func(s *plan.SumChange) *float64 { return &s.Before.AreaHa }),
		figure("area_ha_efter", "Yta efter", "ha", func(s *plan.SumChange) *float64 { return &s.After.AreaHa }),
		figure("langd_m_fore", "Längd före", "m", func(s *plan.SumChange) *float64 { return &s.Before.LengthM }),
		figure("langd_m_efter", "Längd efter", "m", func(s *plan.SumChange) *float64 { return &s.After.LengthM }),
	})
}

var ruleColumns = []column[plan.Rule]{
	text("titel", "Titel", func(r *plan.Rule) string { return r.Title.SV }),
	text("villkor", "Villkor", func(r *plan.Rule) string { return r.When }),
	text("matt", "Mått", relationOf),
	count("allvar", "Allvar", func(r *plan.Rule) int { return r.Severity }),
	text("lagrum", "Rättslig grund", func(r *plan.Rule) string { return r.LegalBasis.SV }),
	text("grund", "Tröskelns grund", func(r *plan.Rule) string { return r.Basis }),
	text("status", "Status", func(r *plan.Rule) string { return maturityTitles[r.Status] }),
	text("sakerhet", "Säkerhet", func(r *plan.Rule) string { return confidenceTitles[r.Confidence] }),
	text("av", "Av", func(r *plan.Rule) string { return r.Author }),
	text("datum", "Datum", func(r *plan.Rule) string { return r.Date }),
}

var inputColumns = []column[plan.ReportInput]{
	text("lager", "Lager", func(i *plan.ReportInput) string { return i.Layer }),
	text("titel", "Titel", func(i *plan.ReportInput) string { return i.Title.SV }),
	text("tema", "Tema", func(i *plan.ReportInput) string { return themeTitles[i.Theme] }),
	text("kalla", "Källa", func(i *plan.ReportInput) string { return i.Source }),
	text("licens", "Licens", func(i *plan.ReportInput) string { return i.Licence }),
	count("revision", "Revision", func(i *plan.ReportInput) int { return int(i.Revision) }),
	text("andrad", "Ändrad", func(i *plan.ReportInput) string { return day(i.Changed) }),
	count("objekt", "Objekt", func(i *plan.ReportInput) int { return i.Features }),
}

var unmeasuredColumns = []column[plan.UnknownFeature]{
	text("regel", "Regel", func(u *plan.UnknownFeature) string { return u.Rule }),
	text("ansprak", "Anspråk", func(u *plan.UnknownFeature) string { return refOf(u.Claim) }),
	text("intresse", "Intresse", func(u *plan.UnknownFeature) string { return refOf(u.Interest) }),
	text("skal", "Skäl", func(u *plan.UnknownFeature) string { return u.Reason }),
}

func refOf(ref *plan.FeatureRef) string {
	if ref == nil {
		return ""
	}
	return ref.Layer + "/" + ref.ID
}

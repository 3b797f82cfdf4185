package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"strukturbild/internal/plan"
)

// What people read, in Swedish.
var (
	themeTitles = map[plan.Theme]string{plan.Wind: "Vindkraft", plan.Agriculture: "Jordbruk", plan.Forest: "Skog", plan.Infrastructure: "Infrastruktur",
		plan.Settlement: "Bebyggelse", plan.Nature: "Natur", plan.Culture: "Kulturmiljö", plan.Defence: "Totalförsvar", plan.Water: "Vatten", plan.Structure: "Strukturbild", plan.Administrative: "Indelning"}
	classTitles      = map[plan.Class]string{plan.Stop: "stopp", plan.Adapt: "anpassning"}
	severityTitles   = map[int]string{3: "Stark", 2: "Kräver anpassning", 1: "Låg"}
	maturityTitles   = map[plan.Maturity]string{plan.Proposal: "förslag", plan.Decided: "beslutad"}
	confidenceTitles = map[plan.Confidence]string{plan.High: "hög", plan.Medium: "medel", plan.Low: "låg"}
	becameTitles     = map[plan.Became]string{plan.ConflictNew: "ny", plan.ConflictGone: "borta", plan.ConflictGrown: "större", plan.ConflictShrunk: "mindre", plan.ConflictRevalued: "omvärderad"}
	kindTitles       = map[plan.ReportKind]string{plan.ReportConflicts: "Målkonflikter", plan.ReportWhatIf: "Vad berörs?", plan.ReportComparison: "Jämförelse av målkonflikter",
		plan.ReportStack: "Grönt, gult och rött", plan.ReportTurn: "Vad som bytt färg"}
)

// titleOf gives the title of the report: the one that it was given, or what it is about.
func titleOf(r *plan.Report, c *plan.ReportContent) string {
	return cmp.Or(r.Order.Title, kindTitles[c.Kind]+" – "+c.Place.SV)
}

// facts are what the report says of itself.
func facts(r *plan.Report, c *plan.ReportContent) []fact {
	list := []fact{
		{"Titel", titleOf(r, c)},
		{"Avser", c.Place.SV},
		{"Urval", chosen(c)},
		{"Läge", stateOf(c.State)},
		{"Jämfört med", ""},
		{"Regelverk", fmt.Sprintf("%s (%s, version %d)", c.RulesetTitle.SV, c.State.Ruleset.ID, c.State.Ruleset.Version)},
		{"Fryst", moment(r.Finished)},
		{"Sammanställd av", cmp.Or(r.Order.Author, r.By)},
		{"Rapportens id", r.ID},
		{"Innehållets SHA-256", r.SHA256},
		{"Regelverkets SHA-256", c.RulesetSHA256},
		{"Anmärkning", c.Notice.SV},
	}
	if c.From != nil {
		list[4].value = stateOf(*c.From)
	}
	if !r.Complete {
		list = append(list, fact{"Ofullständig", shortfall(c)})
	}
	list = append(list, fact{"Påhittade data", synthetic(c)})
	shown := list[:0]
	for _, f := range list {
		if f.value != "" {
			shown = append(shown, f)
		}
	}
	return shown
}

func stateOf(s plan.ConflictState) string {
	return fmt.Sprintf("revision %d, regelverk %s version %d", s.Revision, s.Ruleset.ID, s.Ruleset.Version)
}

// chosen tells what the report is narrowed to.
func chosen(c *plan.ReportContent) string {
	switch {
	case c.Stack != nil:
		return claimText(&c.Stack.Claim)
	case c.StackTurn != nil:
		return claimText(&c.StackTurn.Claim)
	}
	var parts []string
	if c.Scope.Theme != "" {
		parts = append(parts, "tema "+strings.ToLower(themeTitles[c.Scope.Theme]))
	}
	if c.Scope.Layer != "" {
		parts = append(parts, "lager "+c.Scope.Layer)
	}
	if c.Scope.Rule != "" {
		parts = append(parts, "regel "+c.Scope.Rule)
	}
	if c.Scope.MinSeverity > 1 {
		parts = append(parts, fmt.Sprintf("minst allvar %d", c.Scope.MinSeverity))
	}
	return cmp.Or(strings.Join(parts, ", "), "alla konflikter")
}

// shortfall tells what the time did not suffice for.
func shortfall(c *plan.ReportContent) string {
	var parts []string
	if n := len(c.Unfinished); n > 0 {
		parts = append(parts, fmt.Sprintf("Tiden räckte inte för %d regler, vars siffror därför är för små: %s.", n, strings.Join(c.Unfinished, ", ")))
	}
	if n := len(c.Undrawn); n > 0 && (c.Stack != nil || c.StackTurn != nil) {
		parts = append(parts, fmt.Sprintf("%d ytor saknar form på kartan och i filer för GIS (till exempel %s: %s).", n, c.Undrawn[0].Conflict, c.Undrawn[0].Reason))
	} else if n > 0 {
		parts = append(parts, fmt.Sprintf("%d av de uppräknade konflikterna saknar form på kartan och i filer för GIS (till exempel %s: %s).", n, c.Undrawn[0].Conflict, c.Undrawn[0].Reason))
	}
	return strings.Join(parts, " ")
}

// synthetic names the layers whose data are made up; "" when none are.
func synthetic(c *plan.ReportContent) string {
	var made []string
	for _, input := range slices.Concat(c.Inputs, c.FromInputs) {
		if input.Synthetic && !slices.Contains(made, input.Title.SV) {
			made = append(made, input.Title.SV)
		}
	}
	if len(made) == 0 {
		return ""
	}
	return "Dessa lager innehåller påhittade data för demonstration, så siffrorna säger inget om verkligheten: " + strings.Join(made, ", ") + "."
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// thousands writes an integer as Swedish does, with a narrow space between the thousands.
func thousands(n int) string { return grouped(strconv.Itoa(n)) }

func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	if len(digits) < 5 {
		return sign + digits
	}
	var parts []string
	for ; len(digits) > 3; digits = digits[:len(digits)-3] {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
	}
	return sign + strings.Join(append([]string{digits}, parts...), "\u00a0")
}

// decimal writes a number with so many decimals and a decimal comma.
func decimal(v float64, decimals int) string {
	whole, rest, _ := strings.Cut(strconv.FormatFloat(v, 'f', decimals, 64), ".")
	if whole = grouped(whole); rest == "" {
		return whole
	}
	return whole + "," + rest
}

// hectares writes small areas with more decimals than large ones.
func hectares(v float64) string {
	switch size := math.Abs(v); {
	case size >= 100:
		return decimal(v, 0)
	case size >= 1 || size == 0:
		return decimal(v, 1)
	}
	return decimal(v, 2)
}

// orDash gives the text of a figure, and a dash for none.
func orDash(v float64, text string) string {
	if v == 0 {
		return "–"
	}
	return text
}

// lowered begins a title with a small letter, to stand in a sentence.
func lowered(title string) string {
	first, size := utf8.DecodeRuneInString(title)
	return string(unicode.ToLower(first)) + title[size:]
}

// sizeOf writes how big a conflict is, with its unit.
func sizeOf(c *plan.Conflict) string {
	switch {
	case c == nil:
		return "–"
	case c.AreaHa != nil:
		return hectares(*c.AreaHa) + " ha"
	case c.LengthM != nil:
		return decimal(*c.LengthM, 0) + " m"
	case c.Points != nil:
		if *c.Points == 1 {
			return "1 punkt"
		}
		return thousands(*c.Points) + " punkter"
	case c.DistanceM != nil && c.Why.ThresholdM != nil:
		return decimal(*c.DistanceM, 0) + " m (krav " + decimal(*c.Why.ThresholdM, 0) + " m)"
	}
	return "–"
}

// relationOf tells what a rule measures.
func relationOf(r *plan.Rule) string {
	switch {
	case r.Relation == plan.Overlap:
		return "överlapp"
	case r.Distance != "":
		return "inom " + r.Distance + " m"
	}
	return "inom " + decimal(r.DistanceM, 0) + " m"
}

package conflict

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"strukturbild/internal/plan"
)

// The tables that a ruleset has as CSV.
const (
	TableMatrix      = "matrix"
	TableLucis       = "lucis"
	TableSensitivity = "sensitivity"
)

// WriteTable writes a table of the ruleset as CSV with semicolons; "" is the matrix.
func WriteTable(w io.Writer, r *plan.Ruleset, table string) error {
	rows := [][]string{}
	switch table {
	case TableLucis:
		rows = append(rows, lucisColumns)
		for i := range r.Lucis {
			rows = append(rows, lucisRow(&r.Lucis[i]))
		}
	case TableSensitivity:
		rows = sensitivityRows(r.Symphony)
	default:
		return WriteMatrix(w, r)
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	return out.WriteAll(rows)
}

// ReadTable reads a table as WriteTable writes it into the ruleset; commas will do, too. What changes becomes the author's,
// of that date. Every fault is told with its row and column, and nothing is changed.
func ReadTable(in io.Reader, r *plan.Ruleset, table, author, date string) error {
	if table == "" || table == TableMatrix {
		return ReadMatrix(in, r, author, date)
	}
	rows, err := readTable(in)
	if err != nil {
		return err
	}
	check := &rulesetCheck{}
	switch {
	case len(rows) < 2:
		check.fault("", "", "tabellen har inga rader", "the table has no rows")
	case table == TableLucis:
		check.readLucis(r, rows, author, date)
	case r.Symphony == nil:
		check.fault("", "", "regelverket har inga tryck och värden (symphony)", "the ruleset has no pressures and values (symphony)")
	default:
		check.readSensitivity(r.Symphony, rows, author, date)
	}
	return check.err()
}

func readTable(in io.Reader) ([][]string, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff")))
	if first, _, _ := strings.Cut(string(text), "\n"); strings.Contains(first, ";") {
		reader.Comma = ';'
	}
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, plan.Errorf(plan.Invalid, "table", "the table can't be read as CSV: %w", err)
	}
	return rows, nil
}

// lucisColumns are the columns of the preferences, in the order that counts.
var lucisColumns = []string{"id", "use", "strength", "category", "theme", "layer", "when", "within_m", "sv", "en", "basis", "status", "confidence", "author", "date"}

func lucisRow(p *plan.Preference) []string {
	return []string{p.ID, string(p.Use), strconv.Itoa(p.Strength), p.Category, string(p.Theme), p.Layer, p.When, plainNumber(p.WithinM), p.Title.SV, p.Title.EN,
		p.Basis, string(p.Status), string(p.Confidence), p.Author, p.Date}
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// readLucis replaces the preferences by those of the table, in its order.
func (c *rulesetCheck) readLucis(r *plan.Ruleset, rows [][]string, author, date string) {
	for j, name := range lucisColumns {
		if j >= len(rows[0]) || strings.TrimSpace(rows[0][j]) != name {
			c.fault("", fmt.Sprintf("/1/%d", j+1), "kolumn %d måste heta %s", "column %d must be named %s", j+1, name)
			return
		}
	}
	var list []plan.Preference
	for i, row := range rows[1:] {
		list = append(list, c.preference(r, row, fmt.Sprintf("/%d", i+2), author, date))
	}
	if len(c.faults) == 0 {
		r.Lucis = list
	}
}

// preference reads one row. One that says what the ruleset says already keeps its author and date.
func (c *rulesetCheck) preference(r *plan.Ruleset, row []string, at, author, date string) plan.Preference {
	strength, err := strconv.Atoi(cmp.Or(row[2], "0"))
	if err != nil {
		c.fault("", at+"/3", "strength är %q; skriv 1, 2 eller 3", "strength is %q; write 1, 2 or 3", row[2])
	}
	within, err := strconv.ParseFloat(cmp.Or(strings.ReplaceAll(row[7], ",", "."), "0"), 64)
	if err != nil {
		c.fault("", at+"/8", "within_m är %q; skriv ett antal meter", "within_m is %q; write a number of metres", row[7])
	}
	p := plan.Preference{ID: row[0], Use: plan.Use(row[1]), Strength: strength, Title: plan.Text{SV: row[8], EN: row[9]},
		Mark: plan.Mark{Side: plan.Side{Category: row[3], Theme: plan.Theme(row[4]), Layer: row[5]}, When: row[6], WithinM: within},
		Provenance: plan.Provenance{Basis: row[10], Status: plan.Maturity(cmp.Or(row[11], string(plan.Proposal))),
			Confidence: plan.Confidence(cmp.Or(row[12], string(plan.Low))), Author: row[13], Date: row[14]}}
	was := slices.IndexFunc(r.Lucis, func(o plan.Preference) bool { return o.ID == p.ID })
	if was < 0 || !slices.Equal(lucisRow(&r.Lucis[was]), lucisRow(&p)) {
		p.Author, p.Date = author, date
	}
	return p
}

// sensitivityRows gives the matrix of sensitivities: pressures are rows, values columns, as the Symphony tool has it.
func sensitivityRows(s *plan.Symphony) [][]string {
	if s == nil {
		return nil
	}
	header := []string{"pressure/value"}
	for _, v := range s.Values {
		header = append(header, v.ID)
	}
	rows := [][]string{header}
	for _, p := range s.Pressures {
		row := []string{p.ID}
		for _, v := range s.Values {
			text := ""
			if i := sensitivityIndex(s, p.ID, v.ID); i >= 0 {
				text = plainNumber(s.Sensitivity[i].Sensitivity)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return rows
}

func sensitivityIndex(s *plan.Symphony, pressure, value string) int {
	return slices.IndexFunc(s.Sensitivity, func(k plan.Sensitivity) bool { return k.Pressure == pressure && k.Value == value })
}

func (c *rulesetCheck) readSensitivity(s *plan.Symphony, rows [][]string, author, date string) {
	list := slices.Clone(s.Sensitivity)
	for i, row := range rows[1:] {
		for j := 1; j < len(row); j++ {
			at, name := fmt.Sprintf("/%d/%d", i+2, j+1), rows[0][j]
			k := sensitivityIndex(s, row[0], name)
			sensitivity, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(row[j]), ",", "."), 64)
			switch {
			case k < 0:
				c.fault("", at, "rad %s kolumn %s: regelverket har ingen sådan känslighet", "row %s column %s: the ruleset has no such sensitivity", row[0], name)
			case err != nil || !(sensitivity >= 0 && sensitivity <= 1):
				c.fault("", at, "rad %s kolumn %s: %q är ingen känslighet från 0 till 1", "row %s column %s: %q is no sensitivity from 0 to 1", row[0], name, row[j])
			case list[k].Sensitivity != sensitivity:
				list[k].Sensitivity, list[k].Author, list[k].Date, list[k].Status = sensitivity, author, date, plan.Proposal
			}
		}
	}
	if len(c.faults) == 0 {
		s.Sensitivity = list
	}
}

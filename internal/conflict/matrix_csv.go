package conflict

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"strukturbild/internal/plan"
)

// corner stands in the first cell of the matrix as CSV.
const corner = "claim/interest"

// WriteMatrix writes the severities as CSV with semicolons: claims are rows, interests columns, both by category id.
func WriteMatrix(w io.Writer, r *plan.Ruleset) error {
	out := csv.NewWriter(w)
	out.Comma = ';'
	header := []string{corner}
	for _, k := range r.Categories {
		header = append(header, k.ID)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, claim := range r.Categories {
		row := []string{claim.ID}
		for _, interest := range r.Categories {
			row = append(row, severityText(r, claim.ID, interest.ID))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func severityText(r *plan.Ruleset, claim, interest string) string {
	i := cellIndex(r, claim, interest)
	if i < 0 {
		return ""
	}
	return strconv.Itoa(r.Matrix[i].Severity)
}

func cellIndex(r *plan.Ruleset, claim, interest string) int {
	return slices.IndexFunc(r.Matrix, func(c plan.Cell) bool { return c.Claim == claim && c.Interest == interest })
}

// ReadMatrix reads severities as WriteMatrix writes them (commas will do, too) into the ruleset. A cell that changes
// becomes the author's, of that date. Every fault is told with its row and column.
func ReadMatrix(in io.Reader, r *plan.Ruleset, author, date string) error {
	rows, err := readTable(in)
	if err != nil {
		return err
	}
	check := &rulesetCheck{}
	for i, row := range rows {
		for j := 1; j < len(row) && i > 0; j++ {
			check.cell(r, fmt.Sprintf("/%d/%d", i+1, j+1), row[0], rows[0][j], strings.TrimSpace(row[j]), author, date)
		}
	}
	if len(rows) < 2 {
		check.fault("", "", "matrisen har inga rader", "the matrix has no rows")
	}
	return check.err()
}

// cell puts one severity in its place.
func (c *rulesetCheck) cell(r *plan.Ruleset, at, claim, interest, text, author, date string) {
	i := cellIndex(r, claim, interest)
	severity, err := strconv.Atoi(text)
	switch {
	case i < 0:
		c.fault("", at, "rad %s kolumn %s: regelverket har ingen sådan cell", "row %s column %s: the ruleset has no such cell", claim, interest)
	case err != nil || severity < 0 || severity > 3:
		c.fault("", at, "rad %s kolumn %s: %q är inget allvar från 0 till 3", "row %s column %s: %q is no severity from 0 to 3", claim, interest, text)
	case r.Matrix[i].Severity != severity:
		cell := &r.Matrix[i]
		cell.Severity, cell.Author, cell.Date, cell.Status = severity, author, date, plan.Proposal
	}
}

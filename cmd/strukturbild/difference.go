package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"strukturbild/internal/plan"
)

// printDifference prints what a dry run would change in each municipality, and in all; nothing when there is no document.
func printDifference(w io.Writer, document json.RawMessage) error {
	if len(document) == 0 {
		return nil
	}
	var difference struct{ Summary plan.DifferenceSummary }
	if err := json.Unmarshal(document, &difference); err != nil {
		return fmt.Errorf("the service's difference can't be read: %w", err)
	}
	s := difference.Summary
	if len(s.Kommuner) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, say(plan.Text{SV: "nya\tborttagna\tändrade\tkom till\tförsvann\tkommun", EN: "added\tremoved\tchanged\tcame\twent\tmunicipality"}))
	for _, k := range s.Kommuner {
		printRow(table, k.Added, k.Removed, k.Changed, k.Growth, k.Kommun+" "+k.Namn)
	}
	printRow(table, s.Added, s.Removed, s.Changed, s.Growth, say(plan.Text{SV: "alla (objekt i flera räknas en gång)", EN: "all (features in several count once)"}))
	return table.Flush()
}

func printRow(w io.Writer, added, removed, changed int, g plan.Growth, where string) {
	fmt.Fprintf(w, "%d\t%d\t%d\t%s\t%s\t  %s\n", added, removed, changed, extent(g.AreaAddedHa, g.LengthAddedM),
		extent(g.AreaRemovedHa, g.LengthRemovedM), where)
}

// extent gives the hectares or the metres; "-" for points, which have neither.
func extent(ha, m *float64) string {
	text := "-"
	switch {
	case ha != nil:
		text = fmt.Sprintf("%.2f ha", *ha)
	case m != nil:
		text = fmt.Sprintf("%.1f m", *m)
	}
	if swedish() {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

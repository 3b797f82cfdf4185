package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"strukturbild/internal/plan"
)

type compareCommand struct {
	service         `set:"role=viewer, for what is not published"`
	From            int64  `help:"Revision to compare with." required:"" placeholder:"N"`
	To              int64  `help:"Later revision; the newest when left out." placeholder:"N"`
	FromVersion     int    `help:"Version of the rules in the first state; the one that counts when left out." placeholder:"N"`
	ToVersion       int    `help:"Version of the rules in the second state; the one that counts when left out." placeholder:"N"`
	Kommun          string `help:"Only what lies in this municipality." placeholder:"KOD"`
	Kommunalforbund string `help:"Only what lies in this association of municipalities." placeholder:"ID"`
	Theme           string `help:"Only conflicts of this theme." placeholder:"THEME"`
}

func (c *compareCommand) Run(ctx context.Context) error {
	query := url.Values{}
	for name, value := range map[string]int64{"from": c.From, "to": c.To, "from_version": int64(c.FromVersion), "to_version": int64(c.ToVersion)} {
		if value != 0 {
			query.Set(name, strconv.FormatInt(value, 10))
		}
	}
	for name, value := range map[string]string{"kommun": c.Kommun, "kommunalforbund": c.Kommunalforbund, "theme": c.Theme} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return c.printComparison(ctx, os.Stdout, query)
}

// printComparison prints how many conflicts came and went in each municipality, and their hectares before and after.
func (s *service) printComparison(ctx context.Context, w io.Writer, query url.Values) error {
	query.Set("limit", "1")
	var comparison struct {
		From, To plan.ConflictState
		Summary  plan.ComparisonSums
	}
	if err := s.ask(ctx, http.MethodGet, "/conflicts/compare?"+query.Encode(), nil, &comparison); err != nil {
		return err
	}
	from, to := comparison.From, comparison.To
	fmt.Fprintf(w, say(plan.Text{SV: "konflikter: revision %d (%s %d) mot revision %d (%s %d)\n", EN: "conflicts: revision %d (%s %d) against revision %d (%s %d)\n"}),
		from.Revision, from.Ruleset.ID, from.Ruleset.Version, to.Revision, to.Ruleset.ID, to.Ruleset.Version)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, say(plan.Text{SV: "nya\tborta\tväxte\tkrympte\tomvärderade\tha före\tha efter\tkommun", EN: "new\tgone\tgrown\tshrunk\trevalued\tha before\tha after\tmunicipality"}))
	for _, row := range comparison.Summary.ByKommun {
		if row.Changes != (plan.Changes{}) {
			printChanges(table, &row, row.Key+" "+say(row.Title))
		}
	}
	printChanges(table, &comparison.Summary.Total, say(plan.Text{SV: "alla (konflikter i flera räknas en gång)", EN: "all (conflicts in several count once)"}))
	return table.Flush()
}

func printChanges(w io.Writer, s *plan.SumChange, where string) {
	line := fmt.Sprintf("%d\t%d\t%d\t%d\t%d\t%.2f\t%.2f", s.New, s.Gone, s.Grown, s.Shrunk, s.Revalued, s.Before.AreaHa, s.After.AreaHa)
	if swedish() {
		line = strings.ReplaceAll(line, ".", ",")
	}
	fmt.Fprintf(w, "%s\t  %s\n", line, where)
}

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
	From            int64             `help:"Revision to compare with." required:"" placeholder:"N"`
	To              int64             `help:"Later revision; the newest when left out." placeholder:"N"`
	FromVersion     int               `help:"Version of the rules in the first state; the one that counts when left out." placeholder:"N"`
	ToVersion       int               `help:"Version of the rules in the second state; the one that counts when left out." placeholder:"N"`
	Kommun          string            `help:"Only what lies in this municipality." placeholder:"KOD"`
	Kommunalforbund string            `help:"Only what lies in this association of municipalities." placeholder:"ID"`
	Theme           string            `help:"Only conflicts of this theme." placeholder:"THEME"`
	Stack           string            `help:"Instead of conflicts: what has turned green, yellow or red for this land use, a layer or a theme." placeholder:"LAND-USE"`
	Attribute       map[string]string `help:"What the land use of --stack would have, as total_height=250." placeholder:"NAME=VALUE"`
	FromAttribute   map[string]string `help:"What it would have in the first state, when that is other." placeholder:"NAME=VALUE"`
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
	if c.Stack == "" {
		return c.printComparison(ctx, os.Stdout, query)
	}
	if c.Theme != "" {
		return plan.Errorf(plan.Invalid, "theme", "--theme is about conflicts; leave it out with --stack")
	}
	query.Set("land_use", c.Stack)
	for parameter, attributes := range map[string]map[string]string{"attribute": c.Attribute, "from_attribute": c.FromAttribute} {
		for name, value := range attributes {
			query.Add(parameter, name+":"+value)
		}
	}
	return c.printTurn(ctx, os.Stdout, query)
}

// printTurn prints the hectares of each colour before and after in each municipality where any has changed, and in all.
func (s *service) printTurn(ctx context.Context, w io.Writer, query url.Values) error {
	var turn struct {
		From, To plan.StackState
		Rows     []plan.StackChange
		Total    plan.StackChange
	}
	if err := s.ask(ctx, http.MethodGet, "/stack/compare?"+query.Encode(), nil, &turn); err != nil {
		return err
	}
	fmt.Fprintf(w, say(plan.Text{SV: "%s: revision %d (%s %d) mot revision %d (%s %d), hektar\n", EN: "%s: revision %d (%s %d) against revision %d (%s %d), hectares\n"}), query.Get("land_use"),
		turn.From.Revision, turn.From.Ruleset.ID, turn.From.Ruleset.Version, turn.To.Revision, turn.To.Ruleset.ID, turn.To.Ruleset.Version)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, say(plan.Text{SV: "grönt\tskillnad\tgult\tskillnad\trött\tskillnad\t  kommun", EN: "green\tchange\tyellow\tchange\tred\tchange\t  municipality"}))
	for i := range turn.Rows {
		if turn.Rows[i].Difference != (plan.ColourArea{}) {
			printColours(table, &turn.Rows[i], turn.Rows[i].Key+" "+say(turn.Rows[i].Title))
		}
	}
	printColours(table, &turn.Total, say(turn.Total.Title))
	return table.Flush()
}

func printColours(w io.Writer, r *plan.StackChange, where string) {
	line := ""
	for _, c := range plan.Colours {
		line += fmt.Sprintf("%.2f\t%+.2f\t", r.After.Of(c), r.Difference.Of(c))
	}
	if swedish() {
		line = strings.ReplaceAll(line, ".", ",")
	}
	fmt.Fprintf(w, "%s  %s\n", line, where)
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

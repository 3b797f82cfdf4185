package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"strukturbild/internal/plan"
)

type reportCommand struct {
	service     `set:"role=planner"`
	Scope       string            `help:"What it is about: region, the id of a kommunalförbund, or a kommunkod." default:"region" placeholder:"SCOPE"`
	Output      string            `short:"o" help:"File to write." required:"" type:"path" placeholder:"FILE"`
	Format      string            `help:"Format: ${enum}; by the name of the output when left out." enum:",pdf,json,canonical,csv,xlsx,gpkg" default:""`
	Title       string            `help:"Title of the report." placeholder:"TEXT"`
	Author      string            `help:"Who stands for it." placeholder:"TEXT"`
	Theme       string            `help:"Only conflicts of this theme; of --claim, what the figure would be." placeholder:"THEME"`
	Revision    int64             `help:"The conflicts as they were then; the newest when left out." placeholder:"N"`
	RuleVersion int               `help:"Version of the rules; the one that counts when left out." placeholder:"N"`
	From        int64             `help:"Compare with this revision: what has become of the conflicts." placeholder:"N"`
	Claim       string            `help:"GeoJSON file with a figure: what it would touch." type:"existingfile" placeholder:"FILE"`
	Stack       string            `help:"Green, yellow and red for this land use, a layer or a theme; with --from what has turned." placeholder:"LAND-USE"`
	Attribute   map[string]string `help:"What the land use of --stack would have, as total_height=250." placeholder:"NAME=VALUE"`
	Limit       int               `help:"How many conflicts, or combinations of a stack, are listed; 200 when left out." placeholder:"N"`
	Public      bool              `help:"Make it of what everyone may see, so that everyone may read it."`
}

func (r *reportCommand) Run(ctx context.Context) error {
	if r.Format == "" {
		if r.Format = strings.TrimPrefix(strings.ToLower(filepath.Ext(r.Output)), "."); r.Format == "" {
			return plan.Errorf(plan.Invalid, "format", "say the format with --format, or by the name of the file with -o")
		}
	}
	order, err := r.order()
	if err != nil {
		return err
	}
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	var made plan.Report
	if err := r.ask(ctx, http.MethodPost, "/reports?wait=10", bytes.NewReader(body), &made, "Content-Type", "application/json"); err != nil {
		return err
	}
	if err := r.awaitReport(ctx, &made); err != nil {
		return fmt.Errorf("report %s: %w", made.ID, err)
	}
	answer, err := r.do(ctx, http.MethodGet, r.address("/reports/"+made.ID+"?f="+url.QueryEscape(r.Format)), nil, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	written, err := save(r.Output, answer)
	if err != nil {
		return err
	}
	fmt.Printf(say(plan.Text{SV: "%s: %d byte, rapport %s, SHA-256 %s\n", EN: "%s: %d bytes, report %s, SHA-256 %s\n"}), r.Output, written, made.ID, made.SHA256)
	if !made.Complete {
		fmt.Fprintln(os.Stderr, say(plan.Text{SV: "rapporten är ofullständig; den säger själv vad som fattas", EN: "the report is incomplete; it says what is missing"}))
	}
	return nil
}

// order gives the body of the order.
func (r *reportCommand) order() (map[string]any, error) {
	order := map[string]any{"kind": plan.ReportConflicts, "title": r.Title, "author": r.Author, "public": r.Public,
		"revision": r.Revision, "version": r.RuleVersion}
	if r.Limit != 0 {
		order["limit"] = r.Limit
	}
	switch {
	case r.Claim != "" && (r.From != 0 || r.Scope != "region" || r.Stack != ""):
		return nil, plan.Errorf(plan.Invalid, "claim", "a figure is its own scope: leave out --scope, --from and --stack")
	case r.Claim != "":
		geometry, err := os.ReadFile(r.Claim)
		if err != nil {
			return nil, err
		}
		order["kind"], order["claim"] = plan.ReportWhatIf, map[string]any{"geometry": json.RawMessage(geometry), "theme": r.Theme}
		return order, nil
	case r.Stack != "":
		order["kind"], order["stack"] = plan.ReportStack, map[string]any{"land_use": r.Stack, "attributes": attributesOf(r.Attribute)}
		if r.From != 0 {
			order["kind"], order["from"] = plan.ReportTurn, map[string]any{"revision": r.From}
		}
	case r.From != 0:
		order["kind"], order["from"] = plan.ReportComparison, map[string]any{"revision": r.From}
	}
	if r.Theme != "" {
		order["theme"] = r.Theme
	}
	switch {
	case r.Scope == "region":
	case len(r.Scope) == 4 && strings.Trim(r.Scope, "0123456789") == "":
		order["kommun"] = r.Scope
	default:
		order["kommunalforbund"] = r.Scope
	}
	return order, nil
}

// attributesOf gives each value as what it looks like: a number, true, false or else a text.
func attributesOf(given map[string]string) map[string]any {
	attributes := map[string]any{}
	for name, text := range given {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			value = text
		}
		attributes[name] = value
	}
	return attributes
}

// awaitReport waits until the report has ended, and gives the error that it ended with.
func (s *service) awaitReport(ctx context.Context, made *plan.Report) error {
	return persist(ctx, func(advanced func()) error {
		for !made.State.Ended() {
			if err := s.ask(ctx, http.MethodGet, "/reports/"+made.ID+"?wait=10", nil, made); err != nil {
				return err
			}
			advanced()
		}
		return made.Failure()
	})
}

// Command strukturbild is the regional spatial planning service of Västra Götaland: one binary over PostGIS.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"strukturbild/internal/plan"
)

// version is set by the build.
var version = "development"

// commands are all commands; each has a file of its own.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the service."`
	Migrate migrateCommand `cmd:"" help:"Bring the database schema up to date and stop."`
	Verify  verifyCommand  `cmd:"" help:"Compare the atlas with the database, layer by layer, by checksum."`
	Token   tokenCommand   `cmd:"" help:"Create, list and revoke access tokens."`
	Load    loadCommand    `cmd:"" help:"Load a file into a layer of a running service."`
	Sources sourcesCommand `cmd:"" help:"List, show and pull the national datasets that layers are filled from."`
	Export  exportCommand  `cmd:"" help:"Write a layer of a running service to a file."`
	Compare compareCommand `cmd:"" help:"Tell what has become of the conflicts from one revision to another."`
	Report  reportCommand  `cmd:"" help:"Have a running service freeze a report, and write it to a file."`
	Ruleset rulesetCommand `cmd:"" help:"Load and export versions of the conflict rules."`
	Demo    demoCommand    `cmd:"" help:"Fill the land-use layers with synthetic data, or remove it."`
	Version versionCommand `cmd:"" help:"Print the version."`

	ReadFile readFileCommand `cmd:"" hidden:"" help:"Read a file for the service, which starts this by itself."`

	WriteFile writeFileCommand `cmd:"" hidden:"" help:"Write a file for the service, which starts this by itself."`
}

type versionCommand struct{}

func (versionCommand) Run() error {
	fmt.Println("strukturbild", version)
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cli commands
	parsed := kong.Parse(&cli, kong.Name("strukturbild"), kong.UsageOnError(),
		kong.Description("Regional spatial planning for Västra Götaland: layers, revisions and goal conflicts over PostGIS."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err := parsed.Run(); err != nil {
		fail(err)
		os.Exit(1) //nolint:gocritic // the process ends; there is nothing for stop to do
	}
}

// fail prints what went wrong, and each finding on a line of its own.
func fail(err error) {
	fmt.Fprintln(os.Stderr, "strukturbild:", err)
	known, ok := errors.AsType[*plan.Error](err)
	if !ok {
		return
	}
	for _, finding := range known.Findings {
		where := ""
		switch {
		case finding.Feature >= 0 && finding.ID != "":
			where = fmt.Sprintf("feature %d (id %s): ", finding.Feature, finding.ID)
		case finding.Feature >= 0:
			where = fmt.Sprintf("feature %d: ", finding.Feature)
		case finding.Pointer != "":
			where = finding.Pointer + ": "
		}
		fmt.Fprintf(os.Stderr, "  %s%s: %s\n", where, finding.Rule, say(finding.Message))
	}
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/export"
	"strukturbild/internal/fence"
	"strukturbild/internal/harvest"
	"strukturbild/internal/ingest"
	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
	"strukturbild/internal/server"
	"strukturbild/internal/store"
	"strukturbild/internal/webhook"
)

type serveCommand struct {
	database
	logging
	limits
	organisation
	official
	Listen          string        `help:"Address to listen on." env:"STRUKTURBILD_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	BaseURL         string        `name:"base-url" help:"Address under which clients see the service, when a proxy stands before it." env:"STRUKTURBILD_BASE_URL" placeholder:"URL"`
	TrustedProxies  []string      `name:"trusted-proxies" help:"Addresses or networks of proxies whose Forwarded and X-Forwarded headers tell the address that clients see." env:"STRUKTURBILD_TRUSTED_PROXIES" placeholder:"CIDR"`
	CORSOrigins     []string      `name:"cors-origins" help:"Origins of web maps on other hosts that may send tokens and write; all may read." env:"STRUKTURBILD_CORS_ORIGINS" placeholder:"URL"`
	Ruleset         string        `help:"YAML file with the conflict rules that a new database begins with, instead of the built-in proposal." env:"STRUKTURBILD_RULESET" type:"existingfile" placeholder:"FILE"`
	WebhooksPrivate bool          `name:"webhooks-private" help:"Let webhooks go to loopback, private and reserved addresses." env:"STRUKTURBILD_WEBHOOKS_PRIVATE"`
	WebhookPatience time.Duration `name:"webhook-patience" help:"How long a webhook may fail before it is disabled." env:"STRUKTURBILD_WEBHOOK_PATIENCE" default:"120h"`
	DemoWhenEmpty   int           `name:"demo-when-empty" help:"Load so many synthetic features when the land-use layers are empty." env:"STRUKTURBILD_DEMO_WHEN_EMPTY" default:"0" placeholder:"N"`
}

// pollInterval is how often a node asks for the newest revision, whatever it has been told.
const pollInterval = time.Second

func (s *serveCommand) Run(ctx context.Context) (err error) {
	if err := s.validate(); err != nil {
		return err
	}
	log := s.logger()
	ruleset, err := s.ruleset()
	if err != nil {
		return err
	}
	// Listening first tells at once when the address is taken, and lets readyz say "filling".
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("can't listen on %s: %w", s.Listen, err)
	}
	defer listener.Close()
	address, stop := s.DatabaseURL, func() error { return nil }
	if address == "" {
		if address, stop, err = s.own(ctx, log); err != nil {
			return err
		}
	}
	defer func() { err = errors.Join(err, stop()) }()
	st, err := store.Open(ctx, store.Options{URL: address, Schema: s.Schema, MaxConns: 24})
	if err != nil {
		return err
	}
	defer st.Close()
	return s.serve(ctx, log, listener, st, ruleset)
}

// serve fills the atlas while the listener is open already, and answers until ctx ends.
func (s *serveCommand) serve(ctx context.Context, log *slog.Logger, listener net.Listener, st *store.Store, ruleset *plan.Ruleset) error {
	at := atlas.New(st)
	fence.Sweep("")
	jb, err := jobs.Open(s.jobs(log), st, at)
	if err != nil {
		return err
	}
	defer jb.Close()
	if err := os.MkdirAll(s.reading(), 0o700); err != nil {
		return fmt.Errorf("the directory for reading files can't be made: %w", err)
	}
	fence.Sweep(s.reading())
	catalogue, err := s.catalogue()
	if err != nil {
		return err
	}
	hv := harvest.New(harvest.Options{Catalogue: catalogue, Files: ingest.Reader{Command: readFile, TempDir: s.reading()}, Due: s.PullDue, Log: log,
		Agent: "Strukturbild/" + version + " (" + cmp.Or(s.OrganisationEmail, s.OrganisationHomepage, s.Organisation) + ")"}, st, at, jb)
	hooks := webhook.New(webhook.Options{BaseURL: s.BaseURL, Private: s.WebhooksPrivate, Patience: s.WebhookPatience}, st)
	proxies, err := s.proxies()
	if err != nil {
		return err
	}
	srv, err := server.New(server.Options{BaseURL: s.BaseURL, TrustedProxies: proxies, CORSOrigins: s.CORSOrigins, MaxBody: s.MaxBodyMiB << 20, MaxUpload: s.MaxUploadMiB << 20,
		Exports: export.Maker{Command: writeFile, MaxBytes: s.MaxExportMiB << 20}, ExportTime: s.ExportTime, ReportTime: s.ReportTime,
		UploadTime: s.UploadTime, Version: version, Publisher: s.publisher(), Harvest: hv, Webhooks: hooks}, log, st, at, jb, ruleset)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	filled := make(chan struct{})
	go func() {
		defer close(filled)
		if err := s.fill(ctx, log, st, at); err != nil {
			cancel(err)
			return
		}
		// Jobs begin when the atlas is there, and end before the connections do.
		ended, err := st.Work(ctx, log, s.Grace, slices.Concat(jb.Chores(), hv.Chores(), hooks.Chores(), srv.Reports().Chores())...)
		if err != nil {
			cancel(err)
			return
		}
		defer func() { <-ended }()
		go jb.Tidy(ctx)
		if err := s.beginRules(ctx, log, srv.Rules(), ruleset); err != nil {
			cancel(err)
			return
		}
		s.welcome(ctx, log, listener.Addr().String(), st)
		hints, ruleHints := make(chan struct{}, 1), make(chan struct{}, 1)
		go st.Listen(ctx, hints, ruleHints)
		go srv.Rules().Run(ctx, ruleHints, pollInterval)
		go srv.Warm(ctx)
		at.Run(ctx, hints, pollInterval)
	}()
	err = srv.Serve(ctx, listener, s.Grace)
	log.Info("stopping", "cause", context.Cause(ctx))
	cancel(nil)
	<-filled
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	return err
}

// proxies reads the networks of trusted proxies; an address alone is a network of one.
func (s *serveCommand) proxies() (networks []netip.Prefix, err error) {
	for _, text := range s.TrustedProxies {
		network, err := netip.ParsePrefix(text)
		if address, alone := netip.ParseAddr(text); alone == nil {
			network, err = address.Prefix(address.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies: %q is neither an address nor a network like 10.0.0.0/8", text)
		}
		networks = append(networks, network)
	}
	return networks, nil
}

// fill reads the region, and makes it when the database is new.
func (s *serveCommand) fill(ctx context.Context, log *slog.Logger, st *store.Store, at *atlas.Atlas) error {
	begin, told := time.Now(), time.Now()
	err := at.Fill(ctx, fillParallel, func(features int) {
		if time.Since(told) > 2*time.Second {
			told = time.Now()
			log.Info("filling the atlas", "features", features)
		}
	})
	if err != nil {
		return err
	}
	log.Info("atlas filled", "revision", at.View().Revision(), "took", time.Since(begin).Round(time.Millisecond))
	if err := bootstrap(ctx, at); err != nil {
		return fmt.Errorf("loading the region: %w", err)
	}
	if s.DemoWhenEmpty > 0 && landUseEmpty(at.View()) {
		log.Warn("loading SYNTHETIC demonstration data; `strukturbild demo remove` removes it", "features", s.DemoWhenEmpty)
		return loadDemo(ctx, at, s.DemoWhenEmpty, defaultSeed)
	}
	return nil
}

// beginRules reads which version of the rules counts, and makes the first in a new database.
func (s *serveCommand) beginRules(ctx context.Context, log *slog.Logger, rules *conflict.Rulebook, first *plan.Ruleset) error {
	if err := rules.Sync(ctx); err != nil {
		return fmt.Errorf("reading the rules: %w", err)
	}
	current := rules.Current().Ref()
	log.Info("rules", "ruleset", current.ID, "version", current.Version)
	if s.Ruleset != "" && current != first.Ref() {
		log.Warn("--ruleset is for a new database, and this one has rules; `strukturbild ruleset load` makes a new version of them")
	}
	return nil
}

// welcome prints the address and, the first time, a token.
func (s *serveCommand) welcome(ctx context.Context, log *slog.Logger, address string, st *store.Store) {
	base := s.BaseURL
	if base == "" {
		base = "http://" + address
	}
	fmt.Fprintf(os.Stdout, "\nStrukturbild is ready: %s\n  OGC API (QGIS):  %s/ogc\n  REST:            %s/api/v1/openapi.json\n", base, base, base)
	tokens, err := st.Tokens(ctx)
	if err != nil || len(tokens) > 0 {
		fmt.Fprintln(os.Stdout, "  Tokens:          strukturbild token create --role ROLE --name NAME")
		return
	}
	token, err := st.CreateToken(ctx, "first", plan.Admin)
	if err != nil {
		log.Error("the first token could not be made", "error", err)
		return
	}
	fmt.Fprintf(os.Stdout, "  Token (admin, shown this once):  %s\n\n", token)
}

func (s *serveCommand) ruleset() (*plan.Ruleset, error) {
	if s.Ruleset == "" {
		return conflict.Default()
	}
	file, err := os.Open(s.Ruleset)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return conflict.LoadRuleset(file)
}

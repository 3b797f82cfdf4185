package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/dcat"
	"strukturbild/internal/export"
	"strukturbild/internal/harvest"
	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
	"strukturbild/internal/portray"
	"strukturbild/internal/report"
	"strukturbild/internal/source"
	"strukturbild/internal/store"
	"strukturbild/internal/webhook"
)

// Options are the server's limits and what it says of itself.
type Options struct {
	BaseURL        string         // absolute address that links begin with; "" takes it from each request
	TrustedProxies []netip.Prefix // whose Forwarded and X-Forwarded-* tell the address that clients see
	CORSOrigins    []string       // web maps on other hosts that may send tokens and write
	MaxBody        int64          // bytes of a request, uploads apart
	MaxUpload      int64          // bytes of an uploaded file
	UploadTime     time.Duration  // how long an uploaded file may take to arrive
	Exports        export.Maker   // of files
	ExportTime     time.Duration  // how long one export may take, with its way to the client
	ReportTime     time.Duration  // how long one report may take to be made
	Version        string
	Publisher      dcat.Publisher   // who answers for what is published
	Harvest        *harvest.Harvest // pulls official sources; nil when there are none
	Webhooks       *webhook.Sender  // nil: one by the defaults
}

// requestTime is how long a request may take, uploads and exports apart; answerTime is what an answer that it was too long may take.
const (
	requestTime = 60 * time.Second
	answerTime  = 5 * time.Second
)

// Server answers HTTP.
type Server struct {
	options   Options
	log       *slog.Logger
	store     *store.Store
	atlas     *atlas.Atlas
	engine    *conflict.Engine
	rules     *conflict.Rulebook
	tokens    *tokenCache
	sightings *sightings
	methods   map[string][]method // of every path
	metrics   *metrics
	jobs      *jobs.Jobs
	reports   *report.Desk
	harvest   *harvest.Harvest
	closing   chan struct{} // closed when the service begins to stop
	exports   chan struct{}
	contract  *contract
	echo      *echo.Echo
	http      *http.Server

	wfsDocuments wfsDocuments
	tileCache    *portray.Cache
}

// New makes a server with all its routes; Serve runs it. The ruleset is the first version in a database that has none.
func New(options Options, log *slog.Logger, st *store.Store, at *atlas.Atlas, jb *jobs.Jobs, ruleset *plan.Ruleset) (*Server, error) {
	contract, err := loadContract()
	if err != nil {
		return nil, err
	}
	if options.Webhooks == nil {
		options.Webhooks = webhook.New(webhook.Options{BaseURL: options.BaseURL}, st)
	}
	tiles := portray.NewCache(portray.DefaultCache)
	s := &Server{options: options, log: log, store: st, atlas: at, engine: conflict.NewEngine(ruleset), rules: conflict.NewRulebook(st, ruleset),
		tokens: newTokenCache(st.Principal), sightings: newSightings(), metrics: newMetrics(at, st, tiles), jobs: jb, harvest: options.Harvest, closing: make(chan struct{}), exports: make(chan struct{}, exportsAtOnce), contract: contract, echo: echo.New(), tileCache: tiles}
	s.reports = report.New(report.Options{Time: options.ReportTime, Log: log}, st, at, s.engine, s.rules)
	if s.harvest == nil {
		s.harvest = harvest.New(harvest.Options{Catalogue: &source.Catalogue{}, Log: log}, st, at, jb)
	}
	s.echo.HTTPErrorHandler = s.handleError
	s.echo.Pre(keyInPath, middleware.RemoveTrailingSlash(), middleware.MethodOverride()) // the second: tus, X-HTTP-Method-Override
	s.echo.Use(identify, s.observe, recoverPanic, secure, cors(options.CORSOrigins), compress, s.degraded, s.limits, s.authenticate)
	s.route()
	s.http = &http.Server{Handler: s.echo, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 128 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	s.http.RegisterOnShutdown(sync.OnceFunc(func() { close(s.closing) }))
	jb.OnConflicts(s.reportConflicts)
	jb.OnRevision(func(plan.Applied) { s.metrics.revisions.Inc() })
	return s, nil
}

// Rules gives the rulebook, which its caller keeps in step.
func (s *Server) Rules() *conflict.Rulebook { return s.rules }

// Reports gives the desk, whose chores its caller has done.
func (s *Server) Reports() *report.Desk { return s.reports }

// Handler gives the whole service as one handler.
func (s *Server) Handler() http.Handler { return s.echo }

// Serve answers until ctx ends, then stops accepting and waits up to grace for the requests under way.
func (s *Server) Serve(ctx context.Context, listener net.Listener, grace time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return s.http.Shutdown(ctx)
}

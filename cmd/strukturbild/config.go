package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"strukturbild/internal/dcat"
	"strukturbild/internal/ingest"
	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
	"strukturbild/internal/source"
)

// database says where the data is. Without a URL the command owns a private cluster under the data directory.
type database struct {
	DataDir     string `help:"Directory of the private PostGIS cluster, and of uploads on their way." env:"STRUKTURBILD_DATA_DIR" default:"data" type:"path"`
	DatabaseURL string `name:"database-url" help:"PostgreSQL server to use instead of a private cluster." env:"DATABASE_URL" placeholder:"URL"`
	Schema      string `help:"Schema in that database." env:"STRUKTURBILD_SCHEMA" default:"strukturbild"`
}

// logging says how the log is written, to standard error.
type logging struct {
	LogFormat string `help:"Form of the log: text or json." env:"STRUKTURBILD_LOG_FORMAT" enum:"text,json" default:"text"`
	LogLevel  string `help:"Least level that is logged." env:"STRUKTURBILD_LOG_LEVEL" enum:"debug,info,warn,error" default:"info"`
}

func (l logging) logger() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.LogLevel)) // kong has checked it
	options := &slog.HandlerOptions{Level: level}
	if l.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}

// limits bounds what a request may cost.
type limits struct {
	MaxBodyMiB   int64         `name:"max-body-mib" help:"Largest request body in MiB, uploads apart." env:"STRUKTURBILD_MAX_BODY_MIB" default:"16"`
	MaxUploadMiB int64         `name:"max-upload-mib" help:"Largest uploaded file in MiB." env:"STRUKTURBILD_MAX_UPLOAD_MIB" default:"2048"`
	UploadTime   time.Duration `help:"Longest time that an upload may take to arrive, and then to be loaded." env:"STRUKTURBILD_UPLOAD_TIME" default:"30m"`
	UploadsOnce  int           `name:"uploads-at-once" help:"Uploads that are loaded at a time." env:"STRUKTURBILD_UPLOADS_AT_ONCE" default:"2"`
	UploadsWait  int           `name:"uploads-waiting" help:"Uploads that may wait to be loaded." env:"STRUKTURBILD_UPLOADS_WAITING" default:"100"`
	SpareMiB     int64         `name:"spare-mib" help:"MiB of the disk that uploads leave free." env:"STRUKTURBILD_SPARE_MIB" default:"256"`
	JobsKept     time.Duration `name:"jobs-kept" help:"How long ended jobs and their findings can be read." env:"STRUKTURBILD_JOBS_KEPT" default:"720h"`
	MaxExportMiB int64         `name:"max-export-mib" help:"Largest file in MiB that is made on disk for an export." env:"STRUKTURBILD_MAX_EXPORT_MIB" default:"16384"`
	ExportTime   time.Duration `help:"Longest time that one export may take, with its way to the client." env:"STRUKTURBILD_EXPORT_TIME" default:"30m"`
	ReportTime   time.Duration `help:"Longest time that one report may take to be made." env:"STRUKTURBILD_REPORT_TIME" default:"30m"`
	Grace        time.Duration `help:"How long a stop waits for requests and jobs under way." env:"STRUKTURBILD_GRACE" default:"20s"`
}

// jobs are the limits of uploads, whose files lie beside the private cluster.
func (s *serveCommand) jobs(log *slog.Logger) jobs.Options {
	return jobs.Options{Dir: filepath.Join(s.DataDir, "uploads"), MaxBytes: s.MaxUploadMiB << 20, Reserve: s.SpareMiB << 20, AtOnce: s.UploadsOnce,
		Waiting: s.UploadsWait, Timeout: s.UploadTime, Kept: s.JobsKept, Log: log,
		Files: ingest.Reader{Command: readFile, TempDir: s.reading()}}
}

// official says which sources layers are filled from.
type official struct {
	Sources string `help:"YAML file with sources that add to, or replace, the built-in catalogue; sources.yaml in the data directory when there is one." env:"STRUKTURBILD_SOURCES" type:"existingfile" placeholder:"FILE"`
	PullDue bool   `help:"Pull sources by itself: those that have been pulled once, when they are older than their entry allows." env:"STRUKTURBILD_PULL_DUE"`
}

// catalogue gives the sources, the operator's own among them.
func (s *serveCommand) catalogue() (*source.Catalogue, error) {
	return source.Load(cmp.Or(s.Sources, filepath.Join(s.DataDir, "sources.yaml")))
}

// reading is where files that are being read lie: beside the uploads, which are linked there and not copied.
func (s *serveCommand) reading() string { return filepath.Join(s.DataDir, "reading") }

// organisation is who runs the service and answers for what it publishes; catalogues name it.
type organisation struct {
	Organisation         string `help:"Name of the organisation that publishes the layers." env:"STRUKTURBILD_ORGANISATION" default:"Strukturbild" placeholder:"NAME"`
	OrganisationHomepage string `help:"Its home page." env:"STRUKTURBILD_ORGANISATION_HOMEPAGE" placeholder:"URL"`
	OrganisationEmail    string `help:"Its address for questions about the layers." env:"STRUKTURBILD_ORGANISATION_EMAIL" placeholder:"EMAIL"`
	OrganisationType     string `help:"Its kind, by the ADMS vocabulary: ${enum}." env:"STRUKTURBILD_ORGANISATION_TYPE" enum:"RegionalAuthority,LocalAuthority,NationalAuthority,NonProfitOrganisation,Company,Academia-ScientificOrganisation" default:"RegionalAuthority"`
}

func (o organisation) publisher() dcat.Publisher {
	return dcat.Publisher{Name: o.Organisation, Homepage: o.OrganisationHomepage, Email: o.OrganisationEmail, Type: dcat.PublisherType(o.OrganisationType)}
}

func (o organisation) validate(fault func(format string, args ...any)) {
	if strings.TrimSpace(o.Organisation) == "" {
		fault("--organisation must not be empty")
	}
	if o.OrganisationHomepage != "" && !plan.IsWebAddress(o.OrganisationHomepage) {
		fault("--organisation-homepage %q must begin with https:// or http://", o.OrganisationHomepage)
	}
	if a, err := mail.ParseAddress(o.OrganisationEmail); o.OrganisationEmail != "" && (err != nil || a.Address != o.OrganisationEmail) {
		fault("--organisation-email %q is not an e-mail address", o.OrganisationEmail)
	}
}

// validate reports every fault of the configuration at once.
func (s *serveCommand) validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		fault("--listen %q is not host:port: %w", s.Listen, err)
	}
	if s.BaseURL != "" {
		u, err := url.Parse(s.BaseURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.HasSuffix(s.BaseURL, "/") {
			fault("--base-url %q must be like https://host/path, without a slash at the end", s.BaseURL)
		}
	}
	if s.DatabaseURL != "" {
		if u, err := url.Parse(s.DatabaseURL); err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
			fault("--database-url must begin with postgres://")
		}
	}
	for name, value := range map[string]int64{"--max-body-mib": s.MaxBodyMiB, "--max-upload-mib": s.MaxUploadMiB, "--max-export-mib": s.MaxExportMiB} {
		if value < 1 || value > 1<<20 {
			fault("%s %d is outside 1 to 1048576", name, value)
		}
	}
	for name, value := range map[string]time.Duration{"--upload-time": s.UploadTime, "--export-time": s.ExportTime, "--report-time": s.ReportTime, "--grace": s.Grace, "--jobs-kept": s.JobsKept} {
		if value <= 0 {
			fault("%s %s must be more than zero", name, value)
		}
	}
	s.organisation.validate(fault)
	for name, value := range map[string]int{"--uploads-at-once": s.UploadsOnce, "--uploads-waiting": s.UploadsWait} {
		if value < 1 || value > 10_000 {
			fault("%s %d is outside 1 to 10000", name, value)
		}
	}
	if s.SpareMiB < 0 {
		fault("--spare-mib %d must not be negative", s.SpareMiB)
	}
	if s.DemoWhenEmpty < 0 {
		fault("--demo-when-empty %d must not be negative", s.DemoWhenEmpty)
	}
	return errors.Join(faults...)
}

package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"strukturbild/internal/plan"
)

// Options says where the database is.
type Options struct {
	URL      string // PostgreSQL connection string
	Schema   string // made when it is not there; "" is strukturbild
	MaxConns int32  // 0 is 8
}

// Store is the database. It may be used by any number of goroutines.
type Store struct {
	pool   *pgxpool.Pool
	schema string
	river  *river.Client[pgx.Tx] // enqueues only; Work has one of its own
}

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// minPostGIS is the oldest version that is known to serve: ST_AsGeoJSON and geometry_recv as we use them.
const minPostGIS = 301

// Open connects, checks PostGIS and brings the schema up to date.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Schema == "" {
		o.Schema = "strukturbild"
	}
	if !schemaName.MatchString(o.Schema) {
		return nil, plan.Errorf(plan.Invalid, "schema", "schema %q must match %s", o.Schema, schemaName)
	}
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, plan.Errorf(plan.Invalid, "database-url", "the database URL can't be read: %w", err)
	}
	config.MaxConns = max(o.MaxConns, 8)
	config.ConnConfig.RuntimeParams["application_name"] = "strukturbild"
	config.ConnConfig.RuntimeParams["search_path"] = o.Schema + ",public"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, because(err)
	}
	s := &Store{pool: pool, schema: o.Schema}
	if err := s.prepare(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	if _, err := s.pool.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public"); err != nil {
		if _, refused := errors.AsType[*pgconn.PgError](err); !refused {
			return because(err)
		}
		return plan.Because(err, plan.Unavailable, "database-url",
			"PostGIS could not be enabled in the database; ask its administrator to run CREATE EXTENSION postgis")
	}
	if err := s.checkPostGIS(ctx); err != nil {
		return err
	}
	if _, err := s.pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{s.schema}.Sanitize()); err != nil {
		return because(err)
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	var err error
	s.river, err = river.NewClient(riverpgxv5.New(s.pool), &river.Config{Schema: s.schema})
	return err
}

func (s *Store) checkPostGIS(ctx context.Context) error {
	var version string
	if err := s.pool.QueryRow(ctx, "SELECT postgis_lib_version()").Scan(&version); err != nil {
		return because(err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil || major*100+minor < minPostGIS {
		return plan.Errorf(plan.Unavailable, "database-url", "PostGIS %s is too old: 3.1 or later is needed", version)
	}
	return nil
}

// Close ends all connections; it waits for those in use.
func (s *Store) Close() { s.pool.Close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return because(s.pool.Ping(ctx)) }

package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// provision makes what the service expects of a server: its role, which is no
// superuser, its database, and PostGIS in it. What is there already stays.
func (c *Cluster) provision(ctx context.Context) error {
	if err := c.as(ctx, "postgres", makeDatabase); err != nil {
		return err
	}
	err := c.as(ctx, databaseName, makeExtension)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "0A000" { // feature_not_supported: "extension is not available"
		return fmt.Errorf("%w (%v)", c.bin.withoutPostGIS(), err)
	}
	return err
}

// as runs work as the superuser in one database.
func (c *Cluster) as(ctx context.Context, database string, work func(context.Context, *pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, c.url(superuser, database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return work(ctx, conn)
}

func makeDatabase(ctx context.Context, conn *pgx.Conn) error {
	for _, want := range []struct{ exists, make string }{
		{`SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '` + roleName + `')`,
			`CREATE ROLE ` + roleName + ` LOGIN`},
		{`SELECT EXISTS (SELECT FROM pg_database WHERE datname = '` + databaseName + `')`,
			`CREATE DATABASE ` + databaseName + ` OWNER ` + roleName},
	} {
		var exists bool
		if err := conn.QueryRow(ctx, want.exists).Scan(&exists); err != nil {
			return fmt.Errorf("%s: %w", want.exists, err)
		}
		if exists {
			continue
		}
		if _, err := conn.Exec(ctx, want.make); err != nil {
			return fmt.Errorf("%s: %w", want.make, err)
		}
	}
	return nil
}

// makeExtension also follows an upgrade of the PostGIS package.
func makeExtension(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS postgis`); err != nil {
		return fmt.Errorf("create the PostGIS extension: %w", err)
	}
	var old bool
	err := conn.QueryRow(ctx, `SELECT installed_version <> default_version
		FROM pg_available_extensions WHERE name = 'postgis'`).Scan(&old)
	if err != nil || !old {
		return err
	}
	if _, err := conn.Exec(ctx, `ALTER EXTENSION postgis UPDATE`); err != nil {
		return fmt.Errorf("update the PostGIS extension: %w", err)
	}
	return nil
}

package store

import (
	"context"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"strukturbild/internal/plan"
)

// SQLSTATE classes and codes that tell more than "a fault of ours".
const (
	uniqueViolation   = "23505"
	diskFull          = "53100"
	classResources    = "53"
	classConnection   = "08"
	classIntervention = "57"
)

// because translates what the driver says into a plan.Error, at this one place.
func because(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if known, ok := errors.AsType[*plan.Error](err); ok {
		return known
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return becausePostgres(pg, err)
	}
	connect, isConnect := errors.AsType[*pgconn.ConnectError](err)
	_, isNet := errors.AsType[net.Error](err)
	if (isConnect && connect != nil) || isNet || pgconn.SafeToRetry(err) {
		return plan.Because(err, plan.Unavailable, "", "the database does not answer; nothing was written, try again in a moment")
	}
	return plan.Because(err, plan.Unavailable, "", "the connection to the database broke; nothing was written, try again in a moment")
}

func becausePostgres(pg *pgconn.PgError, err error) error {
	switch {
	case pg.Code == diskFull:
		return plan.Because(err, plan.Unavailable, "", "the database's disk is full; nothing was written")
	case pg.Code == uniqueViolation:
		return plan.Because(err, plan.Stale, "", "the layer was changed by someone else meanwhile; nothing was written, try again")
	}
	switch pg.Code[:2] {
	case classResources, classConnection, classIntervention:
		return plan.Because(err, plan.Unavailable, "", "the database can't take the request now; nothing was written, try again in a moment")
	}
	return plan.Because(err, plan.Internal, "", "the database refused the request")
}

package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Listen sends hints whenever a node has made a revision or changed a ruleset, until ctx ends. It connects anew when the connection is
// lost; hints of that time are lost too, which is why the atlas also asks by itself.
func (s *Store) Listen(ctx context.Context, hints ...chan<- struct{}) {
	for ctx.Err() == nil {
		_ = s.listen(ctx, hints) // the atlas's own question finds out whether the database is away, and says so
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (s *Store) listen(ctx context.Context, hints []chan<- struct{}) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// The connection is taken out of the pool's hands for good: a pooled one that listens would collect hints.
	own := conn.Hijack()
	defer own.Close(context.WithoutCancel(ctx))
	if _, err := own.Exec(ctx, "LISTEN "+pgx.Identifier{s.channel()}.Sanitize()); err != nil {
		return err
	}
	for {
		hint(hints) // also after connecting: something may have been missed
		if _, err := own.WaitForNotification(ctx); err != nil {
			return err
		}
	}
}

// hint does not wait: one hint that has not been taken yet says as much as two.
func hint(all []chan<- struct{}) {
	for _, hints := range all {
		select {
		case hints <- struct{}{}:
		default:
		}
	}
}

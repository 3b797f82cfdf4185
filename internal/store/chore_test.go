package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"strukturbild/internal/pgtest"
	"strukturbild/internal/store"
)

const patient = 30 * time.Second

// work does chores until the test ends.
func work(t *testing.T, s *store.Store, chores ...store.Chore) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended, err := s.Work(ctx, slog.New(slog.DiscardHandler), 10*time.Millisecond, chores...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); <-ended })
}

func receive[T any](t *testing.T, from <-chan T, what string) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(patient):
		t.Fatal("it never happened: ", what)
	}
	return got
}

func TestChoresAreDoneRetriedAndGivenUp(t *testing.T) {
	s := pgtest.Open(t, "")
	if err := s.Enqueue(t.Context(), "post", "before any node works"); err != nil {
		t.Fatal(err)
	}
	done := make(chan string, 10)
	var tries, refused atomic.Int32
	at := func(int) time.Duration { return time.Millisecond }
	work(t, s,
		store.Chore{Name: "post", Do: func(_ context.Context, payload json.RawMessage, _ int) error {
			done <- string(payload)
			return nil
		}},
		store.Chore{Name: "flaky", Attempts: 3, Wait: at, Do: func(_ context.Context, _ json.RawMessage, attempt int) error {
			if tries.Add(1); attempt < 3 {
				return errors.New("not yet")
			}
			done <- "flaky"
			return nil
		}},
		store.Chore{Name: "hopeless", Attempts: 9, Wait: at, Do: func(context.Context, json.RawMessage, int) error {
			refused.Add(1)
			done <- "hopeless"
			return store.GiveUp(errors.New("never"))
		}},
		store.Chore{Name: "daily", Every: 24 * time.Hour, Do: func(context.Context, json.RawMessage, int) error {
			done <- "daily"
			return nil
		}})
	for _, name := range []string{"flaky", "hopeless"} {
		if err := s.Enqueue(t.Context(), name, nil); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]bool{`"before any node works"`: true, "flaky": true, "hopeless": true, "daily": true}
	for len(want) > 0 {
		delete(want, receive(t, done, "all four chores are done"))
	}
	if tries.Load() != 3 || refused.Load() != 1 {
		t.Errorf("%d attempts at what fails twice, %d at what is given up", tries.Load(), refused.Load())
	}
}

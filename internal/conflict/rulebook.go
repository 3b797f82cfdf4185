package conflict

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"strukturbild/internal/plan"
)

// Rulebook knows which version of the rules counts, and keeps the versions that have been asked for. What it hands out
// never changes: a draft that is edited becomes another value.
type Rulebook struct {
	archive plan.RulesetArchive
	first   *plan.Ruleset
	current atomic.Pointer[plan.Ruleset]

	mu         sync.Mutex
	generation int64
	kept       map[plan.RulesetRef]*plan.RulesetRecord
}

// versionsKept bounds the versions that are kept.
const versionsKept = 200

// NewRulebook makes a rulebook. first are the rules of an archive that has none, and those that count until Sync.
func NewRulebook(archive plan.RulesetArchive, first *plan.Ruleset) *Rulebook {
	b := &Rulebook{archive: archive, first: first, kept: map[plan.RulesetRef]*plan.RulesetRecord{}}
	b.current.Store(first)
	return b
}

// Current gives the version that counts.
func (b *Rulebook) Current() *plan.Ruleset { return b.current.Load() }

// Sync asks the archive which version counts. When the archive is away, the last one known goes on.
func (b *Rulebook) Sync(ctx context.Context) error {
	ref, generation, err := b.archive.CurrentRuleset(ctx)
	if plan.CodeOf(err) == plan.NotFound {
		if err = b.archive.FirstRuleset(ctx, b.first); err == nil {
			ref, generation, err = b.archive.CurrentRuleset(ctx)
		}
	}
	if err != nil {
		return err
	}
	b.mu.Lock()
	known := b.generation == generation
	b.mu.Unlock()
	if known {
		return nil
	}
	record, err := b.Version(ctx, ref)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if generation > b.generation {
		b.generation = generation
		b.current.Store(record.Ruleset)
	}
	return nil
}

// Version gives one version; NotFound. A published one is read once, a draft each time.
func (b *Rulebook) Version(ctx context.Context, ref plan.RulesetRef) (*plan.RulesetRecord, error) {
	b.mu.Lock()
	known := b.kept[ref]
	b.mu.Unlock()
	if known != nil && known.State == plan.Published {
		return known, nil
	}
	record, err := b.archive.RulesetVersion(ctx, ref)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known = b.kept[ref]; known != nil && known.Edit == record.Edit { // the same content: what was computed by it holds
		record.Ruleset = known.Ruleset
	}
	if len(b.kept) >= versionsKept {
		clear(b.kept)
	}
	b.kept[ref] = record
	return record, nil
}

// Run keeps the rulebook in step until ctx ends: a hint brings it up at once, and every interval it asks the archive,
// because hints get lost.
func (b *Rulebook) Run(ctx context.Context, hints <-chan struct{}, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hints:
		case <-ticker.C:
		}
		_ = b.Sync(ctx) // when the database is away the atlas tells, and the last version known goes on
	}
}

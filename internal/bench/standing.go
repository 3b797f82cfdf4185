package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// standingThemes are those of the eight layers.
var standingThemes = []plan.Theme{plan.Wind, plan.Agriculture, plan.Forest, plan.Settlement, plan.Nature, plan.Culture, plan.Defence, plan.Water}

// touched is how many features a revision changes here.
const touched = 100

// standing measures how soon the standing conflicts of a million features in eight layers are current after a revision,
// by the built-in rules, against finding all of them.
func (b *bench) standing(ctx context.Context) error {
	if err := b.open(ctx, "bench_standing"); err != nil {
		return err
	}
	defer b.store.Close()
	n := b.count(1_000_000) / len(standingThemes)
	for i, theme := range standingThemes {
		if err := b.layer(ctx, string(theme)+"_b", theme, n, 150, uint64(20+i)); err != nil {
			return err
		}
	}
	rules, err := conflict.Default()
	if err != nil {
		return err
	}
	engine := conflict.NewEngine(rules)
	if _, err := engine.Standing(ctx, b.atlas.View()); err != nil {
		return err
	}
	var ours, peer time.Duration
	const turns = 3
	note := ""
	for turn := range turns {
		if err := b.touch(ctx, string(standingThemes[turn])+"_b", n, uint64(turn)); err != nil {
			return err
		}
		begin := time.Now()
		renewed, err := engine.Standing(ctx, b.atlas.View())
		if err != nil {
			return err
		}
		ours += time.Since(begin) / turns
		begin = time.Now()
		whole, err := conflict.NewEngine(rules).Standing(ctx, b.atlas.View())
		if err != nil {
			return err
		}
		peer += time.Since(begin) / turns
		if note, err = compared(renewed, whole); err != nil {
			return err
		}
	}
	b.line(fmt.Sprintf("revision of %d features among %d in 8 layers: conflicts current", touched, n*len(standingThemes)), ours, peer,
		"peer: all found anew; goal at least 100 x; "+note)
	return nil
}

// touch moves some features of the layer.
func (b *bench) touch(ctx context.Context, layer string, of int, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 77))
	var moved plan.List
	for _, i := range random.Perm(of)[:min(of, touched)] {
		moved = append(moved, blob(random, fmt.Sprint(i+1), 150))
	}
	base, err := b.atlas.View().Layer(layer)
	if err != nil {
		return err
	}
	_, err = b.atlas.Change(ctx, func(*atlas.View) (plan.ChangeSet, error) {
		return plan.ChangeSet{Author: "bench", Kind: plan.ChangeDemo,
			Layers: []plan.LayerChange{{Layer: layer, Base: base.Revision(), Replace: moved}}}, nil
	})
	return err
}

// compared holds the two against each other: the same number of conflicts, the same hectares.
func compared(renewed, whole *conflict.Standing) (string, error) {
	sum := func(s *conflict.Standing) (hectares float64, err error) {
		rows, err := s.Summary(conflict.ByRule, conflict.Filter{})
		for _, row := range rows {
			hectares += row.AreaHa
		}
		return hectares, err
	}
	ours, err := sum(renewed)
	if err != nil {
		return "", err
	}
	theirs, err := sum(whole)
	if err != nil {
		return "", err
	}
	if renewed.Len() != whole.Len() || math.Abs(ours-theirs) > 1e-9*theirs {
		return "", fmt.Errorf("%d conflicts of %.6f ha, found anew %d of %.6f", renewed.Len(), ours, whole.Len(), theirs)
	}
	return fmt.Sprintf("%d conflicts, %.3f ha, by both", whole.Len(), theirs), nil
}

package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
)

// size is what a region of so many features takes. All lie in one county, so that more of them lie closer together.
type size struct {
	features  int
	start     time.Duration // of a node, until it is ready
	memory    float64       // of the atlas, bytes
	question  time.Duration // what-if, p50
	hits      float64       // of a question
	standing  time.Duration // finding all that stands; 0: not tried
	conflicts float64
}

// growth measures regions from ten thousand features to five millions, and fits how what they take grows.
func (b *bench) growth(ctx context.Context) error {
	var sizes []size
	for _, n := range []int{10_000, 100_000, 1_000_000, 5_000_000} {
		if n = b.count(n); !fits(n) {
			fmt.Fprintf(b.table, "growth: a region of %d features\t\t\t\tleft out: the machine has too little memory free\n", n)
			continue
		}
		s, err := b.sizeOf(ctx, n)
		if err != nil {
			return err
		}
		sizes = append(sizes, s)
		fmt.Fprintf(b.table, "growth: a region of %d features\t%s\t\t\tstart; %.0f MB of the atlas; what-if %s with %.0f hits; all %.0f standing conflicts in %s\n",
			s.features, round(s.start), s.memory/(1<<20), round(s.question), s.hits, s.conflicts, round(s.standing))
		b.table.Flush()
	}
	features := func(s size) float64 { return float64(s.features) }
	fmt.Fprintf(b.table, "growth: fitted exponents\t\t\t\tstart %.2f and memory %.2f of the features; what-if %.2f of the hits (goal at most 1); standing %.2f of the conflicts\n",
		exponent(sizes, features, func(s size) float64 { return s.start.Seconds() }), exponent(sizes, features, func(s size) float64 { return s.memory }),
		exponent(sizes, func(s size) float64 { return s.hits }, func(s size) float64 { return s.question.Seconds() }),
		exponent(sizes, func(s size) float64 { return s.conflicts }, func(s size) float64 { return s.standing.Seconds() }))
	return b.table.Flush()
}

// fits reports whether the machine has memory for the atlas twice, and as much for the database.
func fits(features int) bool {
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(info), "MemAvailable:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest + " ?")[0])
	return err == nil && kilobytes > 4*features
}

// standingUpTo is the most features whose standing conflicts are all found here: these grow with the square.
const standingUpTo = 1_000_000

func (b *bench) sizeOf(ctx context.Context, n int) (s size, err error) {
	region := *b
	region.scale = float64(n) / 1_000_000
	if err := region.open(ctx, fmt.Sprintf("bench_growth_%d", n)); err != nil {
		return s, err
	}
	defer region.store.Close()
	if s.features, err = region.region(ctx, nil); err != nil {
		return s, err
	}
	region.atlas = nil
	before, begin := heap(), time.Now()
	filled := atlas.New(region.store)
	if err := filled.Fill(ctx, 2, nil); err != nil {
		return s, err
	}
	s.start = time.Since(begin)
	s.memory = float64(heap() - before)
	rules, err := conflict.Default()
	if err != nil {
		return s, err
	}
	engine := conflict.NewEngine(rules)
	if err := s.ask(ctx, engine, filled.View()); err != nil || n > standingUpTo {
		return s, err
	}
	begin = time.Now()
	standing, err := engine.Standing(ctx, filled.View())
	if err != nil {
		return s, err
	}
	s.standing, s.conflicts = time.Since(begin), float64(standing.Len())
	return s, nil
}

func (s *size) ask(ctx context.Context, engine *conflict.Engine, view *atlas.View) error {
	random := rand.New(rand.NewPCG(9, 9))
	const questions = 200
	took := make([]time.Duration, questions)
	for i := range took {
		begin := time.Now()
		answer, err := engine.Evaluate(ctx, view, windFarm(random))
		if err != nil {
			return err
		}
		took[i] = time.Since(begin)
		s.hits += float64(answer.HitsTotal) / questions
	}
	slices.Sort(took)
	s.question = took[questions/2]
	return nil
}

// exponent fits y = c x^e by least squares of the logarithms, over the sizes that have both.
func exponent(sizes []size, x, y func(size) float64) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, s := range sizes {
		if x(s) <= 0 || y(s) <= 0 {
			continue
		}
		lx, ly := math.Log(x(s)), math.Log(y(s))
		n, sx, sy, sxx, sxy = n+1, sx+lx, sy+ly, sxx+lx*lx, sxy+lx*ly
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

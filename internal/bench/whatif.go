package main

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// bestSQL is the what-if question by the default rules for a wind farm, as the best statement that we can write: an index
// search a layer, every measure once, and each rule's distance from the attributes of the farm ($2 height, $3 rotor, $4
// hub) and of what is found.
//
//go:embed whatif.sql
var bestSQL string

// farm is what the figures would be.
var farm = map[string]plan.Value{"total_height": plan.NumberValue(250), "rotor_diameter": plan.NumberValue(170), "hub_height": plan.NumberValue(165)}

// whatIf asks the same figures of both, one after the other, by all the default rules; then as many as can be asked by one
// core and by all; and then for everything that stands there.
func (b *bench) whatIf(ctx context.Context) error {
	const schema = "bench_whatif"
	if err := b.open(ctx, schema); err != nil {
		return err
	}
	defer b.store.Close()
	conn, err := b.connect(ctx, schema)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	features, err := b.region(ctx, conn)
	if err != nil {
		return err
	}
	if _, err := conn.Prepare(ctx, "whatif", bestSQL); err != nil {
		return err
	}
	rules, err := conflict.Default()
	if err != nil {
		return err
	}
	engine := conflict.NewEngine(rules)
	random := rand.New(rand.NewPCG(9, 9))
	var ours, peer []time.Duration
	var hits int
	var bytes uint64
	for i := range 320 {
		q := windFarm(random)
		before, begin := allocated(), time.Now()
		answer, err := engine.Evaluate(ctx, b.atlas.View(), q)
		if err != nil {
			return err
		}
		took, after := time.Since(begin), allocated()
		begin = time.Now()
		found, err := askPostGIS(ctx, conn, hexEWKB(q.Geometry))
		if err != nil {
			return err
		}
		asked := time.Since(begin)
		if err := sameAnswer(answer, found); err != nil {
			return fmt.Errorf("figure %d: %w", i, err)
		}
		if i >= 20 { // the first ones warm the caches of both
			ours, peer, hits, bytes = append(ours, took), append(peer, asked), hits+answer.HitsTotal, bytes+after-before
		}
	}
	slices.Sort(ours)
	slices.Sort(peer)
	for _, p := range []int{50, 99} {
		b.line(fmt.Sprintf("what-if over %d features in %d layers, p%d", features, len(regionLayers), p), ours[len(ours)*p/100], peer[len(peer)*p/100],
			fmt.Sprintf("all default rules, %d hits and %d kB a question on average", hits/len(ours), bytes/uint64(len(ours))/1000))
	}
	if err := b.throughput(ctx, engine); err != nil {
		return err
	}
	return b.recompute(ctx, conn, rules, features)
}

// windFarm asks for a wind farm of 1.2 km about a random place.
func windFarm(random *rand.Rand) plan.ConflictQuery {
	x, y := minX+20_000+random.Float64()*(maxX-minX-40_000), minY+20_000+random.Float64()*(maxY-minY-40_000)
	return plan.ConflictQuery{Geometry: star(random, x, y, 1200, 100), Theme: plan.Wind, Attributes: farm, Limit: 100}
}

// throughput asks as many questions as one core can answer, and as all can, with one client a core.
func (b *bench) throughput(ctx context.Context, engine *conflict.Engine) error {
	cores := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(cores)
	var each [2]time.Duration // of a question
	for i, n := range []int{1, cores} {
		runtime.GOMAXPROCS(n)
		var asked atomic.Int64
		clients, begin := errgroup.Group{}, time.Now()
		for client := range n {
			clients.Go(func() error {
				random := rand.New(rand.NewPCG(uint64(client), 10))
				for ; time.Since(begin) < 5*time.Second; asked.Add(1) {
					if _, err := engine.Evaluate(ctx, b.atlas.View(), windFarm(random)); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := clients.Wait(); err != nil {
			return err
		}
		each[i] = time.Since(begin) / time.Duration(asked.Load())
	}
	b.line(fmt.Sprintf("what-if by %d cores, each question", cores), each[1], each[0],
		fmt.Sprintf("%.0f questions a second; peer: by one core, %.0f a second", 1/each[1].Seconds(), 1/each[0].Seconds()))
	return nil
}

// allocated gives the bytes that the process has taken so far.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// ruleSum is what one rule hits at one severity.
type ruleSum struct {
	hits int
	size float64 // m² of areas, m of lengths; of distances 0
}

func askPostGIS(ctx context.Context, conn *pgx.Conn, figure string) (map[string]ruleSum, error) {
	rows, err := conn.Query(ctx, "whatif", figure, farm["total_height"].Float(), farm["rotor_diameter"].Float(), farm["hub_height"].Float())
	if err != nil {
		return nil, err
	}
	found := map[string]ruleSum{}
	var rule, id, unit string
	var severity int
	var size float64
	_, err = pgx.ForEachRow(rows, []any{&rule, &id, &severity, &unit, &size}, func() error {
		sum := found[rule]
		sum.hits++
		if unit != "distance" && unit != "points" {
			sum.size += size
		}
		found[rule] = sum
		severities := found[fmt.Sprintf("severity %d", severity)]
		severities.hits++
		found[fmt.Sprintf("severity %d", severity)] = severities
		return nil
	})
	return found, err
}

// sameAnswer compares hits and sizes by rule, and hits by severity.
func sameAnswer(answer *plan.Assessment, peer map[string]ruleSum) error {
	ours := map[string]ruleSum{}
	for _, row := range answer.ByRule {
		ours[row.Key] = ruleSum{row.Conflicts, row.AreaHa*10_000 + row.LengthM}
	}
	for _, row := range answer.BySeverity {
		ours["severity "+row.Key] = ruleSum{hits: row.Conflicts}
	}
	near := func(a, b ruleSum) bool { return a.hits == b.hits && math.Abs(a.size-b.size) <= 1e-9*max(1, a.size) }
	if answer.NotMeasuredTotal > 0 || !maps.EqualFunc(ours, peer, near) {
		return fmt.Errorf("hits are %v, PostGIS finds %v; not measured are %d", ours, peer, answer.NotMeasuredTotal)
	}
	return nil
}

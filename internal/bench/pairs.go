package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// oneRule is a ruleset in which the two layers conflict where they overlap.
func oneRule() *plan.Ruleset {
	return &plan.Ruleset{ID: "bench", Version: 1, Rules: []plan.Rule{{ID: "overlap", Relation: plan.Overlap, Severity: 2,
		Claim: plan.Side{Theme: plan.Wind}, Interest: plan.Side{Theme: plan.Agriculture}}}}
}

// pairs measures all pairs with areas: the standing conflicts of two layers, against PostGIS's parallel join.
func (b *bench) pairs(ctx context.Context) error {
	const schema = "bench_pairs"
	if err := b.open(ctx, schema); err != nil {
		return err
	}
	defer b.store.Close()
	na, nb := b.count(100_000), b.count(60_000)
	if err := b.layer(ctx, "a", plan.Wind, na, 430, 1); err != nil {
		return err
	}
	if err := b.layer(ctx, "b", plan.Agriculture, nb, 430, 2); err != nil {
		return err
	}
	begin := time.Now()
	standing, err := conflict.NewEngine(oneRule()).Standing(ctx, b.atlas.View())
	if err != nil {
		return err
	}
	ours := time.Since(begin)
	sums, err := standing.Summary(conflict.ByRule, conflict.Filter{})
	if err != nil {
		return err
	}
	conn, err := b.connect(ctx, schema)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	peer, pairs, hectares, err := b.joinInPostGIS(ctx, conn)
	if err != nil {
		return err
	}
	b.line(fmt.Sprintf("all pairs with areas, %d x %d", na, nb), ours, peer,
		fmt.Sprintf("%d pairs, %.6f ha; PostGIS %d, difference of the sums %.1e", sums[0].Conflicts, sums[0].AreaHa, pairs,
			math.Abs(sums[0].AreaHa-hectares)/hectares))
	return nil
}

// joinInPostGIS runs the join in parallel on as many cores as we use.
func (b *bench) joinInPostGIS(ctx context.Context, conn *pgx.Conn) (took time.Duration, pairs int, hectares float64, err error) {
	for _, id := range []string{"a", "b"} {
		if err := b.peerTable(ctx, conn, id, ""); err != nil {
			return 0, 0, 0, err
		}
	}
	if err := inParallel(ctx, conn); err != nil {
		return 0, 0, 0, err
	}
	begin := time.Now()
	err = conn.QueryRow(ctx, `
		SELECT count(*), sum(ST_Area(ST_Intersection(a.geom, b.geom))) / 10000
		FROM peer_a a JOIN peer_b b ON ST_Intersects(a.geom, b.geom)`).Scan(&pairs, &hectares)
	return time.Since(begin), pairs, hectares, err
}

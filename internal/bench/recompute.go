package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
)

// The standing conflicts by the default rules as the best parallel SQL that we can write: two layers at a time are joined
// once, by an index, and each pair is measured once for all rules about it.
var (
	//go:embed recompute_sides.sql
	sidesSQL string
	//go:embed recompute.sql
	recomputeSQL string
)

// sides are the themes of the region, so that of two the former is the claim of the rules that name both.
var sides = []plan.Theme{plan.Wind, plan.Settlement, plan.Agriculture, plan.Infrastructure, plan.Forest, plan.Defence, plan.Nature, plan.Water, plan.Culture}

// recompute finds all standing conflicts of the region by all the default rules, and holds every one against the peer's.
func (b *bench) recompute(ctx context.Context, conn *pgx.Conn, rules *plan.Ruleset, features int) error {
	begin := time.Now()
	standing, err := conflict.NewEngine(rules).Standing(ctx, b.atlas.View())
	if err != nil {
		return err
	}
	ours := time.Since(begin)
	if err := b.prepareSides(ctx, conn, rules); err != nil {
		return err
	}
	peer := time.Duration(0)
	var tables []string
	for i, a := range sides {
		for _, other := range sides[i:] {
			if a == other && a != plan.Wind && a != plan.Infrastructure {
				continue // no rule holds within the layer
			}
			begin := time.Now()
			if _, err := conn.Exec(ctx, recomputeOf(a, other)); err != nil {
				return fmt.Errorf("%s and %s: %w", a, other, err)
			}
			peer += time.Since(begin)
			tables = append(tables, fmt.Sprintf("SELECT * FROM found_%s_%s", a, other))
		}
	}
	if err := sameStanding(ctx, conn, standing, strings.Join(tables, " UNION ALL ")); err != nil {
		return err
	}
	b.line(fmt.Sprintf("all standing conflicts of %d features in %d layers", features, len(sides)), ours, peer,
		fmt.Sprintf("all default rules, %d conflicts, the same by both; peer: parallel SQL; goal at least 10 x", standing.Len()))
	return nil
}

// prepareSides gives the peer what it needs, and lets it use all cores.
func (b *bench) prepareSides(ctx context.Context, conn *pgx.Conn, rules *plan.Ruleset) error {
	if _, err := conn.Exec(ctx, "CREATE TABLE cell (place int, claim text, interest text, severity int)"); err != nil {
		return err
	}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"cell"}, []string{"place", "claim", "interest", "severity"},
		pgx.CopyFromSlice(len(rules.Matrix), func(i int) ([]any, error) {
			cell := &rules.Matrix[i]
			return []any{i, cell.Claim, cell.Interest, cell.Severity}, nil
		}))
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, sidesSQL); err != nil {
		return err
	}
	return inParallel(ctx, conn)
}

// recomputeOf gives the statement for two layers.
func recomputeOf(a, b plan.Theme) string {
	near, apart, shared, least := "ST_Intersects(a.geom, b.geom)", "0", "ST_Area(ST_Intersection(a.geom, b.geom))", "100"
	if reach := reachOf(a, b); reach != "" {
		near, apart = "ST_DWithin(a.geom, b.geom, "+reach+")", "ST_Distance(a.geom, b.geom)"
	}
	switch {
	case b == plan.Culture:
		shared, least = "1", "0" // each is one point
	case a == plan.Infrastructure && b == plan.Infrastructure:
		shared, least = "ST_Length(ST_Intersection(a.geom, b.geom))", "0"
	case a == plan.Infrastructure || b == plan.Infrastructure:
		shared, least = "ST_Length(ST_Intersection(a.geom, b.geom))", "10"
	}
	switch {
	case a == plan.Wind && b == plan.Settlement:
		shared = "-1" // all its rules are about distance
	case b == plan.Infrastructure && (a == plan.Wind || a == plan.Settlement):
		shared = "CASE WHEN b.communication THEN " + shared + " ELSE -1 END"
	case a == b:
		near += " AND a.id::int < b.id::int"
	}
	return strings.NewReplacer("{a}", string(a), "{b}", string(b), "{near}", near, "{apart}", apart, "{shared}", shared, "{least}", least).Replace(recomputeSQL)
}

// reachOf gives the farthest that a rule between the two reaches, in SQL; "" when they must meet.
func reachOf(a, b plan.Theme) string {
	switch {
	case a == plan.Wind && b == plan.Settlement:
		return "greatest(1500, 10 * a.rotor)"
	case a == plan.Wind && b == plan.Infrastructure:
		return "greatest(500, a.height + 20, 1.5 * (a.rotor + a.hub))"
	case a == plan.Wind && b == plan.Nature:
		return "500"
	case a == plan.Settlement && b == plan.Infrastructure:
		return "150"
	case b == plan.Water && slices.Contains([]plan.Theme{plan.Wind, plan.Settlement, plan.Infrastructure}, a):
		return "b.shore"
	case b == plan.Culture && slices.Contains([]plan.Theme{plan.Wind, plan.Settlement, plan.Agriculture, plan.Infrastructure, plan.Forest}, a):
		return "CASE WHEN b.ancient THEN 100 ELSE 0 END"
	}
	return ""
}

// inParallel has the connection's statements use as many cores as we do.
func inParallel(ctx context.Context, conn *pgx.Conn) error {
	for _, setting := range []string{"SET min_parallel_table_scan_size = 0", "SET parallel_setup_cost = 0", "SET parallel_tuple_cost = 0",
		"SET work_mem = '256MB'", fmt.Sprintf("SET max_parallel_workers_per_gather = %d", runtime.GOMAXPROCS(0))} {
		if _, err := conn.Exec(ctx, setting); err != nil {
			return err
		}
	}
	return nil
}

// told is what tells a conflict of one rule.
type told struct{ claim, interest string }

// found is how severe it is, and its size: m², m, points or metres apart.
type found struct {
	severity int
	size     float64
}

// sameStanding holds the conflicts of both against each other, rule by rule and pair by pair: areas and lengths to 1e-9
// of them, or a square millimetre and a micrometre, which is what the corners of PostGIS's figures are rounded by.
func sameStanding(ctx context.Context, conn *pgx.Conn, standing *conflict.Standing, peer string) error {
	if _, err := conn.Exec(ctx, "CREATE UNLOGGED TABLE found AS "+peer); err != nil {
		return err
	}
	if list, total := standing.NotMeasured(); total > 0 {
		return fmt.Errorf("%d pairs are not measured; the first: %v", total, list[0])
	}
	rules, err := standing.Summary(conflict.ByRule, conflict.Filter{})
	if err != nil {
		return err
	}
	total := 0
	for _, r := range rules {
		theirs, err := foundInPostGIS(ctx, conn, r.Key)
		if err == nil {
			err = sameRule(standing, r.Key, theirs)
		}
		if err != nil {
			return fmt.Errorf("rule %s: %w", r.Key, err)
		}
		total += r.Conflicts
	}
	var n int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM found").Scan(&n); err != nil || n != total {
		return cmp.Or(err, fmt.Errorf("PostGIS finds %d conflicts, we %d", n, total))
	}
	return nil
}

func foundInPostGIS(ctx context.Context, conn *pgx.Conn, rule string) (map[told]found, error) {
	rows, err := conn.Query(ctx, "SELECT claim, interest, severity, size FROM found WHERE rule = $1", rule)
	if err != nil {
		return nil, err
	}
	all := map[told]found{}
	var pair told
	var what found
	_, err = pgx.ForEachRow(rows, []any{&pair.claim, &pair.interest, &what.severity, &what.size}, func() error {
		all[pair] = what
		return nil
	})
	return all, err
}

func sameRule(standing *conflict.Standing, rule string, theirs map[told]found) error {
	filter := conflict.Filter{Rule: rule, Limit: 50_000}
	for {
		page, err := standing.Find(filter)
		if err != nil {
			return err
		}
		for i := range page.Conflicts {
			c := &page.Conflicts[i]
			pair := told{c.Claim.ID, c.Interest.ID}
			their, both := theirs[pair]
			if size := sizeOf(&c.Extent); !both || their.severity != c.Severity || math.Abs(size-their.size) > 1e-9*max(size, 1000) {
				return fmt.Errorf("%v has severity %d and size %v; PostGIS says %v (%v)", pair, c.Severity, size, their, both)
			}
			delete(theirs, pair)
		}
		if filter.After = page.Next; page.Next == "" {
			break
		}
	}
	for pair, their := range theirs {
		return fmt.Errorf("PostGIS finds %v with %v, and %d more that we don't", pair, their, len(theirs)-1)
	}
	return nil
}

func sizeOf(e *plan.Extent) float64 {
	switch {
	case e.AreaHa != nil:
		return *e.AreaHa * 10_000
	case e.LengthM != nil:
		return *e.LengthM
	case e.Points != nil:
		return float64(*e.Points)
	}
	return *e.DistanceM
}

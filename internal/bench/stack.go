package main

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"strukturbild/geodata"
	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
)

// interestSQL draws all interests of a wind farm by the default rules.
//
//go:embed stack.sql
var interestSQL string

// stackSQL gives the area of a municipality, of what stops in it, and of all interests.
const stackSQL = `
	WITH k AS MATERIALIZED (SELECT geom FROM peer_kommun WHERE id = $1),
		i AS MATERIALIZED (SELECT i.stop, i.geom FROM k JOIN stack_interest i ON ST_Intersects(i.geom, k.geom)),
		red AS MATERIALIZED (SELECT ST_Union(geom) AS geom FROM i WHERE stop),
		every AS MATERIALIZED (SELECT ST_Union(geom) AS geom FROM i)
	SELECT coalesce(ST_Area(ST_Intersection(k.geom, red.geom)), 0), coalesce(ST_Area(ST_Intersection(k.geom, every.geom)), 0) FROM k, red, every`

// sampled is every how many municipalities PostGIS is asked about: all would take it hours.
const sampled = 7

// stack measures the wind stack of the whole county over the eight layers against unions and intersections.
func (b *bench) stack(ctx context.Context) error {
	const schema = "bench_stack"
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
	if err := b.kommuner(ctx, conn); err != nil {
		return err
	}
	rules, err := conflict.Default()
	if err != nil {
		return err
	}
	engine, view, q := conflict.NewEngine(rules), b.atlas.View(), plan.StackQuery{LandUse: string(plan.Wind), Attributes: farm, AreaHa: 1}
	begin := time.Now()
	stack, err := engine.Stack(ctx, view, q)
	if err != nil {
		return err
	}
	ours := time.Since(begin)
	rows, err := stack.Rows(conflict.ByKommun, conflict.StackFilter{})
	if err != nil {
		return err
	}
	peer, compared, err := b.unions(ctx, conn, schema, rows)
	if err != nil {
		return err
	}
	_, combinations, _ := stack.Combinations(conflict.StackFilter{})
	b.line(fmt.Sprintf("stack for wind of the whole county, %d features in %d layers", features, len(regionLayers)), ours, peer,
		fmt.Sprintf("%d combinations; peer: only red and yellow, ST_Union and ST_Intersection for %d of %d municipalities, times their number", combinations, compared, len(rows)))
	begin = time.Now()
	const times = 100
	for range times {
		again, err := engine.Stack(ctx, view, q)
		if err != nil {
			return err
		}
		if _, err := again.Rows(conflict.ByKommun, conflict.StackFilter{}); err != nil {
			return err
		}
	}
	fmt.Fprintf(b.table, "figures of all municipalities afterwards\t%v\t\t\tgoal below 1 ms\n", round(time.Since(begin)/times))
	return b.table.Flush()
}

// kommuner loads the municipalities that the service is born with.
func (b *bench) kommuner(ctx context.Context, conn *pgx.Conn) error {
	definition := plan.BuiltIn()[0]
	file, err := geodata.Open(definition.ID)
	if err != nil {
		return err
	}
	defer file.Close()
	batch, err := ingest.ReadGeoJSON(ctx, file, ingest.Options{Layer: &definition})
	if err != nil {
		return err
	}
	_, err = b.atlas.Change(ctx, func(*atlas.View) (plan.ChangeSet, error) {
		return plan.ChangeSet{Author: "bench", Kind: plan.ChangeRegion, Layers: []plan.LayerChange{{Layer: definition.ID, Define: &definition, Add: batch}}}, nil
	})
	if err != nil {
		return err
	}
	return b.peerTable(ctx, conn, definition.ID, "")
}

// unions asks PostGIS for the same by one connection a core, and gives what all municipalities would have taken. It is an
// error when the areas are not ours.
func (b *bench) unions(ctx context.Context, conn *pgx.Conn, schema string, rows []plan.StackRow) (took time.Duration, compared int, err error) {
	begin := time.Now()
	sizes := strings.NewReplacer("$height", fmt.Sprint(farm["total_height"].Float()), "$rotor", fmt.Sprint(farm["rotor_diameter"].Float()), "$hub", fmt.Sprint(farm["hub_height"].Float()))
	if _, err := conn.PgConn().Exec(ctx, sizes.Replace(interestSQL)).ReadAll(); err != nil {
		return 0, 0, err
	}
	drawing := time.Since(begin)
	begin = time.Now()
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			own, err := b.connect(ctx, schema)
			if err != nil {
				return err
			}
			defer own.Close(context.WithoutCancel(ctx))
			for i := int(next.Add(1)-1) * sampled; i < len(rows); i = int(next.Add(1)-1) * sampled {
				if err := sameColours(ctx, own, &rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return 0, 0, err
	}
	compared = (len(rows) + sampled - 1) / sampled
	return drawing + time.Since(begin)*time.Duration(len(rows))/time.Duration(compared), compared, nil
}

// mostApart is how far apart two ways to draw round corners may bring the areas, as a share of the municipality's.
const mostApart = 1e-4

// sameColours holds the areas of a municipality against PostGIS.
func sameColours(ctx context.Context, conn *pgx.Conn, row *plan.StackRow) error {
	var red, every float64
	if err := conn.QueryRow(ctx, stackSQL, row.Key).Scan(&red, &every); err != nil {
		return err
	}
	near := func(ours, theirs float64) bool { return math.Abs(ours*10_000-theirs) <= mostApart*row.AreaHa*10_000 }
	if !near(row.Red.AreaHa, red) || !near(row.Red.AreaHa+row.Yellow.AreaHa, every) {
		return fmt.Errorf("%s: red are %.9g m2 and %.9g with yellow; PostGIS has %.9g and %.9g", row.Key, row.Red.AreaHa*10_000,
			(row.Red.AreaHa+row.Yellow.AreaHa)*10_000, red, every)
	}
	return nil
}

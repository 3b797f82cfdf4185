package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
	"strukturbild/internal/portray"
)

// tileSQL makes a tile of web maps in PostGIS: $1 the zoom, $2 the column, $3 the row.
const tileSQL = `
	WITH shown AS (SELECT id, props->>'namn' AS namn, (props->>'areal_ha')::float8 AS areal_ha,
			ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope($1, $2, $3), 4096, 64, true) AS geom
		FROM peer_f WHERE geom && ST_Transform(ST_TileEnvelope($1, $2, $3, margin => 64.0 / 4096), 3006))
	SELECT coalesce(ST_AsMVT(shown, 'f', 4096, 'geom'), '') FROM shown WHERE geom IS NOT NULL`

// thousands is the zoom of web maps at which a tile has about a thousand of 200 000 polygons.
const thousands = 10

// tiles measures vector tiles of 200 000 polygons: drawn, at hand, and all of the county.
func (b *bench) tiles(ctx context.Context) error {
	const schema = "bench_tiles"
	n := b.count(200_000)
	conn, err := b.polygons(ctx, schema, n)
	if err != nil {
		return err
	}
	defer b.store.Close()
	defer conn.Close(ctx)
	layer, err := b.atlas.View().Layer("f")
	if err != nil {
		return err
	}
	site, stop, err := b.service(ctx)
	if err != nil {
		return err
	}
	defer stop()
	grid, err := geo.FindTileGrid("WebMercatorQuad")
	if err != nil {
		return err
	}
	at := func(x, y float64) (geo.Tile, error) {
		rows, columns, err := grid.TilesOver(plan.Box{MinX: x, MinY: y, MaxX: x, MaxY: y}, thousands)
		if err != nil {
			return geo.Tile{}, err
		}
		return grid.Tile(thousands, rows[0], columns[0])
	}
	query := func(x, y float64, conn *pgx.Conn) error {
		tile, err := at(x, y)
		if err != nil {
			return err
		}
		var body []byte
		return conn.QueryRow(ctx, tileSQL, tile.Zoom, tile.Column, tile.Row).Scan(&body)
	}
	cold := func(x, y float64, _ *pgx.Conn) error {
		tile, err := at(x, y)
		if err == nil {
			_, err = portray.Draw(ctx, layer, tile, portray.Choice{})
		}
		return err
	}
	warm := func(x, y float64, _ *pgx.Conn) error {
		tile, err := at(x, y)
		if err != nil {
			return err
		}
		return get(fmt.Sprintf("%s/ogc/collections/f/tiles/WebMercatorQuad/%d/%d/%d", site.URL, tile.Zoom, tile.Row, tile.Column))
	}
	for _, side := range []struct {
		what string
		ask  func(x, y float64, conn *pgx.Conn) error
		note string
	}{{"drawn", cold, "ours without HTTP; goal at least 5 x"}, {"at hand", warm, "ours over HTTP; goal at least 50 x"}} {
		ours, peer, err := b.rates(ctx, schema, side.ask, query)
		if err != nil {
			return err
		}
		b.line(fmt.Sprintf("vector tile of ~%d polygons, %s", n/200, side.what), time.Duration(1e9/ours), time.Duration(1e9/peer),
			fmt.Sprintf("%.0f and %.0f tiles/s; peer: ST_AsMVT; %s", ours, peer, side.note))
	}
	return b.pyramid(ctx, layer, grid)
}

// pyramid draws all tiles of the county, zoom by zoom, on all cores.
func (b *bench) pyramid(ctx context.Context, layer *atlas.Snapshot, grid *geo.TileGrid) error {
	for zoom := 5; zoom <= 14; zoom++ {
		rows, columns, err := grid.TilesOver(layer.Extent(), zoom)
		if err != nil {
			return err
		}
		var bytes, largest, tiles atomic.Int64
		work, ctx := errgroup.WithContext(ctx)
		work.SetLimit(runtime.GOMAXPROCS(0))
		begin := time.Now()
		for row := rows[0]; row <= rows[1]; row++ {
			work.Go(func() error {
				for column := columns[0]; column <= columns[1]; column++ {
					tile, err := grid.Tile(zoom, row, column)
					if err != nil {
						return err
					}
					body, err := portray.Draw(ctx, layer, tile, portray.Choice{})
					if err != nil {
						return err
					}
					tiles.Add(1)
					bytes.Add(int64(len(body)))
					for size := int64(len(body)); size > largest.Load(); {
						largest.Store(size)
					}
				}
				return nil
			})
		}
		if err := work.Wait(); err != nil {
			return err
		}
		fmt.Fprintf(b.table, "all %d tiles of zoom %d\t%v\t\t\t%.1f MB, the largest %d kB, %.2f tiles/ms\n", tiles.Load(), zoom, round(time.Since(begin)),
			float64(bytes.Load())/1e6, largest.Load()/1000, float64(tiles.Load())/math.Max(1, float64(time.Since(begin).Milliseconds())))
	}
	return b.table.Flush()
}

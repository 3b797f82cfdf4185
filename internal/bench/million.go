package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/atlas"
	"strukturbild/internal/geo"
	"strukturbild/internal/plan"
)

// million measures over one layer of a million polygons: start, memory and pages.
func (b *bench) million(ctx context.Context) error {
	const schema = "bench_million"
	n := b.count(1_000_000)
	conn, err := b.polygons(ctx, schema, n)
	if err != nil {
		return err
	}
	defer b.store.Close()
	defer conn.Close(ctx)
	if err := b.start(ctx, conn, n); err != nil {
		return err
	}
	return b.pages(ctx, schema)
}

// polygons fills the layer f, and the peer's table of it, with n polygons. The store and the connection are the caller's to close.
func (b *bench) polygons(ctx context.Context, schema string, n int) (conn *pgx.Conn, err error) {
	if err := b.open(ctx, schema); err != nil {
		return nil, err
	}
	if err := b.layer(ctx, "f", plan.Agriculture, n, 320, 3); err != nil {
		return nil, err
	}
	if conn, err = b.connect(ctx, schema); err != nil {
		return nil, err
	}
	return conn, b.peerTable(ctx, conn, "f", "")
}

// start measures the time to be ready against that of copying the same out of PostgreSQL, and the memory against WKB.
func (b *bench) start(ctx context.Context, conn *pgx.Conn, n int) error {
	b.atlas = nil
	before := heap()
	begin := time.Now()
	filled := atlas.New(b.store)
	if err := filled.Fill(ctx, 2, nil); err != nil {
		return err
	}
	ours := time.Since(begin)
	after := heap()
	b.atlas = filled
	begin = time.Now()
	_, err := conn.PgConn().CopyTo(ctx, io.Discard, "COPY (SELECT id, ST_AsBinary(geom), props FROM peer_f) TO STDOUT")
	if err != nil {
		return err
	}
	b.line(fmt.Sprintf("start with %d features", n), ours, time.Since(begin), "peer: COPY (SELECT id, ST_AsBinary(geom), props) TO STDOUT; goal at least 0.67 x")
	snapshot, err := filled.View().Layer("f")
	if err != nil {
		return err
	}
	var wkb, vertices uint64
	for slot := range snapshot.All("") {
		g := snapshot.Geometry(slot)
		wkb += uint64(len(geo.AppendEWKB(nil, g)))
		vertices += uint64(g.NumVertices())
	}
	fmt.Fprintf(b.table, "memory of the atlas, %d vertices a feature\t%d B\t%d B\t%.2f x\tours / WKB, a feature; goal at most 1.6\n",
		vertices/uint64(n), (after-before)/uint64(n), wkb/uint64(n), float64(after-before)/float64(wkb))
	return b.table.Flush()
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// hexEWKB is the text form of a geometry parameter.
func hexEWKB(g plan.Geometry) string { return hex.EncodeToString(geo.AppendEWKB(nil, g)) }

// pageSQL builds the same page of GeoJSON in PostGIS.
const pageSQL = `
	SELECT json_build_object('type', 'FeatureCollection', 'features', json_agg(json_build_object('type', 'Feature', 'id', id,
		'properties', props, 'geometry', ST_AsGeoJSON(%s)::json)))::text
	FROM (SELECT id, props, geom FROM peer_f WHERE geom && $1::geometry AND ST_Intersects(geom, $1::geometry)
		ORDER BY octet_length(id), id LIMIT 1000) page`

// pages asks for a thousand features in a box as GeoJSON, as fast as all cores can.
func (b *bench) pages(ctx context.Context, schema string) error {
	site, stop, err := b.service(ctx)
	if err != nil {
		return err
	}
	defer stop()
	for _, crs := range []struct{ name, uri, geometry string }{
		{"EPSG:3006", "EPSG:3006", "geom"}, {"CRS84", "CRS84", "ST_Transform(geom, 4326)"}} {
		ask := func(x, y float64, _ *pgx.Conn) error {
			return get(fmt.Sprintf("%s/ogc/collections/f/items?limit=1000&bbox-crs=EPSG:3006&crs=%s&bbox=%f,%f,%f,%f",
				site.URL, crs.uri, x, y, x+8500, y+8500))
		}
		sql := fmt.Sprintf(pageSQL, crs.geometry)
		query := func(x, y float64, conn *pgx.Conn) error {
			var page string
			return conn.QueryRow(ctx, sql, hexEWKB(square(x, y, 8500))).Scan(&page)
		}
		ours, peer, err := b.rates(ctx, schema, ask, query)
		if err != nil {
			return err
		}
		b.line("page of 1000 features by bbox, GeoJSON in "+crs.name, time.Duration(1e9/ours), time.Duration(1e9/peer),
			fmt.Sprintf("%.0f and %.0f requests/s on %d cores; ours over HTTP", ours, peer, runtime.GOMAXPROCS(0)))
	}
	return nil
}

func square(x, y, side float64) plan.Geometry {
	return plan.Geometry{Type: plan.Polygon, Coords: []float64{x, y, x + side, y, x + side, y + side, x, y + side, x, y}}
}

// plain asks for uncompressed answers: the peer does not compress either.
var plain = http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}}

func get(address string) error {
	answer, err := plain.Get(address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 300))
		return fmt.Errorf("%s: %s %s", address, answer.Status, text)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// rates gives the requests a second of both. They take turns, so that whatever else the machine does meets both alike.
func (b *bench) rates(ctx context.Context, schema string, ask, query func(x, y float64, conn *pgx.Conn) error) (ours, peer float64, err error) {
	const turns = 4
	for range turns {
		for _, side := range []struct {
			sum *float64
			ask func(x, y float64, conn *pgx.Conn) error
		}{{&ours, ask}, {&peer, query}} {
			found, err := b.rate(ctx, schema, side.ask)
			if err != nil {
				return 0, 0, err
			}
			*side.sum += found / turns
		}
	}
	return ours, peer, nil
}

// rate asks with one client a core for two seconds, and gives the requests a second.
func (b *bench) rate(ctx context.Context, schema string, ask func(x, y float64, conn *pgx.Conn) error) (float64, error) {
	var asked atomic.Int64
	var clients sync.WaitGroup
	failed := make(chan error, runtime.GOMAXPROCS(0))
	begin := time.Now()
	for client := range runtime.GOMAXPROCS(0) {
		conn, err := b.connect(ctx, schema)
		if err != nil {
			return 0, err
		}
		clients.Go(func() {
			defer conn.Close(ctx)
			random := rand.New(rand.NewPCG(uint64(client), 4))
			for time.Since(begin) < 2*time.Second {
				x, y := minX+random.Float64()*(maxX-minX-8500), minY+random.Float64()*(maxY-minY-8500)
				if err := ask(x, y, conn); err != nil {
					failed <- err
					return
				}
				asked.Add(1)
			}
		})
	}
	clients.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(asked.Load()) / time.Since(begin).Seconds(), nil
	}
}

// Command bench measures the service and PostGIS side by side: the same data, in the same run, on the same cores. It
// prints a table of ratios. It is no test: these figures depend on the machine and on who else uses it.
//
//	go run ./internal/bench [-scale 1.0] [-only pairs,standing,million,whatif,stack,growth,upload,geopackage,export,tiles] [-cpuprofile FILE]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"strukturbild/internal/atlas"
	"strukturbild/internal/export"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
	"strukturbild/internal/store"
	"strukturbild/internal/store/cluster"
)

// bench is one run: a private cluster with a store on it.
type bench struct {
	scale   float64
	address string
	store   *store.Store
	atlas   *atlas.Atlas
	table   *tabwriter.Writer
}

// measurements are run in this order; each loads the data that it needs.
var measurements = []struct {
	name string
	run  func(*bench, context.Context) error
}{
	{"pairs", (*bench).pairs},
	{"standing", (*bench).standing},
	{"million", (*bench).million},
	{"whatif", (*bench).whatIf},
	{"stack", (*bench).stack},
	{"growth", (*bench).growth},
	{"upload", (*bench).upload},
	{"geopackage", (*bench).geopackage},
	{"export", (*bench).export},
	{"tiles", (*bench).tiles},
}

// readFile and writeFile start this program as the child that reads or writes files, as the service starts itself.
var (
	readFile  = []string{"/proc/self/exe", "read-file"}
	writeFile = []string{"/proc/self/exe", "write-file"}
)

func main() {
	if slices.Equal(os.Args[1:], readFile[1:]) {
		if ingest.RunChild(os.Stdin, os.Stderr) != nil {
			os.Exit(1)
		}
		return
	}
	if slices.Equal(os.Args[1:], writeFile[1:]) {
		if export.RunChild(os.Stdin, os.Stderr) != nil {
			os.Exit(1)
		}
		return
	}
	scale := flag.Float64("scale", 1, "share of the full number of features")
	only := flag.String("only", "", "comma-separated measurements; all when empty")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the whole run to this file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err == nil {
			defer pprof.StopCPUProfile()
		}
	}
	if err := run(ctx, *scale, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

func run(ctx context.Context, scale float64, only string) (err error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	private, err := cluster.Start(ctx, cluster.Options{DataDir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, private.Stop(context.Background())) }()
	b := &bench{scale: scale, address: private.URL(), table: tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)}
	fmt.Fprintln(b.table, "MEASURED\tOURS\tPEER\tRATIO\tNOTE")
	for _, m := range measurements {
		if only != "" && !slices.Contains(strings.Split(only, ","), m.name) {
			continue
		}
		if err := m.run(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return b.table.Flush()
}

// line prints how many times quicker (or smaller) we are than the peer.
func (b *bench) line(what string, ours, peer time.Duration, note string) {
	fmt.Fprintf(b.table, "%s\t%s\t%s\t%.1f x\t%s\n", what, round(ours), round(peer), float64(peer)/float64(ours), note)
	b.table.Flush()
}

func round(d time.Duration) time.Duration {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}

// open gives a store and an empty atlas on a schema of their own.
func (b *bench) open(ctx context.Context, schema string) (err error) {
	if b.store, err = store.Open(ctx, store.Options{URL: b.address, Schema: schema}); err != nil {
		return err
	}
	b.atlas = atlas.New(b.store)
	return b.atlas.Fill(ctx, 2, nil)
}

// connect gives a plain connection for the peer's SQL. features_ names a view of the layer's current features.
func (b *bench) connect(ctx context.Context, schema string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(b.address)
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["search_path"] = schema + ",public"
	return pgx.ConnectConfig(ctx, config)
}

func (b *bench) count(n int) int { return max(1, int(float64(n)*b.scale)) }

// layer writes n polygons of 30 to 150 vertices into a layer.
func (b *bench) layer(ctx context.Context, id string, theme plan.Theme, n int, radius float64, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 1))
	definition := &plan.Layer{ID: id, Theme: theme, GeometryType: plan.Polygon, Status: plan.Published, Title: plan.Text{SV: id},
		Attributes: []plan.Attribute{{Name: "namn", Type: plan.String}, {Name: "areal_ha", Type: plan.Number}}}
	return b.features(ctx, definition, n, func(id string) plan.Feature { return blob(random, id, radius) })
}

// features writes a layer of n features, in change sets of bounded size.
func (b *bench) features(ctx context.Context, definition *plan.Layer, n int, next func(id string) plan.Feature) error {
	for done := 0; done < n; {
		features := make([]plan.Feature, 0, 50_000)
		for ; len(features) < cap(features) && done < n; done++ {
			features = append(features, next(fmt.Sprint(done+1)))
		}
		_, err := b.atlas.Change(ctx, func(view *atlas.View) (plan.ChangeSet, error) {
			change := plan.LayerChange{Layer: definition.ID, Add: plan.List(features)}
			if s, err := view.Layer(definition.ID); err == nil {
				change.Base = s.Revision()
			} else {
				change.Define = definition
			}
			return plan.ChangeSet{Author: "bench", Kind: plan.ChangeDemo, Layers: []plan.LayerChange{change}}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// peerTable copies the layer to a table of its own, with more columns if need be (", x AS y"), indexed and analysed as one would for such questions.
func (b *bench) peerTable(ctx context.Context, conn *pgx.Conn, id, columns string) error {
	for _, statement := range []string{
		fmt.Sprintf("CREATE UNLOGGED TABLE peer_%s AS SELECT f.id, f.geom, f.props%s FROM feature f JOIN layer l USING (partition) WHERE l.id = '%s'", id, columns, id),
		fmt.Sprintf("CREATE INDEX ON peer_%s USING gist (geom)", id),
		fmt.Sprintf("VACUUM ANALYZE peer_%s", id),
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

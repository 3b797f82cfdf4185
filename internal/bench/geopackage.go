package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// geopackage measures a GeoPackage from the first byte to the answer against ogr2ogr into PostGIS, then the same file
// again with a hundred features changed, and the memory that both take.
func (b *bench) geopackage(ctx context.Context) error {
	const schema = "bench_geopackage"
	if err := b.open(ctx, schema); err != nil {
		return err
	}
	defer b.store.Close()
	if err := b.layer(ctx, "g", plan.Forest, 1, 100, 99); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-geopackage-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	n, path := b.count(1_000_000), filepath.Join(dir, "g.gpkg")
	if err := b.writeGeoPackage(ctx, path, n); err != nil {
		return err
	}
	first, err := b.load(ctx, path)
	if err != nil {
		return err
	}
	peer, err := b.ogr2ogr(ctx, path, schema+".peer_g")
	if err != nil {
		return err
	}
	b.line(fmt.Sprintf("GeoPackage upload of %d polygons", n), first.took, peer,
		"ours checks validity and fills the atlas too; peer: ogr2ogr with COPY and its index; goal at least 0.67 x")
	fmt.Fprintf(b.table, "memory of that upload beyond what the atlas grew by (%d MB)\t%d MB\t%d MB\t\tof the service, and of its reading child; goal less than 1024 together\n",
		first.grown>>20, first.beyond>>20, first.child>>20)
	if err := ogrSQL(ctx, path, "UPDATE g SET areal_ha = areal_ha + 1 WHERE fid <= 100"); err != nil {
		return err
	}
	again, err := b.load(ctx, path)
	if err != nil {
		return err
	}
	b.line("the same file with 100 changed features", again.took, first.took, "peer: the first upload; goal at least 2 x")
	return b.table.Flush()
}

// loaded is what an upload took.
type loaded struct {
	took   time.Duration
	grown  int64 // bytes of memory that the atlas holds more than before
	beyond int64 // bytes of resident memory at the highest, beyond that
	child  int64 // bytes of resident memory of the largest child so far
}

// load sends the file to a service, as the whole layer.
func (b *bench) load(ctx context.Context, path string) (l loaded, err error) {
	token, err := b.store.CreateToken(ctx, "bench"+strconv.FormatInt(time.Now().UnixNano(), 36), plan.Officer)
	if err != nil {
		return l, err
	}
	site, stop, err := b.service(ctx)
	if err != nil {
		return l, err
	}
	defer stop()
	if err := b.atlas.Sync(ctx); err != nil { // it has not heard from the database since the file was begun
		return l, err
	}
	running, rest := context.WithCancel(ctx)
	defer rest()
	go b.atlas.Run(running, nil, time.Second)
	before := int64(heap())
	resident, err := watchResident()
	if err != nil {
		return l, err
	}
	begin := time.Now()
	if err := post(ctx, site.URL+"/api/v1/layers/g/uploads?mode=replace&id=fid", token, path); err != nil {
		return l, err
	}
	l.took = time.Since(begin)
	peak, err := memory("VmHWM")
	if err != nil {
		return l, err
	}
	l.grown = int64(heap()) - before
	l.beyond = peak - resident - l.grown
	var children syscall.Rusage
	err = syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children)
	l.child = children.Maxrss << 10
	return l, err
}

// watchResident has the kernel forget the highest resident memory so far, and gives the present.
func watchResident() (int64, error) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return 0, err
	}
	return memory("VmRSS")
}

// memory gives a line of /proc/self/status, in bytes.
func memory(name string) (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), name+":")
	kilobytes, err := strconv.ParseInt(strings.Fields(rest + " ?")[0], 10, 64)
	return kilobytes << 10, err
}

// ogr2ogr loads the file into a table of its own.
func (b *bench) ogr2ogr(ctx context.Context, path, table string) (time.Duration, error) {
	begin := time.Now()
	command := exec.CommandContext(ctx, "ogr2ogr", "-f", "PostgreSQL", b.keywords(), path, "-nln", table,
		"-t_srs", "EPSG:3006", "-nlt", "MULTIPOLYGON", "--config", "PG_USE_COPY", "YES")
	if out, err := command.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("ogr2ogr: %w: %s", err, out)
	}
	return time.Since(begin), nil
}

func ogrSQL(ctx context.Context, path, statement string) error {
	if out, err := exec.CommandContext(ctx, "ogrinfo", path, "-sql", statement).CombinedOutput(); err != nil {
		return fmt.Errorf("ogrinfo: %w: %s", err, out)
	}
	return nil
}

// writeGeoPackage has ogr2ogr make a table g of n polygons in EPSG:3006.
func (b *bench) writeGeoPackage(ctx context.Context, path string, n int) error {
	lines := path + ".geojsonl"
	defer os.Remove(lines)
	if err := b.writeLines(lines, n); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "ogr2ogr", "-f", "GPKG", path, lines, "-nln", "g", "-a_srs", "EPSG:3006", "-unsetFid", "-lco", "SPATIAL_INDEX=NO")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("ogr2ogr: %w: %s", err, out)
	}
	return nil
}

func (b *bench) writeLines(path string, n int) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	snapshot, err := b.atlas.View().Layer("g")
	if err != nil {
		return err
	}
	encoder, random, out := ogc.NewEncoder(snapshot.Layer(), geo.House), rand.New(rand.NewPCG(5, 5)), bufio.NewWriterSize(file, 1<<20)
	var line []byte
	for i := range n {
		f := blob(random, fmt.Sprint(i+1), 300)
		if line, err = encoder.Append(line[:0], &f); err != nil {
			return err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

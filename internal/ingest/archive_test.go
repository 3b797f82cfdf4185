package ingest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// entry is one entry of a made-up archive.
type entry struct {
	header zip.FileHeader
	body   string
}

func archiveOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	for _, e := range entries {
		e.header.Method = zip.Deflate
		w, err := writer.CreateHeader(&e.header)
		if err == nil {
			_, err = w.Write([]byte(e.body))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func named(name, body string) entry { return entry{zip.FileHeader{Name: name}, body} }

func link(name, to string) entry {
	e := named(name, to)
	e.header.SetMode(fs.ModeSymlink | 0o777)
	return e
}

func device(name string) entry {
	e := named(name, "")
	e.header.SetMode(fs.ModeDevice | 0o666)
	return e
}

// claiming makes the central directory claim another size for the first entry than it has.
func claiming(packed []byte, size uint32) []byte {
	i := bytes.LastIndex(packed, []byte("PK\x01\x02")) // APPNOTE 4.3.12: the size stands 24 bytes in
	binary.LittleEndian.PutUint32(packed[i+24:], size)
	return packed
}

const point = `{"type":"Point","coordinates":[12.5,58]}`

func TestArchives(t *testing.T) {
	many := make([]entry, maxEntries+1)
	for i := range many {
		many[i] = named(strings.Repeat("d/", i%3)+"f"+strings.Repeat("x", i)+".txt", "")
	}
	for _, c := range []struct {
		name   string
		packed []byte
		want   string // in the error; "" for one point
	}{
		{"plain", archiveOf(t, named("punkt.geojson", point)), ""},
		{"with rubbish beside", archiveOf(t, named("__MACOSX/._punkt.geojson", "x"), named("läs mig.pdf", "x"), named("a/b/punkt.geojson", point)), ""},
		{"Windows' names", archiveOf(t, entry{zip.FileHeader{Name: "omr\x86den\\punkt.geojson", NonUTF8: true}, point}), ""},
		{"traversal", archiveOf(t, named("../../../../tmp/punkt.geojson", point)), "leads out of the archive"},
		{"traversal with backslashes", archiveOf(t, named(`a\..\..\punkt.geojson`, point)), "leads out of the archive"},
		{"absolute", archiveOf(t, named("/etc/cron.d/x", point)), "leads out of the archive"},
		{"drive", archiveOf(t, named(`C:\punkt.geojson`, point)), "leads out of the archive"},
		{"symbolic link", archiveOf(t, link("punkt.geojson", "/etc/passwd")), "symbolic link"},
		{"device", archiveOf(t, device("punkt.geojson")), "not an ordinary file"},
		{"nested", archiveOf(t, named("inre.zip", "PK")), "an archive itself"},
		{"many entries", archiveOf(t, many...), "at most 1000"},
		{"bomb", archiveOf(t, named("b.geojson", strings.Repeat(" ", smallSize+1))), "times larger when unpacked"},
		{"over the limit", archiveOf(t, named("b.geojson", strings.Repeat(" 1", 20<<20))), "which is the limit"},
		{"claims to be huge", claiming(archiveOf(t, named("b.geojson", point)), 3<<30), "which is the limit"},
		{"claims to be small", claiming(archiveOf(t, named("b.geojson", strings.Repeat(" ", 1<<20))), 10), "damaged"},
		{"twice", archiveOf(t, named("a.geojson", point), named("a.geojson", point)), "twice"},
		{"nothing to read", archiveOf(t, named("a.pdf", "x")), "none of the files that are read"},
		{"cut off", archiveOf(t, named("a.geojson", point))[:60], "can't be opened"},
		{"no index", archiveOf(t, named("a.shp", "x")), "a Shapefile is several files"},
		{"entities", archiveOf(t, named("a.gml", `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>`)), "DOCTYPE"},
		{"not what it is called", archiveOf(t, named("a.gpkg", "nej")), "is something else"},
		{"VRT in disguise", archiveOf(t, named("a.gml", `<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>`)), "is something else"},
	} {
		reader := testReader
		reader.TempDir = t.TempDir()
		batch, err := reader.Read(t.Context(), File{Body: bytes.NewReader(c.packed), MaxBytes: 32 << 20}, Options{Layer: &plan.Layer{ID: "x", GeometryType: plan.Point}})
		switch {
		case c.want == "" && (err != nil || batch.Len() != 1):
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		case c.want != "":
			findingsOf(t, err)
		}
		if left, _ := os.ReadDir(reader.TempDir); len(left) > 0 {
			t.Errorf("%s: left behind %v", c.name, left)
		}
	}
}

// TestXMLAcrossWindows puts what is looked for on every side of the edge between two reads.
func TestXMLAcrossWindows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.gml")
	for shift := -20; shift <= 20; shift++ {
		for _, text := range []string{"<!DOCTYPE", "<!ENTITY", "xsi:schemaLocation=", "xsi:noNamespaceSchemaLocation="} {
			body := "<x>" + strings.Repeat(" ", 2*readBuffer+shift) + text + strings.Repeat(" ", readBuffer)
			if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
			err := checkXML(path)
			after, _ := os.ReadFile(path)
			if declared := text[0] == '<'; declared != (err != nil) || bytes.Contains(after, schemaAttribute) || len(after) != len(body) {
				t.Fatalf("%s at %d: %v", text, shift, err)
			}
		}
	}
}

package ingest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strukturbild/internal/plan"
)

// placemarks has a feature with a point in time and one with a period, as other programs write them.
const placemarks = `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>x</name>
<Placemark><TimeStamp><when>2011-02-03</when></TimeStamp><Point><coordinates>13,58</coordinates></Point></Placemark>
<Placemark><TimeSpan><begin>1999-01-02</begin><end>2005-06-07T08:09:10Z</end></TimeSpan><Point><coordinates>13,58.1</coordinates></Point></Placemark>
</Document></kml>`

// TestTimeOfKML: TimeStamp and TimeSpan are columns like others, refused where nothing has their name and nobody says what they are.
func TestTimeOfKML(t *testing.T) {
	layer := testLayer(plan.Point)
	path := filepath.Join(t.TempDir(), "a.kml")
	if err := os.WriteFile(path, []byte(placemarks), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := readPath(t, path, File{}, Options{Layer: layer})
	if plan.CodeOf(err) != plan.Invalid || !strings.Contains(err.Error(), `"timestamp"`) {
		t.Errorf("without a map: %v", err)
	}
	layer.Attributes = append(layer.Attributes, plan.Attribute{Name: "begin", Type: plan.Date})
	batch, err := readPath(t, path, File{}, Options{Layer: layer, Columns: Columns{Map: map[string]string{"timestamp": "dag", "end": "stund"}}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range kept(t, batch) {
		for _, name := range []string{"dag", "begin", "stund"} {
			got = append(got, f.Values[layer.Attribute(name)].String())
		}
	}
	if want := []string{"2011-02-03", "", "", "", "1999-01-02", "2005-06-07T08:09:10Z"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read %q, want %q", got, want)
	}
}

// TestDeclareColumns: what is missing in a schema is added to it, and to no other.
func TestDeclareColumns(t *testing.T) {
	data := `<Placemark><SchemaData schemaUrl="#a"><SimpleData name="dag">1</SimpleData><SimpleData name='år &amp; dag'>2</SimpleData></SchemaData></Placemark>`
	for file, want := range map[string]string{
		`<Schema id="a"><SimpleField name="dag" type="string"/></Schema>` + data: `<Schema id="a"><SimpleField name='år &amp; dag' type="string"/><SimpleField name="dag" type="string"/></Schema>` + data,
		`<Schema id="a"/><Schema id="b"/>` + data:                                `<Schema id="a"><SimpleField name="dag" type="string"/><SimpleField name='år &amp; dag' type="string"/></Schema><Schema id="b"/>` + data,
		data + `<Schema id='a'><SimpleField name='dag'/></Schema>`:               data + `<Schema id='a'><SimpleField name='år &amp; dag' type="string"/><SimpleField name='dag'/></Schema>`,
		`<Schema id="b"></Schema>` + data:                                        "", data: "", "<Schema": "", "<Schema>": "", "": "",
	} {
		if want == "" {
			want = file
		}
		if got := declared(t, []byte(file)); string(got) != want {
			t.Errorf("%s\nbecame %s\nwant   %s", file, got, want)
		}
	}
}

func declared(t *testing.T, file []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.kml")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := declareColumns(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// FuzzDeclareColumns: a file gets nothing but fields, and what has got them lacks none.
func FuzzDeclareColumns(f *testing.F) {
	f.Add([]byte(`<Schema id="a"/><SchemaData schemaUrl="#a"><SimpleData name="x">1</SimpleData></SchemaData>`))
	f.Add([]byte(`<Schema id='a'><SimpleField name="y"></Schema><SchemaData schemaUrl='#a'><SimpleData name='x>'>1</SimpleData>`))
	f.Fuzz(func(t *testing.T, file []byte) {
		once := declared(t, file)
		if again := declared(t, once); !bytes.Equal(again, once) {
			t.Fatalf("%q became %q, and that %q", file, once, again)
		}
	})
}

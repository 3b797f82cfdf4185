package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"strukturbild/internal/plan"
)

// encodings are the values of the encoding parameter. Shapefiles have them read by GDAL, under these names.
var encodings = map[string]struct {
	gdal    string
	charmap *charmap.Charmap
}{
	"":             {},
	"utf-8":        {"UTF-8", nil},
	"iso-8859-1":   {"ISO-8859-1", charmap.ISO8859_1},
	"windows-1252": {"CP1252", charmap.Windows1252},
	"cp850":        {"CP850", charmap.CodePage850},
}

// The names of columns that hold a place, as found in Swedish and English files; folded, in pairs of x and y.
var (
	shapeColumns  = []string{"wkt", "geom", "geometry", "the_geom", "geometri", "wkt_geom", "shape"}
	degreeColumns = [][2]string{{"lon", "lat"}, {"longitude", "latitude"}, {"long", "lat"}, {"lng", "lat"}, {"longitud", "latitud"}}
	metreColumns  = [][2]string{{"e", "n"}, {"ost", "nord"}, {"easting", "northing"}, {"east", "north"}, {"e_koord", "n_koord"},
		{"x", "y"}, {"x_koord", "y_koord"}, {"xkoord", "ykoord"}, {"e_koordinat", "n_koordinat"}, {"sweref_e", "sweref_n"}}
)

// placeColumns says where a CSV file has its geometry.
type placeColumns struct {
	wkt     string
	x, y    string
	degrees bool // by their names: longitude and latitude
}

// openOptions are those of GDAL's CSV driver. Types are not guessed: kommunkod 0114 is no number.
func (p placeColumns) openOptions() []string {
	options := []string{"AUTODETECT_TYPE=NO", "EMPTY_STRING_AS_NULL=YES", "HEADERS=YES", "KEEP_GEOM_COLUMNS=NO"}
	if p.wkt != "" {
		return append(options, "GEOM_POSSIBLE_NAMES="+p.wkt)
	}
	return append(options, "X_POSSIBLE_NAMES="+p.x, "Y_POSSIBLE_NAMES="+p.y)
}

// findPlace reads the header of a CSV file and finds the columns of the geometry.
func findPlace(filename string) (placeColumns, error) {
	file, err := os.Open(filename)
	if err != nil {
		return placeColumns{}, err
	}
	defer file.Close()
	const longest = 64 << 10
	line, err := bufio.NewReaderSize(file, longest).ReadSlice('\n')
	if err != nil && err != io.EOF {
		return placeColumns{}, plan.Errorf(plan.Invalid, "", "the first line of the CSV file is longer than %d bytes: it must be the names of the columns", longest)
	}
	names := headerNames(strings.TrimRight(strings.TrimPrefix(string(line), byteOrderMark), "\r\n"))
	return placeAmong(names)
}

// headerNames splits the header as GDAL does: at the separator that is most frequent.
func headerNames(line string) []string {
	separator := ","
	for _, other := range []string{";", "\t", "|"} {
		if strings.Count(line, other) > strings.Count(line, separator) {
			separator = other
		}
	}
	names := strings.Split(line, separator)
	for i := range names {
		names[i] = strings.Trim(names[i], `"`)
	}
	return names
}

func placeAmong(names []string) (p placeColumns, err error) {
	find := func(folded string) string {
		if i := slices.IndexFunc(names, func(n string) bool { return fold(strings.TrimSpace(n)) == folded }); i >= 0 {
			return names[i]
		}
		return ""
	}
	for _, name := range shapeColumns {
		if p.wkt = find(name); p.wkt != "" {
			return p, nil
		}
	}
	for i, pair := range slices.Concat(degreeColumns, metreColumns) {
		p.x, p.y, p.degrees = find(pair[0]), find(pair[1]), i < len(degreeColumns)
		if p.x != "" && p.y != "" {
			return p, nil
		}
	}
	return placeColumns{}, plan.Errorf(plan.Invalid, "",
		"there are no columns with coordinates: they are called WKT, or e and n, ost and nord, x and y (x is east), or lon and lat. Its columns are %s",
		clip([]byte(strings.Join(names, ", "))))
}

// recode makes UTF-8 of a text file, in place.
func recode(filename string, from *charmap.Charmap) error {
	if from == nil {
		return checkUTF8(filename)
	}
	return rewrite(filename, from.NewDecoder())
}

func rewrite(filename string, decoder *encoding.Decoder) (err error) {
	in, err := os.Open(filename)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(filename+".utf8", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, decoder.Reader(in))
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(filename+".utf8", filename)
}

// checkUTF8 asks for the encoding of a text file that is not UTF-8, and never guesses it.
func checkUTF8(filename string) error {
	file, err := os.Open(filename)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, readBuffer)
	for number, part := 1, []byte(nil); ; {
		chunk, err := lines.ReadSlice('\n')
		if part = append(part, chunk...); len(part) > 64<<20 {
			return plan.Errorf(plan.TooLarge, "", "line %d of the file is longer than %d bytes", number, 64<<20)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if !utf8.Valid(part) || bytes.IndexByte(part, 0) >= 0 {
			return plan.Errorf(plan.Invalid, "encoding", "line %d of the file is not UTF-8: say what it is with encoding=windows-1252 (Excel), iso-8859-1 or cp850", number)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		number, part = number+1, part[:0]
	}
}

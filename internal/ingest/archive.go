package ingest

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"strukturbild/internal/plan"
)

// What an archive may be at most, beside the size of an upload: no map needs more, and a bomb does.
const (
	maxEntries = 1000
	maxRatio   = 200     // of what is unpacked to the archive
	smallSize  = 8 << 20 // bytes; below it the ratio does not matter
)

// sidecars lie beside a Shapefile and are read with it. Whatever else an archive has stays packed.
var sidecars = []string{".shx", ".dbf", ".prj", ".cpg"}

// nested are the archives that an archive may not have inside.
var nested = []string{".zip", ".kmz", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".xlsx", ".xlsm"}

// dataset is a file to be read.
type dataset struct {
	path   string // relative to the private directory
	format *format
}

// unpack checks the whole table of contents of an archive, takes the files that are read into dir, and lists those that
// begin a dataset. limit is how many bytes they may have.
func unpack(archivePath, dir string, limit int64) ([]dataset, error) {
	packed, err := zip.OpenReader(archivePath)
	if err != nil {
		return nil, plan.Errorf(plan.Invalid, "", "the zip file can't be opened: %w", err)
	}
	defer packed.Close()
	if err := checkContents(&packed.Reader, archivePath, limit); err != nil {
		return nil, err
	}
	var datasets []dataset
	folders := map[string]string{}
	for _, f := range packed.File {
		name := entryName(f)
		if !needed(name) {
			continue
		}
		to := filepath.Join(folder(folders, path.Dir(name)), path.Base(name))
		if err := extract(f, filepath.Join(dir, to)); err != nil {
			return nil, err
		}
		if format := formatNamed(name); format != nil {
			datasets = append(datasets, dataset{to, format})
		}
	}
	if len(datasets) == 0 {
		return nil, plan.Errorf(plan.Invalid, "", "the zip file has none of the files that are read: .gpkg, .shp (with .shx and .dbf), .fgb, .geojson, .gml, .kml, .csv, .parquet")
	}
	return mainOnly(datasets), nil
}

// checkWorkbook refuses an Excel file, which is an archive too, that would become too large.
func checkWorkbook(filename string, limit int64) error {
	packed, err := zip.OpenReader(filename)
	if err != nil {
		return plan.Errorf(plan.Invalid, "", "the Excel file can't be opened: %w", err)
	}
	defer packed.Close()
	return checkContents(&packed.Reader, filename, min(limit, workbookBytes))
}

// mainOnly leaves out XML files that only describe other files.
func mainOnly(datasets []dataset) []dataset {
	isXML := func(d dataset) bool { return strings.EqualFold(path.Ext(d.path), ".xml") }
	if slices.ContainsFunc(datasets, func(d dataset) bool { return !isXML(d) }) {
		return slices.DeleteFunc(datasets, isXML)
	}
	return datasets
}

// checkContents refuses an archive before a byte of it is unpacked.
func checkContents(packed *zip.Reader, archivePath string, limit int64) error {
	if len(packed.File) > maxEntries {
		return plan.Errorf(plan.TooLarge, "", "the zip file has %d entries; at most %d are taken", len(packed.File), maxEntries)
	}
	info, err := os.Stat(archivePath)
	if err != nil {
		return err
	}
	total := uint64(0)
	for _, f := range packed.File {
		if why := entryFault(f); why != "" {
			return plan.Errorf(plan.Invalid, "", "the zip file is refused: its entry %q %s", clip([]byte(entryName(f))), why)
		}
		if total += f.UncompressedSize64; f.UncompressedSize64 > uint64(limit) || total > uint64(limit) {
			return plan.Errorf(plan.TooLarge, "", "the zip file holds more than %d bytes, which is the limit of an upload", limit)
		}
	}
	if total > smallSize && total/uint64(max(info.Size(), 1)) > maxRatio {
		return plan.Errorf(plan.Invalid, "", "the zip file is refused: it would become more than %d times larger when unpacked, as no map does", maxRatio)
	}
	return nil
}

// entryFault says why an entry is not to be unpacked, or "".
func entryFault(f *zip.File) string {
	name := entryName(f)
	switch mode := f.Mode(); {
	case mode&fs.ModeSymlink != 0:
		return "is a symbolic link"
	case !mode.IsRegular() && !mode.IsDir():
		return "is not an ordinary file"
	case f.Flags&1 != 0: // APPNOTE 4.4.4, bit 0
		return "is encrypted"
	case strings.IndexByte(name, 0) >= 0, path.IsAbs(name), len(name) > 1 && name[1] == ':', slices.Contains(strings.Split(name, "/"), ".."):
		return "has a path that leads out of the archive"
	case slices.Contains(nested, strings.ToLower(path.Ext(name))):
		return "is an archive itself; unpack it first"
	}
	return ""
}

// entryName gives the path of an entry with slashes. Names that are not UTF-8 are what Windows writes here: CP 850.
func entryName(f *zip.File) string {
	name := f.Name
	if !utf8.ValidString(name) {
		name, _ = charmap.CodePage850.NewDecoder().String(name) // every byte has a meaning
	}
	return strings.ReplaceAll(name, `\`, "/")
}

// needed reports whether an entry is read, or lies beside what is.
func needed(name string) bool {
	base, extension := path.Base(name), strings.ToLower(path.Ext(name))
	if strings.HasSuffix(name, "/") || base[0] == '.' || strings.HasPrefix(name, "__MACOSX/") || len(base) > 200 || extension == ".txt" {
		return false
	}
	return slices.Contains(sidecars, extension) || formatNamed(name) != nil && !strings.HasSuffix(strings.ToLower(name), ".shp.xml")
}

// folder gives each folder of the archive one of our own making, so that no path of theirs is ever used.
func folder(folders map[string]string, theirs string) string {
	if _, known := folders[theirs]; !known {
		folders[theirs] = fmt.Sprintf("d%d", len(folders))
	}
	return folders[theirs]
}

func extract(f *zip.File, to string) (err error) {
	from, err := f.Open()
	if err != nil {
		return damaged(f, err)
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return plan.Errorf(plan.Invalid, "", "the zip file has the entry %q twice", clip([]byte(entryName(f))))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	n, err := io.Copy(file, io.LimitReader(from, int64(f.UncompressedSize64)+1))
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError // the disk is full
	}
	if err != nil || n != int64(f.UncompressedSize64) {
		return damaged(f, err)
	}
	return nil
}

func damaged(f *zip.File, err error) error {
	if err == nil {
		err = errors.New("it is larger than it says")
	}
	return plan.Errorf(plan.Invalid, "", "the entry %q of the zip file is damaged: %w", clip([]byte(entryName(f))), err)
}

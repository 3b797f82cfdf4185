package main

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// wholeFile is a file as it is sent: one that lies loose in several is packed into one.
type wholeFile struct {
	*os.File
	name string
	size int64
}

// openWhole opens a file; a Shapefile becomes a zip with what lies beside it, in a file that goes away when closed.
func openWhole(path string) (*wholeFile, error) {
	if strings.EqualFold(filepath.Ext(path), ".shp") {
		return packShapefile(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return &wholeFile{file, filepath.Base(path), info.Size()}, nil
}

func packShapefile(path string) (*wholeFile, error) {
	packed, err := os.CreateTemp("", "strukturbild-*.zip")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(packed.Name()) // it lives as long as it is open
	writer := zip.NewWriter(packed)
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	for _, extension := range []string{".shp", ".shx", ".dbf", ".prj", ".cpg"} {
		for _, name := range []string{stem + extension, stem + strings.ToUpper(extension)} {
			if err := pack(writer, name); err == nil {
				break
			} else if !errors.Is(err, os.ErrNotExist) {
				return nil, errors.Join(err, packed.Close())
			}
		}
	}
	size := int64(0)
	err = writer.Close()
	if err == nil {
		size, err = packed.Seek(0, io.SeekEnd)
	}
	if err == nil {
		_, err = packed.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, packed.Close())
	}
	return &wholeFile{packed, filepath.Base(stem) + ".zip", size}, nil
}

func pack(to *zip.Writer, name string) error {
	from, err := os.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	entry, err := to.Create(filepath.Base(name))
	if err != nil {
		return err
	}
	_, err = io.Copy(entry, from)
	return err
}

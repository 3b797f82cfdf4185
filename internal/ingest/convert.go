package ingest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"strukturbild/internal/fence"
	"strukturbild/internal/plan"
)

// Convert writes the features of a file of any format that is known as GeoJSON, in the file's own system and with its
// own columns, and checks nothing but that the file can be read. It is for what is to be sifted before it is read: the
// layer and crs only say whether geometry is wanted, and that the system is known without the file. The text may end
// early when there is an error.
func (r Reader) Convert(ctx context.Context, f File, layer *plan.Layer, crs string, w io.Writer) error {
	body := bufio.NewReaderSize(f.Body, readBuffer)
	head, err := body.Peek(4096)
	if err != nil && err != io.EOF {
		return plan.Errorf(plan.Invalid, "", "the file could not be read: %w", err)
	}
	format, err := recognise(head, f.Name, f.MediaType)
	if err != nil {
		return err
	}
	if format == geoJSON {
		_, err := io.Copy(w, body)
		return err
	}
	dir, err := fence.MakeDir(r.TempDir, "convert")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &spooled{File: f, dir: dir, format: format}
	if err := s.spool(body); err != nil {
		return err
	}
	if s.format = s.datasets[0].format; s.format == geoJSON && len(s.datasets) == 1 { // in a zip
		return copyFile(w, filepath.Join(s.dir, s.datasets[0].path))
	}
	request, err := s.request(Options{Layer: layer, CRS: crs})
	if err != nil {
		return err
	}
	request.Text = true
	child, err := r.start(ctx, s.dir, request)
	if err != nil {
		return plan.Because(err, plan.Internal, "", "the file reader can't be started")
	}
	_, copied := io.Copy(w, child)
	_, failure := outcome(child, s)
	return errors.Join(failure, copied)
}

func copyFile(w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(w, file)
	return err
}

package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
)

// uploadsAtOnce bounds the memory that files under way take; further ones wait their turn.
const uploadsAtOnce = 2

// upload is one file on its way into a layer.
type upload struct {
	server *Server
	echo.Context
	job plan.Job
}

// postUpload takes a file into the layer: all of it as one revision, or nothing.
func (s *Server) postUpload(c echo.Context) error {
	u := &upload{server: s, Context: c}
	u.job = plan.Job{ID: rand.Text(), Layer: c.Param("layer"), Author: principal(c).Name, Mode: c.QueryParam("mode"),
		DryRun: c.QueryParam("dry_run") == "true", Findings: []plan.Finding{}, Started: time.Now().UTC()}
	if u.job.Mode == "" {
		u.job.Mode = string(plan.UploadAppend)
	}
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	case <-c.Request().Context().Done():
		return c.Request().Context().Err()
	}
	applied, err := u.run()
	if err := u.finish(applied, err); err != nil {
		return err
	}
	status := http.StatusCreated
	if u.job.DryRun {
		status = http.StatusOK
	}
	return c.JSON(status, u.job)
}

func (u *upload) run() (applied plan.Applied, err error) {
	view := u.server.atlas.View()
	snapshot, err := view.Layer(u.job.Layer)
	if err != nil {
		return applied, err
	}
	batch, err := u.read(snapshot.Layer())
	if err != nil {
		return applied, err
	}
	defer batch.Close()
	u.job.Read, u.job.Findings = batch.Len(), append(u.job.Findings, batch.Notices...)
	if u.job.DryRun {
		_, err = u.compare(view, batch)
		return applied, err
	}
	return u.server.change(u.Context, plan.ChangeUpload, func(view *atlas.View) (*plan.LayerChange, error) {
		return u.compare(view, batch)
	})
}

// read decodes the body as it arrives, and notes its size and digest.
func (u *upload) read(layer *plan.Layer) (*ingest.Batch, error) {
	digest := sha256.New()
	body := &counter{Reader: io.TeeReader(u.Request().Body, digest)}
	columns, err := ingest.ParseMap(u.QueryParam("map"))
	if err != nil {
		return nil, err
	}
	batch, err := u.server.options.Files.Read(u.Request().Context(), u.file(body), ingest.Options{Layer: layer, CRS: u.QueryParam("crs"),
		Columns: ingest.Columns{Map: columns, IgnoreUnknown: u.QueryParam("ignore_unknown") == "true", ID: u.QueryParam("id")}})
	u.job.Bytes = body.bytes
	if err != nil {
		return nil, err
	}
	u.job.SHA256 = hex.EncodeToString(digest.Sum(nil))
	u.Set("body_sha256", u.job.SHA256)
	return batch, nil
}

// file describes the body by what the request says of it.
func (u *upload) file(body io.Reader) ingest.File {
	name := u.QueryParam("filename")
	if _, disposition, err := mime.ParseMediaType(u.Request().Header.Get(echo.HeaderContentDisposition)); err == nil && name == "" {
		name = disposition["filename"]
	}
	return ingest.File{Body: body, Name: name, MediaType: u.Request().Header.Get(echo.HeaderContentType),
		SourceLayer: u.QueryParam("source_layer"), Encoding: u.QueryParam("encoding"), MaxBytes: u.server.options.MaxUpload}
}

// compare finds what the file changes in the layer as it is in the view; nil when that is nothing.
func (u *upload) compare(view *atlas.View, batch *ingest.Batch) (*plan.LayerChange, error) {
	snapshot, err := view.Layer(u.job.Layer)
	if err != nil {
		return nil, err
	}
	compared, err := snapshot.Compare(batch, plan.UploadMode(u.job.Mode))
	if err != nil {
		return nil, err
	}
	change := &compared.Change
	counts := change.Counts()
	u.job.Added, u.job.Changed, u.job.Removed, u.job.Same = counts.Added, counts.Changed, counts.Removed, compared.Same
	if compared.IsEmpty() {
		return nil, nil
	}
	return change, nil
}

// finish keeps the outcome, so that it can be asked for later. That it can't be kept is no reason to fail the upload.
func (u *upload) finish(applied plan.Applied, failure error) error {
	u.job.State, u.job.Finished = plan.JobDone, time.Now().UTC()
	u.job.Revision = applied.Record.Revision
	if applied.Replayed {
		u.replayed(applied)
	}
	if failure != nil {
		u.job.State, u.job.Error = plan.JobFailed, failure.Error()
		if known, ok := errors.AsType[*plan.Error](failure); ok {
			u.job.Error, u.job.Findings = known.Message, append(u.job.Findings, known.Findings...)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.Request().Context()), 5*time.Second)
	defer cancel()
	if err := u.server.store.SaveJob(ctx, u.job); err != nil {
		u.server.log.Warn("the outcome of an upload could not be kept", "job", u.job.ID, "error", err)
	} else {
		u.Response().Header().Set(echo.HeaderLocation, string(u.server.base(u.Context))+api+"/jobs/"+u.job.ID)
	}
	return failure
}

// replayed answers a repetition with what the first request did.
func (u *upload) replayed(applied plan.Applied) {
	for _, counts := range applied.Record.Layers {
		if counts.Layer == u.job.Layer {
			u.job.Added, u.job.Changed, u.job.Removed = counts.Added, counts.Changed, counts.Removed
			u.job.Same = u.job.Read - counts.Added - counts.Changed
		}
	}
}

// counter counts what is read through it.
type counter struct {
	io.Reader
	bytes int64
}

func (r *counter) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.bytes += int64(n)
	return n, err
}

func (s *Server) getJob(c echo.Context) error {
	job, err := s.store.Job(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, job)
}

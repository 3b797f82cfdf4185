package server

import (
	"cmp"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/jobs"
	"strukturbild/internal/plan"
)

// An upload is answered when its job has ended, or after as many seconds as the sender prefers to wait (RFC 7240, 4.3).
const (
	defaultWait = 30 * time.Second
	maxWait     = 10 * time.Minute
)

// postUpload receives a file and makes a job of it: all of it becomes one revision, or nothing.
func (s *Server) postUpload(c echo.Context) error {
	patience, err := preferredWait(c)
	if err != nil {
		return err
	}
	key, err := idempotencyKey(c)
	if err != nil {
		return err
	}
	if err := s.reachable(); err != nil {
		return err
	}
	r := c.Request()
	upload := uploadOf(c.Param("layer"), c.QueryParams(), r.Header.Get(echo.HeaderContentType))
	upload.Filename = cmp.Or(upload.Filename, dispositionName(r))
	job, fresh, err := s.jobs.Submit(r.Context(), jobs.Request{Upload: upload, Author: principal(c).Name, Key: key,
		Length: r.ContentLength, Body: r.Body})
	if err != nil {
		return err
	}
	// The file is here; what remains is waiting. A read deadline that passes would look as if the client had gone.
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(maxWait + answerTime))
	if !fresh {
		c.Response().Header().Set("Idempotent-Replayed", "true")
	}
	if job, err = s.jobs.Wait(r.Context(), job.ID, patience, s.closing); err != nil {
		return err
	}
	return s.answerUpload(c, job)
}

// uploadOf gathers what is said of a file.
func uploadOf(layer string, query url.Values, mediaType string) plan.Upload {
	u := plan.Upload{Layer: layer, Mode: plan.UploadMode(query.Get("mode")), DryRun: query.Get("dry_run") == "true",
		Note: query.Get("note"), CRS: query.Get("crs"), Filename: query.Get("filename"), MediaType: mediaType,
		SourceLayer: query.Get("source_layer"), Encoding: query.Get("encoding"), Map: query.Get("map"),
		IgnoreUnknown: query.Get("ignore_unknown") == "true", IDColumn: query.Get("id"), IgnoreFileCRS: query.Get("ignore_file_crs") == "true",
		AxisOrder: query.Get("axis_order"), Require: query.Get("require"), Repair: query.Get("repair") == "true", OnFault: query.Get("on_fault")}
	u.RepairHa, _ = strconv.ParseFloat(query.Get("repair_max_ha"), 64) // numbers within limits, by the contract
	u.RepairPercent, _ = strconv.ParseFloat(query.Get("repair_max_percent"), 64)
	if u.Mode == "" {
		u.Mode = plan.UploadAppend
	}
	return u
}

// dispositionName is what the file is called by its sender; "" when that is not said (RFC 6266).
func dispositionName(r *http.Request) string {
	_, disposition, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentDisposition))
	if err != nil {
		return ""
	}
	return disposition["filename"]
}

// answerUpload tells what became of the job, or that it is not known yet.
func (s *Server) answerUpload(c echo.Context, job plan.Job) error {
	header := c.Response().Header()
	header.Set(echo.HeaderLocation, s.base(c)+api+"/jobs/"+job.ID)
	if err := job.Failure(); err != nil {
		return err
	}
	if !job.State.Ended() {
		header.Set("Preference-Applied", "respond-async") // RFC 7240, 3
		return c.JSON(http.StatusAccepted, job)
	}
	revision := job.Revision
	if revision == 0 {
		revision = s.atlas.View().Revision()
	}
	atRevision(c, revision)
	if job.DryRun {
		return c.JSON(http.StatusOK, job)
	}
	return c.JSON(http.StatusCreated, job)
}

// preferredWait reads the header Prefer: respond-async, wait=10 (RFC 7240). Preferences that we don't know are not for us.
func preferredWait(c echo.Context) (time.Duration, error) {
	patience, async := defaultWait, false
	for preference := range strings.SplitSeq(strings.Join(c.Request().Header.Values("Prefer"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(preference), "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "respond-async":
			async = true
		case "wait":
			seconds, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
			if err != nil || seconds < 0 {
				return 0, plan.Errorf(plan.Invalid, "Prefer", "Prefer: wait=%s is not a number of seconds", value)
			}
			return min(time.Duration(seconds)*time.Second, maxWait), nil
		}
	}
	if async {
		return 0, nil
	}
	return patience, nil
}

// idempotencyKey reads the header of that name.
func idempotencyKey(c echo.Context) (string, error) {
	key := c.Request().Header.Get("Idempotency-Key")
	if len(key) > maxKey {
		return "", plan.Errorf(plan.Invalid, "Idempotency-Key", "the idempotency key has %d characters; at most %d are taken", len(key), maxKey)
	}
	return key, nil
}

package ingest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"strukturbild/internal/plan"
)

// childRequest is what the parent writes to the child, as JSON. Paths are relative to its working directory.
type childRequest struct {
	Sources     []childSource
	SourceLayer string
	CRSGiven    bool // by a parameter: the file need not say
	Table       bool // the layer has no geometry
	KeepFID     bool // write the key of the table as the id
}

type childSource struct {
	Path        string
	Driver      string
	OpenOptions []string
	CRS         string // known from elsewhere, for a file that can't say it
}

// childReport is a line that the child writes to standard error.
type childReport struct {
	Warning string // by GDAL
	Fault   *childFault
}

// childFault is why the child gave up.
type childFault struct {
	Locator, Rule string
	Message       plan.Text
}

// defaultStall is how long a child may be silent. GDAL looks through a whole GML file before its first feature.
const defaultStall = 3 * time.Minute

// child is a process that turns a file into GeoJSON; Read gives that.
type child struct {
	cmd    *exec.Cmd
	out    io.Reader
	stderr clipped
	ended  bool // out has been read to its end
	stall  time.Duration
	silent atomic.Bool
}

// readChild has a child read the files, and checks what comes.
func (r Reader) readChild(ctx context.Context, s *spooled, request *childRequest, opts Options) (*Batch, error) {
	if len(r.Command) == 0 {
		return nil, plan.Errorf(plan.Invalid, "Content-Type", "%s files are not read here; GeoJSON is", s.format.name)
	}
	c, err := r.start(ctx, s.dir, request)
	if err != nil {
		return nil, plan.Because(err, plan.Internal, "", "the file reader can't be started")
	}
	batch, err := ReadGeoJSON(ctx, c, opts)
	warnings, failure := c.finish(ctx, s)
	if failure != nil {
		return nil, failure
	}
	if known, ok := errors.AsType[*plan.Error](err); ok {
		for i := range known.Findings {
			known.Findings[i].Offset = nil // in a stream that the user never saw
		}
	}
	if err != nil {
		return nil, err
	}
	batch.Notices = append(batch.Notices, warnings...)
	return batch, nil
}

func (r Reader) start(ctx context.Context, dir string, request *childRequest) (*child, error) {
	asked, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, r.Command[0], r.Command[1:]...), stall: cmp.Or(r.Stall, defaultStall)}
	c.cmd.Dir, c.cmd.Env = dir, append(childEnvironment(), "CPL_TMPDIR="+dir)
	c.cmd.Stdin, c.cmd.Stderr = bytes.NewReader(asked), &c.stderr
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.cmd.Cancel = c.kill
	c.cmd.WaitDelay = 5 * time.Second
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return c, c.cmd.Start()
}

// kill ends the child and whatever it began.
func (c *child) kill() error { return syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) }

// Read gives what the child has written, and ends a child that has been silent too long.
func (c *child) Read(p []byte) (int, error) {
	watchdog := time.AfterFunc(c.stall, func() {
		c.silent.Store(true)
		_ = c.kill() // it may have ended by itself
	})
	defer watchdog.Stop()
	n, err := c.out.Read(p)
	c.ended = c.ended || err == io.EOF
	return n, err
}

// finish ends the child, and says what it was warned of or why it failed. One that we stop early, because what it wrote
// is wrong, has not failed.
func (c *child) finish(ctx context.Context, s *spooled) ([]plan.Finding, error) {
	early := !c.ended
	if early {
		_ = c.kill()
	}
	err := c.cmd.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	warnings, fault := c.stderr.reports(s)
	if c.silent.Load() {
		return nil, unreadable(s, plan.Text{SV: "läsningen stod stilla och avbröts", EN: "the reading stood still and was ended"})
	}
	if early || err == nil {
		return warnings, nil
	}
	if fault != nil {
		return nil, fault
	}
	return nil, unreadable(s, ending(err, c.stderr.kept))
}

// deaths are how the Go runtime names what kills it, in its last words.
var deaths = []struct{ words, meaning string }{
	{"SIGSEGV", "segmentation fault"}, {"SIGABRT", "aborted"}, {"SIGBUS", "bus error"}, {"SIGFPE", "arithmetic error"},
	{"SIGXCPU", "out of time"}, {"out of memory", "out of memory"}, {"cannot allocate memory", "out of memory"},
}

// ending says how a process ended that did not say why itself.
func ending(err error, lastWords []byte) plan.Text {
	how := err.Error()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			how = status.Signal().String()
		}
	}
	for _, death := range deaths {
		if bytes.Contains(lastWords, []byte(death.words)) {
			how = death.meaning
			break
		}
	}
	return plan.Text{SV: "läsningen havererade (" + how + "); filen är skadad, eller för stor att läsa",
		EN: "the reading crashed (" + how + "); the file is damaged, or too large to be read"}
}

var fileUnreadable = rule{"file_unreadable", "Filen kan inte läsas som %s: %s", "The file can't be read as %s: %s"}

// unreadable is the error for a file that GDAL can't read.
func unreadable(s *spooled, why plan.Text) error {
	if strings.HasSuffix(why.EN, "not recognized as a supported file format.") {
		why = plan.Text{SV: "den är något annat, eller skadad i början", EN: "it is something else, or damaged at its beginning"}
	}
	why.SV, why.EN = s.clean(why.SV), s.clean(why.EN)
	finding := fileUnreadable.finding(s.format.name, why)
	finding.Feature = -1
	name := ""
	if s.Name != "" {
		name = " " + clip([]byte(filepath.Base(s.Name)))
	}
	return plan.Errorf(plan.Invalid, "", "the file%s can't be read as %s: %s", name, s.format.name, why.EN).WithFindings(finding)
}

// clean takes our paths out of GDAL's messages.
func (s *spooled) clean(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, s.dir+"/", ""), s.dir, "")
	const most = 500
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.ToValidUTF8(text, "?")
}

// clipped keeps the first bytes that are written to it.
type clipped struct{ kept []byte }

func (c *clipped) Write(p []byte) (int, error) {
	const most = 64 << 10
	c.kept = append(c.kept, p[:min(len(p), most-len(c.kept))]...)
	return len(p), nil
}

// reports reads the lines of the child; what else stands there is noise of the libraries.
func (c *clipped) reports(s *spooled) (warnings []plan.Finding, fault error) {
	for line := range bytes.Lines(c.kept) {
		var report childReport
		if json.Unmarshal(line, &report) != nil {
			continue
		}
		if report.Warning != "" {
			text := s.clean(report.Warning)
			warnings = append(warnings, plan.Finding{Feature: -1, Rule: "reading", Message: plan.Text{SV: text, EN: text}})
		}
		if f := report.Fault; f != nil && f.Rule == fileUnreadable.name {
			fault = unreadable(s, f.Message)
		} else if f != nil {
			fault = plan.Errorf(plan.Invalid, f.Locator, "%s", s.clean(f.Message.EN)).WithFindings(
				plan.Finding{Feature: -1, Rule: f.Rule, Message: sentences(f.Message)})
		}
	}
	return warnings, fault
}

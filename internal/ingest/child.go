package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"strukturbild/internal/fence"
	"strukturbild/internal/plan"
)

// childLimits are what the reading of one file may take; it writes to the pipe alone.
var childLimits = fence.Limits{Memory: 4 << 30, CPU: 15 * time.Minute}

// childRequest is what the parent writes to the child, as JSON. Paths are relative to its working directory.
type childRequest struct {
	Sources     []childSource
	SourceLayer string
	CRSGiven    bool // by a parameter: the file need not say
	IgnoreCRS   bool // what the file says does not count
	Table       bool // the layer has no geometry
	KeepFID     bool // write the key of the table as the id
	Text        bool // write GeoJSON, for Convert
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

// readChild has a child read the files, and checks what comes.
func (r Reader) readChild(ctx context.Context, s *spooled, request *childRequest, opts Options) (*Batch, error) {
	if len(r.Command) == 0 {
		return nil, plan.Errorf(plan.Invalid, "Content-Type", "%s files are not read here; GeoJSON is", s.format.name)
	}
	child, err := r.start(ctx, s.dir, request)
	if err != nil {
		return nil, plan.Because(err, plan.Internal, "", "the file reader can't be started")
	}
	batch, err := readLayer(ctx, child, opts)
	warnings, failure := outcome(child, s)
	if failure != nil {
		if batch != nil {
			failure = errors.Join(failure, batch.Close())
		}
		return nil, failure
	}
	if errors.Is(err, errStream) {
		return nil, unreadable(s, plan.Text{SV: "läsningen bröts av i förtid", EN: "the reading broke off before the end"})
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

func (r Reader) start(ctx context.Context, dir string, request *childRequest) (*fence.Child, error) {
	asked, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	command := fence.Command{Args: r.Command, Dir: dir, Stall: r.Stall, Env: []string{"GML_FIELDTYPES=ALWAYS_STRING", "GML_SKIP_RESOLVE_ELEMS=ALL"}}
	child, err := command.Start(ctx)
	if err != nil {
		return nil, err
	}
	_, _ = child.Write(asked) // a child that does not take it dies, and Finish says of what
	_ = child.CloseWrite()
	return child, nil
}

// outcome ends the child, and says what it was warned of or why it failed. One that we stop early, because what it
// wrote is wrong, has not failed.
func outcome(child *fence.Child, s *spooled) ([]plan.Finding, error) {
	end := child.Finish()
	warnings, fault := reports(child.Said(), s)
	death, died := errors.AsType[*fence.Death](end)
	switch {
	case end == nil:
		return warnings, nil
	case end == fence.ErrStalled:
		return nil, unreadable(s, plan.Text{SV: "läsningen stod stilla och avbröts", EN: "the reading stood still and was ended"})
	case !died:
		return nil, end
	case fault != nil:
		return nil, fault
	}
	return nil, unreadable(s, plan.Text{SV: "läsningen havererade (" + death.Manner + "); filen är skadad, eller för stor att läsa",
		EN: "the reading crashed (" + death.Manner + "); the file is damaged, or too large to be read"})
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

// reports reads the lines of the child; what else stands there is noise of the libraries.
func reports(said []byte, s *spooled) (warnings []plan.Finding, fault error) {
	for line := range bytes.Lines(said) {
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

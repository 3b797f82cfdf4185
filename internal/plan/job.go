package plan

import (
	"encoding/json"
	"time"
)

// JobState says how far a job has come.
type JobState string

// The job states. A job ends in one of the last three, and then never changes.
const (
	JobQueued    JobState = "queued"    // the file is received; the job waits its turn
	JobRunning   JobState = "running"   // a node is working on it
	JobDone      JobState = "done"      // all of the file is in the layer
	JobFailed    JobState = "failed"    // the file was refused, or could not be worked; nothing is written
	JobCancelled JobState = "cancelled" // someone ended it; nothing is written
)

// Ended reports whether the job will not change any more.
func (s JobState) Ended() bool { return s == JobDone || s == JobFailed || s == JobCancelled }

// Phase says what a running job is at.
type Phase string

// The phases, in their order. A pull is fetched, read and loaded; its loading is a job of its own.
const (
	PhaseFetching  Phase = "fetching"  // waiting for the publisher
	PhaseReading   Phase = "reading"   // decoding and checking the file
	PhaseComparing Phase = "comparing" // finding what the file changes in the layer
	PhaseWriting   Phase = "writing"   // making the revision
	PhaseLoading   Phase = "loading"   // the pull's job goes on
)

// Progress tells how far a running job is; of an ended one, how far it came.
type Progress struct {
	Phase    Phase `json:"phase,omitempty"`
	Bytes    int64 `json:"bytes_read"`    // of Job.Bytes
	Features int   `json:"features_read"` // decoded and checked
	Total    int   `json:"features_total,omitempty"`
}

// Job is an upload on its way into a layer, and what became of it.
type Job struct {
	ID       string     `json:"id"`
	Layer    string     `json:"layer"`
	Author   string     `json:"author"`
	State    JobState   `json:"state"`
	DryRun   bool       `json:"dry_run"`
	Mode     UploadMode `json:"mode"`
	Filename string     `json:"filename,omitempty"`
	Bytes    int64      `json:"bytes"`
	SHA256   string     `json:"sha256"`
	Progress Progress   `json:"progress"`
	Attempts int        `json:"attempts"` // how often a node has begun it
	Read     int        `json:"read"`
	Added    int        `json:"added"`
	Changed  int        `json:"changed"`
	Removed  int        `json:"removed"`
	Same     int        `json:"unchanged"`
	Accepted int        `json:"accepted"`           // of those read: without a fault
	Repaired int        `json:"repaired"`           // of those accepted: with a geometry that was mended
	Refused  int        `json:"refused"`            // of those read: with a fault
	Revision Revision   `json:"revision,omitempty"` // the revision made; 0 when nothing changed or was written
	// Difference is what a dry run would change: the document of a layer's difference, with its first features.
	Difference json.RawMessage `json:"difference,omitempty"`
	// Conflicts tells what the revision did to the standing conflicts.
	Conflicts *ConflictReport `json:"conflicts,omitempty"`
	Findings  []Finding       `json:"findings"`          // the first JobFindings of them
	Rules     map[string]int  `json:"rules,omitempty"`   // how many findings there are by rule
	Error     string          `json:"error,omitempty"`   // why it failed
	Code      Code            `json:"code,omitempty"`    // of that failure
	Locator   string          `json:"locator,omitempty"` // of that failure
	Created   time.Time       `json:"created"`
	Started   *time.Time      `json:"started,omitempty"`
	Finished  *time.Time      `json:"finished,omitempty"`
}

// JobFindings is how many findings a job carries itself; the others are read apart.
const JobFindings = 100

// Failure gives the error that the job ended with; nil when it did not fail.
func (j *Job) Failure() error {
	switch j.State {
	case JobFailed:
		return Errorf(j.Code, j.Locator, "%s", j.Error).WithFindings(j.Findings...)
	case JobCancelled:
		return Errorf(Stale, j.ID, "the job was cancelled; nothing was written")
	}
	return nil
}

// Upload is what is asked for with a file.
type Upload struct {
	Layer         string     `json:"layer"`
	Mode          UploadMode `json:"mode"`
	DryRun        bool       `json:"dry_run,omitempty"`
	Note          string     `json:"note,omitempty"`
	CRS           string     `json:"crs,omitempty"`
	Filename      string     `json:"filename,omitempty"`
	MediaType     string     `json:"media_type,omitempty"`
	SourceLayer   string     `json:"source_layer,omitempty"`
	Encoding      string     `json:"encoding,omitempty"`
	Map           string     `json:"map,omitempty"` // COLUMN:attribute,COLUMN:attribute
	IgnoreUnknown bool       `json:"ignore_unknown,omitempty"`
	IDColumn      string     `json:"id,omitempty"`
	IgnoreFileCRS bool       `json:"ignore_file_crs,omitempty"`
	AxisOrder     string     `json:"axis_order,omitempty"` // xy or yx
	Require       string     `json:"require,omitempty"`    // attribute,attribute
	Repair        bool       `json:"repair,omitempty"`
	RepairHa      float64    `json:"repair_max_ha,omitempty"`
	RepairPercent float64    `json:"repair_max_percent,omitempty"`
	OnFault       string     `json:"on_fault,omitempty"` // refuse_file or skip_feature
}

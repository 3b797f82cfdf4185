package plan

import "time"

// JobState says how far a job has come.
type JobState string

// The job states.
const (
	JobDone   JobState = "done"
	JobFailed JobState = "failed"
)

// Job is what became of an upload.
type Job struct {
	ID       string    `json:"id"`
	Layer    string    `json:"layer"`
	Author   string    `json:"author"`
	State    JobState  `json:"state"`
	DryRun   bool      `json:"dry_run"`
	Mode     string    `json:"mode"`
	Read     int       `json:"read"`
	Added    int       `json:"added"`
	Changed  int       `json:"changed"`
	Removed  int       `json:"removed"`
	Same     int       `json:"unchanged"`
	Bytes    int64     `json:"bytes"`
	SHA256   string    `json:"sha256"`
	Revision Revision  `json:"revision,omitempty"` // the revision made; 0 when nothing changed or was written
	Error    string    `json:"error,omitempty"`
	Findings []Finding `json:"findings"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
}

package plan

import "time"

// Pull is one attempt to get a source into its layer: fetch it, sift it, and load it as an upload job.
type Pull struct {
	ID       string     `json:"id"`
	Source   string     `json:"source"`
	Layer    string     `json:"layer"`
	Author   string     `json:"author"`
	State    JobState   `json:"state"`
	DryRun   bool       `json:"dry_run"`
	Filename string     `json:"filename,omitempty"` // of a file that was given instead of fetched
	Progress Progress   `json:"progress"`
	Tally    Tally      `json:"tally"`
	Bytes    int64      `json:"bytes"`            // that were fetched
	SHA256   string     `json:"sha256,omitempty"` // of them
	ETag     string     `json:"etag,omitempty"`
	Modified string     `json:"last_modified,omitempty"`
	Same     bool       `json:"unchanged"`          // the publisher has nothing newer than what was pulled last
	Job      string     `json:"job,omitempty"`      // the upload, which has the report
	Revision Revision   `json:"revision,omitempty"` // that it made; 0 when nothing changed or was written
	Error    string     `json:"error,omitempty"`
	Code     Code       `json:"code,omitempty"`
	Began    time.Time  `json:"began"`
	Ended    *time.Time `json:"ended,omitempty"`
}

// Tally counts what became of the features of a source.
type Tally struct {
	Seen    int `json:"seen"`
	Kept    int `json:"kept"`
	Outside int `json:"outside"`  // of the county's surroundings
	NoPlace int `json:"no_place"` // no geometry, or one at 0,0
	Other   int `json:"other"`    // the source's filter leaves them out
	Keyless int `json:"keyless"`  // no value in the key columns
}

// Failure gives the error that the pull ended with; nil when it did not fail.
func (p *Pull) Failure() error {
	switch p.State {
	case JobFailed:
		return Errorf(p.Code, "source", "%s", p.Error)
	case JobCancelled:
		return Errorf(Stale, p.ID, "the pull was cancelled; nothing was written")
	}
	return nil
}

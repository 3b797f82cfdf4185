package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"strukturbild/internal/plan"
)

// follow hears how the job goes on until it has ended, over as many connections as it takes.
func (s *service) follow(ctx context.Context, id string, told func(plan.Job)) (job plan.Job, err error) {
	last := ""
	err = persist(ctx, func(advanced func()) error {
		header := http.Header{"Accept": {"text/event-stream"}}
		if last != "" {
			header.Set("Last-Event-ID", last)
		}
		answer, err := s.do(ctx, http.MethodGet, s.address("/jobs/"+id+"/events"), header, nil)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		lines := bufio.NewScanner(answer.Body)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				last = value
			case "data":
				job = plan.Job{}
				if err := json.Unmarshal([]byte(value), &job); err != nil {
					return err
				}
				advanced()
				told(job)
			}
		}
		if job.State.Ended() {
			return nil
		}
		return fmt.Errorf("%w: the stream of the job %s ended before the job", errNoAnswer, id)
	})
	return job, err
}

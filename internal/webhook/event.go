package webhook

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"strukturbild/internal/plan"
)

// The types of events.
const (
	TypeRevision = "se.strukturbild.revision.created"
	TypeTest     = "se.strukturbild.webhook.test"
)

// MediaType is that of an event in structured mode (CloudEvents JSON format 1.0.2, 3).
const MediaType = "application/cloudevents+json; charset=utf-8"

// event is a CloudEvent (CloudEvents 1.0.2, 3.1) in JSON.
type event struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"`
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Subject         string    `json:"subject"`
	Time            time.Time `json:"time"`
	DataContentType string    `json:"datacontenttype"`
	Data            any       `json:"data"`
}

// told is the data of a revision's event: the revision with the layers that the webhook wants, each with the address of
// what changed.
type told struct {
	plan.RevisionRecord
	Layers []toldLayer `json:"layers"`
}

type toldLayer struct {
	plan.LayerCounts
	Diff string `json:"diff"`
}

// message gives the body of a delivery: the same bytes in every attempt. The record is nil for a test.
func message(base string, w *plan.Webhook, d *plan.Delivery, record *plan.RevisionRecord) ([]byte, error) {
	e := event{SpecVersion: "1.0", ID: d.ID, Source: base + "/api/v1/changes", Type: TypeTest, Subject: "webhook/" + w.ID,
		Time: d.Created.UTC(), DataContentType: "application/json", Data: map[string]string{"message": "Strukturbild når den här adressen."}}
	if record != nil {
		number := strconv.FormatInt(int64(record.Revision), 10)
		data := told{RevisionRecord: *record, Layers: []toldLayer{}}
		for _, l := range w.Wants(record.Layers) {
			data.Layers = append(data.Layers, toldLayer{l, base + "/api/v1/layers/" + l.Layer + "/diff?to=" + number})
		}
		e.Type, e.Subject, e.Time, e.Data = TypeRevision, "revision/"+number, record.Time, data
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(e)
	return text.Bytes(), err
}

package plan

import (
	"slices"
	"time"
)

// Webhook is an address that is told of revisions.
type Webhook struct {
	ID           string     `json:"id"`
	URL          string     `json:"url"`
	Layers       []string   `json:"layers"`   // only changes of these; empty: of all
	Kommuner     []string   `json:"kommuner"` // only changes that touch these; empty: all
	Owner        string     `json:"owner"`
	Created      time.Time  `json:"created"`
	FailingSince *time.Time `json:"failing_since,omitempty"` // nothing has been taken since then
	Disabled     *time.Time `json:"disabled,omitempty"`      // nothing is sent any more
	Reason       string     `json:"reason,omitempty"`        // why it was disabled
	Secret       []byte     `json:"-"`
}

// Wants gives the part of what a revision did that the webhook is told of.
func (w *Webhook) Wants(layers []LayerCounts) (wanted []LayerCounts) {
	for _, l := range layers {
		touches := len(w.Kommuner) == 0 || slices.ContainsFunc(w.Kommuner, func(kod string) bool { return slices.Contains(l.Kommuner, kod) })
		if touches && (len(w.Layers) == 0 || slices.Contains(w.Layers, l.Layer)) {
			wanted = append(wanted, l)
		}
	}
	return wanted
}

// DeliveryState says what became of a delivery.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting   DeliveryState = "waiting" // for its first or next attempt
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryFailed    DeliveryState = "failed" // given up
)

// Delivery is one message to a webhook.
type Delivery struct {
	Number    int64         `json:"number"` // grows
	ID        string        `json:"id"`     // the message's webhook-id, the same in every attempt
	Webhook   string        `json:"webhook"`
	Revision  Revision      `json:"revision,omitempty"` // 0: a test
	Created   time.Time     `json:"created"`
	State     DeliveryState `json:"state"`
	Attempts  int           `json:"attempts"`
	Attempted *time.Time    `json:"attempted,omitempty"` // when it was last tried
	Status    int           `json:"status,omitempty"`    // the HTTP status of the last answer
	Error     string        `json:"error,omitempty"`     // what went wrong the last time
}

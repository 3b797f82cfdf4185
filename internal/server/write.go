package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

// maxKey bounds an idempotency key.
const maxKey = 255

// change makes what prepare says of one layer the next revision, in the name of who asks.
func (s *Server) change(c echo.Context, kind plan.ChangeKind, prepare func(*atlas.View) (*plan.LayerChange, error)) (plan.Applied, error) {
	return s.changeAll(c, plan.ChangeSet{Kind: kind}, func(view *atlas.View, changes *plan.ChangeSet) error {
		prepared, err := prepare(view)
		if err == nil && prepared != nil {
			changes.Layers, changes.Result = []plan.LayerChange{*prepared}, idsOf(prepared)
		}
		return err
	})
}

// changeAll makes the change set the next revision, with the layers that prepare puts into it. A request that is repeated with the
// same Idempotency-Key is not prepared again: it is the revision that it made the first time.
func (s *Server) changeAll(c echo.Context, changes plan.ChangeSet, prepare func(*atlas.View, *plan.ChangeSet) error) (plan.Applied, error) {
	changes.Author, changes.Note = principal(c).Name, c.QueryParam("note")
	key, err := idempotencyKey(c)
	if err != nil {
		return plan.Applied{}, err
	}
	changes.Key = plan.IdempotencyKey{Key: key, Fingerprint: fingerprint(c)}
	if err := s.reachable(); err != nil {
		return plan.Applied{}, err
	}
	applied, err := s.store.Replay(c.Request().Context(), &changes)
	if err == nil && !applied.Replayed {
		applied, err = s.atlas.Change(c.Request().Context(), func(view *atlas.View) (plan.ChangeSet, error) {
			changes.Layers, changes.Result = nil, nil
			err := prepare(view, &changes)
			return changes, err
		})
	}
	if err == nil {
		s.made(c, applied)
	}
	return applied, err
}

// idsOf keeps which feature a single edit made, for the answer to its repetition.
func idsOf(change *plan.LayerChange) []byte {
	if plan.Count(change.Add) == 1 {
		return []byte(change.Add.ID(0))
	}
	return nil
}

// fingerprint tells requests apart that carry the same idempotency key: method, address, and the digest of the body.
func fingerprint(c echo.Context) string {
	digest := sha256.New()
	_, _ = io.WriteString(digest, c.Request().Method+" "+c.Request().URL.RequestURI()+"\n")
	body, _ := c.Get("body_sha256").(string)
	_, _ = io.WriteString(digest, body)
	return hex.EncodeToString(digest.Sum(nil))
}

// readBody reads a small body, which limits has bounded, and notes its digest.
func readBody(c echo.Context) ([]byte, error) {
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	c.Set("body_sha256", hex.EncodeToString(sum[:]))
	return body, nil
}

// collisionHeader tells a client that its edit wrote over a version that it had not read: which, and what of it.
const collisionHeader = "Strukturbild-Collision"

// made tells the client and the metrics which revision its write became.
func (s *Server) made(c echo.Context, applied plan.Applied) {
	if applied.Record.Revision == 0 {
		atRevision(c, s.atlas.View().Revision())
		return
	}
	atRevision(c, applied.Record.Revision)
	for _, layer := range applied.Record.Layers {
		for _, collision := range layer.Collisions {
			c.Response().Header().Add(collisionHeader, fmt.Sprintf("revision=%d; fields=%s", collision.Overwrote, strings.Join(collision.Fields, " ")))
		}
	}
	if applied.Replayed {
		c.Response().Header().Set("Idempotent-Replayed", "true")
		return
	}
	s.metrics.revisions.Inc()
}

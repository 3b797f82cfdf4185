package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
	"strukturbild/internal/wfs"
)

// lockFeatures locks the features that the queries find, or renews a lock.
func (s *Server) lockFeatures(c echo.Context, request *wfs.Request) error {
	if err := allowed(c, plan.Officer); err != nil {
		return err
	}
	var lock plan.Lock
	var err error
	switch {
	case request.Lock.ID != "":
		lock, err = s.store.Renew(c.Request().Context(), principal(c).Name, request.Lock.ID, request.Lock.For)
		err = wfs.CannotRenew(err)
	case len(request.Queries) > 0:
		var found *wfsFound
		if found, err = s.findWFS(c, request, wfs.Format{}); err == nil {
			lock, err = s.lock(c, found)
		}
	default:
		err = wfs.NothingToLock()
	}
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "text/xml; charset=utf-8", wfs.WriteLock(request.Version, lock))
}

// lock locks what was found. Features of derived layers too: nobody can change those, which is all that a lock promises.
func (s *Server) lock(c echo.Context, found *wfsFound) (plan.Lock, error) {
	order := plan.LockOrder{Owner: principal(c).Name, For: found.request.Lock.For, Some: found.request.Lock.Some}
	for _, r := range found.results {
		layer := r.page.Layer().ID
		if len(order.Features)+len(r.page.Slots) > plan.MaxLocked {
			return plan.Lock{}, plan.Errorf(plan.TooLarge, "", "more than %d features are to be locked, which is the limit", plan.MaxLocked)
		}
		for _, slot := range r.page.Slots {
			order.Features = append(order.Features, plan.LockedFeature{Layer: layer, ID: r.page.Snapshot.ID(slot)})
		}
	}
	lock, err := s.store.Lock(c.Request().Context(), order)
	return lock, wfs.CannotLock(err)
}

// lockFound locks the features of an answer, and leaves out of it what could not be locked (OGC 09-025r2, 13.3).
func (s *Server) lockFound(c echo.Context, found *wfsFound) error {
	lock, err := s.lock(c, found)
	if err != nil {
		return err
	}
	found.lock = lock.ID
	not := make(map[plan.LockedFeature]bool, len(lock.Not))
	for _, f := range lock.Not {
		not[f] = true
	}
	for _, r := range found.results {
		var kept []atlas.Slot
		for _, slot := range r.page.Slots {
			if !not[plan.LockedFeature{Layer: r.page.Layer().ID, ID: r.page.Snapshot.ID(slot)}] {
				kept = append(kept, slot)
			}
		}
		found.returned -= len(r.page.Slots) - len(kept)
		r.page.Slots = kept
	}
	return nil
}

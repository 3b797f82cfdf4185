package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/atlas"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
	"strukturbild/internal/wfs"
)

// transact makes all actions one revision, or says what is wrong with each and makes none.
func (s *Server) transact(c echo.Context, request *wfs.Request) error {
	if err := allowed(c, plan.Officer); err != nil {
		return err
	}
	unlock := plan.Unlock{ID: request.Lock.ID, Some: request.Lock.ReleaseSome}
	var outcome wfs.Outcome
	applied, err := s.changeAll(c, plan.ChangeSet{Kind: plan.ChangeEdit, Unlock: &unlock}, func(view *atlas.View, changes *plan.ChangeSet) (err error) {
		t := &transaction{Server: s, c: c, request: request, view: view, sheets: map[string]*sheet{}}
		if err := t.run(); err != nil {
			return err
		}
		if changes.Layers, err = t.changes(); err != nil {
			return err
		}
		outcome = t.outcome
		changes.Result, err = json.Marshal(outcome)
		return err
	})
	switch {
	case err != nil:
		return transactionFault(err, unlock)
	case applied.Record.Revision == 0 && unlock.ID != "":
		err = s.store.Open(c.Request().Context(), principal(c).Name, unlock)
	case applied.Replayed:
		err = json.Unmarshal(applied.Result, &outcome)
	}
	if err != nil {
		return transactionFault(err, unlock)
	}
	return c.Blob(http.StatusOK, "text/xml; charset=utf-8", outcome.Document(request.Version))
}

// transactionFault gives what the locks refuse the code of the standard (OGC 09-025r2, 15.2.3.1.1).
func transactionFault(err error, unlock plan.Unlock) error {
	known, is := errors.AsType[*plan.Error](err)
	if !is || known.Locator != "lockId" {
		return err
	}
	return wfs.LockFault(err, unlock.ID != "")
}

// transaction is one on its way.
type transaction struct {
	*Server
	c       echo.Context
	request *wfs.Request
	view    *atlas.View
	sheets  map[string]*sheet
	layers  []*sheet // in the order in which they are first named
	outcome wfs.Outcome
}

// faultsTold bounds how many actions are told what is wrong with them.
const faultsTold = 100

// run does every action, also when some before it have failed, so that all that is wrong is told at once.
func (t *transaction) run() error {
	var faults []error
	for _, action := range t.request.Actions {
		err := t.act(action)
		if _, known := errors.AsType[*plan.Error](err); err != nil && !known {
			return err
		}
		if err != nil && len(faults) < faultsTold {
			faults = append(faults, action.Fault(err))
		}
	}
	return wfs.Together(faults)
}

func (t *transaction) act(action wfs.Action) error {
	sheet, err := t.sheet(action)
	if err != nil {
		return err
	}
	if action.Kind == wfs.Insert {
		return t.insert(sheet, action)
	}
	ids, err := t.find(sheet, action)
	if err != nil {
		return err
	}
	if action.Kind == wfs.Delete {
		err = each(ids, sheet.remove)
	} else {
		err = t.edit(sheet, action, ids)
	}
	if err == nil {
		t.outcome.Note(action, ids...)
	}
	return err
}

// sheet gives the sheet of the action's layer.
func (t *transaction) sheet(action wfs.Action) (*sheet, error) {
	layer := action.Layer
	if known := t.sheets[layer]; known != nil {
		return known, nil
	}
	snapshot, err := t.view.Layer(layer)
	switch keeps := action.Kind == wfs.Insert || action.Kind == wfs.Replace; {
	case err != nil && t.derived(layer) != nil:
		return nil, wfs.ReadOnly(layer)
	case err != nil && keeps:
		return nil, wfs.NoSuchType(layer)
	case err != nil:
		return nil, wfs.UnknownLayer(t.request.Version, layer)
	}
	made := newSheet(snapshot)
	t.sheets[layer], t.layers = made, append(t.layers, made)
	return made, nil
}

func (t *transaction) insert(sheet *sheet, action wfs.Action) error {
	edit, id, err := t.decode(sheet, action)
	if err != nil {
		return err
	}
	if id, err = wantedID(sheet, action.IDs, id); err != nil {
		return err
	}
	if id, err = sheet.insert(id, edit); err == nil {
		t.outcome.Note(action, id)
	}
	return err
}

// wantedID gives the id that a new feature is to have; "" for one of ours.
func wantedID(sheet *sheet, rule wfs.IDRule, id string) (string, error) {
	switch {
	case rule == wfs.GenerateNew, id == "", rule == wfs.ReplaceDuplicate && sheet.has(id):
		return "", nil
	case !plan.FeatureID.MatchString(id):
		return "", plan.Errorf(plan.Invalid, "id", "the id %.80q is not usable: it must be at most 128 letters, digits and _ . : -, beginning with a letter, a digit or _", id)
	case sheet.has(id):
		return "", plan.Errorf(plan.Exists, "id", "the layer %q has a feature %q already", sheet.snapshot.Layer().ID, id)
	}
	return id, nil
}

// find gives the features that the action is for. Those that it names must be there, but to be deleted.
func (t *transaction) find(sheet *sheet, action wfs.Action) (ids []string, err error) {
	named, only := action.Named()
	if !only {
		where, err := action.Where(t.request.Version, sheet.snapshot.Layer())
		if err != nil {
			return nil, err
		}
		return sheet.find(where)
	}
	for _, may := range named {
		found := false
		for _, id := range may {
			if !found && sheet.has(id) {
				ids, found = append(ids, id), true
			}
		}
		if !found && action.Kind != wfs.Delete {
			return nil, wfs.Gone(sheet.snapshot.Layer().ID, may[0])
		}
	}
	return ids, nil
}

// edit changes or replaces the features.
func (t *transaction) edit(sheet *sheet, action wfs.Action, ids []string) error {
	edit, _, err := t.decode(sheet, action)
	if err != nil {
		return err
	}
	return each(ids, func(id string) error { return sheet.edit(id, edit, action.Kind == wfs.Replace) })
}

func each(ids []string, do func(string) error) error {
	for _, id := range ids {
		if err := do(id); err != nil {
			return err
		}
	}
	return nil
}

// decode checks what the action makes of features, as the other ways to edit one do.
func (t *transaction) decode(sheet *sheet, action wfs.Action) (plan.Edit, string, error) {
	layer := sheet.snapshot.Layer()
	content, err := action.Content(t.request.Version, layer)
	if err != nil {
		return plan.Edit{}, "", err
	}
	edit, err := ingest.DecodeFields(content.Geometry, content.Fields, action.Kind != wfs.Update, ingest.Options{Layer: layer})
	return edit, content.ID, wfs.ValueFault(err)
}

// changes gives what all actions come to, layer by layer.
func (t *transaction) changes() (list []plan.LayerChange, err error) {
	for _, sheet := range t.layers {
		change, err := sheet.change(t.merge)
		if err != nil {
			return nil, wfs.ValueFault(err)
		}
		if change != nil {
			list = append(list, *change)
		}
	}
	return list, nil
}

func (t *transaction) merge(snapshot *atlas.Snapshot, slot atlas.Slot, edit *plan.Edit, whole bool) (f plan.Feature, collisions []plan.Collision, err error) {
	basis, err := t.basisOf(t.c, snapshot, slot)
	if err != nil {
		return f, nil, fmt.Errorf("what %s was edited from: %w", snapshot.ID(slot), err)
	}
	author, layer := principal(t.c).Name, snapshot.Layer()
	if edit == nil {
		return f, basis.removal(author, layer), nil
	}
	f, collisions = basis.merge(*edit, whole, author, layer, snapshot.Feature(slot))
	return f, collisions, nil
}

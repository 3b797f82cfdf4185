package atlas

import (
	"context"
	"slices"
	"strings"

	"strukturbild/internal/plan"
)

// pastRead bounds how many features one earlier picture may have to read from the archive.
const pastRead = 2_000_000

// pastViews is how many earlier pictures are kept, so that who pages through one, or asks it twice, waits once.
const pastViews = 2

// ViewAt gives the whole region as it was at the revision; 0 is now. Layers that have not changed since are those of
// the newest view. Invalid for a revision that has not been made, TooLarge when too much has changed since.
func (a *Atlas) ViewAt(ctx context.Context, at plan.Revision) (*View, error) {
	current := a.View()
	switch {
	case at > current.revision || at < 0:
		return nil, noRevision(at, current.revision)
	case at == 0 || at == current.revision:
		return current, nil
	}
	if v := a.past.view(at); v != nil {
		return v, nil
	}
	ids, err := a.layersAt(ctx, at)
	if err != nil {
		return nil, err
	}
	v, err := a.assemble(ctx, ids, at)
	if err != nil {
		return nil, err
	}
	a.past.keepView(v)
	return v, nil
}

// layersAt names the layers that there were, and refuses what would be too much to read.
func (a *Atlas) layersAt(ctx context.Context, at plan.Revision) ([]string, error) {
	picture, err := a.archive.Picture(ctx)
	if err != nil {
		return nil, err
	}
	defer picture.Close(ctx)
	ids, err := picture.LayersAt(ctx, at)
	if err != nil {
		return nil, err
	}
	current, features := a.View(), 0
	for _, id := range ids {
		if now := current.byID[id]; now != nil && now.revision > at {
			features += now.Len() // as good a guess as any of what it had then
		}
	}
	if features > pastRead {
		return nil, plan.Errorf(plan.TooLarge, "revision", "layers with %d features have changed since revision %d; at most %d are read "+
			"for one picture of the past: ask for single layers, or for a later revision", features, at, pastRead)
	}
	return ids, nil
}

func (a *Atlas) assemble(ctx context.Context, ids []string, at plan.Revision) (*View, error) {
	v := &View{revision: at, past: true, byID: map[string]*Snapshot{}, partitions: a.View().partitions}
	for _, id := range ids {
		s, err := a.Snapshot(ctx, id, at)
		if err != nil {
			return nil, err
		}
		v.byID[id] = s
		v.snapshots = append(v.snapshots, s)
	}
	slices.SortFunc(v.snapshots, func(x, y *Snapshot) int { return strings.Compare(x.layer.ID, y.layer.ID) })
	return v, nil
}

// Past reports whether the view shows an earlier state.
func (v *View) Past() bool { return v.past }

// PublishedIn gives the view without layers that were drafts then, or are drafts or gone in the current one.
func (v *View) PublishedIn(current *View) *View {
	if v == current {
		return v.Published()
	}
	public := v.Published()
	if !slices.ContainsFunc(public.snapshots, func(s *Snapshot) bool { return current.hides(s) }) {
		return public
	}
	narrow := &View{revision: v.revision, past: v.past, byID: map[string]*Snapshot{}, partitions: v.partitions}
	for _, s := range public.snapshots {
		if !current.hides(s) {
			narrow.byID[s.layer.ID] = s
			narrow.snapshots = append(narrow.snapshots, s)
		}
	}
	return narrow
}

// hides reports whether the snapshot's layer is not, or not any more, for everyone.
func (v *View) hides(s *Snapshot) bool {
	now := v.byID[s.layer.ID]
	return now == nil || now.layer.Status != plan.Published
}

func noRevision(at, newest plan.Revision) error {
	return plan.Errorf(plan.Invalid, "revision", "there is no revision %d; the newest is %d", at, newest)
}

// view gives the kept picture of the revision, or nil.
func (p *past) view(at plan.Revision) *View {
	p.Lock()
	defer p.Unlock()
	if i := slices.IndexFunc(p.views, func(v *View) bool { return v.revision == at }); i >= 0 {
		return p.views[i]
	}
	return nil
}

func (p *past) keepView(v *View) {
	p.Lock()
	defer p.Unlock()
	p.views = append(p.views, v)
	if len(p.views) > pastViews {
		p.views = slices.Delete(p.views, 0, 1)
	}
}

package atlas

import (
	"fmt"
	"strconv"
	"sync"

	"strukturbild/internal/plan"
)

// Comparison is what would have to change for a layer to become what a file says.
type Comparison struct {
	Change   plan.LayerChange
	Same     int            // features that are there already, equal in every coordinate and value
	Refused  int            // features that were left out
	Findings []plan.Finding // of these; all but the first maxRefused are only counted
	tiling   *tiling        // of a layer that tiles
}

// IsEmpty reports whether there is nothing to change.
func (c *Comparison) IsEmpty() bool {
	return plan.Count(c.Change.Add)+plan.Count(c.Change.Replace)+len(c.Change.Remove) == 0
}

// Compare prepares the change that brings the features into the layer. Features without an id get one from the layer's
// sequence; in mode replace an equal feature of the layer lends its id first, so that loading the same file again
// changes nothing. The change refers to the features, which it reads again when it is applied. Exists: mode append with
// an id that is taken; Invalid: mode upsert without ids, and features that overlap in a layer that tiles.
func (s *Snapshot) Compare(features plan.Features, mode plan.UploadMode) (*Comparison, error) {
	return s.compare(features, mode, false)
}

// CompareSkipping does the same, but leaves out what overlaps in a layer that tiles: what stays in the layer keeps its
// ground, and of two features of the file the one that comes first.
func (s *Snapshot) CompareSkipping(features plan.Features, mode plan.UploadMode) (*Comparison, error) {
	return s.compare(features, mode, true)
}

// Compose prepares the change that makes features with ids what they are here, whether the layer has them or not, and
// removes others. Invalid: features that overlap in a layer that tiles.
func (s *Snapshot) Compose(features plan.Features, remove []string) (*Comparison, error) {
	c := s.comparer(features, plan.UploadUpsert)
	c.removed = map[Slot]bool{}
	for _, id := range remove {
		slot, _ := s.ByID(id)
		c.removed[slot] = true
	}
	comparison, err := c.compare()
	if err == nil {
		comparison.Change.Remove = remove
	}
	return comparison, err
}

func (s *Snapshot) comparer(features plan.Features, mode plan.UploadMode) *comparer {
	return &comparer{snapshot: s, features: features, mode: mode, next: s.layer.NextID, seen: make([]bool, s.slots()),
		add: chosen{features: features}, replace: chosen{features: features}, digests: sync.OnceValue(s.byDigest), passed: map[uint64]int{}}
}

func (s *Snapshot) compare(features plan.Features, mode plan.UploadMode, skip bool) (*Comparison, error) {
	c := s.comparer(features, mode)
	c.skip = skip
	return c.compare()
}

func (c *comparer) compare() (*Comparison, error) {
	s := c.snapshot
	if err := c.refuse(); err != nil {
		return nil, err
	}
	if err := c.identified(); err != nil {
		return nil, err
	}
	if c.nameless > 0 {
		if err := c.anonymous(); err != nil {
			return nil, err
		}
	}
	if err := c.checkTiling(); err != nil {
		return nil, err
	}
	change := plan.LayerChange{Layer: s.layer.ID, Base: s.revision, Add: &c.add, Replace: &c.replace}
	if c.mode == plan.UploadReplace {
		change.Remove = c.unseen()
	}
	return &Comparison{change, c.same, c.refused, c.findings, c.tiling}, nil
}

// comparer keeps a few bytes a feature in memory and reads the features one at a time.
type comparer struct {
	snapshot     *Snapshot
	features     plan.Features
	mode         plan.UploadMode
	skip         bool // what overlaps is left out, instead of refusing all
	next         int64
	nameless     int    // features without ids
	seen         []bool // by slot: features of the layer that the file has too
	removed      map[Slot]bool
	same         int
	refused      int // left out
	findings     []plan.Finding
	tiling       *tiling
	add, replace chosen
	feature      plan.Feature // reused
	digests      func() digests
	passed       map[uint64]int // how many of a digest are claimed
}

// refuse finds what the mode does not allow.
func (c *comparer) refuse() error {
	var findings []plan.Finding
	for i := range c.features.Len() {
		id := c.features.ID(i)
		if id == "" {
			c.nameless++
		}
		switch {
		case c.mode == plan.UploadAppend && id != "" && c.has(id):
			findings = append(findings, plan.Finding{Feature: c.numberOf(i), ID: id, Rule: "id_taken", Message: plan.Text{
				SV: fmt.Sprintf("objekt-id %q finns redan i lagret; använd mode=upsert för att ersätta det", id),
				EN: fmt.Sprintf("feature id %q is in the layer already; use mode=upsert to replace it", id)}})
		case c.mode == plan.UploadUpsert && id == "":
			findings = append(findings, plan.Finding{Feature: c.numberOf(i), Rule: "id_missing", Message: plan.Text{
				SV: "mode=upsert kräver ett id på varje objekt", EN: "mode=upsert needs an id on every feature"}})
		}
		if len(findings) == maxFindings {
			break
		}
	}
	if len(findings) == 0 {
		return nil
	}
	code := plan.Invalid
	if c.mode == plan.UploadAppend {
		code = plan.Exists
	}
	return plan.Errorf(code, "mode", "the file can't be loaded with mode=%s: %s", c.mode, findings[0].Message.EN).WithFindings(findings...)
}

const maxFindings = 100

func (c *comparer) has(id string) bool {
	_, found := c.snapshot.ByID(id)
	return found
}

// identified takes the features with ids of their own.
func (c *comparer) identified() error {
	for i := range c.features.Len() {
		id := c.features.ID(i)
		if id == "" {
			continue
		}
		if slot, equal := c.stored(i); equal {
			c.seen[slot] = true
			c.same++
			continue
		}
		slot, found := c.snapshot.ByID(id)
		if !found {
			c.add.take(i, id)
			continue
		}
		c.seen[slot] = true
		if err := c.features.At(i, &c.feature); err != nil {
			return err
		}
		if c.snapshot.equal(slot, &c.feature) {
			c.same++
		} else {
			c.replace.take(i, id)
		}
	}
	return nil
}

// partly are features of which some were found equal to what a snapshot has when they were read.
type partly interface {
	Stored(i int) (in plan.Stored, number uint32, equal bool)
}

// stored gives the slot of a feature that this snapshot is known to have. What an earlier one had is compared like the rest.
func (c *comparer) stored(i int) (Slot, bool) {
	read, ok := c.features.(partly)
	if !ok {
		return 0, false
	}
	in, number, equal := read.Stored(i)
	known, ours := in.(*Known)
	return Slot(number), equal && ours && known.snapshot == c.snapshot
}

// anonymous takes the features without ids.
func (c *comparer) anonymous() error {
	given := make(map[string]bool, len(c.add.ids))
	for _, id := range c.add.ids {
		given[id] = true
	}
	for i := range c.features.Len() {
		if c.features.ID(i) != "" {
			continue
		}
		slot, found, err := c.unclaimed(i)
		switch {
		case err != nil:
			return err
		case found:
			c.seen[slot] = true
			c.same++
		default:
			c.add.take(i, c.newID(given))
		}
	}
	return nil
}

// unclaimed finds, in mode replace, a feature of the layer that is equal to feature i and that no other of the file is.
func (c *comparer) unclaimed(i int) (slot Slot, found bool, err error) {
	if c.mode != plan.UploadReplace || c.snapshot.Len() == 0 {
		return 0, false, nil
	}
	if slot, found = c.stored(i); found && !c.seen[slot] {
		return slot, true, nil
	}
	if err := c.features.At(i, &c.feature); err != nil {
		return 0, false, err
	}
	digest := contentDigest(&c.feature)
	for _, d := range c.digests().of(digest)[c.passed[digest]:] {
		if !c.seen[d.slot] && c.snapshot.equal(d.slot, &c.feature) {
			return d.slot, true, nil
		}
		c.passed[digest]++ // so that many of the same are not gone through for each
	}
	return 0, false, nil
}

func (c *comparer) newID(given map[string]bool) (id string) {
	id, c.next = c.snapshot.NewID(c.next, func(id string) bool { return given[id] })
	return id
}

// NewID gives an id that the layer has never had, from the number on, and the number to go on from; a number below the layer's own
// means that. taken tells what others will have.
func (s *Snapshot) NewID(from int64, taken func(string) bool) (id string, next int64) {
	for next = max(from, s.layer.NextID, 1); ; next++ {
		id = strconv.FormatInt(next, 10)
		if _, has := s.ByID(id); !has && !taken(id) {
			return id, next + 1
		}
	}
}

func (c *comparer) unseen() (ids []string) {
	for slot := range c.snapshot.All("") {
		if !c.seen[slot] {
			ids = append(ids, c.snapshot.ID(slot))
		}
	}
	return ids
}

// chosen are some of the features of a file, under the ids that they have in the layer.
type chosen struct {
	features plan.Features
	numbers  []uint32
	ids      []string
}

func (c *chosen) take(i int, id string) {
	c.numbers, c.ids = append(c.numbers, uint32(i)), append(c.ids, id)
}

func (c *chosen) Len() int { return len(c.numbers) }

func (c *chosen) ID(i int) string { return c.ids[i] }

func (c *chosen) At(i int, f *plan.Feature) error {
	err := c.features.At(int(c.numbers[i]), f)
	f.ID = c.ids[i]
	return err
}

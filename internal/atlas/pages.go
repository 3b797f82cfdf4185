package atlas

// pages is an append-only arena that snapshots share: a page is made at its full length, and what a reader may look at
// is never written again. Only the builder appends.
type pages[T any] struct {
	list [][]T
	used int // of the last page
}

// place says where in the pages a run of values lies.
type place struct{ page, offset, length uint32 }

const (
	firstPage = 1 << 10
	lastPage  = 1 << 17 // values: 1 MiB of coordinates
)

// put copies the values to one page and says where. A run longer than a page gets a page of its own.
func (p *pages[T]) put(values []T) place {
	if len(values) == 0 {
		return place{}
	}
	if len(p.list) == 0 || len(p.list[len(p.list)-1])-p.used < len(values) {
		size := firstPage
		if n := len(p.list); n > 0 {
			size = min(2*len(p.list[n-1]), lastPage)
		}
		p.list = append(p.list, make([]T, max(size, len(values))))
		p.used = 0
	}
	last := len(p.list) - 1
	copy(p.list[last][p.used:], values)
	at := place{uint32(last), uint32(p.used), uint32(len(values))}
	p.used += len(values)
	return at
}

// get gives the run without copying it; the caller must not write to it.
func (p *pages[T]) get(at place) []T {
	if at.length == 0 {
		return nil
	}
	end := at.offset + at.length
	return p.list[at.page][at.offset:end:end]
}

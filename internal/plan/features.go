package plan

// Features are features that need not lie in memory: each may be read any number of times, in any order.
type Features interface {
	Len() int
	// ID gives the id of feature i; "" where it has none.
	ID(i int) string
	// At reads feature i into f, whose slices then belong to these Features: they may point into them, and the next
	// call with the same f may write over them.
	At(i int, f *Feature) error
}

// Stored is a state of a layer that a file is compared with while it is read, so that what the layer has already is not
// kept a second time.
type Stored interface {
	// Holds gives the number of the layer's feature of f's id, or of any where f has none, that is equal to f in every
	// coordinate and value.
	Holds(f *Feature) (number uint32, equal bool)
	// Copy reads the feature of a number into f, whose slices it reuses.
	Copy(number uint32, f *Feature)
}

// List is a few features in memory.
type List []Feature

// Len counts the features.
func (l List) Len() int { return len(l) }

// ID gives the id of feature i.
func (l List) ID(i int) string { return l[i].ID }

// At gives feature i.
func (l List) At(i int, f *Feature) error {
	*f = l[i]
	return nil
}

// Count gives the number of features; nil has none.
func Count(f Features) int {
	if f == nil {
		return 0
	}
	return f.Len()
}

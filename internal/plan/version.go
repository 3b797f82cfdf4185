package plan

import (
	"slices"
	"time"
)

// Version is one version of a feature, and what made it.
type Version struct {
	Feature
	Layer      *Layer     // the definition that held last while the version did; the values are in its order
	Until      Revision   // the revision that ended it; 0 for a current one
	Time       time.Time  // of the revision that made it
	Author     string     // of that revision, as are the rest
	Kind       ChangeKind //
	Note       string
	Collisions []Collision // of this feature
}

// SameSchema reports whether the layers have the same attributes, by name and type, in the same order.
func (l *Layer) SameSchema(o *Layer) bool {
	return l.GeometryType == o.GeometryType && slices.EqualFunc(l.Attributes, o.Attributes, func(a, b Attribute) bool { return a.Name == b.Name && a.Type == b.Type })
}

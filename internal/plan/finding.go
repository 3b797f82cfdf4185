package plan

// Finding is one fault (or notice) inside a file or body: which feature, which rule, where.
type Finding struct {
	Feature  int       `json:"feature"`            // index in the file, from 0; -1 when it concerns the whole file
	ID       string    `json:"id,omitempty"`       // the feature's own id, when it has one
	Rule     string    `json:"rule"`               // machine-readable name of the rule broken: "self_intersection"
	Message  Text      `json:"message"`            // one sentence in each language
	Notice   bool      `json:"notice,omitempty"`   // no fault: it tells what was changed or is odd, and refuses nothing
	Location *Location `json:"location,omitempty"` // where in space, in the file's own coordinates
	Pointer  string    `json:"pointer,omitempty"`  // JSON pointer inside the feature: "/properties/height"
	Offset   *int64    `json:"offset,omitempty"`   // byte offset in the body
}

// Location is a place in the coordinate system that the file was read in.
type Location struct {
	X   float64 `json:"x"`
	Y   float64 `json:"y"`
	CRS string  `json:"crs"`
}

// Text is a sentence or title in the two languages of the service.
type Text struct {
	SV string `json:"sv" yaml:"sv"`
	EN string `json:"en" yaml:"en"`
}

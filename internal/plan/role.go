package plan

import "slices"

// Role says what a token may do. Each role may do what the earlier ones may.
type Role string

// The roles.
const (
	Anonymous Role = ""        // no token: reads what is published
	Viewer    Role = "viewer"  // reads drafts too
	Planner   Role = "planner" // makes planning objects: reports, scenarios, structure images
	Officer   Role = "officer" // loads and edits layers
	Admin     Role = "admin"   // everything
)

// Roles lists the roles that a token can have, weakest first.
var Roles = []Role{Viewer, Planner, Officer, Admin}

// Allows reports whether role r is at least need.
func (r Role) Allows(need Role) bool {
	return slices.Index(Roles, r) >= slices.Index(Roles, need)
}

// Principal is who a request comes from.
type Principal struct {
	Name string // the token's name, used as the author of revisions; "" without a token
	Role Role
}

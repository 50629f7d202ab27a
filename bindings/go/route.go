package steadfast

import "encoding/json"

// Scope is a part of the registry: a namespace, a group in it, or one service in that. The narrowest route that holds a
// service wins.
type Scope struct {
	Namespace string `json:"namespace"`
	// Group is empty for the whole namespace.
	Group string `json:"group,omitempty"`
	// Service is empty for the whole group. It need not be there yet.
	Service string `json:"service,omitempty"`
}

// Route gives a part of the registry a policy of its own.
type Route struct {
	Scope Scope
	// Policy is the name of a built-in policy; empty when File is given.
	Policy string
	// File is a .wasm component or a .table file.
	File []byte
	// Params are the parameters of a .wasm component.
	Params map[string]string
}

// Routed is what a change of the routes did.
type Routed struct {
	// Unchanged says that the same routes stood already.
	Unchanged bool
	// Routes stand now.
	Routes uint64
	// Services moved to another policy, Instances were decided anew; Changed of them changed and Left of them left.
	Services, Instances, Changed, Left uint64
	// Report has all of it, with the exact difference of each two policies between which services moved.
	Report json.RawMessage
}

package steadfast

import "encoding/json"

// Policy is the policy that decides now.
type Policy struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Summary is one sentence about it.
	Summary string `json:"summary"`
	// Digest tells two policies, and one policy with two sets of parameters, apart.
	Digest string `json:"digest"`
	// Epoch is the number that its decisions carry.
	Epoch uint64 `json:"epoch"`
	// SinceMS is the wall time of the install, in milliseconds since 1970; 0 for the one the registry opened with.
	SinceMS uint64 `json:"since_ms"`
	// Laws are those that it claims; each was proven.
	Laws []string `json:"laws"`
	// Scope is that of its route; nil for the active policy, which decides wherever no route leads elsewhere.
	Scope *Scope `json:"scope"`
}

// PolicyStatus is what decides now, and what the policies folder holds.
type PolicyStatus struct {
	Active Policy `json:"active"`
	// Routes are the policies that decide for a part of the registry, in the order of their scopes.
	Routes []Policy `json:"routes"`
	// Folder is the library's own listing; null without a policies folder.
	Folder json.RawMessage `json:"folder"`
}

// Install is what an install did.
type Install struct {
	// Unchanged says that the same policy with the same parameters was active already.
	Unchanged bool
	// Epoch is the number that the policy's decisions carry.
	Epoch uint64
	// Services were visited, Instances decided anew; Changed of them changed and Left of them left.
	Services, Instances, Changed, Left uint64
}

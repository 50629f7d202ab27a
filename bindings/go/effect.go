package steadfast

// Effect is where an instance stands when a call returns.
type Effect struct {
	Present bool `json:"present"`
	// Healthy is the liveness answer.
	Healthy bool `json:"healthy"`
	// Traffic is what is published: the orders' answer, over the holds on cluster, service and ip.
	Traffic Traffic `json:"traffic"`
	// Pending says that an order stands but waits for an instance that is not there.
	Pending bool `json:"pending"`
	// Found says that an order of the same owner or field was there and was replaced or released.
	Found bool `json:"found"`
	// Revision is the service's revision afterwards; 0 where the call does not tell.
	Revision uint64 `json:"revision"`
	// Reason is the policy's reason, or the hold from above that leaves less than the policy would.
	Reason string `json:"reason"`
	// Refusing is what still keeps the instance from serving: other owners' holds, holds on its cluster, service or ip,
	// the client's own claim.
	Refusing []string `json:"refusing,omitempty"`
	// Hint says, after an order about an address where nobody is, in which other clusters its ip and port are.
	Hint string `json:"hint,omitempty"`
}

// Serves says whether a lookup for traffic takes the instance.
func (e *Effect) Serves() bool {
	return e.Present && e.Healthy && e.Traffic == Serve
}

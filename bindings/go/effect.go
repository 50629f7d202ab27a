package steadfast

// Effect is where an instance stands when a call returns.
type Effect struct {
	Present bool
	// Healthy is the liveness answer.
	Healthy bool
	// Traffic is the orders' answer.
	Traffic Traffic
	// Pending says that an order stands but waits for an instance that is not there.
	Pending bool
	// Found says that an order of the same owner or field was there and was replaced or released.
	Found bool
	// Revision is the service's revision afterwards; 0 where the call does not tell.
	Revision uint64
	// Reason is the policy's reason.
	Reason string
	// Refusing is what still keeps the instance from serving: other owners' holds, the client's own claim.
	Refusing []string
}

// Serves says whether a lookup for traffic takes the instance.
func (e *Effect) Serves() bool {
	return e.Present && e.Healthy && e.Traffic == Serve
}

package steadfast

// Handle names one registered instance, for beats. It ends with the instance; zero is never valid.
type Handle uint64

// Instance is one instance as a view shows it.
type Instance struct {
	Handle  Handle
	Address Address
	// Weight is the effective weight: the operator's where one stands, else the client's.
	Weight float64
	// Metadata is the effective metadata.
	Metadata Metadata
	// Ephemeral instances live by beats or by a connection, others until they are taken out.
	Ephemeral bool
	// Healthy is the liveness answer.
	Healthy bool
	// Traffic is the orders' answer.
	Traffic Traffic
	// Class is that under the selectors of the policy that decided the instance, 1 to 7; 0 for none.
	Class uint8
}

// Serves says whether a lookup for traffic takes this instance.
func (i *Instance) Serves() bool {
	return i.Healthy && i.Traffic == Serve
}

// View is an immutable picture of a service at one revision. It stays readable for ever.
type View struct {
	// Revision grows exactly when what is published of the service changes.
	Revision uint64
	// Instances are all present instances, in no particular order; do not change them.
	Instances []Instance
}

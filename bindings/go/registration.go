package steadfast

// Registration is what a client registers. Its zero value beside the address is an ephemeral instance that lives by
// beats, from a sender without a connection.
type Registration struct {
	Address Address
	Claim   Claim
	// Persistent instances stay until they are deregistered or removed, and survive restarts.
	Persistent bool
	// Connection is the connection that keeps the instance present; empty when the sender has none.
	Connection string
	// LivesByConnection stops the silence clock while the connection is there.
	LivesByConnection bool
	// Process names the program behind the address and survives a reconnect (process start, pod uid); never a
	// connection. Empty when unknown.
	Process string
}

// Registered is the answer to a registration.
type Registered struct {
	Handle Handle
	Effect Effect
}

// FullBeat is what a full beat carries beside the sign of life. It is used only when nothing is known about the
// address.
type FullBeat struct {
	// Weight is nil when the client did not send it.
	Weight *float64
	// Metadata is nil when the client did not send it.
	Metadata map[string]string
	// Persistent is the kind of the instance.
	Persistent bool
}

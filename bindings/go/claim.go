package steadfast

// Claim is what a client says of itself. A field that is nil was not sent and changes nothing.
type Claim struct {
	// Enabled says whether the client wants traffic.
	Enabled *bool
	// Weight is 0 to 10000.
	Weight *float64
	// Metadata is all of its metadata; empty but not nil says that it has none.
	Metadata map[string]string
}

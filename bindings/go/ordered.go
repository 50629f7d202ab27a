package steadfast

// Ordered is an address with the orders that stand on it.
type Ordered struct {
	Address Address `json:"address"`
	// Present says whether the instance is there; otherwise its orders wait for it.
	Present  bool              `json:"present"`
	Holds    []Hold            `json:"holds"`
	Overlays []StandingOverlay `json:"overlays"`
}

// Hold is a hold as it stands.
type Hold struct {
	Kind   HoldKind `json:"kind"`
	Author Author   `json:"author"`
	// SinceMS is the wall time of the order, in milliseconds since 1970.
	SinceMS uint64 `json:"since_ms"`
	// UntilMS is the wall time at which it ends by itself; nil when it does not.
	UntilMS *uint64 `json:"until_ms"`
	// Overruled says that the policy lets the instance take more traffic than the hold allows.
	Overruled bool `json:"overruled"`
	// Pending says that it waits for an instance that is not there.
	Pending bool `json:"pending"`
	// Lapsed says that it has grown older than the installed policy lets holds count.
	Lapsed bool `json:"lapsed"`
}

// StandingOverlay is an overlay as it stands.
type StandingOverlay struct {
	Field  StandingField `json:"field"`
	Author Author        `json:"author"`
	// SinceMS is the wall time of the order, in milliseconds since 1970.
	SinceMS uint64 `json:"since_ms"`
}

// StandingField is what an overlay sets: exactly one of the two.
type StandingField struct {
	Weight   *float64      `json:"weight,omitempty"`
	Metadata *MetadataPair `json:"metadata,omitempty"`
}

// MetadataPair is one metadata key and its value.
type MetadataPair struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

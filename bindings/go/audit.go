package steadfast

// AuditEntry is one order that was carried out.
type AuditEntry struct {
	// WallMS is the wall time, in milliseconds since 1970.
	WallMS uint64 `json:"wall_ms"`
	// Order is drain, offline, banned, release, force-release, overlay or release-overlay.
	Order string `json:"order"`
	// Kind is cluster, service or ip for an order about a floor, and empty for one about an address.
	Kind    string       `json:"kind,omitempty"`
	Service *ServiceName `json:"service,omitempty"`
	Address *Address     `json:"address,omitempty"`
	Cluster string       `json:"cluster,omitempty"`
	IP      string       `json:"ip,omitempty"`
	Author  Author       `json:"author"`
	// ForcedOwner is whose hold it ended, if that was somebody else's.
	ForcedOwner string `json:"forced_owner,omitempty"`
}

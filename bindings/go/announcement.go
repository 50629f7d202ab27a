package steadfast

// Announcement is something that happened to the registry itself.
type Announcement struct {
	// Number counts from 1 in each run of the registry.
	Number uint64 `json:"number"`
	// WallMS is the wall time, in milliseconds since 1970.
	WallMS uint64 `json:"wall_ms"`
	// Kind is policy-installed, policy-refused, policy-removed, clock-jump or store-failed; later versions add more.
	Kind string `json:"kind"`
	// Text says what exactly, in one sentence.
	Text string `json:"text"`
}

// Kinds of announcements.
const (
	PolicyInstalled = "policy-installed"
	PolicyRefused   = "policy-refused"
	PolicyRemoved   = "policy-removed"
	ClockJump       = "clock-jump"
	StoreFailed     = "store-failed"
	StoreResumed    = "store-resumed"
)

// Counters say how much there is of everything.
type Counters struct {
	Services uint64 `json:"services"`
	// Instances are present ones.
	Instances uint64 `json:"instances"`
	// Tombstones are instances that left and are remembered.
	Tombstones uint64 `json:"tombstones"`
	// TombstonesDropped counts those that were forgotten because there were too many.
	TombstonesDropped uint64 `json:"tombstones_dropped"`
	// StaleDisconnects counts leaves by publishers that were not the instance's.
	StaleDisconnects uint64 `json:"stale_disconnects"`
	// StoreFailures counts attempts to write to the data folder that failed.
	StoreFailures uint64 `json:"store_failures"`
}

package steadfast

// Announcement is something that happened to the registry itself.
type Announcement struct {
	// Number counts from 1 in each run of the registry.
	Number uint64 `json:"number"`
	// WallMS is the wall time, in milliseconds since 1970.
	WallMS uint64 `json:"wall_ms"`
	// Kind is one of the kinds below; later versions add more.
	Kind string `json:"kind"`
	// Text says what exactly, in one sentence.
	Text string `json:"text"`
}

// Kinds of announcements.
const (
	PolicyInstalled = "policy-installed"
	PolicyRefused   = "policy-refused"
	PolicyRemoved   = "policy-removed"
	RoutesInstalled = "routes-installed"
	RoutesRefused   = "routes-refused"
	RoutesRemoved   = "routes-removed"
	ClockJump       = "clock-jump"
	StoreFailed     = "store-failed"
	StoreResumed    = "store-resumed"
	JournalFailed   = "journal-failed"
	JournalResumed  = "journal-resumed"
)

// Counters say how much there is of everything. What counts how much there is goes up and down; everything else only
// grows, from 0 in each run of the registry.
type Counters struct {
	Services uint64 `json:"services"`
	// Instances are present ones.
	Instances uint64 `json:"instances"`
	// Tombstones are instances that left and are remembered.
	Tombstones uint64 `json:"tombstones"`
	// Orders are the holds and overlays on addresses that stand, lapsed ones included; floors are not among them.
	Orders uint64 `json:"orders"`
	// Pending are addresses with orders and no instance.
	Pending uint64 `json:"pending"`
	// SelfReverts counts how often an instance came to take more traffic than the hold on it allows, or lost its hold,
	// without an operator's release or the hold's own end.
	SelfReverts uint64 `json:"self_reverts"`
	// Swaps counts installs and route changes that moved at least one service.
	Swaps uint64 `json:"swaps"`
	// RefusedRegistrations counts those that a policy or a floor refused.
	RefusedRegistrations uint64 `json:"refused_registrations"`
	// RefusedPolicies counts policies and routes that were refused and announced so.
	RefusedPolicies uint64 `json:"refused_policies"`
	// TombstonesDropped counts those that were forgotten because there were too many.
	TombstonesDropped uint64 `json:"tombstones_dropped"`
	// StaleDisconnects counts leaves by publishers that were not the instance's.
	StaleDisconnects uint64 `json:"stale_disconnects"`
	// StoreFailures counts attempts to write to the data folder that failed.
	StoreFailures uint64 `json:"store_failures"`
	// JournalLost counts decisions that are missing in the journal: its disk failed, or more was decided than it took.
	JournalLost uint64 `json:"journal_lost"`
}

// DecisionCount says how often a policy that decides now gave one of its reasons, since it was installed.
type DecisionCount struct {
	Policy string `json:"policy"`
	Digest string `json:"digest"`
	Epoch  uint64 `json:"epoch"`
	// Scope is that of its route; nil for the active policy.
	Scope  *Scope `json:"scope"`
	Reason string `json:"reason"`
	// Count leaves out beats that change nothing: they are decided nowhere.
	Count uint64 `json:"count"`
}

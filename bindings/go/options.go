package steadfast

import "time"

// Options is what a registry is opened with. The zero value is a registry in memory under the policy admin-sticky.
type Options struct {
	// Data is the folder where orders and persistent instances are kept; created when it is missing. Empty: in memory.
	Data string
	// Policies is the folder where .wasm policies are looked for and watched. Empty: none.
	Policies string
	// Policy names the active policy, admin-sticky by default: the file of that name with the ending .wasm in the
	// policies folder, or without a folder a built-in one (admin-sticky, heartbeat-wins, restart-clears,
	// maintenance-window, nacos-1-4, nacos-2x, eureka-chain). A file is named after its
	// policy, but active.wasm may hold any: with "active" here, replacing that file exchanges what decides.
	Policy string
	// Retain is how long an absent instance is remembered: 0 is the default of one hour, negative is not at all.
	// Orders are kept regardless.
	Retain time.Duration
	// MaxStep is the longest step of registry time that one tick can make, so that a host that was suspended expires
	// nobody: 0 is the default of 5 seconds, negative trusts every tick, for virtual time.
	MaxStep time.Duration
	// ThreadsNone starts no threads; the program calls Tick.
	ThreadsNone bool
	// MaxInstances is the most instances, remembered ones and waiting orders included: at most 16777216, which is also
	// what 0 means. When they are there, whoever is new is refused with ErrFull; everything else goes on.
	MaxInstances int
	// MaxServices is the most services: at most 1048576, which is also what 0 means.
	MaxServices int
	// MaxTombstones is the most instances that left and are remembered: at most 1048576, which is also what 0 means. When
	// they are there, who leaves is forgotten at once and counted; orders stay.
	MaxTombstones int
	// Quota bounds each namespace that SetNamespaceQuota was not called for.
	Quota NamespaceQuota
	// Journal says whether every decision is written to the folder journal in Data, for people and for steadfast
	// replay. It is written behind, nobody waits for it, and no start reads it.
	Journal Journal
	// JournalBytes is the most bytes of the journal, whose oldest part is deleted first: at least 4194304; 0 is the
	// default of 268435456, which are some four million decisions.
	JournalBytes int64
}

// Journal says whether decisions are written down.
type Journal uint32

// Journals, as the C library numbers them.
const (
	// JournalAuto keeps a journal where there is a data folder and the registry has threads of its own.
	JournalAuto Journal = 0
	// JournalOn keeps a journal. It needs a data folder, and a thread that writes it, also with ThreadsNone.
	JournalOn Journal = 1
	// JournalOff keeps none.
	JournalOff Journal = 2
)

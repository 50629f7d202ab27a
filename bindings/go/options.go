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
}

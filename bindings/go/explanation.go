package steadfast

// ServiceExplanation is why a service is as it is, in numbers.
type ServiceExplanation struct {
	Service  ServiceName `json:"service"`
	Revision uint64      `json:"revision"`
	// Policy decides here; Digest tells which version of it, and Epoch is the number that its decisions carry here.
	Policy string `json:"policy"`
	Digest string `json:"digest"`
	Epoch  uint64 `json:"epoch"`
	// Floors are the holds from above that reach it: on the service, its clusters, and the ips of present instances.
	Floors []Floor `json:"floors"`
	// Instances are the present ones, of which Serving take traffic. Remembered ones have left.
	Instances  uint64 `json:"instances"`
	Serving    uint64 `json:"serving"`
	Remembered uint64 `json:"remembered"`
	// States are the present instances by health and published traffic.
	States []StateCount `json:"states"`
	// Reasons are the present instances by the reason of what is published, the most frequent first.
	Reasons []ReasonCount `json:"reasons"`
	// Holds and Overlays are those on its addresses; Pending counts addresses whose orders wait for an instance.
	Holds    uint64 `json:"holds"`
	Overlays uint64 `json:"overlays"`
	Pending  uint64 `json:"pending"`
	// NothingServes says why nothing does; empty while something does.
	NothingServes []string `json:"nothing_serves"`
}

// StateCount counts instances that stand alike.
type StateCount struct {
	Healthy bool    `json:"healthy"`
	Traffic Traffic `json:"traffic"`
	Count   uint64  `json:"count"`
}

// ReasonCount counts instances with one reason.
type ReasonCount struct {
	Reason string `json:"reason"`
	Count  uint64 `json:"count"`
}

package gateway

import (
	"sync"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// knownMax bounds what is remembered; beyond it, beats go by name and an SDK's PUT counts as an operator's.
const knownMax = 1 << 20

// place names one instance.
type place struct {
	service steadfast.ServiceID
	address steadfast.Address
}

// acquaintance is what is remembered of a living instance.
type acquaintance struct {
	// host sent the last register or beat.
	host string
	// handle makes a beat one cheap call; 0 while it is not known.
	handle steadfast.Handle
	// intervalMS is how often the instance should beat.
	intervalMS int64
	// revision is the service's when the handle was last looked for.
	revision uint64
}

// known remembers living instances: who speaks for them, and their handles.
type known struct {
	mu        sync.RWMutex
	max       int
	instances map[place]acquaintance
}

func newKnown(most int) *known {
	return &known{max: most, instances: map[place]acquaintance{}}
}

func (k *known) of(at place) acquaintance {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.instances[at]
}

// remember answers whether there was room.
func (k *known) remember(at place, instance acquaintance) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, found := k.instances[at]; !found && len(k.instances) >= k.max {
		return false
	}
	k.instances[at] = instance
	return true
}

// unsettle drops what may have changed with a write: handle and interval are looked up again.
func (k *known) unsettle(at place) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if friend, found := k.instances[at]; found {
		k.instances[at] = acquaintance{host: friend.host}
	}
}

func (k *known) forget(at place) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.instances, at)
}

// forgetGone drops what is no longer registered, one service at a time.
func (k *known) forgetGone(registered func(steadfast.ServiceID) (map[steadfast.Address]int, error)) error {
	for _, service := range k.services() {
		present, err := registered(service)
		if err != nil {
			return err
		}
		k.keep(service, present)
	}
	return nil
}

func (k *known) services() []steadfast.ServiceID {
	k.mu.RLock()
	defer k.mu.RUnlock()
	seen := map[steadfast.ServiceID]bool{}
	var services []steadfast.ServiceID
	for at := range k.instances {
		if !seen[at.service] {
			seen[at.service] = true
			services = append(services, at.service)
		}
	}
	return services
}

func (k *known) keep(service steadfast.ServiceID, present map[steadfast.Address]int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for at := range k.instances {
		if _, found := present[at.address]; at.service == service && !found {
			delete(k.instances, at)
		}
	}
}

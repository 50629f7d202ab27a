package gateway

import (
	"sync"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// listsMax bounds the lists that are kept of one picture: clients choose the clusters they ask for.
const listsMax = 32

// picture is one revision of a service, with what was derived from it.
type picture struct {
	view *steadfast.View
	// refreshedMS is the lastRefTime that clients see; they take it for an error when it goes back.
	refreshedMS int64

	index func() map[steadfast.Address]int

	mu    sync.Mutex
	lists map[listQuery][]byte
}

func newPicture(view *steadfast.View, refreshedMS int64) *picture {
	return &picture{
		view:        view,
		refreshedMS: refreshedMS,
		index:       sync.OnceValue(func() map[steadfast.Address]int { return indexOf(view) }),
		lists:       map[listQuery][]byte{},
	}
}

func indexOf(view *steadfast.View) map[steadfast.Address]int {
	index := make(map[steadfast.Address]int, len(view.Instances))
	for i := range view.Instances {
		index[view.Instances[i].Address] = i
	}
	return index
}

// instance is the instance at an address, nil when there is none.
func (p *picture) instance(address steadfast.Address) *steadfast.Instance {
	if i, found := p.index()[address]; found {
		return &p.view.Instances[i]
	}
	return nil
}

// clustersOf are the clusters in which an ip and port is registered.
func (p *picture) clustersOf(address steadfast.Address) []string {
	var clusters []string
	for i := range p.view.Instances {
		there := p.view.Instances[i].Address
		if there.IP == address.IP && there.Port == address.Port {
			clusters = append(clusters, there.Cluster)
		}
	}
	return clusters
}

// list is the reply to a query, made at most once for each picture.
func (p *picture) list(query listQuery, make func() ([]byte, error)) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if body, found := p.lists[query]; found {
		return body, nil
	}
	body, err := make()
	if err == nil && len(p.lists) < listsMax {
		p.lists[query] = body
	}
	return body, err
}

// pictures holds the latest picture of each service that was asked for.
type pictures struct {
	registry *steadfast.Registry
	mu       sync.Mutex
	latest   map[steadfast.ServiceID]*picture
}

func newPictures(registry *steadfast.Registry) *pictures {
	return &pictures{registry: registry, latest: map[steadfast.ServiceID]*picture{}}
}

// of is the picture of a service as it is now.
func (p *pictures) of(service steadfast.ServiceID) (*picture, error) {
	view, err := p.registry.View(service)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	latest := p.latest[service]
	// Two calls may overtake each other between reading the view and here; the newer view stays.
	if latest != nil && latest.view.Revision >= view.Revision {
		return latest, nil
	}
	refreshedMS := time.Now().UnixMilli()
	if latest != nil {
		refreshedMS = max(refreshedMS, latest.refreshedMS+1)
	}
	latest = newPicture(view, refreshedMS)
	p.latest[service] = latest
	return latest, nil
}

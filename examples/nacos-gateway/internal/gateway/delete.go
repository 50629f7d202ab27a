package gateway

import (
	"errors"
	"strings"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// delete takes an instance out: the client's own leaves, an operator's removal. That nothing is there is what both
// want, except where an operator seems to mean an instance of another cluster.
func (g *Gateway) delete(c *call) (reply, error) {
	name, address, err := target(c)
	if err != nil {
		return reply{}, err
	}
	service, err := g.registry.FindService(name)
	if errors.Is(err, steadfast.ErrNotFound) {
		return ok()
	}
	if err != nil {
		return reply{}, err
	}
	w := &write{at: place{service, address}, name: name, author: operator(c)}
	client, err := g.isClient(c, w.at)
	if err != nil {
		return reply{}, err
	}
	if client {
		return g.deregister(w)
	}
	return g.remove(w)
}

func (g *Gateway) deregister(w *write) (reply, error) {
	if _, err := g.registry.Deregister(w.at.service, w.at.address, ""); err != nil {
		return reply{}, err
	}
	g.known.forget(w.at)
	g.log.Debug("deregistered", "service", w.name, "address", w.at.address)
	return ok()
}

func (g *Gateway) remove(w *write) (reply, error) {
	left, err := g.registry.Remove(w.at.service, w.at.address, w.author)
	if err != nil {
		return reply{}, err
	}
	g.known.forget(w.at)
	g.log.Info("order", "order", "remove", "service", w.name, "address", w.at.address,
		"owner", w.author.Owner, "actor", w.author.Actor, "found", left != steadfast.LeftUnknown)
	if left != steadfast.LeftUnknown {
		return ok()
	}
	picture, err := g.pictures.of(w.at.service)
	if err != nil {
		return reply{}, err
	}
	if clusters := picture.clustersOf(w.at.address); len(clusters) > 0 {
		return reply{}, conflict("nothing is registered at %s in service %s; the same ip and port is in cluster %s",
			w.at.address, w.name, strings.Join(clusters, ", "))
	}
	return ok()
}

package gateway

import (
	"errors"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// put is the update of a whole record, as the console's button and dialog and the SDKs send it.
func (g *Gateway) put(c *call) (reply, error) {
	return g.update(c, true)
}

// patch is the update of the fields that are named.
func (g *Gateway) patch(c *call) (reply, error) {
	return g.update(c, false)
}

// write is one request that changes an instance.
type write struct {
	at   place
	name steadfast.ServiceName
	// wanted are the fields that the request names.
	wanted steadfast.Claim
	author steadfast.Author
}

func (g *Gateway) update(c *call, whole bool) (reply, error) {
	name, address, err := target(c)
	if err != nil {
		return reply{}, err
	}
	wanted, err := claimOf(c.params)
	if err != nil {
		return reply{}, err
	}
	service, err := g.updatedService(name, &wanted)
	if errors.Is(err, steadfast.ErrNotFound) {
		return reply{}, conflict("there is no service %s, so nothing was changed", name)
	}
	if err != nil {
		return reply{}, err
	}
	w := &write{at: place{service, address}, name: name, wanted: wanted, author: operator(c)}
	client, err := g.isClient(c, w.at)
	if err != nil {
		return reply{}, err
	}
	if client {
		return g.claim(w)
	}
	return g.operate(w, whole)
}

// updatedService finds the service; only an order, which may wait for its instance, may create it.
func (g *Gateway) updatedService(name steadfast.ServiceName, wanted *steadfast.Claim) (steadfast.ServiceID, error) {
	service, err := g.registry.FindService(name)
	if errors.Is(err, steadfast.ErrNotFound) && wanted.Enabled != nil && !*wanted.Enabled {
		return g.registry.Service(name)
	}
	return service, err
}

// claim is the client's own word about itself.
func (g *Gateway) claim(w *write) (reply, error) {
	effect, err := g.registry.Claim(w.at.service, w.at.address, w.wanted)
	if err != nil {
		return reply{}, err
	}
	g.known.unsettle(w.at)
	g.log.Info("claim", "service", w.name, "address", w.at.address, "traffic", effect.Traffic, "reason", effect.Reason)
	return ok()
}

// operate does what an operator asks. A whole record that changes weight or metadata is an edit, and its enabled is
// whatever a perhaps old page showed; one that changes neither is an order. A patch names only what it means, so it may
// be both.
func (g *Gateway) operate(w *write, whole bool) (reply, error) {
	picture, err := g.pictures.of(w.at.service)
	if err != nil {
		return reply{}, err
	}
	instance := picture.instance(w.at.address)
	edits, err := g.edits(w, instance)
	if err != nil {
		return reply{}, err
	}
	if err := g.edit(w, edits); err != nil {
		return reply{}, err
	}
	switch {
	case w.wanted.Enabled == nil && instance == nil:
		return reply{}, conflict("%s, so nothing was changed", nothingAt(w, picture))
	case w.wanted.Enabled == nil:
		return ok()
	case whole && len(edits) > 0:
		g.log.Info("enabled ignored", "service", w.name, "address", w.at.address, "why", "the same request edits fields")
		return ok()
	case *w.wanted.Enabled:
		return g.release(w, picture)
	default:
		return g.hold(w, picture)
	}
}

func (g *Gateway) hold(w *write, picture *picture) (reply, error) {
	order := steadfast.HoldOrder{Kind: steadfast.HoldOffline, Author: w.author}
	effect, err := g.registry.Hold(w.at.service, w.at.address, order)
	if err != nil {
		return reply{}, err
	}
	g.logOrder("hold", w, &effect)
	switch {
	case effect.Pending:
		return reply{}, conflict(
			"%s; the order is kept and waits for it, and enabled=true for the same address withdraws it",
			nothingAt(w, picture))
	case effect.Present && effect.Traffic == steadfast.Serve:
		return reply{}, conflict("the order is kept, but the state policy overrules it: %s", effect.Reason)
	default:
		return ok()
	}
}

func (g *Gateway) release(w *write, picture *picture) (reply, error) {
	effect, err := g.registry.Release(w.at.service, w.at.address, w.author)
	if err != nil {
		return reply{}, err
	}
	g.logOrder("release", w, &effect)
	switch {
	case !effect.Present && !effect.Found:
		return reply{}, conflict("%s, and no order of %s waits for it", nothingAt(w, picture), w.author.Owner)
	case effect.Present && effect.Traffic != steadfast.Serve:
		return reply{}, conflict("%s still takes no traffic: %s", w.at.address, why(&effect))
	default:
		return ok()
	}
}

package gateway

import (
	"errors"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// register is a client's registration. A register is never an operator's: no console sends one.
func (g *Gateway) register(c *call) (reply, error) {
	name, address, err := target(c)
	if err != nil {
		return reply{}, err
	}
	claim, err := claimOf(c.params)
	if err != nil {
		return reply{}, err
	}
	ephemeral, err := c.params.BoolOr("ephemeral", true)
	if err != nil {
		return reply{}, err
	}
	service, err := g.registry.Service(name)
	if err != nil {
		return reply{}, err
	}
	registered, err := g.registry.Register(service, &steadfast.Registration{
		Address: address, Claim: claim, Persistent: !ephemeral,
	})
	if err != nil {
		return reply{}, err
	}
	g.log.Debug("registered", "service", name, "address", address, "reason", registered.Effect.Reason)
	at := place{service, address}
	g.known.remember(at, acquaintance{
		host: c.host, handle: registered.Handle, intervalMS: nacos.BeatIntervalMS(claim.Metadata),
	})
	return ok()
}

// beat is a sign of life. An instance that is known takes one cheap call; everything else goes by name.
func (g *Gateway) beat(c *call) (reply, error) {
	name, err := c.params.Service()
	if err != nil {
		return reply{}, err
	}
	beat, err := c.params.Beat()
	if err != nil {
		return reply{}, err
	}
	service, err := g.beatService(serviceName(name), beat.Full != nil)
	if errors.Is(err, steadfast.ErrNotFound) {
		return g.beatReply(false, nacos.BeatIntervalMS(nil))
	}
	if err != nil {
		return reply{}, err
	}
	at := place{service, addressOf(beat.Address)}
	friend, alive, err := g.deliver(at, beat.Full)
	if err != nil {
		return reply{}, err
	}
	if !alive {
		g.known.forget(at)
		return g.beatReply(false, nacos.BeatIntervalMS(nil))
	}
	if friend.intervalMS == 0 && beat.Full != nil {
		friend.intervalMS = nacos.BeatIntervalMS(beat.Full.Metadata)
	}
	friend, err = g.meet(at, friend, c.host)
	if err != nil {
		return reply{}, err
	}
	return g.beatReply(true, friend.intervalMS)
}

// beatService finds the service; only a full beat, which can register, may create it.
func (g *Gateway) beatService(name steadfast.ServiceName, full bool) (steadfast.ServiceID, error) {
	service, err := g.registry.FindService(name)
	if full && errors.Is(err, steadfast.ErrNotFound) {
		return g.registry.Service(name)
	}
	return service, err
}

// deliver answers whether the instance is alive now (if not, the client has to register again), and what was known of
// it: nothing, if its handle is not valid any more.
func (g *Gateway) deliver(at place, full *nacos.FullBeat) (acquaintance, bool, error) {
	friend := g.known.of(at)
	if friend.handle != 0 {
		if alive, err := g.registry.Beat(friend.handle); alive || err != nil {
			return friend, alive, err
		}
		friend = acquaintance{}
	}
	alive, err := g.registry.BeatAt(at.service, at.address, fullBeatOf(full))
	return friend, alive, err
}

// meet remembers who sent a beat, and how to take the next one cheaply.
func (g *Gateway) meet(at place, friend acquaintance, host string) (acquaintance, error) {
	settled := friend
	settled.host = host
	if settled.handle == 0 {
		if err := g.introduce(at, &settled); err != nil {
			return settled, err
		}
	}
	if settled != friend {
		g.known.remember(at, settled)
	}
	return settled, nil
}

// introduce looks up an instance's handle and interval.
//
// Both are in the view, whose copy costs as much as the service is large. While many instances come back at once, each
// beat moves the service to a new revision; so they are looked up only when the revision has stood since the last beat.
func (g *Gateway) introduce(at place, friend *acquaintance) error {
	if friend.intervalMS == 0 {
		friend.intervalMS = nacos.BeatIntervalMS(nil)
	}
	revision, err := g.registry.Revision(at.service)
	if err != nil || friend.revision != revision {
		friend.revision = revision
		return err
	}
	picture, err := g.pictures.of(at.service)
	if err != nil {
		return err
	}
	if instance := picture.instance(at.address); instance != nil {
		friend.handle = instance.Handle
		friend.intervalMS = nacos.BeatIntervalMS(instance.Metadata.Map())
	}
	return nil
}

func (g *Gateway) beatReply(alive bool, intervalMS int64) (reply, error) {
	code := nacos.BeatRegisterAgain
	if alive {
		code = nacos.BeatAlive
	}
	return asJSON(nacos.BeatReply{ClientBeatInterval: intervalMS, Code: code, LightBeatEnabled: g.lightBeats})
}

// isClient says whether a write is the client's own word: it has an SDK's agent and comes from where the last register
// or beat of this living instance came from. All other writes are an operator's.
func (g *Gateway) isClient(c *call, at place) (bool, error) {
	if !c.sdk {
		return false, nil
	}
	friend := g.known.of(at)
	if friend.host == "" || friend.host != c.host {
		return false, nil
	}
	picture, err := g.pictures.of(at.service)
	if err != nil {
		return false, err
	}
	if picture.instance(at.address) == nil {
		g.known.forget(at)
		return false, nil
	}
	return true, nil
}

package gateway

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// floor is a hold on a whole service, one cluster of it, or everything on one ip.
type floor struct {
	target steadfast.FloorTarget
	// text names the target for people.
	text string
}

// floorOf is the target that a request names: an ip alone, a service, or a cluster of it. A hold may wait for a service
// that is not there yet, so for it the service is created.
func (g *Gateway) floorOf(c *call, find func(steadfast.ServiceName) (steadfast.ServiceID, error)) (*floor, error) {
	ip, isIP := c.params.Text("ip")
	if _, isService := c.params.Text("serviceName"); isIP == isService {
		return nil, &nacos.ParamError{
			Name: "ip", Problem: "or 'serviceName' is required, and not both: a hold on one instance is PUT instance",
		}
	}
	if isIP {
		return &floor{steadfast.FloorIP(ip), "ip " + ip}, nil
	}
	service, err := c.params.Service()
	if err != nil {
		return nil, err
	}
	name := serviceName(service)
	id, err := find(name)
	if err != nil {
		return nil, err
	}
	if cluster := c.params.TextOr("clusterName", c.params.TextOr("cluster", "")); cluster != "" {
		return &floor{steadfast.FloorCluster(id, cluster), fmt.Sprintf("cluster %s of service %s", cluster, name)}, nil
	}
	return &floor{steadfast.FloorService(id), "service " + name.String()}, nil
}

// holdFloor places a hold on all instances of the target, those that come later included.
func (g *Gateway) holdFloor(c *call) (reply, error) {
	order, err := holdOrder(c)
	if err != nil {
		return reply{}, err
	}
	floor, err := g.floorOf(c, g.registry.Service)
	if err != nil {
		return reply{}, err
	}
	effect, err := g.registry.HoldFloor(floor.target, order)
	if err != nil {
		return reply{}, err
	}
	g.logFloor(order.Kind.String(), floor, order.Author, &effect)
	return asJSON(effect)
}

// releaseFloor ends the console's hold on the target, or by force the one of the owner that is named.
func (g *Gateway) releaseFloor(c *call) (reply, error) {
	floor, err := g.floorOf(c, g.registry.FindService)
	if err != nil {
		return reply{}, err
	}
	author := operator(c)
	owner := c.params.TextOr("owner", author.Owner)
	effect, err := g.registry.ForceReleaseFloor(floor.target, owner, author)
	if err != nil {
		return reply{}, err
	}
	g.logFloor("release "+owner, floor, author, &effect)
	switch {
	case !effect.Found:
		return reply{}, conflict("no hold of %s lies on %s%s", owner, floor.text, others(&effect))
	case len(effect.Refusing) > 0:
		return reply{}, conflict("released, but %s is still held%s", floor.text, others(&effect))
	default:
		return asJSON(effect)
	}
}

// others says which holds still lie on a target.
func others(effect *steadfast.FloorEffect) string {
	if len(effect.Refusing) == 0 {
		return ""
	}
	return ": " + strings.Join(effect.Refusing, "; ")
}

// floors are those of all ips, or those that reach one service.
func (g *Gateway) floors(c *call) (reply, error) {
	if _, one := c.params.Text("serviceName"); !one {
		floors, err := g.registry.FloorsOfIPs()
		if err != nil {
			return reply{}, err
		}
		return asJSON(floors)
	}
	explanation, err := g.serviceExplanation(c)
	if err != nil {
		return reply{}, err
	}
	return asJSON(explanation.Floors)
}

// holdOrder is the hold that a request asks for, and when it ends.
func holdOrder(c *call) (steadfast.HoldOrder, error) {
	kind, err := c.params.Required("order")
	if err != nil {
		return steadfast.HoldOrder{}, err
	}
	order := steadfast.HoldOrder{Author: operator(c)}
	if err := order.Kind.UnmarshalText([]byte(kind)); err != nil {
		return steadfast.HoldOrder{}, &nacos.ParamError{Name: "order", Problem: "is none of drain, offline and banned (nor, in bulk, release)"}
	}
	if until, sent := c.params.Text("until"); sent {
		milliseconds, err := strconv.ParseUint(until, 10, 64)
		if err != nil || milliseconds == 0 || milliseconds > math.MaxInt64 {
			return steadfast.HoldOrder{}, &nacos.ParamError{Name: "until", Problem: "is no time in milliseconds since 1970"}
		}
		order.Until = time.UnixMilli(int64(milliseconds))
	}
	return order, nil
}

func (g *Gateway) logFloor(what string, floor *floor, author steadfast.Author, effect *steadfast.FloorEffect) {
	g.log.Info("order", "order", what, "on", floor.text, "owner", author.Owner, "actor", author.Actor,
		"why", author.Reason, "found", effect.Found, "instances", effect.Instances, "changed", effect.Changed,
		"serving", effect.Serving, "refusing", effect.Refusing)
}

package gateway

import (
	"errors"
	"strconv"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// explain says why an instance is as it is, or, without an ip, why a service is.
func (g *Gateway) explain(c *call) (reply, error) {
	if _, one := c.params.Text("ip"); !one {
		explanation, err := g.serviceExplanation(c)
		if err != nil {
			return reply{}, err
		}
		return asJSON(explanation)
	}
	name, address, err := target(c)
	if err != nil {
		return reply{}, err
	}
	service, err := g.registry.FindService(name)
	if err != nil {
		return reply{}, err
	}
	explanation, err := g.registry.Explain(service, address)
	if errors.Is(err, steadfast.ErrNotFound) {
		picture, err := g.pictures.of(service)
		if err != nil {
			return reply{}, err
		}
		return reply{}, notFound("%s, and no order waits for it", nothingAt(&write{at: place{service, address}, name: name}, picture))
	}
	return reply{contentType: jsonText, body: explanation}, err
}

func (g *Gateway) serviceExplanation(c *call) (steadfast.ServiceExplanation, error) {
	service, err := c.params.Service()
	if err != nil {
		return steadfast.ServiceExplanation{}, err
	}
	id, err := g.registry.FindService(serviceName(service))
	if err != nil {
		return steadfast.ServiceExplanation{}, err
	}
	return g.registry.ExplainService(id)
}

// serviceOrders are the orders of one service.
type serviceOrders struct {
	Service steadfast.ServiceName `json:"service"`
	Orders  []steadfast.Ordered   `json:"orders"`
}

// orders are those of one service, or of all that have any.
func (g *Gateway) orders(c *call) (reply, error) {
	services, err := g.registry.Services()
	if err != nil {
		return reply{}, err
	}
	_, one := c.params.Text("serviceName")
	var wanted steadfast.ServiceName
	if one {
		service, err := c.params.Service()
		if err != nil {
			return reply{}, err
		}
		wanted = serviceName(service)
	}
	list := []serviceOrders{}
	for _, service := range services {
		if one && service.ServiceName != wanted {
			continue
		}
		ordered, err := g.registry.Orders(service.ID)
		if err != nil {
			return reply{}, err
		}
		if len(ordered) > 0 {
			list = append(list, serviceOrders{Service: service.ServiceName, Orders: ordered})
		}
	}
	return asJSON(list)
}

// policies are the active policy and what the policies folder holds.
func (g *Gateway) policies(*call) (reply, error) {
	status, err := g.registry.PolicyStatus()
	if err != nil {
		return reply{}, err
	}
	return asJSON(status)
}

// auditMost is how many orders of the audit are listed when a request names no number.
const auditMost = 100

// audit are the latest orders that were carried out, oldest first.
func (g *Gateway) audit(c *call) (reply, error) {
	limit, err := strconv.ParseUint(c.params.TextOr("limit", strconv.Itoa(auditMost)), 10, 31)
	if err != nil {
		return reply{}, &nacos.ParamError{Name: "limit", Problem: "is no number of orders"}
	}
	entries, err := g.registry.Audit(int(limit))
	if err != nil {
		return reply{}, err
	}
	return asJSON(entries)
}

// registryNumbers are how much there is of everything, and how often a policy gave each of its reasons.
type registryNumbers struct {
	steadfast.Counters
	Decisions []steadfast.DecisionCount `json:"decisions"`
}

// counters are for dashboards.
func (g *Gateway) counters(*call) (reply, error) {
	counters, err := g.registry.Counters()
	if err != nil {
		return reply{}, err
	}
	decisions, err := g.registry.Decisions()
	if err != nil {
		return reply{}, err
	}
	return asJSON(registryNumbers{counters, decisions})
}

// announcements are what happened to the registry itself, after a number.
func (g *Gateway) announcements(c *call) (reply, error) {
	after, err := strconv.ParseUint(c.params.TextOr("after", "0"), 10, 64)
	if err != nil {
		return reply{}, &nacos.ParamError{Name: "after", Problem: "is no number of an announcement"}
	}
	announcements, err := g.registry.Announcements(after)
	if err != nil {
		return reply{}, err
	}
	return asJSON(announcements)
}

package gateway

import (
	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// putHealth is the result of an outside health check, for instances that live without beats.
func (g *Gateway) putHealth(c *call) (reply, error) {
	name, address, err := target(c)
	if err != nil {
		return reply{}, err
	}
	if _, err := c.params.Required("healthy"); err != nil {
		return reply{}, err
	}
	healthy, err := c.params.BoolOr("healthy", false)
	if err != nil {
		return reply{}, err
	}
	service, err := g.registry.FindService(name)
	if err != nil {
		return reply{}, err
	}
	picture, err := g.pictures.of(service)
	if err != nil {
		return reply{}, err
	}
	instance := picture.instance(address)
	if instance == nil {
		return reply{}, notFound("nothing is registered at %s in service %s", address, name)
	}
	if instance.Ephemeral {
		return reply{}, &nacos.ParamError{
			Name: "healthy", Problem: "cannot be set on an ephemeral instance, whose beats tell",
		}
	}
	probe := steadfast.ProbeFailing
	if healthy {
		probe = steadfast.ProbePassing
	}
	if _, err := g.registry.Probe(service, address, probe); err != nil {
		return reply{}, err
	}
	return ok()
}

// liveness says that the process answers.
func (g *Gateway) liveness(*call) (reply, error) {
	return reply{contentType: plainText, body: []byte("OK")}, nil
}

// readiness says that the registry answers.
func (g *Gateway) readiness(*call) (reply, error) {
	if _, err := g.registry.Counters(); err != nil {
		return reply{}, err
	}
	return reply{contentType: plainText, body: []byte("OK")}, nil
}

// metrics is what SDKs ask to see whether the server is up.
func (g *Gateway) metrics(*call) (reply, error) {
	counters, err := g.registry.Counters()
	if err != nil {
		return reply{}, err
	}
	return asJSON(nacos.Metrics{
		Status: "UP", ServiceCount: int(counters.Services), InstanceCount: int(counters.Instances),
	})
}

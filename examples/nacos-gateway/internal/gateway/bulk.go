package gateway

import (
	"strconv"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// plan says what bulk with the same parameters would do. It changes nothing.
func (g *Gateway) plan(c *call) (reply, error) {
	selector, err := selectorOf(c)
	if err != nil {
		return reply{}, err
	}
	order, _, err := bulkOrder(c)
	if err != nil {
		return reply{}, err
	}
	plan, err := g.registry.Plan(selector, order)
	if err != nil {
		return reply{}, err
	}
	return asJSON(struct {
		steadfast.Plan
		// Empties says that some service that serves now would not any more.
		Empties bool `json:"empties"`
	}{plan, plan.Empties()})
}

// bulk carries out one order at every instance that the parameters select.
func (g *Gateway) bulk(c *call) (reply, error) {
	selector, err := selectorOf(c)
	if err != nil {
		return reply{}, err
	}
	order, what, err := bulkOrder(c)
	if err != nil {
		return reply{}, err
	}
	limit, err := strconv.ParseUint(c.params.TextOr("limit", "0"), 10, 31)
	if err != nil {
		return reply{}, &nacos.ParamError{Name: "limit", Problem: "is no number of instances"}
	}
	report, err := g.registry.Bulk(selector, order, int(limit))
	if err != nil {
		return reply{}, err
	}
	author := operator(c)
	told := bulkReplyOf(&report)
	g.log.Info("order", "order", "bulk "+what, "selector", selector, "owner", author.Owner, "actor", author.Actor,
		"why", author.Reason, "done", told.Done, "refused", len(told.Refused), "untried", len(told.Untried))
	if told.Done == 0 && len(told.Refused)+len(told.Untried) == 0 {
		return reply{}, conflict("no instance matches, so nothing was changed")
	}
	return asJSON(told)
}

// bulkReply says where an order was carried out and where not.
type bulkReply struct {
	Done    int                    `json:"done"`
	Targets []steadfast.BulkTarget `json:"targets"`
	Refused []refusedTarget        `json:"refused"`
	Untried []steadfast.BulkTarget `json:"untried"`
}

type refusedTarget struct {
	steadfast.BulkTarget
	Error string `json:"error"`
}

func bulkReplyOf(report *steadfast.BulkReport) bulkReply {
	told := bulkReply{
		Done: report.Done(), Targets: []steadfast.BulkTarget{}, Refused: []refusedTarget{},
		Untried: append([]steadfast.BulkTarget{}, report.Untried...),
	}
	for _, outcome := range report.Outcomes {
		if outcome.Err != nil {
			told.Refused = append(told.Refused, refusedTarget{outcome.BulkTarget, outcome.Err.Error()})
		} else {
			told.Targets = append(told.Targets, outcome.BulkTarget)
		}
	}
	return told
}

// selectorOf reads globs under the names that Nacos gives these fields. Here nothing has a default: what is not named
// may be anything.
func selectorOf(c *call) (steadfast.Selector, error) {
	metadata, err := c.params.Metadata()
	return steadfast.Selector{
		Namespace: c.params.TextOr("namespaceId", ""),
		Group:     c.params.TextOr("groupName", ""),
		Service:   c.params.TextOr("serviceName", ""),
		Cluster:   c.params.TextOr("clusterName", c.params.TextOr("cluster", "")),
		IP:        c.params.TextOr("ip", ""),
		Port:      c.params.TextOr("port", ""),
		Metadata:  metadata,
	}, err
}

// bulkOrder is the order that a request asks for, and its name.
func bulkOrder(c *call) (steadfast.BulkOrder, string, error) {
	what, err := c.params.Required("order")
	if err != nil {
		return steadfast.BulkOrder{}, "", err
	}
	if what == "release" {
		return steadfast.BulkRelease(operator(c)), what, nil
	}
	hold, err := holdOrder(c)
	return steadfast.BulkHold(hold), what, err
}

package gateway

import (
	"encoding/json"
	"maps"
	"slices"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// putMetadata sets metadata keys on some or all instances of a service.
func (g *Gateway) putMetadata(c *call) (reply, error) {
	return g.batch(c, func(w *write, instance *steadfast.Instance) ([]edit, error) {
		return g.metadataEdits(w, instance), nil
	})
}

// deleteMetadata lets metadata keys follow the client again where an operator had set them.
func (g *Gateway) deleteMetadata(c *call) (reply, error) {
	return g.batch(c, func(w *write, _ *steadfast.Instance) ([]edit, error) {
		set, err := g.overlaidKeys(w.at)
		var edits []edit
		for _, key := range slices.Sorted(maps.Keys(w.wanted.Metadata)) {
			if slices.Contains(set, key) {
				edits = append(edits, g.releasing(w.at, key))
			}
		}
		return edits, err
	})
}

type batchReply struct {
	Updated []string `json:"updated"`
}

// batch edits every instance that the request names, or all, and answers which ones changed.
func (g *Gateway) batch(c *call, edits func(*write, *steadfast.Instance) ([]edit, error)) (reply, error) {
	found, picture, err := g.pictureOf(c)
	if err != nil {
		return reply{}, err
	}
	if _, err := c.params.Required("metadata"); err != nil {
		return reply{}, err
	}
	metadata, err := c.params.Metadata()
	if err != nil {
		return reply{}, err
	}
	chosen, err := batchTargets(c, picture)
	if err != nil {
		return reply{}, err
	}
	updated := batchReply{Updated: []string{}}
	for _, instance := range chosen {
		w := &write{
			at: place{found.id, instance.Address}, name: found.name,
			wanted: steadfast.Claim{Metadata: metadata}, author: operator(c),
		}
		edits, err := edits(w, instance)
		if err != nil {
			return reply{}, err
		}
		if err := g.edit(w, edits); err != nil {
			return reply{}, err
		}
		if len(edits) > 0 {
			updated.Updated = append(updated.Updated, instanceOf(nacosService(found.name), instance).InstanceID)
		}
	}
	return asJSON(updated)
}

type batchTarget struct {
	IP          string      `json:"ip"`
	Port        json.Number `json:"port"`
	ClusterName string      `json:"clusterName"`
}

// batchTargets are the registered ones among the instances that a request names, or all when it names none.
func batchTargets(c *call, picture *picture) ([]*steadfast.Instance, error) {
	text, named := c.params.Text("instances")
	if picture == nil {
		return nil, nil
	}
	var chosen []*steadfast.Instance
	if !named {
		for i := range picture.view.Instances {
			chosen = append(chosen, &picture.view.Instances[i])
		}
		return chosen, nil
	}
	var targets []batchTarget
	if err := json.Unmarshal([]byte(text), &targets); err != nil {
		return nil, &nacos.ParamError{Name: "instances", Problem: "is no list of instances in JSON: " + err.Error()}
	}
	for _, target := range targets {
		address, err := nacos.Params{
			"ip": target.IP, "port": target.Port.String(), "clusterName": target.ClusterName,
		}.Address()
		if err != nil {
			return nil, err
		}
		if instance := picture.instance(addressOf(address)); instance != nil {
			chosen = append(chosen, instance)
		}
	}
	return chosen, nil
}

package gateway

import (
	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// target is the instance that a request is about.
func target(c *call) (steadfast.ServiceName, steadfast.Address, error) {
	service, err := c.params.Service()
	if err != nil {
		return steadfast.ServiceName{}, steadfast.Address{}, err
	}
	address, err := c.params.Address()
	return serviceName(service), addressOf(address), err
}

func serviceName(service nacos.Service) steadfast.ServiceName {
	return steadfast.ServiceName{Namespace: service.Namespace, Group: service.Group, Name: service.Name}
}

func nacosService(name steadfast.ServiceName) nacos.Service {
	return nacos.Service{Namespace: name.Namespace, Group: name.Group, Name: name.Name}
}

func addressOf(address nacos.Address) steadfast.Address {
	return steadfast.Address{IP: address.IP, Port: address.Port, Cluster: address.Cluster}
}

func claimOf(params nacos.Params) (steadfast.Claim, error) {
	enabled, err := params.Enabled()
	if err != nil {
		return steadfast.Claim{}, err
	}
	weight, err := params.Weight()
	if err != nil {
		return steadfast.Claim{}, err
	}
	metadata, err := params.Metadata()
	return steadfast.Claim{Enabled: enabled, Weight: weight, Metadata: metadata}, err
}

func fullBeatOf(full *nacos.FullBeat) *steadfast.FullBeat {
	if full == nil {
		return nil
	}
	return &steadfast.FullBeat{Weight: full.Weight, Metadata: full.Metadata, Persistent: full.Persistent}
}

func instanceOf(service nacos.Service, instance *steadfast.Instance) nacos.Instance {
	address := instance.Address
	return nacos.Instance{
		InstanceID:  nacos.InstanceID(service, nacos.Address{IP: address.IP, Port: address.Port, Cluster: address.Cluster}),
		IP:          address.IP,
		Port:        address.Port,
		Weight:      instance.Weight,
		Valid:       instance.Healthy,
		Healthy:     instance.Healthy,
		Enabled:     instance.Traffic == steadfast.Serve,
		Ephemeral:   instance.Ephemeral,
		ClusterName: address.Cluster,
		ServiceName: service.Grouped(),
		Metadata:    instance.Metadata.Map(),
	}
}

package steadfast

// FloorTarget is whom a hold lies under as a floor, those who come later included: [FloorService], [FloorCluster] or
// [FloorIP].
type FloorTarget struct {
	kind    uint32
	service ServiceID
	cluster string
	ip      string
}

// What a floor lies under, as the C library numbers it.
const (
	floorService = 1
	floorCluster = 2
	floorIP      = 3
)

// FloorService is every instance of a service.
func FloorService(service ServiceID) FloorTarget {
	return FloorTarget{kind: floorService, service: service}
}

// FloorCluster is every instance of one cluster of a service.
func FloorCluster(service ServiceID, cluster string) FloorTarget {
	return FloorTarget{kind: floorCluster, service: service, cluster: cluster}
}

// FloorIP is every instance on an ip (or host name), in every service.
func FloorIP(ip string) FloorTarget {
	return FloorTarget{kind: floorIP, ip: ip}
}

// FloorEffect is what became of an order about a floor.
type FloorEffect struct {
	// Found says that a hold of the same owner was there and was replaced or released.
	Found bool `json:"found"`
	// Instances are the present ones under the target. Of Changed the published traffic changed; Serving take traffic.
	Instances uint64 `json:"instances"`
	Changed   uint64 `json:"changed"`
	Serving   uint64 `json:"serving"`
	// Revision is the service's revision afterwards; 0 for an ip, which may be in many services.
	Revision uint64 `json:"revision"`
	// Refusing are the holds that still lie on the same target.
	Refusing []string `json:"refusing,omitempty"`
}

// Floor is a hold that lies as a floor under many instances.
type Floor struct {
	Target FloorName `json:"target"`
	Hold   Hold      `json:"hold"`
}

// FloorName names what a floor lies under.
type FloorName struct {
	// Kind is cluster, service or ip.
	Kind string `json:"kind"`
	// Service is nil for an ip.
	Service *ServiceName `json:"service,omitempty"`
	Cluster string       `json:"cluster,omitempty"`
	IP      string       `json:"ip,omitempty"`
}

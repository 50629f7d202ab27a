package steadfast

import (
	"net"
	"strconv"
)

// Address is where an instance is inside a service.
type Address struct {
	// IP is an ip, which the registry keeps in its canonical form, or a host name, which it never resolves.
	IP string `json:"ip"`
	// Port is 1 to 65535.
	Port uint16 `json:"port"`
	// Cluster is the cluster, such as DEFAULT.
	Cluster string `json:"cluster"`
}

func (a Address) String() string {
	return net.JoinHostPort(a.IP, strconv.Itoa(int(a.Port))) + " (" + a.Cluster + ")"
}

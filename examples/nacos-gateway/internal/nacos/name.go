package nacos

import (
	"net/netip"
	"strconv"
	"strings"
)

const groupSeparator = "@@"

// Service names a service.
type Service struct {
	Namespace string
	Group     string
	Name      string
}

// Grouped is the name as Nacos' JSON writes it.
func (s Service) Grouped() string {
	return s.Group + groupSeparator + s.Name
}

// Service reads namespaceId, groupName and serviceName. A group inside serviceName wins over groupName, as in Nacos.
func (p Params) Service() (Service, error) {
	name, err := p.Required("serviceName")
	if err != nil {
		return Service{}, err
	}
	service := Service{
		Namespace: p.TextOr("namespaceId", DefaultNamespace),
		Group:     p.TextOr("groupName", DefaultGroup),
		Name:      name,
	}
	if group, bare, grouped := strings.Cut(name, groupSeparator); grouped {
		if group == "" || bare == "" {
			return Service{}, wrong("serviceName", "is '%s', which lacks a group or a name", quote(name))
		}
		service.Group, service.Name = group, bare
	}
	return service, nil
}

// Address is where an instance is. IP may be a host name, which is an address of its own and is never resolved.
type Address struct {
	IP      string
	Port    uint16
	Cluster string
}

// Address reads ip, port and clusterName (or cluster).
func (p Params) Address() (Address, error) {
	ip, err := p.Required("ip")
	if err != nil {
		return Address{}, err
	}
	port, err := p.Required("port")
	if err != nil {
		return Address{}, err
	}
	number, err := parsePort(port)
	return Address{IP: canonicalIP(ip), Port: number, Cluster: p.Cluster()}, err
}

// canonicalIP writes an ip in its one canonical form, as the registry does; a host name stays as it is.
func canonicalIP(ip string) string {
	parsed, err := netip.ParseAddr(ip)
	if err != nil || parsed.Zone() != "" {
		return ip
	}
	return parsed.String()
}

// Cluster reads clusterName, or cluster, which older clients send.
func (p Params) Cluster() string {
	return p.TextOr("clusterName", p.TextOr("cluster", DefaultCluster))
}

func parsePort(text string) (uint16, error) {
	port, err := strconv.ParseUint(strings.TrimSpace(text), 10, 16)
	if err != nil || port == 0 {
		return 0, wrong("port", "is '%s', which is not between 1 and 65535", quote(text))
	}
	return uint16(port), nil
}

// InstanceID is the id that Nacos gives an instance by default.
func InstanceID(service Service, address Address) string {
	port := strconv.Itoa(int(address.Port))
	return strings.Join([]string{address.IP, port, address.Cluster, service.Grouped()}, "#")
}

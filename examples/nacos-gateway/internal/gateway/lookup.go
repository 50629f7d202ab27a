package gateway

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// cacheMillis is how long a client keeps a list, and thus how late it hears of a change: nothing is pushed.
const cacheMillis = 3000

// found is a service that exists.
type found struct {
	id   steadfast.ServiceID
	name steadfast.ServiceName
}

// pictureOf is the picture of the service that a request names; nil when there is no such service.
func (g *Gateway) pictureOf(c *call) (found, *picture, error) {
	service, err := c.params.Service()
	if err != nil {
		return found{}, nil, err
	}
	name := serviceName(service)
	id, err := g.registry.FindService(name)
	if errors.Is(err, steadfast.ErrNotFound) {
		return found{name: name}, nil, nil
	}
	if err != nil {
		return found{}, nil, err
	}
	picture, err := g.pictures.of(id)
	return found{id: id, name: name}, picture, err
}

// listQuery is what two replies to the same revision may differ in.
type listQuery struct {
	clusters    string
	env         string
	healthyOnly bool
}

// list is the lookup of the SDKs. A service that is not there has no hosts, which is no error.
func (g *Gateway) list(c *call) (reply, error) {
	healthyOnly, err := c.params.BoolOr("healthyOnly", false)
	if err != nil {
		return reply{}, err
	}
	query := listQuery{clusters: c.params.TextOr("clusters", ""), env: c.params.TextOr("env", ""), healthyOnly: healthyOnly}
	found, picture, err := g.pictureOf(c)
	if err != nil {
		return reply{}, err
	}
	service := nacosService(found.name)
	if picture == nil {
		return asJSON(serviceInfo(service, query, nil, time.Now().UnixMilli()))
	}
	body, err := picture.list(query, func() ([]byte, error) {
		return json.Marshal(serviceInfo(service, query, picture.view.Instances, picture.refreshedMS))
	})
	return reply{contentType: jsonText, body: body}, err
}

func serviceInfo(service nacos.Service, query listQuery, instances []steadfast.Instance, refreshedMS int64) *nacos.ServiceInfo {
	info := &nacos.ServiceInfo{
		Name:        service.Grouped(),
		GroupName:   service.Group,
		Dom:         service.Name,
		Clusters:    query.clusters,
		Env:         query.env,
		CacheMillis: cacheMillis,
		LastRefTime: refreshedMS,
		Hosts:       []nacos.Instance{},
	}
	wanted := clusterFilter(query.clusters)
	for i := range instances {
		instance := &instances[i]
		if instance.Traffic != steadfast.Serve || (query.healthyOnly && !instance.Healthy) || !wanted(instance.Address.Cluster) {
			continue
		}
		info.Hosts = append(info.Hosts, instanceOf(service, instance))
	}
	sortInstances(info.Hosts)
	info.Checksum = checksum(info.Hosts)
	return info
}

// clusterFilter reads Nacos' list of clusters, where nothing means all.
func clusterFilter(clusters string) func(string) bool {
	if clusters == "" {
		return func(string) bool { return true }
	}
	wanted := strings.Split(clusters, ",")
	return func(cluster string) bool { return slices.Contains(wanted, cluster) }
}

func sortInstances(instances []nacos.Instance) {
	slices.SortFunc(instances, func(a, b nacos.Instance) int { return strings.Compare(a.InstanceID, b.InstanceID) })
}

// checksum is equal for equal hosts. MD5 is what Nacos uses; it protects nothing here.
func checksum(hosts []nacos.Instance) string {
	hash := md5.New()
	// Writing to a hash does not fail, and these structures always have a JSON form.
	_ = json.NewEncoder(hash).Encode(hosts)
	return hex.EncodeToString(hash.Sum(nil))
}

// detail is one instance, disabled ones included.
func (g *Gateway) detail(c *call) (reply, error) {
	name, address, err := target(c)
	if err != nil {
		return reply{}, err
	}
	_, picture, err := g.pictureOf(c)
	if err != nil {
		return reply{}, err
	}
	if picture == nil {
		return reply{}, notFound("there is no service %s", name)
	}
	instance := picture.instance(address)
	if instance == nil {
		return reply{}, notFound("nothing is registered at %s in service %s", address, name)
	}
	shown := instanceOf(nacosService(name), instance)
	return asJSON(nacos.Detail{
		Service: shown.ServiceName, IP: shown.IP, Port: shown.Port, ClusterName: shown.ClusterName,
		Weight: shown.Weight, Healthy: shown.Healthy, Enabled: shown.Enabled,
		InstanceID: shown.InstanceID, Metadata: shown.Metadata,
	})
}

// services is the list of the services of one group.
func (g *Gateway) services(c *call) (reply, error) {
	page, err := c.params.Page()
	if err != nil {
		return reply{}, err
	}
	group := c.params.TextOr("groupName", nacos.DefaultGroup)
	services, err := g.servicesOf(c, func(service *steadfast.Service) bool { return service.Group == group })
	if err != nil {
		return reply{}, err
	}
	list := nacos.ServiceList{Count: len(services), Doms: []string{}}
	from, to := page.Cut(len(services))
	for _, service := range services[from:to] {
		list.Doms = append(list.Doms, service.Name)
	}
	return asJSON(list)
}

// servicesOf are the services of the request's namespace that pass a filter, in order of group and name.
func (g *Gateway) servicesOf(c *call, wanted func(*steadfast.Service) bool) ([]steadfast.Service, error) {
	all, err := g.registry.Services()
	if err != nil {
		return nil, err
	}
	namespace := c.params.TextOr("namespaceId", nacos.DefaultNamespace)
	services := slices.DeleteFunc(all, func(service steadfast.Service) bool {
		return service.Namespace != namespace || !wanted(&service)
	})
	slices.SortFunc(services, func(a, b steadfast.Service) int {
		return strings.Compare(a.Group+"\x00"+a.ServiceName.Name, b.Group+"\x00"+b.ServiceName.Name)
	})
	return services, nil
}

package gateway

import (
	"slices"
	"strings"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// catalogServices is the console's list of services.
func (g *Gateway) catalogServices(c *call) (reply, error) {
	page, err := c.params.Page()
	if err != nil {
		return reply{}, err
	}
	hasIPs, err := c.params.BoolOr("hasIpCount", false)
	if err != nil {
		return reply{}, err
	}
	name, group := c.params.TextOr("serviceNameParam", ""), c.params.TextOr("groupNameParam", "")
	services, err := g.servicesOf(c, func(service *steadfast.Service) bool {
		return strings.Contains(service.Name, name) && strings.Contains(service.Group, group)
	})
	if err != nil {
		return reply{}, err
	}
	rows := []nacos.CatalogRow{}
	for i := range services {
		row, err := g.catalogRow(&services[i])
		if err != nil {
			return reply{}, err
		}
		if row.IPCount > 0 || !hasIPs {
			rows = append(rows, row)
		}
	}
	from, to := page.Cut(len(rows))
	return asJSON(nacos.CatalogServices{ServiceList: rows[from:to], Count: len(rows)})
}

func (g *Gateway) catalogRow(service *steadfast.Service) (nacos.CatalogRow, error) {
	picture, err := g.pictures.of(service.ID)
	if err != nil {
		return nacos.CatalogRow{}, err
	}
	row := nacos.CatalogRow{
		Name: service.Name, GroupName: service.Group, TriggerFlag: "false",
		ClusterCount: len(picture.clusters()), IPCount: len(picture.view.Instances),
	}
	for i := range picture.view.Instances {
		if picture.view.Instances[i].Healthy {
			row.HealthyInstanceCount++
		}
	}
	return row, nil
}

// catalogService is the head of the console's detail page.
func (g *Gateway) catalogService(c *call) (reply, error) {
	found, picture, err := g.pictureOf(c)
	if err != nil {
		return reply{}, err
	}
	if picture == nil {
		return reply{}, notFound("there is no service %s", found.name)
	}
	page := nacos.CatalogService{
		Service: nacos.CatalogHead{
			Name: found.name.Name, GroupName: found.name.Group, Selector: nacos.Selector{Type: "none"},
		},
		Clusters: []nacos.CatalogCluster{},
	}
	for _, cluster := range picture.clusters() {
		page.Clusters = append(page.Clusters, nacos.CatalogCluster{
			Name: cluster, ServiceName: nacosService(found.name).Grouped(),
			HealthChecker: nacos.Selector{Type: "NONE"}, DefaultPort: 80, DefaultCheckPort: 80, UseIPPort4Check: true,
		})
	}
	return asJSON(page)
}

// catalogInstances is one cluster of the console's detail page; it shows disabled instances too.
func (g *Gateway) catalogInstances(c *call) (reply, error) {
	page, err := c.params.Page()
	if err != nil {
		return reply{}, err
	}
	found, picture, err := g.pictureOf(c)
	if err != nil {
		return reply{}, err
	}
	if picture == nil {
		return reply{}, notFound("there is no service %s", found.name)
	}
	cluster, one := c.params.Text("clusterName")
	instances := []nacos.Instance{}
	for i := range picture.view.Instances {
		instance := &picture.view.Instances[i]
		if !one || instance.Address.Cluster == cluster {
			instances = append(instances, instanceOf(nacosService(found.name), instance))
		}
	}
	sortInstances(instances)
	from, to := page.Cut(len(instances))
	return asJSON(nacos.CatalogInstances{List: instances[from:to], Count: len(instances)})
}

// clusters are the clusters that have instances, in order.
func (p *picture) clusters() []string {
	var clusters []string
	for i := range p.view.Instances {
		clusters = append(clusters, p.view.Instances[i].Address.Cluster)
	}
	slices.Sort(clusters)
	return slices.Compact(clusters)
}

// namespaceQuota is the number of configurations that Nacos allows in a namespace; there are none here.
const namespaceQuota = 200

// namespaces are the ones that have services, the default one always and first.
func (g *Gateway) namespaces(*call) (reply, error) {
	services, err := g.registry.Services()
	if err != nil {
		return reply{}, err
	}
	var ids []string
	for _, service := range services {
		if service.Namespace != nacos.DefaultNamespace {
			ids = append(ids, service.Namespace)
		}
	}
	slices.Sort(ids)
	list := nacos.Namespaces{Code: 200, Data: []nacos.Namespace{{ShowName: nacos.DefaultNamespace, Quota: namespaceQuota}}}
	for _, id := range slices.Compact(ids) {
		list.Data = append(list.Data, nacos.Namespace{ID: id, ShowName: id, Quota: namespaceQuota, Type: 2})
	}
	return asJSON(list)
}

// serverState tells the console which of its pages make sense.
func (g *Gateway) serverState(*call) (reply, error) {
	return asJSON(nacos.ServerState{StandaloneMode: "standalone", FunctionMode: "naming", Version: "1.4.1"})
}

package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

func (town *town) get(path, query string) response {
	town.t.Helper()
	return town.send(browser, operatorHost, "GET", path, query, "")
}

func TestTheConsolesPages(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	for i := range 3 {
		town.javaRegisters("serviceName", fmt.Sprintf("shop@@s%d", i), "clusterName", fmt.Sprint("C", i))
	}
	town.javaRegisters("namespaceId", "dev")
	town.javaRegisters()
	town.javaRegisters("port", "8081")
	town.ok(town.consoleSets(false))

	list := decoded[nacos.ServiceList](town, town.get("/nacos/v1/ns/service/list", "pageNo=2&pageSize=2&groupName=shop"))
	if list.Count != 3 || len(list.Doms) != 1 || list.Doms[0] != "s2" {
		t.Errorf("service list %+v", list)
	}
	catalog := decoded[nacos.CatalogServices](town, town.get("/nacos/v1/ns/catalog/services",
		"hasIpCount=true&withInstances=false&pageNo=1&pageSize=10&serviceNameParam=&groupNameParam=DEFAULT&namespaceId="))
	if catalog.Count != 1 || catalog.ServiceList[0] != (nacos.CatalogRow{
		Name: "orders", GroupName: "DEFAULT_GROUP", ClusterCount: 1, IPCount: 2, HealthyInstanceCount: 2, TriggerFlag: "false",
	}) {
		t.Errorf("catalog %+v", catalog)
	}
	head := decoded[nacos.CatalogService](town, town.get("/nacos/v1/ns/catalog/service", "serviceName=orders"))
	if head.Service.Name != "orders" || len(head.Clusters) != 1 || head.Clusters[0].Name != "DEFAULT" {
		t.Errorf("head %+v", head)
	}
	page := decoded[nacos.CatalogInstances](town, town.get("/nacos/v1/ns/catalog/instances",
		"serviceName=DEFAULT_GROUP@@orders&clusterName=DEFAULT&pageNo=1&pageSize=1"))
	if page.Count != 2 || len(page.List) != 1 || page.List[0].Port != 8080 || page.List[0].Enabled {
		t.Errorf("instances %+v", page)
	}
	namespaces := decoded[nacos.Namespaces](town, town.get("/nacos/v1/console/namespaces", ""))
	if namespaces.Code != 200 || len(namespaces.Data) != 2 || namespaces.Data[0].ID != "" || namespaces.Data[1].ID != "dev" {
		t.Errorf("namespaces %+v", namespaces)
	}
	detail := decoded[nacos.Detail](town, town.get(instancePath, at()))
	if detail.Enabled || !detail.Healthy || detail.Service != "DEFAULT_GROUP@@orders" {
		t.Errorf("detail %+v", detail)
	}
	metrics := decoded[nacos.Metrics](town, town.get("/nacos/v1/ns/operator/metrics", ""))
	if metrics.Status != "UP" || metrics.ServiceCount != 5 || metrics.InstanceCount != 6 {
		t.Errorf("metrics %+v", metrics)
	}
	state := decoded[nacos.ServerState](town, town.get("/nacos/v1/console/server/state", ""))
	if state.StandaloneMode != "standalone" {
		t.Errorf("state %+v", state)
	}
	for _, path := range []string{"liveness", "readiness"} {
		town.wants(town.get("/nacos/v1/console/health/"+path, ""), 200, "OK")
	}
}

func TestExplainAnswersWhy(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	town.ok(town.consoleSets(false, "username", "ann"))
	explained := town.get("/steadfast/v1/explain", "serviceName=orders&ip=10.0.0.1&port=8080")
	var explanation struct {
		Traffic, Reason string
		Holds           []steadfast.Hold
		Decision        struct{ Policy string }
	}
	if err := json.Unmarshal([]byte(explained.body), &explanation); err != nil {
		t.Fatal(err)
	}
	if explanation.Traffic != "refuse" || len(explanation.Holds) != 1 || explanation.Decision.Policy != "admin-sticky" ||
		explanation.Holds[0].Author != (steadfast.Author{Owner: "console", Actor: "ann", Reason: "console"}) {
		t.Errorf("%s", explained.body)
	}
	town.wants(town.get("/steadfast/v1/explain", "serviceName=orders&ip=10.0.0.1&port=8080&clusterName=A"), 404, "in cluster DEFAULT")
	status := decoded[steadfast.PolicyStatus](town, town.get("/steadfast/v1/policies", ""))
	if status.Active.Name != "admin-sticky" || len(status.Active.Laws) == 0 {
		t.Errorf("%+v", status)
	}
	town.wants(town.get("/steadfast/v1/announcements", "after=0"), 200, "[")
}

// What the registry announces is logged, also what came before anybody followed.
func TestAnnouncementsAreLogged(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.pass(60_000_000_000)
	town.mono -= 30_000_000_000
	town.pass(0)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := town.Follow(ended); err != nil {
		t.Fatal(err)
	}
	town.wants(response{200, town.log.String()}, 200, "kind=clock-jump")
}

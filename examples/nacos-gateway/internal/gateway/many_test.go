package gateway

import (
	"fmt"
	"testing"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

func (town *town) operates(method, path string, pairs ...string) response {
	town.t.Helper()
	return town.send(browser, operatorHost, method, "/steadfast/v1/"+path, form(pairs...), "")
}

func TestAnOperatorDrainsAWholeService(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	effect := decoded[steadfast.FloorEffect](town, town.operates("PUT", "floors",
		"serviceName", "orders", "order", "drain", "username", "ann", "reason", "moving"))
	if effect.Instances != 1 || effect.Changed != 1 || effect.Serving != 0 {
		t.Errorf("%+v", effect)
	}
	town.wantsEnabled(false)
	town.javaBeats(false)
	town.wantsEnabled(false)
	// The console's button does not lift what lies under the whole service, and says so.
	town.wants(town.consoleSets(true), 409, "drain by console (ann) on service public@@DEFAULT_GROUP@@orders: moving")
	explained := decoded[steadfast.ServiceExplanation](town, town.get("/steadfast/v1/explain", "serviceName=orders"))
	if explained.Serving != 0 || len(explained.NothingServes) != 1 || len(explained.Floors) != 1 {
		t.Errorf("%+v", explained)
	}
	floors := decoded[[]steadfast.Floor](town, town.operates("GET", "floors", "serviceName", "orders"))
	if len(floors) != 1 || floors[0].Hold.Author != (steadfast.Author{Owner: "console", Actor: "ann", Reason: "moving"}) {
		t.Errorf("%+v", floors)
	}
	town.wants(town.operates("DELETE", "floors", "serviceName", "orders"), 200, `"found":true`)
	town.wantsEnabled(true)
	town.wants(town.operates("DELETE", "floors", "serviceName", "orders"), 409, "no hold of console lies on service")
	town.wants(response{200, town.log.String()}, 200, "why=moving")
}

func TestAMachineIsBannedUntilItsTime(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	until := dawn.Add(10 * time.Second).UnixMilli()
	town.wants(town.operates("PUT", "floors", "ip", "10.0.0.1", "order", "banned", "until", fmt.Sprint(until)), 200, `"instances":0`)
	registers := func() response {
		return town.send(javaAgent, clientHost, "POST", instancePath, "", at("weight", "1.0", "ephemeral", "true"))
	}
	town.wants(registers(), 403, "banned by console (10.9.0.1) on ip 10.0.0.1")
	if floors := decoded[[]steadfast.Floor](town, town.operates("GET", "floors")); len(floors) != 1 || floors[0].Target.IP != "10.0.0.1" {
		t.Errorf("%+v", floors)
	}
	town.pass(11 * time.Second)
	town.ok(registers())
	town.wantsEnabled(true)
}

func TestAClusterOfAServiceIsHeldAndAnotherOwnerForced(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	town.wants(town.operates("PUT", "floors", "serviceName", "orders", "clusterName", "OTHER", "order", "offline"), 200, `"changed":0`)
	town.wantsEnabled(true)
	service, err := town.registry.FindService(steadfast.ServiceName{Namespace: "public", Group: "DEFAULT_GROUP", Name: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	robot := steadfast.Author{Owner: "robot", Actor: "r2", Reason: "too slow"}
	order := steadfast.HoldOrder{Kind: steadfast.HoldOffline, Author: robot}
	if _, err := town.registry.HoldFloor(steadfast.FloorCluster(service, "DEFAULT"), order); err != nil {
		t.Fatal(err)
	}
	target := []string{"serviceName", "orders", "clusterName", "DEFAULT"}
	town.wants(town.operates("PUT", "floors", append(target, "order", "drain")...), 200, `"found":false`)
	town.wants(town.operates("DELETE", "floors", target...), 409, "released, but cluster DEFAULT of service public@@DEFAULT_GROUP@@orders is still held: offline by robot")
	town.wants(town.operates("DELETE", "floors", append(target, "owner", "robot", "username", "ann")...), 200, `"serving":1`)
	audit := decoded[[]steadfast.AuditEntry](town, town.operates("GET", "audit", "limit", "1"))
	if len(audit) != 1 || audit[0].ForcedOwner != "robot" || audit[0].Author.Actor != "ann" {
		t.Errorf("%+v", audit)
	}
}

func TestManyInstancesAreHeldAsThePlanSays(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	town.javaRegisters("port", "8081", "metadata", `{"version":"2"}`)
	town.javaRegisters("serviceName", "shop@@stock", "namespaceId", "dev")
	canary := []string{"serviceName", "orders", "metadata", `{"version":"2*"}`, "order", "offline"}
	plan := decoded[struct {
		steadfast.Plan
		Empties bool
	}](town, town.operates("GET", "plan", canary...))
	if len(plan.Targets) != 1 || plan.Targets[0].Address.Port != 8081 || plan.Empties || plan.Services[0].Left != 1 {
		t.Errorf("%+v", plan)
	}
	everything := []string{"namespaceId", "*", "order", "offline", "limit", "1"}
	town.wants(town.operates("POST", "bulk", everything...), 409, "3 addresses match, and the limit is 1; nothing was done")
	if hosts := town.lookup("DEFAULT").Hosts; len(hosts) != 2 {
		t.Errorf("%+v", hosts)
	}
	town.wants(town.operates("POST", "bulk", append(canary, "limit", "1")...), 200, `{"done":1,"targets":[{"service":{"namespace":"public"`)
	if hosts := town.lookup("DEFAULT").Hosts; len(hosts) != 1 || hosts[0].Port != 8080 {
		t.Errorf("%+v", hosts)
	}
	town.wants(town.operates("POST", "bulk", "ip", "10.0.*", "order", "release"), 200, `{"done":1,`)
	town.wants(town.operates("POST", "bulk", "ip", "10.0.*", "order", "release"), 409, "no instance matches, so nothing was changed")
	if hosts := town.lookup("DEFAULT").Hosts; len(hosts) != 2 {
		t.Errorf("%+v", hosts)
	}
	town.wants(response{200, town.log.String()}, 200, `order="bulk offline"`)
}

func TestWrongOrdersAboutManyNameTheParameter(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	for _, wrong := range []struct {
		method, path string
		pairs        []string
		status       int
		says         string
	}{
		{"PUT", "floors", []string{"order", "drain"}, 400, "Param 'ip' or 'serviceName' is required"},
		{"PUT", "floors", []string{"order", "drain", "ip", "10.0.0.1", "serviceName", "orders"}, 400, "and not both"},
		{"PUT", "floors", []string{"ip", "10.0.0.1"}, 400, "Param 'order' is required"},
		{"PUT", "floors", []string{"ip", "10.0.0.1", "order", "release"}, 400, "Param 'order' is none of drain"},
		{"PUT", "floors", []string{"ip", "10.0.0.1", "order", "drain", "until", "soon"}, 400, "Param 'until'"},
		{"PUT", "floors", []string{"ip", "10.0.0.1", "order", "drain", "until", "1"}, 400, "not after now"},
		{"PUT", "floors", []string{"ip", "10.0.0.0/8", "order", "drain"}, 400, "neither an ip nor a host name"},
		{"DELETE", "floors", []string{"serviceName", "nobody"}, 404, "nobody"},
		{"GET", "floors", []string{"serviceName", "nobody"}, 404, "nobody"},
		{"GET", "plan", []string{"order", "drain"}, 400, "the selector is empty"},
		{"GET", "plan", []string{"ip", "*"}, 400, "Param 'order' is required"},
		{"POST", "bulk", []string{"ip", "*", "order", "online"}, 400, "Param 'order' is none of"},
		{"POST", "bulk", []string{"ip", "*", "order", "drain", "limit", "-1"}, 400, "Param 'limit'"},
		{"POST", "bulk", []string{"order", "drain", "metadata", "{"}, 400, "metadata"},
		{"GET", "audit", []string{"limit", "many"}, 400, "Param 'limit'"},
		{"GET", "explain", []string{"serviceName", "nobody"}, 404, "nobody"},
	} {
		town.wants(town.operates(wrong.method, wrong.path, wrong.pairs...), wrong.status, wrong.says)
	}
}

func TestCountersTellOfOrdersAndDecisions(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	town.ok(town.consoleSets(false))
	numbers := decoded[registryNumbers](town, town.operates("GET", "counters"))
	if numbers.Orders != 1 || numbers.Pending != 0 || numbers.SelfReverts != 0 || numbers.Instances != 1 {
		t.Errorf("%+v", numbers.Counters)
	}
	taken := uint64(0)
	for _, decision := range numbers.Decisions {
		if decision.Reason == "taken offline by an operator" {
			taken = decision.Count
		}
	}
	if taken != 1 {
		t.Errorf("%+v", numbers.Decisions)
	}
}

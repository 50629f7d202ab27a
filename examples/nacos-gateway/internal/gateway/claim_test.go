package gateway

import (
	"strings"
	"testing"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// Who sends a PUT decides what it is.

func TestAnSDKThatSpeaksForItsOwnInstanceClaims(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	// Another connection of the same host.
	own := strings.Replace(clientHost, ":40000", ":41111", 1)
	town.ok(town.send(javaAgent, own, "PUT", instancePath, at("enabled", "false", "weight", "3"), ""))
	town.wantsEnabled(false)
	if weight := town.shown().Weight; weight != 3 {
		t.Errorf("weight %v", weight)
	}
	if orders := town.send(browser, operatorHost, "GET", "/steadfast/v1/orders", "", ""); orders.body != "[]" {
		t.Errorf("a claim left orders behind: %s", orders.body)
	}
	town.wants(town.consoleSets(true, "weight", "3"), 409, "still takes no traffic")
	town.ok(town.send(javaAgent, own, "PUT", instancePath, at("enabled", "true"), ""))
	town.wantsEnabled(true)
}

func TestEverybodyElseIsAnOperator(t *testing.T) {
	for name, from := range map[string]struct{ agent, host string }{
		"a browser on the client's host": {browser, clientHost},
		"an SDK on another host":         {javaAgent, operatorHost},
		"no agent":                       {"", clientHost},
	} {
		t.Run(name, func(t *testing.T) {
			town := newTown(t, steadfast.Options{}, true)
			town.javaRegisters()
			town.ok(town.send(from.agent, from.host, "PUT", instancePath, "", at("enabled", "false")))
			orders := town.send(browser, operatorHost, "GET", "/steadfast/v1/orders", "", "")
			town.wants(orders, 200, `"kind":"offline"`)
			host, _, _ := strings.Cut(from.host, ":")
			town.wants(orders, 200, `"actor":"`+host+`"`)
		})
	}
}

func TestTheHostThatBeatsLastSpeaksForTheInstance(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	beat := func(host string) {
		town.wants(town.send(javaAgent, host, "PUT", instancePath+"/beat", at(), form("beat", fullBeat)), 200, "10200")
	}
	beat("10.1.0.2:40000")
	town.ok(town.send(javaAgent, clientHost, "PUT", instancePath, "", at("enabled", "false")))
	town.wants(town.send(browser, operatorHost, "GET", "/steadfast/v1/orders", "", ""), 200, `"actor":"10.1.0.1"`)
	town.ok(town.send(javaAgent, "10.1.0.2:1", "PUT", instancePath, "", at("weight", "9")))
	explained := town.send(browser, operatorHost, "GET", "/steadfast/v1/explain", at(), "")
	if strings.Contains(explained.body, `"overlays":[{`) {
		t.Errorf("the client's weight became an overlay: %s", explained.body)
	}
}

func TestNobodySpeaksForAnInstanceThatIsGone(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	town.pass(time.Minute)
	town.wants(town.send(javaAgent, clientHost, "PUT", instancePath, "", at("enabled", "false")), 409, "nothing is registered")
	if err := town.forgetGone(); err != nil {
		t.Fatal(err)
	}
	if left := len(town.known.instances); left != 0 {
		t.Errorf("%d instances that are gone are remembered", left)
	}
}

func TestAClientsDeleteIsItsOwnLeave(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	town.ok(town.send(javaAgent, clientHost, "DELETE", instancePath, at("ephemeral", "true"), ""))
	if instance := town.shown(); instance != nil {
		t.Fatalf("%+v", instance)
	}
	if strings.Contains(town.log.String(), "order=remove") {
		t.Errorf("logged as an operator's:\n%s", town.log)
	}
	// SDKs deregister what is not there, and expect ok.
	town.ok(town.send(javaAgent, clientHost, "DELETE", instancePath, at(), ""))
	town.ok(town.send(javaAgent, clientHost, "DELETE", instancePath, form("serviceName", "nobody", "ip", "1.1.1.1", "port", "1"), ""))
}

func TestAnotherOwnersHoldIsNamed(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	orders, err := town.registry.FindService(steadfast.ServiceName{Namespace: "public", Group: "DEFAULT_GROUP", Name: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	home := steadfast.Address{IP: "10.0.0.1", Port: 8080, Cluster: "DEFAULT"}
	_, err = town.registry.Hold(orders, home, steadfast.HoldOrder{
		Kind: steadfast.HoldOffline, Author: steadfast.Author{Owner: "deploy", Actor: "bob", Reason: "canary failed"},
	})
	if err != nil {
		t.Fatal(err)
	}
	town.wants(town.consoleSets(true), 409, "deploy")
}

func TestAPatchMayBeAnOrderAndAnEdit(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	town.ok(town.send(browser, operatorHost, "PATCH", instancePath, "", at("weight", "5", "enabled", "false")))
	town.wantsEnabled(false)
	if weight := town.shown().Weight; weight != 5 {
		t.Errorf("weight %v", weight)
	}
}

func TestAnEditedKeyFollowsTheClientAgainWhenItIsLeftOut(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	put := func(metadata string) {
		town.ok(town.send(browser, operatorHost, "PUT", instancePath, "", at("metadata", metadata)))
	}
	put(`{"version":"1","zone":"b"}`)
	if zone := town.shown().Metadata["zone"]; zone != "b" {
		t.Fatalf("zone %q", zone)
	}
	put(`{"version":"1"}`)
	if zone, found := town.shown().Metadata["zone"]; found {
		t.Errorf("zone is still %q", zone)
	}
	// An SDK's update sends empty metadata when its program says nothing.
	put(`{}`)
	if version := town.shown().Metadata["version"]; version != "1" {
		t.Errorf("version %q", version)
	}
}

func TestBatchesEditManyAndGiveBack(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	town.javaRegisters("port", "8081")
	all := form("serviceName", "orders", "metadata", `{"zone":"b"}`)
	path := instancePath + "/metadata/batch"
	put := town.send(browser, operatorHost, "PUT", path, "", all)
	town.wants(put, 200, "10.0.0.1#8080#DEFAULT#DEFAULT_GROUP@@orders")
	town.wants(put, 200, "10.0.0.1#8081#DEFAULT#DEFAULT_GROUP@@orders")
	town.wants(town.send(browser, operatorHost, "PUT", path, "", all), 200, `"updated":[]`)
	town.wants(town.send(browser, operatorHost, "DELETE", path, all, ""), 200, "8080")
	if zone, found := town.shown().Metadata["zone"]; found {
		t.Errorf("zone is still %q", zone)
	}
	town.wants(town.send(browser, operatorHost, "PUT", path, "", all+"&instances=x"), 400, "Param 'instances'")
}

package gateway

import (
	"strings"
	"testing"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// The stories are those of users who saw an instance come back online by itself. Each is played with the requests that
// the stock client and the stock console send.

// Offline, 40 s of silence, a full beat.
func TestOfflineSurvivesSilenceAndAFullBeat(t *testing.T) {
	town := newTown(t, steadfast.Options{}, false)
	town.javaRegisters()
	if reply := town.javaBeats(true); reply.Code != nacos.BeatAlive || reply.LightBeatEnabled || reply.ClientBeatInterval != 5000 {
		t.Fatalf("%+v", reply)
	}
	town.ok(town.consoleSets(false))
	town.wantsEnabled(false)
	for range 3 {
		town.pass(5 * time.Second)
		town.javaBeats(true)
		town.wantsEnabled(false)
	}
	for range 2 {
		town.pass(40 * time.Second)
		if instance := town.shown(); instance != nil {
			t.Fatalf("40 s of silence, and still there: %+v", instance)
		}
		if reply := town.javaBeats(true); reply.Code != nacos.BeatAlive {
			t.Fatalf("%+v", reply)
		}
		town.wantsEnabled(false)
	}
	town.ok(town.consoleSets(true))
	town.wantsEnabled(true)
}

// Offline, silence until even the memory is gone, a light beat, 20404, a registration.
func TestOfflineSurvivesA20404(t *testing.T) {
	town := newTown(t, steadfast.Options{Retain: -1}, true)
	town.javaRegisters()
	if reply := town.javaBeats(true); !reply.LightBeatEnabled {
		t.Fatalf("%+v", reply)
	}
	town.ok(town.consoleSets(false))
	town.pass(5 * time.Minute)
	if reply := town.javaBeats(false); reply.Code != nacos.BeatRegisterAgain {
		t.Fatalf("a light beat of nobody: %+v", reply)
	}
	town.javaRegisters()
	town.wantsEnabled(false)
	town.ok(town.consoleSets(true))
	town.wantsEnabled(true)
}

// Offline, and the application starts again (F3).
func TestOfflineSurvivesANewRegistration(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	town.ok(town.consoleSets(false))
	town.javaRegisters("metadata", `{"version":"2"}`)
	town.wantsEnabled(false)
	if version := town.shown().Metadata["version"]; version != "2" {
		t.Errorf("metadata is frozen at version %s", version)
	}
}

// Offline, and the server starts again (F5).
func TestOfflineSurvivesARestartOfTheGateway(t *testing.T) {
	folder := t.TempDir()
	town := newTown(t, steadfast.Options{Data: folder}, true)
	town.javaRegisters()
	town.ok(town.consoleSets(false))
	if err := town.registry.Close(); err != nil {
		t.Fatal(err)
	}
	town = newTown(t, steadfast.Options{Data: folder}, true)
	if reply := town.javaBeats(false); reply.Code != nacos.BeatRegisterAgain {
		t.Fatalf("%+v", reply)
	}
	town.javaRegisters()
	town.wantsEnabled(false)
}

// An order for an address that is not there (F10): never a silent ok.
func TestAnOrderThatMatchesNothingSaysSo(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.wants(town.consoleSets(true), 409, "there is no service public@@DEFAULT_GROUP@@orders")
	town.javaRegisters("clusterName", "A")
	town.wants(town.consoleSets(false), 409, "the same ip and port is in cluster A")
	town.wants(town.consoleSets(false), 409, "the order is kept and waits")
	town.javaRegisters()
	town.wantsEnabled(false)
	town.ok(town.consoleSets(true))
	town.wantsEnabled(true)

	elsewhere := at("clusterName", "B", "enabled", "true")
	town.wants(town.send(browser, operatorHost, "PUT", instancePath, "", elsewhere), 409, "no order of console waits for it")
	edit := at("clusterName", "B", "weight", "7")
	town.wants(town.send(browser, operatorHost, "PUT", instancePath, "", edit), 409, "nothing was changed")
	town.wants(town.send(browser, operatorHost, "DELETE", instancePath, at("clusterName", "B"), ""), 409, "in cluster A, DEFAULT")
}

// Updates that do not name enabled, or that edit something else, leave an order alone (F11).
func TestEditsLeaveOrdersAlone(t *testing.T) {
	for name, request := range map[string]struct{ method, path, params string }{
		"put without enabled":   {"PUT", instancePath, at("weight", "3")},
		"put of a stale row":    {"PUT", instancePath, at("weight", "3", "enabled", "true")},
		"patch of the weight":   {"PATCH", instancePath, at("weight", "3")},
		"patch of the metadata": {"PATCH", instancePath, at("metadata", `{"zone":"b"}`)},
		"batch of metadata": {"PUT", instancePath + "/metadata/batch", form("serviceName", "orders", "metadata", `{"zone":"b"}`,
			"instances", `[{"ip":"10.0.0.1","port":"8080","ephemeral":"true","clusterName":"DEFAULT"}]`)},
	} {
		t.Run(name, func(t *testing.T) {
			town := newTown(t, steadfast.Options{}, true)
			town.javaRegisters()
			town.ok(town.consoleSets(false))
			if got := town.send(browser, operatorHost, request.method, request.path, "", request.params); got.status != 200 {
				t.Fatalf("%+v", got)
			}
			town.wantsEnabled(false)
			instance := town.shown()
			if instance.Weight != 3 && instance.Metadata["zone"] != "b" {
				t.Errorf("the edit itself is lost: %+v", instance)
			}
			if instance.Metadata["version"] != "1" {
				t.Errorf("the edit took metadata away: %+v", instance)
			}
			if instance.Weight != 3 && instance.Weight != 1 {
				t.Errorf("the edit changed the weight to %v", instance.Weight)
			}
			town.pass(40 * time.Second)
			town.javaBeats(true)
			town.wantsEnabled(false)
		})
	}
}

// A client that disabled itself stays disabled through silence and a beat (F12), and an operator's online says why it
// has no effect.
func TestTheClientsOwnWordSurvivesToo(t *testing.T) {
	town := newTown(t, steadfast.Options{}, false)
	town.javaRegisters("enable", "false")
	town.wantsEnabled(false)
	town.pass(40 * time.Second)
	town.javaBeats(true)
	town.wantsEnabled(false)
	town.wants(town.consoleSets(true), 409, "still takes no traffic")
}

// An operator deletes an instance that goes on beating (F20): it comes back, and an order on it comes back with it.
func TestADeletedInstanceComesBackUnderItsOrders(t *testing.T) {
	town := newTown(t, steadfast.Options{}, false)
	town.javaRegisters()
	town.ok(town.consoleSets(false))
	town.ok(town.send(browser, operatorHost, "DELETE", instancePath, at(), ""))
	if instance := town.shown(); instance != nil {
		t.Fatalf("deleted, and still there: %+v", instance)
	}
	town.ok(town.send(browser, operatorHost, "DELETE", instancePath, at(), ""))
	if reply := town.javaBeats(true); reply.Code != nacos.BeatAlive {
		t.Fatalf("%+v", reply)
	}
	town.wantsEnabled(false)
	if !strings.Contains(town.log.String(), "order=remove") {
		t.Errorf("the removal is not in the log:\n%s", town.log)
	}
}

// Under heartbeat-wins the next beat brings it back, and the order is listed as overruled.
func TestUnderAnotherPolicyTheHeartbeatWins(t *testing.T) {
	town := newTown(t, steadfast.Options{Policy: "heartbeat-wins"}, false)
	town.javaRegisters()
	town.ok(town.consoleSets(false))
	town.wantsEnabled(false)
	town.javaBeats(true)
	town.wantsEnabled(true)
	orders := town.send(browser, operatorHost, "GET", "/steadfast/v1/orders", form("serviceName", "orders"), "")
	town.wants(orders, 200, `"overruled":true`)
	town.wants(orders, 200, `"owner":"console"`)
}

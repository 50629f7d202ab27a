package gateway

import (
	"net/http"
	"strings"
	"testing"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

func TestTheGoSDKsRequests(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.ok(town.send(goAgent, clientHost, "POST", instancePath, "", at("enable", "true", "healthy", "true", "ephemeral", "true")))
	beat := `beat={"port":8080,"ip":"10.0.0.1","weight":1,"serviceName":"DEFAULT_GROUP@@orders","cluster":"DEFAULT",` +
		`"metadata":{"a":"x&y=1"},"scheduled":false}&namespaceId=&serviceName=DEFAULT_GROUP@@orders&`
	got := town.send(goAgent, clientHost, "PUT", instancePath+"/beat", "", beat)
	if reply := decoded[nacos.BeatReply](town, got); reply.Code != nacos.BeatAlive {
		t.Errorf("%+v", reply)
	}
	list := town.send(goAgent, clientHost, "GET", instancePath+"/list",
		"serviceName=DEFAULT_GROUP@@orders&clusters=&namespaceId=&udpPort=55000&healthyOnly=false&clientIP=10.1.0.1", "")
	if info := decoded[nacos.ServiceInfo](town, list); len(info.Hosts) != 1 {
		t.Errorf("%+v", info)
	}
	town.ok(town.send(goAgent, clientHost, "DELETE", instancePath,
		"clusterName=DEFAULT&ip=10.0.0.1&port=8080&serviceName=DEFAULT_GROUP@@orders&ephemeral=true", ""))
}

func TestThePythonSDKsRequests(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	register := form("ip", "10.0.0.1", "port", "8080", "serviceName", "orders", "weight", "1.0", "enable", "True",
		"healthy", "True", "clusterName", "None", "ephemeral", "True", "groupName", "shop", "metadata", "None")
	town.ok(town.send(pythonAgent, clientHost, "POST", instancePath, "", register))
	beat := form("serviceName", "orders", "groupName", "shop",
		"beat", `{"serviceName": "orders", "ip": "10.0.0.1", "port": 8080, "weight": 1.0, "metadata": {}, "scheduled": false}`)
	got := town.send(pythonAgent, clientHost, "PUT", instancePath+"/beat", beat, "")
	if reply := decoded[nacos.BeatReply](town, got); reply.Code != nacos.BeatAlive {
		t.Errorf("%+v", reply)
	}
	list := town.send(pythonAgent, clientHost, "GET", instancePath+"/list", form("serviceName", "shop@@orders", "healthyOnly", "True"), "")
	info := decoded[nacos.ServiceInfo](town, list)
	if len(info.Hosts) != 1 || info.Hosts[0].ClusterName != "DEFAULT" || info.Hosts[0].InstanceID == "" {
		t.Errorf("register and beat are two instances: %+v", info)
	}
	town.ok(town.send(pythonAgent, clientHost, "DELETE", instancePath, "", register))
}

func TestAListIsWhatClientsCache(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	unknown := town.lookup("A,B")
	if unknown.Name != "DEFAULT_GROUP@@orders" || unknown.Clusters != "A,B" || unknown.Hosts == nil || len(unknown.Hosts) != 0 {
		t.Errorf("an unknown service: %+v", unknown)
	}
	town.javaRegisters("clusterName", "A", "weight", "2.5")
	town.javaRegisters("clusterName", "B")
	first := town.lookup("A")
	if first.Name != "DEFAULT_GROUP@@orders" || first.Clusters != "A" || first.CacheMillis <= 0 || len(first.Hosts) != 1 {
		t.Fatalf("%+v", first)
	}
	host := first.Hosts[0]
	if host.InstanceID != "10.0.0.1#8080#A#DEFAULT_GROUP@@orders" || host.Weight != 2.5 || !host.Healthy || !host.Enabled ||
		!host.Ephemeral || host.Metadata["version"] != "1" || host.ServiceName != "DEFAULT_GROUP@@orders" {
		t.Errorf("%+v", host)
	}
	if again := town.lookup("A"); again.LastRefTime != first.LastRefTime || again.Checksum != first.Checksum {
		t.Errorf("nothing changed: %+v, then %+v", first, again)
	}
	town.ok(town.send(browser, operatorHost, "PUT", instancePath, "", at("clusterName", "A", "enabled", "false")))
	second := town.lookup("A")
	if len(second.Hosts) != 0 || second.LastRefTime <= first.LastRefTime || second.Checksum == first.Checksum {
		t.Errorf("%+v, then %+v", first, second)
	}
	if all := town.lookup(""); len(all.Hosts) != 1 || all.Hosts[0].ClusterName != "B" || all.LastRefTime < second.LastRefTime {
		t.Errorf("%+v", all)
	}
}

func TestBeatsSayHowOftenTheInstanceShouldBeat(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters("metadata", `{"preserved.heart.beat.interval":"1000"}`)
	if reply := town.javaBeats(false); reply.ClientBeatInterval != 1000 || reply.Code != nacos.BeatAlive {
		t.Errorf("%+v", reply)
	}
}

// A gateway that was started again learns handles and intervals from beats.
func TestBeatsOfStrangersBecomeOrdinaryBeats(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	interval := strings.Replace(fullBeat, `"version":"1"`, `"preserved.heart.beat.interval":"1000"`, 1)
	beat := func() nacos.BeatReply {
		return decoded[nacos.BeatReply](town, town.send(javaAgent, clientHost, "PUT", instancePath+"/beat", at(), form("beat", interval)))
	}
	// The first answer counts: 5 seconds without a beat are too long for an instance that beats each second.
	for range 2 {
		if reply := beat(); reply.ClientBeatInterval != 1000 {
			t.Errorf("%+v", reply)
		}
	}
	for at, friend := range town.known.instances {
		if friend.handle == 0 || friend.host != "10.1.0.1" {
			t.Errorf("%v is remembered as %+v", at, friend)
		}
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.known.max = 1
	town.javaRegisters("port", "8081")
	town.javaRegisters()
	if reply := town.javaBeats(true); reply.Code != nacos.BeatAlive {
		t.Errorf("%+v", reply)
	}
	if left := len(town.known.instances); left != 1 {
		t.Errorf("%d instances are remembered, at most one may be", left)
	}
}

func TestPersistentInstances(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters("ephemeral", "false")
	town.wants(town.send(javaAgent, clientHost, "POST", instancePath, "", at("ephemeral", "true")), 400, "persistent")
	health := func(healthy string) response {
		return town.send(browser, operatorHost, "PUT", "/nacos/v1/ns/health/instance", "", at("healthy", healthy))
	}
	town.ok(health("false"))
	if instance := town.shown(); instance.Healthy || instance.Ephemeral {
		t.Errorf("%+v", instance)
	}
	town.ok(health("true"))
	if instance := town.shown(); !instance.Healthy {
		t.Errorf("%+v", instance)
	}
	town.wants(health(""), 400, "Param 'healthy' is required")
	town.javaRegisters("port", "9000")
	ephemeral := at("healthy", "false", "port", "9000")
	town.wants(town.send(browser, operatorHost, "PUT", "/nacos/v1/ns/health/instance", "", ephemeral), 400, "ephemeral")
}

func TestWrongRequestsNameTheField(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	for params, field := range map[string]string{
		form("port", "1", "serviceName", "s"):                                         "'ip' is required",
		form("ip", "1.1.1.1", "serviceName", "s"):                                     "'port' is required",
		form("ip", "1.1.1.1", "port", "1"):                                            "'serviceName' is required",
		form("ip", "1.1.1.1", "port", "65536", "serviceName", "s"):                    "'port'",
		form("ip", "1.1.1.1", "port", "0", "serviceName", "s"):                        "'port'",
		form("ip", "a b", "port", "1", "serviceName", "s"):                            "a b",
		form("ip", "1.1.1.1", "port", "1", "serviceName", "s", "weight", "NaN"):       "'weight'",
		form("ip", "1.1.1.1", "port", "1", "serviceName", "s", "weight", "-1"):        "weight",
		form("ip", "1.1.1.1", "port", "1", "serviceName", "s", "weight", "10001"):     "weight",
		form("ip", "1.1.1.1", "port", "1", "serviceName", "s", "enabled", "perhaps"):  "'enabled'",
		form("ip", "1.1.1.1", "port", "1", "serviceName", "s", "ephemeral", "x"):      "'ephemeral'",
		form("ip", "1.1.1.1", "port", "1", "serviceName", "s", "metadata", "{"):       "'metadata'",
		form("ip", "1.1.1.1", "port", "1", "serviceName", strings.Repeat("s", 600)):   "service name",
		form("ip", "1.1.1.1", "port", "1", "serviceName", "a\x00b"):                   "service name",
		form("ip", "1.1.1.1", "port", "1", "serviceName", "s", "metadata", long()):    "metadata",
		"ip=1.1.1.1&port=1&serviceName=%ff":                                           "'serviceName'",
		"ip=1.1.1.1&port=1&serviceName=%zz":                                           "'serviceName'",
		"ip=1.1.1.1&port=1&serviceName=s&clusterName=" + strings.Repeat("c", bodyMax): "'body'",
	} {
		got := town.send(javaAgent, clientHost, "POST", instancePath, "", params)
		if got.status != http.StatusBadRequest || !strings.HasPrefix(got.body, "caused: ") || !strings.Contains(got.body, field) {
			t.Errorf("%.80s: %d %s", params, got.status, got.body)
		}
	}
	for path, want := range map[string]int{
		"/nacos/v1/ns/instance/list":                                           400,
		"/nacos/v1/ns/service/list?pageNo=x":                                   400,
		"/steadfast/v1/announcements?after=x":                                  400,
		"/nacos/v1/ns/instance?serviceName=s&ip=1.1.1.1&port=1":                404,
		"/nacos/v1/ns/catalog/instances?serviceName=nobody":                    404,
		"/steadfast/v1/explain?serviceName=s&ip=1.1.1.1&port=1":                404,
		"/nacos/v1/no/such/thing":                                              404,
		"/nacos/v1/ns/catalog/services?pageNo=2147483647&pageSize=10000000000": 200,
	} {
		path, query, _ := strings.Cut(path, "?")
		if got := town.send(browser, operatorHost, "GET", path, query, ""); got.status != want {
			t.Errorf("%s?%s: %d %s, want %d", path, query, got.status, got.body, want)
		}
	}
}

// long is metadata beyond the registry's bound.
func long() string { return "k=" + strings.Repeat("v", 20_000) }

func TestABannedAddressIsRefused(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	orders, err := town.registry.Service(steadfast.ServiceName{Namespace: "public", Group: "DEFAULT_GROUP", Name: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = town.registry.Hold(orders, steadfast.Address{IP: "10.0.0.1", Port: 8080, Cluster: "DEFAULT"}, steadfast.HoldOrder{
		Kind: steadfast.HoldBanned, Author: steadfast.Author{Owner: "security", Actor: "eve", Reason: "compromised"},
	})
	if err != nil {
		t.Fatal(err)
	}
	town.wants(town.send(javaAgent, clientHost, "POST", instancePath, "", at()), 403, "banned")
}

func TestAfterTheRegistryClosedEveryAnswerIs503(t *testing.T) {
	town := newTown(t, steadfast.Options{}, true)
	town.javaRegisters()
	if err := town.registry.Close(); err != nil {
		t.Fatal(err)
	}
	for method, path := range map[string]string{
		"POST": instancePath, "PUT": instancePath + "/beat", "DELETE": instancePath,
		"GET": "/nacos/v1/console/health/readiness",
	} {
		town.wants(town.send(javaAgent, clientHost, method, path, at(), ""), 503, "caused: ")
	}
}

package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// Agents as the stock SDKs and a browser send them.
const (
	javaAgent   = "Nacos-Java-Client:v1.4.1"
	goAgent     = "Nacos-Go-Client:v1.1.6"
	pythonAgent = "Nacos-Python-Client:v0.1.14"
	browser     = "Mozilla/5.0 (X11; Linux x86_64)"
)

const (
	clientHost   = "10.1.0.1:40000"
	operatorHost = "10.9.0.1:50000"
)

// town is a gateway over a real registry in virtual time.
type town struct {
	*Gateway
	t        *testing.T
	registry *steadfast.Registry
	mono     time.Duration
	log      *strings.Builder
}

func newTown(t *testing.T, options steadfast.Options, lightBeats bool) *town {
	t.Helper()
	options.ThreadsNone = true
	options.MaxStep = -1
	registry, err := steadfast.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = registry.Close() })
	log := &strings.Builder{}
	town := &town{
		Gateway:  New(registry, Config{LightBeats: lightBeats, Log: slog.New(slog.NewTextHandler(log, nil))}),
		t:        t,
		registry: registry,
		log:      log,
	}
	town.pass(0)
	return town
}

var dawn = time.UnixMilli(1_700_000_000_000)

func (town *town) pass(duration time.Duration) {
	town.t.Helper()
	for end := town.mono + duration; ; town.mono = min(town.mono+100*time.Millisecond, end) {
		if err := town.registry.Tick(town.mono, dawn.Add(town.mono)); err != nil {
			town.t.Fatal(err)
		}
		if town.mono == end {
			return
		}
	}
}

// answered is what came back.
type response struct {
	status int
	body   string
}

// send sends parameters in the query, as they are, and a body.
func (town *town) send(agent, from, method, path, query, body string) response {
	town.t.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.URL.RawQuery = query
	request.RemoteAddr = from
	request.Header.Set("User-Agent", agent)
	if body != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	recorder := httptest.NewRecorder()
	town.ServeHTTP(recorder, request)
	text, err := io.ReadAll(recorder.Result().Body)
	if err != nil {
		town.t.Fatal(err)
	}
	return response{recorder.Code, string(text)}
}

func form(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

const instancePath = "/nacos/v1/ns/instance"

// at is the address that all stories play at; more pairs follow.
func at(more ...string) string {
	return form(append([]string{
		"serviceName", "DEFAULT_GROUP@@orders", "ip", "10.0.0.1", "port", "8080", "clusterName", "DEFAULT",
	}, more...)...)
}

// wants asserts a status and a text of the answer.
func (town *town) wants(got response, status int, text string) {
	town.t.Helper()
	if got.status != status || !strings.Contains(got.body, text) {
		town.t.Fatalf("got %d %s; want %d with %q", got.status, got.body, status, text)
	}
}

func (town *town) ok(got response) {
	town.t.Helper()
	if got.status != http.StatusOK || got.body != "ok" {
		town.t.Fatalf("got %d %s; want ok", got.status, got.body)
	}
}

// The Java client's requests, as 1.4.1 sends them.

func (town *town) javaRegisters(more ...string) {
	town.t.Helper()
	town.ok(town.send(javaAgent, clientHost, "POST", instancePath, "", at(append([]string{
		"namespaceId", "public", "groupName", "DEFAULT_GROUP", "weight", "1.0", "enable", "true", "healthy", "true",
		"ephemeral", "true", "metadata", `{"version":"1"}`, "app", "unknown",
	}, more...)...)))
}

const fullBeat = `{"port":8080,"ip":"10.0.0.1","weight":1.0,"serviceName":"DEFAULT_GROUP@@orders","cluster":"DEFAULT",` +
	`"metadata":{"version":"1"},"scheduled":false,"period":5000,"stopped":false}`

func (town *town) javaBeats(full bool) nacos.BeatReply {
	town.t.Helper()
	body := ""
	if full {
		body = form("beat", fullBeat)
	}
	got := town.send(javaAgent, clientHost, "PUT", instancePath+"/beat", at("namespaceId", "public"), body)
	return decoded[nacos.BeatReply](town, got)
}

// The console's button, as 1.4.1 sends it.

func (town *town) consoleSets(enabled bool, more ...string) response {
	town.t.Helper()
	return town.send(browser, operatorHost, "PUT", instancePath, "", at(append([]string{
		"groupName", "DEFAULT_GROUP", "ephemeral", "true", "weight", "1", "enabled", fmt.Sprint(enabled),
		"metadata", `{"version":"1"}`, "namespaceId", "",
	}, more...)...))
}

// shown is the instance as the console's detail page shows it; nil when there is none.
func (town *town) shown() *nacos.Instance {
	town.t.Helper()
	got := town.send(browser, operatorHost, "GET", "/nacos/v1/ns/catalog/instances",
		form("serviceName", "orders", "groupName", "DEFAULT_GROUP", "clusterName", "DEFAULT", "pageSize", "10", "pageNo", "1"), "")
	page := decoded[nacos.CatalogInstances](town, got)
	if len(page.List) == 0 {
		return nil
	}
	return &page.List[0]
}

func (town *town) wantsEnabled(enabled bool) {
	town.t.Helper()
	instance := town.shown()
	if instance == nil {
		town.t.Fatalf("not registered; want enabled=%v", enabled)
	}
	if instance.Enabled != enabled {
		town.t.Fatalf("enabled=%v, want %v", instance.Enabled, enabled)
	}
	listed := len(town.lookup("DEFAULT").Hosts) == 1
	if listed != enabled {
		town.t.Fatalf("listed=%v although enabled=%v", listed, enabled)
	}
}

func (town *town) lookup(clusters string) nacos.ServiceInfo {
	town.t.Helper()
	got := town.send(javaAgent, clientHost, "GET", instancePath+"/list",
		form("serviceName", "DEFAULT_GROUP@@orders", "clusters", clusters, "udpPort", "0", "healthyOnly", "false"), "")
	return decoded[nacos.ServiceInfo](town, got)
}

func decoded[T any](town *town, got response) T {
	town.t.Helper()
	var value T
	if got.status != http.StatusOK {
		town.t.Fatalf("got %d %s", got.status, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), &value); err != nil {
		town.t.Fatalf("%v in %s", err, got.body)
	}
	return value
}

// Package gateway answers Nacos' 1.x HTTP API from an embedded Steadfast registry.
package gateway

import (
	"log/slog"
	"net/http"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// Config is how a gateway answers.
type Config struct {
	// LightBeats tells clients that, once they are registered, they need not repeat weight and metadata in each beat.
	LightBeats bool
	// Log takes every order and what the registry announces.
	Log *slog.Logger
}

// Gateway is the HTTP face of one registry.
type Gateway struct {
	registry   *steadfast.Registry
	lightBeats bool
	log        *slog.Logger
	known      *known
	pictures   *pictures
	routes     *http.ServeMux
}

// New is a gateway over a registry. It starts nothing; see [Gateway.Follow].
func New(registry *steadfast.Registry, config Config) *Gateway {
	g := &Gateway{
		registry:   registry,
		lightBeats: config.LightBeats,
		log:        config.Log,
		known:      newKnown(knownMax),
		pictures:   newPictures(registry),
		routes:     http.NewServeMux(),
	}
	g.route()
	return g
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.routes.ServeHTTP(w, r)
}

func (g *Gateway) route() {
	for pattern, answer := range map[string]answer{
		"POST /nacos/v1/ns/instance":                  g.register,
		"PUT /nacos/v1/ns/instance":                   g.put,
		"PATCH /nacos/v1/ns/instance":                 g.patch,
		"DELETE /nacos/v1/ns/instance":                g.delete,
		"GET /nacos/v1/ns/instance":                   g.detail,
		"PUT /nacos/v1/ns/instance/beat":              g.beat,
		"GET /nacos/v1/ns/instance/list":              g.list,
		"PUT /nacos/v1/ns/instance/metadata/batch":    g.putMetadata,
		"DELETE /nacos/v1/ns/instance/metadata/batch": g.deleteMetadata,
		"PUT /nacos/v1/ns/health/instance":            g.putHealth,
		"GET /nacos/v1/ns/service/list":               g.services,
		"GET /nacos/v1/ns/operator/metrics":           g.metrics,
		"GET /nacos/v1/ns/catalog/services":           g.catalogServices,
		"GET /nacos/v1/ns/catalog/service":            g.catalogService,
		"GET /nacos/v1/ns/catalog/instances":          g.catalogInstances,
		"GET /nacos/v1/console/namespaces":            g.namespaces,
		"GET /nacos/v1/console/server/state":          g.serverState,
		"GET /nacos/v1/console/health/liveness":       g.liveness,
		"GET /nacos/v1/console/health/readiness":      g.readiness,
		"GET /steadfast/v1/explain":                   g.explain,
		"GET /steadfast/v1/orders":                    g.orders,
		"GET /steadfast/v1/floors":                    g.floors,
		"PUT /steadfast/v1/floors":                    g.holdFloor,
		"DELETE /steadfast/v1/floors":                 g.releaseFloor,
		"GET /steadfast/v1/plan":                      g.plan,
		"POST /steadfast/v1/bulk":                     g.bulk,
		"GET /steadfast/v1/audit":                     g.audit,
		"GET /steadfast/v1/counters":                  g.counters,
		"GET /steadfast/v1/policies":                  g.policies,
		"GET /steadfast/v1/announcements":             g.announcements,
	} {
		g.routes.Handle(pattern, g.answering(answer))
	}
}

package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

const (
	plainText = "text/plain; charset=utf-8"
	jsonText  = "application/json; charset=utf-8"
)

// ok is the plain text that every Nacos client expects after a write.
func ok() (reply, error) {
	return reply{contentType: plainText, body: []byte("ok")}, nil
}

func asJSON(value any) (reply, error) {
	body, err := json.Marshal(value)
	return reply{contentType: jsonText, body: body}, err
}

// refusal is an answer other than 200, for a reason that the gateway itself knows.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

func conflict(format string, args ...any) error {
	return &refusal{status: http.StatusConflict, reason: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &refusal{status: http.StatusNotFound, reason: fmt.Sprintf(format, args...)}
}

// refuse writes an error the way Nacos does: plain text, "caused: ...;".
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	level := g.log.Debug
	if status >= http.StatusInternalServerError {
		level = g.log.Error
	}
	level("refused", "method", r.Method, "path", r.URL.Path, "status", status, "error", err)
	w.Header().Set("Content-Type", plainText)
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "caused: %s;", err)
}

func statusOf(err error) int {
	var wrong *nacos.ParamError
	var refused *refusal
	switch {
	case errors.As(err, &wrong):
		return http.StatusBadRequest
	case errors.As(err, &refused):
		return refused.status
	case errors.Is(err, steadfast.ErrClosed):
		return http.StatusServiceUnavailable
	case errors.Is(err, steadfast.ErrRefused):
		return http.StatusForbidden
	case errors.Is(err, steadfast.ErrNotFound), errors.Is(err, steadfast.ErrNotRegistered):
		return http.StatusNotFound
	case errors.Is(err, steadfast.ErrTooMany):
		return http.StatusConflict
	}
	for _, invalid := range []error{
		steadfast.ErrName, steadfast.ErrPort, steadfast.ErrWeight, steadfast.ErrMetadata, steadfast.ErrKind, steadfast.ErrUTF8,
		steadfast.ErrSelector, steadfast.ErrUntil,
	} {
		if errors.Is(err, invalid) {
			return http.StatusBadRequest
		}
	}
	return http.StatusInternalServerError
}

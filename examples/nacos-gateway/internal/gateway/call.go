package gateway

import (
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/nacos"
)

// bodyMax is the largest body that is read. A beat with all the metadata that the registry takes has 40 KiB.
const bodyMax = 1 << 20

// call is one request, understood.
type call struct {
	params nacos.Params
	// host is where the request came from, without the port: a client's connections come and go.
	host string
	// sdk says that the agent is an SDK's.
	sdk bool
}

// reply is what a request is answered with.
type reply struct {
	contentType string
	body        []byte
}

// answer does what a request asks.
type answer func(c *call) (reply, error)

func (g *Gateway) answering(answer answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply, err := answered(answer, w, r)
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", reply.contentType)
		if _, err := w.Write(reply.body); err != nil {
			g.log.Debug("reply not sent", "path", r.URL.Path, "error", err)
		}
	})
}

func answered(answer answer, w http.ResponseWriter, r *http.Request) (reply, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
	if err != nil {
		return reply{}, unreadable(err)
	}
	params, err := nacos.ParseParams(r.URL.RawQuery, string(body))
	if err != nil {
		return reply{}, err
	}
	return answer(&call{params: params, host: hostOf(r.RemoteAddr), sdk: nacos.IsSDK(r.UserAgent())})
}

func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &nacos.ParamError{Name: "body", Problem: "is larger than 1 MiB"}
	}
	return &nacos.ParamError{Name: "body", Problem: "cannot be read: " + err.Error()}
}

func hostOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}

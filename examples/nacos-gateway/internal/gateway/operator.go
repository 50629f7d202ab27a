package gateway

import (
	"fmt"
	"strings"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// consoleOwner owns every order that comes through this API: there is one console, and any operator may undo what
// another one did there.
const consoleOwner = "console"

// operator signs an order. Nothing here authenticates; the user is who the request says, else the address. The console
// asks for no reason, so an order that names none has the console for it.
func operator(c *call) steadfast.Author {
	return steadfast.Author{
		Owner: consoleOwner, Actor: c.params.TextOr("username", c.host), Reason: c.params.TextOr("reason", "console"),
	}
}

func (g *Gateway) logOrder(what string, w *write, effect *steadfast.Effect) {
	g.log.Info("order", "order", what, "service", w.name, "address", w.at.address,
		"owner", w.author.Owner, "actor", w.author.Actor, "found", effect.Found, "pending", effect.Pending,
		"traffic", effect.Traffic, "healthy", effect.Healthy, "reason", effect.Reason, "refusing", effect.Refusing,
		"revision", effect.Revision)
}

// nothingAt says that no instance matches, and where one is that may have been meant.
func nothingAt(w *write, picture *picture) string {
	text := fmt.Sprintf("nothing is registered at %s in service %s", w.at.address, w.name)
	if clusters := picture.clustersOf(w.at.address); len(clusters) > 0 {
		text += fmt.Sprintf(" (the same ip and port is in cluster %s)", strings.Join(clusters, ", "))
	}
	return text
}

// why says what keeps an instance from traffic.
func why(effect *steadfast.Effect) string {
	if len(effect.Refusing) == 0 {
		return effect.Reason
	}
	return effect.Reason + " (" + strings.Join(effect.Refusing, "; ") + ")"
}

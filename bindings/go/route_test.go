package steadfast

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func (w *world) decides(namespace, group, name string) string {
	w.t.Helper()
	service, err := w.Service(ServiceName{namespace, group, name})
	if err != nil {
		w.t.Fatal(err)
	}
	policy, err := w.PolicyOf(service)
	if err != nil {
		w.t.Fatal(err)
	}
	return policy.Name
}

func TestTheNarrowestRouteDecides(t *testing.T) {
	w := newWorld(t, Options{})
	w.decides("legacy", "payments", "one")
	table := must[[]byte](t)(os.ReadFile(filepath.Join("..", "..", "core", "tests", "golden", "version-1.table")))
	routes := []Route{
		{Scope: Scope{Namespace: "legacy"}, Policy: "nacos-1-4"},
		{Scope: Scope{Namespace: "legacy", Group: "payments"}, Policy: "restart-clears"},
		{Scope: Scope{Namespace: "legacy", Group: "payments", Service: "one"}, File: table},
	}
	routed := must[Routed](t)(w.Route(routes))
	if routed.Unchanged || routed.Routes != 3 || routed.Services > 1 {
		t.Errorf("%+v", routed)
	}
	var report struct{ Routes int }
	if err := json.Unmarshal(routed.Report, &report); err != nil || report.Routes != 3 {
		t.Errorf("%s, %v", routed.Report, err)
	}
	for _, wanted := range [][4]string{
		{"legacy", "g", "s", "nacos-1-4"}, {"legacy", "payments", "two", "restart-clears"},
		{"legacy", "payments", "one", "admin-sticky"}, {"public", "payments", "one", "admin-sticky"},
	} {
		if found := w.decides(wanted[0], wanted[1], wanted[2]); found != wanted[3] {
			t.Errorf("%v: %s decides", wanted, found)
		}
	}
	status := must[PolicyStatus](t)(w.PolicyStatus())
	if status.Active.Scope != nil || len(status.Routes) != 3 || *status.Routes[2].Scope != routes[2].Scope {
		t.Errorf("%+v", status)
	}
	if again := must[Routed](t)(w.Route(routes)); !again.Unchanged {
		t.Errorf("%+v", again)
	}
	if none := must[Routed](t)(w.Route(nil)); none.Routes != 0 || w.decides("legacy", "g", "s") != "admin-sticky" {
		t.Errorf("%+v", none)
	}
	kinds := map[string]int{}
	for _, announcement := range must[[]Announcement](t)(w.Announcements(0)) {
		kinds[announcement.Kind]++
	}
	if kinds[RoutesInstalled] != 2 {
		t.Errorf("announced %v", kinds)
	}
}

func TestRoutesHoldAllOrNone(t *testing.T) {
	w := newWorld(t, Options{})
	good := Route{Scope: Scope{Namespace: "kept"}, Policy: "eureka-chain"}
	must[Routed](t)(w.Route([]Route{good}))
	other := Route{Scope: Scope{Namespace: "kept"}, Policy: "nacos-2x"}
	for name, wrong := range map[string]struct {
		route Route
		want  Code
		says  string
	}{
		"twice":         {other, ErrRoute, "namespace kept has two routes"},
		"no namespace":  {Route{Policy: "nacos-2x"}, ErrRoute, "namespace is empty"},
		"no group":      {Route{Scope: Scope{"a", "", "s"}, Policy: "nacos-2x"}, ErrRoute, "routes[1]: it has a service without its group"},
		"no policy":     {Route{Scope: Scope{Namespace: "a"}}, ErrOption, "routes[1]: it has neither"},
		"two policies":  {Route{Scope: Scope{Namespace: "a"}, Policy: "nacos-2x", File: []byte("x")}, ErrOption, "leave one of them out"},
		"nobody":        {Route{Scope: Scope{Namespace: "a"}, Policy: "nobody"}, ErrOption, "no built-in policy"},
		"params of one": {Route{Scope: Scope{Namespace: "a"}, Policy: "nacos-2x", Params: map[string]string{"a": "1"}}, ErrOption, "params"},
	} {
		_, err := w.Route([]Route{other, wrong.route})
		if !errors.Is(err, wrong.want) || !strings.Contains(err.Error(), wrong.says) {
			t.Errorf("%s: %v", name, err)
		}
		if found := w.decides("kept", "g", "s"); found != "eureka-chain" {
			t.Errorf("%s: %s decides", name, found)
		}
	}
	if _, err := w.Route(make([]Route, 4097)); !errors.Is(err, ErrTooMany) {
		t.Errorf("too many: %v", err)
	}
}

func TestAComponentIsRoutedToWithParameters(t *testing.T) {
	w := newWorld(t, Options{})
	withoutEngine(t, w)
	route := Route{
		Scope: Scope{Namespace: "legacy"}, File: component(t, "nacos-2x"), Params: map[string]string{"forget-after": "5000"},
	}
	must[Routed](t)(w.Route([]Route{route}))
	if found := w.decides("legacy", "g", "s"); found != "nacos-2x" {
		t.Errorf("%s decides", found)
	}
	route.Params["forget-after"] = "soon"
	if _, err := w.Route([]Route{route}); !errors.Is(err, ErrPolicy) {
		t.Errorf("got %v", err)
	}
}

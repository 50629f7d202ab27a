package steadfast

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

// stage is a registry in the middle of a vector.
type stage struct {
	*world
	vector *vector
	// column is the policy that the vector is run under; an install changes what decides, not what is expected.
	column  string
	options Options
	policy  string
	params  map[string]string
	handles map[string]Handle
	// looked has the revision of each service when it was last looked at.
	looked map[ServiceID]uint64
}

// runVector lists what is not as it must be after the first event where anything is not.
func runVector(t *testing.T, v *vector, policy string) []string {
	t.Helper()
	s := &stage{vector: v, column: policy, policy: policy, params: v.Params[policy]}
	s.options = Options{ThreadsNone: true, MaxStep: -1, Retain: time.Duration(v.RetainMS) * time.Millisecond}
	if slices.ContainsFunc(v.Events, func(e vectorEvent) bool { return e.Do == "restart" }) {
		s.options.Data = t.TempDir()
	}
	s.open(t, 0)
	for number := range v.Events {
		event := &v.Events[number]
		s.pass(time.Duration(event.AtMS)*time.Millisecond - s.mono)
		answer, err := s.act(event)
		if err != nil {
			t.Fatalf("events[%d] (%s at %d ms): %v", number, event.Do, event.AtMS, err)
		}
		if differences := s.differences(event, answer); len(differences) > 0 {
			for i := range differences {
				differences[i] = fmt.Sprintf("events[%d] (%s at %d ms): %s", number, event.Do, event.AtMS, differences[i])
			}
			return differences
		}
	}
	return nil
}

// open opens the registry at a time of the vector, with what its folder remembers.
func (s *stage) open(t *testing.T, at time.Duration) {
	t.Helper()
	// A built-in policy runs with its defaults; with parameters it comes as a file, like any other.
	s.options.Policy = s.policy
	if len(s.params) > 0 {
		s.options.Policy = ""
	}
	registry, err := Open(s.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = registry.Close() })
	s.world = &world{Registry: registry, t: t, mono: at}
	s.handles, s.looked = map[string]Handle{}, map[ServiceID]uint64{}
	if len(s.params) > 0 {
		withoutEngine(t, s.world)
		must[Install](t)(s.InstallPolicy(component(t, s.policy), s.params))
	}
	s.pass(0)
	// What is there when the registry has opened is no notification.
	for i := range s.vector.Events {
		s.look(&s.vector.Events[i])
	}
}

// look says how far a service's revision has grown since it was last looked at.
func (s *stage) look(event *vectorEvent) (ServiceID, uint64) {
	s.t.Helper()
	service := must[ServiceID](s.t)(s.Service(ServiceName{event.Namespace, event.Group, event.Service}))
	revision := must[uint64](s.t)(s.Revision(service))
	grown := revision - s.looked[service]
	s.looked[service] = revision
	return service, grown
}

// act does what an event says, and answers as vectors do.
func (s *stage) act(event *vectorEvent) (string, error) {
	service := must[ServiceID](s.t)(s.Service(ServiceName{event.Namespace, event.Group, event.Service}))
	address, place := event.address(), fmt.Sprint(service, event.address())
	switch event.Do {
	case "register":
		registered, err := s.Register(service, event.registration())
		if errors.Is(err, ErrRefused) {
			return "refused", nil
		}
		s.handles[place] = registered.Handle
		return "accepted", err
	case "beat":
		if event.By == "handle" {
			alive, err := s.Beat(s.handles[place])
			return either(alive, "alive", "register-again"), err
		}
		alive, err := s.BeatAt(service, address, event.fullBeat())
		return either(alive, "alive", "register-again"), err
	case "claim":
		_, err := s.Claim(service, address, event.claim())
		if errors.Is(err, ErrNotRegistered) {
			return "not-present", nil
		}
		return "accepted", err
	case "deregister":
		left, err := s.Deregister(service, address, event.Connection)
		return leftAs[left], err
	case "disconnect":
		gone, err := s.Disconnect(event.Connection)
		return either(gone > 0, "gone", "unchanged"), err
	case "remove":
		left, err := s.Remove(service, address, event.author())
		return leftAs[left], err
	case "probe":
		results := map[string]Probe{"unknown": ProbeUnknown, "passing": ProbePassing, "failing": ProbeFailing}
		heard, err := s.Probe(service, address, results[event.Result])
		return either(heard, "heard", "not-present"), err
	case "install":
		withoutEngine(s.t, s.world)
		s.policy, s.params = event.Policy, event.Params
		install, err := s.InstallPolicy(component(s.t, event.Policy), event.Params)
		return either(install.Unchanged, "unchanged", "installed"), err
	case "route":
		routed, err := s.Route(s.routes(event))
		return either(routed.Unchanged, "unchanged", "installed"), err
	case "restart":
		if err := s.Close(); err != nil {
			return "", err
		}
		s.open(s.t, s.mono+time.Duration(event.DownMS)*time.Millisecond)
		return "", nil
	case "look":
		return "", nil
	default:
		return s.order(event, service)
	}
}

var leftAs = map[Left]string{
	LeftGone: "gone", LeftRemaining: "remains", LeftStale: "not-publisher", LeftUnknown: "not-present",
}

func (s *stage) routes(event *vectorEvent) []Route {
	s.t.Helper()
	routes := make([]Route, len(event.Routes))
	for i, given := range event.Routes {
		routes[i] = Route{Scope: Scope{given.Namespace, given.Group, given.Service}}
		if len(given.Params) == 0 {
			routes[i].Policy = given.Policy
			continue
		}
		withoutEngine(s.t, s.world)
		routes[i].File, routes[i].Params = component(s.t, given.Policy), given.Params
	}
	return routes
}

func (s *stage) order(event *vectorEvent, service ServiceID) (string, error) {
	target, many, err := event.floor(service)
	if err != nil {
		return "", err
	}
	if many {
		return s.orderMany(event, target)
	}
	address, author := event.address(), event.author()
	switch event.Do {
	case "hold":
		effect, err := s.Hold(service, address, event.hold())
		return either(effect.Pending, "pending", "stands"), err
	case "release":
		if event.By != "" {
			effect, err := s.ForceRelease(service, address, event.Owner, event.forcing())
			return either(effect.Found, "released", "unchanged"), err
		}
		effect, err := s.Release(service, address, author)
		return either(effect.Found, "released", "unchanged"), err
	case "overlay":
		effect, err := s.Overlay(service, address, event.overlay(), author)
		return either(effect.Pending, "pending", "stands"), err
	case "release-overlay":
		effect, err := s.ReleaseOverlay(service, address, event.field(), author)
		return either(effect.Found, "released", "unchanged"), err
	default:
		return "", fmt.Errorf("no such event: %q", event.Do)
	}
}

func (s *stage) orderMany(event *vectorEvent, target FloorTarget) (string, error) {
	switch event.Do {
	case "hold":
		_, err := s.HoldFloor(target, event.hold())
		return "stands", err
	case "release":
		effect, err := s.ReleaseFloor(target, event.author())
		return either(effect.Found, "released", "unchanged"), err
	default:
		return "", fmt.Errorf("%s on many instances", event.Do)
	}
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// differences lists what is not as it must be, after an event that answered so.
func (s *stage) differences(event *vectorEvent, answer string) []string {
	expected := event.expected(s.column)
	if expected == nil {
		return nil
	}
	var found []string
	compare := func(what string, expected, seen any) {
		if !reflect.DeepEqual(expected, seen) {
			found = append(found, fmt.Sprintf("%s is %v, expected %v", what, seen, expected))
		}
	}
	service, notifications := s.look(event)
	instance := s.find(service, event.address())
	compare("present", *expected.Present, instance != nil)
	if expected.Answer != "" {
		compare("answer", expected.Answer, answer)
	}
	if expected.Notifications != nil {
		compare("notifications", *expected.Notifications, notifications)
	}
	reason, orders := s.explained(service, event.address())
	if expected.Reason != "" {
		compare("reason", expected.Reason, reason)
	}
	if expected.Orders != nil {
		compare("orders", *expected.Orders, orders)
	}
	if instance == nil || !*expected.Present {
		return found
	}
	compare("healthy", *expected.Healthy, instance.Healthy)
	compare("traffic", expected.Traffic, instance.Traffic.String())
	if expected.Weight != nil {
		compare("weight", *expected.Weight, instance.Weight)
	}
	if expected.Metadata != nil {
		compare("metadata", expected.Metadata, instance.Metadata.Map())
	}
	return found
}

func (s *stage) find(service ServiceID, address Address) *Instance {
	view := must[*View](s.t)(s.View(service))
	for i := range view.Instances {
		if view.Instances[i].Address == address {
			return &view.Instances[i]
		}
	}
	return nil
}

// explained is the reason that the registry gives, and the number of orders that it lists for the address.
func (s *stage) explained(service ServiceID, address Address) (string, int) {
	text, err := s.Explain(service, address)
	if errors.Is(err, ErrNotFound) {
		return "nothing is known", 0
	}
	var explained struct {
		Reason          string
		Holds, Overlays []json.RawMessage
	}
	if err == nil {
		err = json.Unmarshal(text, &explained)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return explained.Reason, len(explained.Holds) + len(explained.Overlays)
}

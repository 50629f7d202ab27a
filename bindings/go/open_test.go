package steadfast

import (
	"testing"
	"time"
)

// world is a registry in virtual time.
type world struct {
	*Registry
	t    *testing.T
	mono time.Duration
}

var dawn = time.UnixMilli(1_700_000_000_000)

// newWorld opens a registry whose time only passes when the test says so.
func newWorld(t *testing.T, options Options) *world {
	t.Helper()
	options.ThreadsNone = true
	options.MaxStep = -1
	registry, err := Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := registry.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{Registry: registry, t: t}
	w.pass(0)
	return w
}

// pass lets time pass in ticks of 100 ms.
func (w *world) pass(duration time.Duration) {
	w.t.Helper()
	for end := w.mono + duration; ; w.mono = min(w.mono+100*time.Millisecond, end) {
		if err := w.Tick(w.mono, dawn.Add(w.mono)); err != nil {
			w.t.Fatal(err)
		}
		if w.mono == end {
			return
		}
	}
}

func (w *world) service(name string) ServiceID {
	w.t.Helper()
	service, err := w.Service(ServiceName{"public", "DEFAULT_GROUP", name})
	if err != nil {
		w.t.Fatal(err)
	}
	return service
}

func (w *world) register(service ServiceID, registration Registration) Handle {
	w.t.Helper()
	registered, err := w.Register(service, &registration)
	if err != nil {
		w.t.Fatal(err)
	}
	return registered.Handle
}

// only is the one instance of a service, nil when there is none.
func (w *world) only(service ServiceID) *Instance {
	w.t.Helper()
	view, err := w.View(service)
	if err != nil {
		w.t.Fatal(err)
	}
	switch len(view.Instances) {
	case 0:
		return nil
	case 1:
		return &view.Instances[0]
	default:
		w.t.Fatalf("%d instances, want one", len(view.Instances))
		return nil
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func ref[T any](value T) *T { return &value }

var (
	home     = Address{IP: "10.0.0.1", Port: 8080, Cluster: "DEFAULT"}
	operator = Author{Owner: "console", Actor: "ann", Reason: "disk full"}
)

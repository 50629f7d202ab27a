package steadfast

import (
	"errors"
	"testing"
)

func TestARegistryHasBounds(t *testing.T) {
	w := newWorld(t, Options{MaxInstances: 1, MaxServices: 1, MaxTombstones: 1})
	orders := w.service("orders")
	handle := w.register(orders, Registration{Address: home})
	other := Registration{Address: Address{"10.0.0.2", 1, "A"}}
	if err := w.tryRegister(orders, other); !errors.Is(err, ErrFull) {
		t.Errorf("a second instance: %v", err)
	}
	if _, err := w.Service(ServiceName{"public", "g", "other"}); !errors.Is(err, ErrFull) {
		t.Errorf("a second service: %v", err)
	}
	if alive := must[bool](t)(w.Beat(handle)); !alive {
		t.Error("who is there beats")
	}
	for name, options := range map[string]Options{
		"instances":  {MaxInstances: 1<<24 + 1},
		"services":   {MaxServices: -1},
		"tombstones": {MaxTombstones: 1<<20 + 1},
	} {
		if _, err := Open(options); !errors.Is(err, ErrOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestANamespaceHasAQuota(t *testing.T) {
	w := newWorld(t, Options{Quota: NamespaceQuota{Instances: ref(uint32(1))}})
	orders := w.service("orders")
	w.register(orders, Registration{Address: home})
	other := Registration{Address: Address{"10.0.0.2", 1, "A"}}
	if err := w.tryRegister(orders, other); !errors.Is(err, ErrFull) {
		t.Errorf("a second instance: %v", err)
	}
	more := NamespaceQuota{Instances: ref(uint32(2)), Services: ref(uint32(1))}
	if err := w.SetNamespaceQuota("public", more); err != nil {
		t.Fatal(err)
	}
	w.register(orders, other)
	if _, err := w.Service(ServiceName{"public", "g", "other"}); !errors.Is(err, ErrFull) {
		t.Errorf("a second service: %v", err)
	}
	if err := w.SetNamespaceQuota("dev", NamespaceQuota{}); err != nil {
		t.Fatal(err)
	}
	namespaces := must[[]NamespaceCounts](t)(w.Namespaces())
	if len(namespaces) != 2 || namespaces[0].Namespace != "dev" || namespaces[0].Quota != (NamespaceQuota{}) {
		t.Fatalf("%+v", namespaces)
	}
	public := namespaces[1]
	if public.Services != 1 || public.Instances != 2 || public.Present != 2 ||
		*public.Quota.Instances != 2 || *public.Quota.Services != 1 {
		t.Errorf("%+v", public)
	}
	if err := w.SetNamespaceQuota("", more); !errors.Is(err, ErrName) {
		t.Errorf("no name: %v", err)
	}
}

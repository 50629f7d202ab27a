package steadfast

import (
	"math"
	"testing"
)

// zoned has weights 1 to 4 at ports 8080 to 8083: two in the east, two in the west; the last one is offline, and the
// east is unhealthy.
func zoned(t *testing.T) (*world, ServiceID) {
	t.Helper()
	w := newWorld(t, Options{})
	orders := w.service("orders")
	for i, cluster := range []string{"east", "east", "west", "west"} {
		home := Address{IP: "10.0.0.1", Port: uint16(8080 + i), Cluster: cluster}
		zone := map[string]string{"zone": []string{"a", "b"}[i%2]}
		w.register(orders, Registration{Address: home, Claim: Claim{Weight: ref(float64(i + 1)), Metadata: zone}})
		if cluster == "east" {
			must[bool](t)(w.Probe(orders, home, ProbeFailing))
		}
	}
	last := Address{IP: "10.0.0.1", Port: 8083, Cluster: "west"}
	must[Effect](t)(w.Hold(orders, last, HoldOrder{Kind: HoldOffline, Author: operator}))
	return w, orders
}

func TestALookupTakesWhatItNames(t *testing.T) {
	w, orders := zoned(t)
	for name, wanted := range map[string]struct {
		lookup     Lookup
		ports      []uint16
		protecting bool
	}{
		"everybody who serves":    {Lookup{}, []uint16{8082}, false},
		"healthy or not":          {Lookup{Show: ShowServe}, []uint16{8080, 8081, 8082}, false},
		"everybody":               {Lookup{Show: ShowPresent}, []uint16{8080, 8081, 8082, 8083}, false},
		"one cluster":             {Lookup{Show: ShowPresent, Clusters: []string{"nowhere", "west"}}, []uint16{8082, 8083}, false},
		"an empty cluster":        {Lookup{Show: ShowPresent, Clusters: []string{""}}, nil, false},
		"one zone":                {Lookup{Show: ShowPresent, Metadata: map[string]string{"zone": "b"}}, []uint16{8081, 8083}, false},
		"no class":                {Lookup{Class: ref(uint8(0))}, []uint16{8082}, false},
		"a class of nobody":       {Lookup{Class: ref(uint8(3))}, nil, false},
		"enough are healthy":      {Lookup{Protect: 0.3}, []uint16{8082}, false},
		"too few are healthy":     {Lookup{Protect: 0.4}, []uint16{8080, 8081, 8082}, true},
		"nobody there is healthy": {Lookup{Protect: 1, Clusters: []string{"east"}}, []uint16{8080, 8081}, true},
	} {
		view, protecting, err := w.Lookup(orders, wanted.lookup)
		if err != nil {
			t.Fatal(name, err)
		}
		found := map[uint16]bool{}
		for i := range view.Instances {
			found[view.Instances[i].Address.Port] = true
		}
		same := len(found) == len(wanted.ports) && protecting == wanted.protecting
		for _, port := range wanted.ports {
			same = same && found[port]
		}
		if revision := must[uint64](t)(w.Revision(orders)); !same || view.Revision != revision {
			t.Errorf("%s: found %v of revision %d, protecting %v", name, found, view.Revision, protecting)
		}
	}
}

func TestAPickGoesByWeight(t *testing.T) {
	w, orders := zoned(t)
	shares := map[uint16]int{}
	for i := range uint64(6) {
		picked := must[*Instance](t)(w.Pick(orders, Lookup{Show: ShowServe}, i*(math.MaxUint64/6+1)))
		shares[picked.Address.Port]++
	}
	if shares[8080] != 1 || shares[8081] != 2 || shares[8082] != 3 {
		t.Errorf("shares %v", shares)
	}
	if nobody := must[*Instance](t)(w.Pick(orders, Lookup{Clusters: []string{"nowhere"}}, 7)); nobody != nil {
		t.Errorf("picked %+v", nobody)
	}
}

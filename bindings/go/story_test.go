package steadfast

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// The reported bug: an operator takes an instance offline, its client falls silent until it is forgotten, comes back
// with a beat, and the instance is online again. Under admin-sticky it is not.
func TestOfflineSurvivesSilenceAndAFullBeat(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	handle := w.register(orders, Registration{Address: home, Claim: Claim{Weight: ref(2.0), Metadata: map[string]string{"v": "1"}}})
	if instance := w.only(orders); !instance.Serves() || instance.Weight != 2 {
		t.Fatalf("not in service after its registration: %+v", instance)
	}
	effect := must[Effect](t)(w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator}))
	if effect.Traffic != Refuse || effect.Pending || effect.Serves() {
		t.Fatalf("the order has no effect: %+v", effect)
	}
	for range 4 {
		w.pass(5 * time.Second)
		if alive := must[bool](t)(w.Beat(handle)); !alive {
			t.Fatal("a beat in time is not taken")
		}
	}
	if instance := w.only(orders); instance.Traffic != Refuse || !instance.Healthy {
		t.Fatalf("beats changed an order: %+v", instance)
	}

	w.pass(20 * time.Second)
	if instance := w.only(orders); instance == nil || instance.Healthy {
		t.Fatalf("20 s of silence: %+v", instance)
	}
	w.pass(20 * time.Second)
	if instance := w.only(orders); instance != nil {
		t.Fatalf("40 s of silence, and still there: %+v", instance)
	}
	full := &FullBeat{Weight: ref(1.0), Metadata: map[string]string{"v": "1"}}
	if alive := must[bool](t)(w.BeatAt(orders, home, full)); !alive {
		t.Fatal("a full beat does not bring the instance back")
	}
	if instance := w.only(orders); instance.Traffic != Refuse {
		t.Fatalf("a beat undid the operator's order: %+v", instance)
	}

	effect = must[Effect](t)(w.Release(orders, home, operator))
	if !effect.Found || !effect.Serves() {
		t.Fatalf("released, and not in service: %+v", effect)
	}
}

func TestTheClientsOwnWordIsNotTheOperators(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	w.register(orders, Registration{Address: home, Claim: Claim{Enabled: ref(false)}})
	effect := must[Effect](t)(w.Release(orders, home, operator))
	if effect.Found || effect.Traffic != Refuse || len(effect.Refusing) == 0 {
		t.Fatalf("the reply does not say that the client refuses: %+v", effect)
	}
	effect = must[Effect](t)(w.Claim(orders, home, Claim{Enabled: ref(true)}))
	if !effect.Serves() {
		t.Fatalf("the client enabled itself: %+v", effect)
	}
	effect = must[Effect](t)(w.Claim(orders, home, Claim{Weight: ref(3.0)}))
	if instance := w.only(orders); instance.Weight != 3 || !effect.Serves() {
		t.Fatalf("a claim of the weight alone: %+v", instance)
	}
}

func TestAHoldWaitsForItsInstance(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	effect := must[Effect](t)(w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator}))
	if !effect.Pending {
		t.Fatalf("nobody is there: %+v", effect)
	}
	ordered := must[[]Ordered](t)(w.Orders(orders))
	if len(ordered) != 1 || ordered[0].Present || ordered[0].Address != home || ordered[0].Holds[0].Author != operator ||
		ordered[0].Holds[0].Kind != HoldOffline || !ordered[0].Holds[0].Pending {
		t.Fatalf("orders %+v", ordered)
	}
	w.register(orders, Registration{Address: home})
	if instance := w.only(orders); instance.Traffic != Refuse {
		t.Fatalf("the hold did not wait: %+v", instance)
	}
}

func TestAHoldEndsByItself(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	handle := w.register(orders, Registration{Address: home})
	order := HoldOrder{Kind: HoldDrain, Author: operator, Until: dawn.Add(10 * time.Second)}
	if effect := must[Effect](t)(w.Hold(orders, home, order)); effect.Traffic != Drain {
		t.Fatalf("%+v", effect)
	}
	w.pass(9 * time.Second)
	must[bool](t)(w.Beat(handle))
	if instance := w.only(orders); instance.Traffic != Drain {
		t.Fatalf("ended too early: %+v", instance)
	}
	w.pass(1500 * time.Millisecond)
	if instance := w.only(orders); !instance.Serves() {
		t.Fatalf("did not end: %+v", instance)
	}
	order.Until = dawn
	if _, err := w.Hold(orders, home, order); !errors.Is(err, ErrUntil) {
		t.Errorf("an end in the past: %v", err)
	}
}

func TestOverlaysCoverWhatTheClientSaysUntilTheyAreReleased(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	claim := Claim{Weight: ref(1.0), Metadata: map[string]string{"zone": "a", "v": "1"}}
	w.register(orders, Registration{Address: home, Claim: claim})
	must[Effect](t)(w.Overlay(orders, home, OverlayWeight(5), operator))
	must[Effect](t)(w.Overlay(orders, home, OverlayMetadata("zone", "b"), operator))
	instance := w.only(orders)
	if zone, _ := instance.Metadata.Value("zone"); zone != "b" || instance.Weight != 5 {
		t.Fatalf("%+v", instance)
	}
	ordered := must[[]Ordered](t)(w.Orders(orders))
	if len(ordered) != 1 || len(ordered[0].Overlays) != 2 {
		t.Fatalf("orders %+v", ordered)
	}
	for _, overlay := range ordered[0].Overlays {
		if pair, weight := overlay.Field.Metadata, overlay.Field.Weight; (pair == nil) == (weight == nil) {
			t.Errorf("an overlay of no or two fields: %+v", overlay)
		}
	}
	must[Effect](t)(w.ReleaseOverlay(orders, home, WeightField(), operator))
	must[Effect](t)(w.ReleaseOverlay(orders, home, MetadataField("zone"), operator))
	instance = w.only(orders)
	if zone, _ := instance.Metadata.Value("zone"); zone != "a" || instance.Weight != 1 {
		t.Fatalf("released, and yet %+v", instance)
	}
}

func TestLeavingAndRemoving(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	w.register(orders, Registration{Address: home, Connection: "c1", LivesByConnection: true})
	w.register(orders, Registration{Address: home, Connection: "c2", LivesByConnection: true})
	w.pass(time.Minute)
	if w.only(orders) == nil {
		t.Fatal("silence ran although a connection is there")
	}
	for _, step := range []struct {
		connection string
		want       Left
	}{{"c1", LeftRemaining}, {"c1", LeftStale}, {"c2", LeftGone}, {"c2", LeftUnknown}} {
		if left := must[Left](t)(w.Deregister(orders, home, step.connection)); left != step.want {
			t.Errorf("%s leaves: %v, want %v", step.connection, left, step.want)
		}
	}
	w.register(orders, Registration{Address: home, Connection: "c3", LivesByConnection: true})
	if count := must[int](t)(w.Disconnect("c3")); count != 1 {
		t.Errorf("a connection took %d instances along", count)
	}
	w.register(orders, Registration{Address: home, Persistent: true})
	if delivered := must[bool](t)(w.Probe(orders, home, ProbeFailing)); !delivered || w.only(orders).Healthy {
		t.Errorf("a failing probe: %v, %+v", delivered, w.only(orders))
	}
	if left := must[Left](t)(w.Remove(orders, home, operator)); left != LeftGone || w.only(orders) != nil {
		t.Errorf("removed: %v", left)
	}
	if left := must[Left](t)(w.Remove(orders, home, operator)); left != LeftUnknown {
		t.Errorf("removed twice: %v", left)
	}
	if delivered := must[bool](t)(w.Probe(orders, home, ProbePassing)); delivered {
		t.Error("a probe of nobody was delivered")
	}
}

func TestOrdersAndPersistentInstancesSurviveARestart(t *testing.T) {
	folder := t.TempDir()
	w := newWorld(t, Options{Data: folder})
	orders := w.service("orders")
	w.register(orders, Registration{Address: home, Persistent: true})
	must[Effect](t)(w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator}))
	if _, err := Open(Options{Data: folder, ThreadsNone: true}); !errors.Is(err, ErrStoreUnusable) {
		t.Errorf("a data folder was opened twice: %v", err)
	}
	before := must[uint64](t)(w.Revision(orders))
	if err := w.Flush(); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	w = newWorld(t, Options{Data: folder})
	orders = must[ServiceID](t)(w.FindService(ServiceName{"public", "DEFAULT_GROUP", "orders"}))
	if instance := w.only(orders); instance == nil || instance.Traffic != Refuse || instance.Ephemeral {
		t.Fatalf("after the restart: %+v", instance)
	}
	if after := must[uint64](t)(w.Revision(orders)); after <= before {
		t.Errorf("the revision went from %d to %d", before, after)
	}
}

func TestAnotherPolicyOverrulesAndSaysSo(t *testing.T) {
	w := newWorld(t, Options{Policy: "heartbeat-wins"})
	orders := w.service("orders")
	handle := w.register(orders, Registration{Address: home})
	must[Effect](t)(w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator}))
	must[bool](t)(w.Beat(handle))
	if instance := w.only(orders); !instance.Serves() {
		t.Fatalf("the heartbeat did not win: %+v", instance)
	}
	if ordered := must[[]Ordered](t)(w.Orders(orders)); !ordered[0].Holds[0].Overruled {
		t.Errorf("the overruled order is not listed as such: %+v", ordered)
	}
	if status := must[PolicyStatus](t)(w.PolicyStatus()); status.Active.Name != "heartbeat-wins" || status.Active.Digest == "" {
		t.Errorf("status %+v", status)
	}
}

func TestExplainNamesWhoDecided(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	w.register(orders, Registration{Address: home})
	must[Effect](t)(w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator}))
	text := must[json.RawMessage](t)(w.Explain(orders, home))
	var explanation struct {
		Traffic, Reason string
		Holds           []Hold
	}
	if err := json.Unmarshal(text, &explanation); err != nil {
		t.Fatal(err)
	}
	if explanation.Traffic != "refuse" || len(explanation.Holds) != 1 || explanation.Holds[0].Author != operator ||
		!strings.Contains(explanation.Reason, "operator") {
		t.Errorf("%s", text)
	}
	if _, err := w.Explain(orders, Address{"10.0.0.9", 1, "DEFAULT"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an address that nobody knows: %v", err)
	}
}

func TestReportsGrowWithWhatTheySay(t *testing.T) {
	w := newWorld(t, Options{})
	const services = 200
	for i := range services {
		w.service("a-service-with-a-rather-long-name-" + strings.Repeat("x", i))
	}
	if listed := must[[]Service](t)(w.Services()); len(listed) != services {
		t.Errorf("%d services are listed, want %d", len(listed), services)
	}
	if counters := must[Counters](t)(w.Counters()); counters.Services != services {
		t.Errorf("counters %+v", counters)
	}
}

package steadfast

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func address(port uint16) Address {
	return Address{IP: "10.0.0.1", Port: port, Cluster: "DEFAULT"}
}

// fleet registers instances of a service at ports from 8080 on.
func (w *world) fleet(name string, instances int) ServiceID {
	w.t.Helper()
	service := w.service(name)
	for i := range instances {
		w.register(service, Registration{Address: address(uint16(8080 + i))})
	}
	return service
}

func (w *world) serving(service ServiceID) int {
	w.t.Helper()
	view, _, err := w.Lookup(service, Lookup{})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(view.Instances)
}

func TestAServiceIsDrainedAndComesBack(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.fleet("orders", 2)
	effect := must[FloorEffect](t)(w.HoldFloor(FloorService(orders), HoldOrder{Kind: HoldDrain, Author: operator}))
	if effect.Instances != 2 || effect.Changed != 2 || effect.Serving != 0 || effect.Found || effect.Revision == 0 {
		t.Fatalf("%+v", effect)
	}
	w.register(orders, Registration{Address: address(9000)})
	if w.serving(orders) != 0 {
		t.Error("whoever came later did not come under it")
	}
	explained := must[ServiceExplanation](t)(w.ExplainService(orders))
	if explained.Service.Name != "orders" || explained.Policy != "admin-sticky" || explained.Instances != 3 ||
		len(explained.Floors) != 1 || explained.Floors[0].Target.Kind != "service" ||
		explained.Floors[0].Hold.Kind != HoldDrain || explained.Floors[0].Hold.Author != operator {
		t.Errorf("%+v", explained)
	}
	if len(explained.States) != 1 || explained.States[0] != (StateCount{true, Drain, 3}) || len(explained.NothingServes) == 0 {
		t.Errorf("%+v", explained)
	}
	effect = must[FloorEffect](t)(w.ReleaseFloor(FloorService(orders), operator))
	if !effect.Found || effect.Serving != 3 || w.serving(orders) != 3 {
		t.Errorf("%+v", effect)
	}
}

func TestAClusterAndAnIPAreHeldWhole(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.fleet("orders", 1)
	east := Address{IP: "2001:db8::1", Port: 80, Cluster: "EAST"}
	w.register(orders, Registration{Address: east})
	hold := HoldOrder{Kind: HoldOffline, Author: operator}
	if effect := must[FloorEffect](t)(w.HoldFloor(FloorCluster(orders, "EAST"), hold)); effect.Changed != 1 {
		t.Errorf("%+v", effect)
	}
	must[FloorEffect](t)(w.ReleaseFloor(FloorCluster(orders, "EAST"), operator))
	hold.Kind = HoldBanned
	hold.Until = dawn.Add(time.Minute)
	if effect := must[FloorEffect](t)(w.HoldFloor(FloorIP("2001:DB8:0::1"), hold)); effect.Changed != 1 || effect.Revision != 0 {
		t.Errorf("%+v", effect)
	}
	floors := must[[]Floor](t)(w.FloorsOfIPs())
	if len(floors) != 1 || floors[0].Target != (FloorName{Kind: "ip", IP: "2001:db8::1"}) || floors[0].Hold.UntilMS == nil {
		t.Errorf("%+v", floors)
	}
	err := w.tryRegister(w.service("stock"), Registration{Address: east})
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "on ip 2001:db8::1: disk full") {
		t.Errorf("a banned ip registers: %v", err)
	}
	w.pass(61 * time.Second)
	if floors := must[[]Floor](t)(w.FloorsOfIPs()); len(floors) != 0 {
		t.Errorf("did not end: %+v", floors)
	}
}

func TestAnotherOwnersHoldEndsByForceAndTheAuditKeepsBothNames(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.fleet("orders", 1)
	robot := Author{Owner: "robot", Actor: "r2", Reason: "too slow"}
	must[Effect](t)(w.Hold(orders, address(8080), HoldOrder{Kind: HoldOffline, Author: robot}))
	must[FloorEffect](t)(w.HoldFloor(FloorService(orders), HoldOrder{Kind: HoldDrain, Author: robot}))
	if effect := must[Effect](t)(w.Release(orders, address(8080), operator)); effect.Found || len(effect.Refusing) != 2 {
		t.Errorf("%+v", effect)
	}
	if effect := must[Effect](t)(w.ForceRelease(orders, address(8080), "robot", operator)); !effect.Found || effect.Traffic != Drain {
		t.Errorf("%+v", effect)
	}
	if effect := must[FloorEffect](t)(w.ForceReleaseFloor(FloorService(orders), "robot", operator)); !effect.Found || effect.Serving != 1 {
		t.Errorf("%+v", effect)
	}
	audit := must[[]AuditEntry](t)(w.Audit(2))
	if len(audit) != 2 {
		t.Fatalf("%+v", audit)
	}
	own, floor := audit[0], audit[1]
	if own.Order != "force-release" || own.ForcedOwner != "robot" || own.Author != operator || *own.Address != address(8080) ||
		own.Kind != "" || own.WallMS != uint64(dawn.UnixMilli()) {
		t.Errorf("%+v", own)
	}
	if floor.Kind != "service" || floor.Service.Name != "orders" || floor.Address != nil || floor.ForcedOwner != "robot" {
		t.Errorf("%+v", floor)
	}
}

func TestAnAddressInAnotherClusterIsHinted(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.fleet("orders", 1)
	missed := Address{IP: "10.0.0.1", Port: 8080, Cluster: "EAST"}
	effect := must[Effect](t)(w.Hold(orders, missed, HoldOrder{Kind: HoldDrain, Author: operator}))
	if !effect.Pending || !strings.Contains(effect.Hint, "in cluster DEFAULT") {
		t.Errorf("%+v", effect)
	}
	if counters := must[Counters](t)(w.Counters()); counters.Pending != 1 || counters.Orders != 1 {
		t.Errorf("%+v", counters)
	}
}

func TestAPlanIsWhatThenHappens(t *testing.T) {
	w := newWorld(t, Options{})
	orders, stock := w.fleet("orders", 3), w.fleet("stock", 2)
	selector := Selector{Namespace: "public", Group: "DEFAULT_*", Service: "s*", IP: "10.0.0.?", Port: "80*"}
	order := BulkHold(HoldOrder{Kind: HoldOffline, Author: operator})
	plan := must[Plan](t)(w.Plan(selector, order))
	if len(plan.Targets) != 2 || !plan.Empties() || len(plan.Services) != 1 || plan.Services[0].Stop != 2 {
		t.Fatalf("%+v", plan)
	}
	one := plan.Targets[0]
	if one.Service.Name != "stock" || one.Address != address(8080) || !one.Before.Serves() || one.After.Traffic != Refuse || one.Found {
		t.Errorf("%+v", one)
	}
	if w.serving(stock) != 2 {
		t.Error("a plan did something")
	}
	_, err := w.Bulk(selector, order, 1)
	if !errors.Is(err, ErrTooMany) || !strings.Contains(err.Error(), "2 addresses match") || w.serving(stock) != 2 {
		t.Errorf("more than was meant: %v", err)
	}
	report := must[BulkReport](t)(w.Bulk(selector, order, len(plan.Targets)))
	if report.Done() != 2 || len(report.Refused()) != 0 || len(report.Untried) != 0 {
		t.Fatalf("%+v", report)
	}
	for i, outcome := range report.Outcomes {
		after := plan.Targets[i].After
		if outcome.BulkTarget != plan.Targets[i].BulkTarget || outcome.Effect.Traffic != after.Traffic ||
			outcome.Effect.Reason != after.Reason || outcome.Effect.Revision == 0 {
			t.Errorf("planned %+v, done %+v", after, outcome)
		}
	}
	if w.serving(stock) != 0 || w.serving(orders) != 3 {
		t.Error("somebody else was held")
	}
	if report := must[BulkReport](t)(w.Bulk(selector, BulkRelease(operator), 0)); report.Done() != 2 || w.serving(stock) != 2 {
		t.Errorf("%+v", report)
	}
}

func TestFieldsAreSetByMetadata(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.fleet("orders", 1)
	w.register(orders, Registration{Address: address(9000), Claim: Claim{Metadata: map[string]string{"version": "2.7"}}})
	canary := Selector{Metadata: map[string]string{"version": "2.*"}}
	for _, step := range []struct {
		order  BulkOrder
		weight float64
		zone   string
	}{
		{BulkOverlay(OverlayWeight(0.5), operator), 0.5, ""},
		{BulkOverlay(OverlayMetadata("zone", "b"), operator), 0.5, "b"},
		{BulkReleaseOverlay(WeightField(), operator), 1, "b"},
		{BulkReleaseOverlay(MetadataField("zone"), operator), 1, ""},
	} {
		if report := must[BulkReport](t)(w.Bulk(canary, step.order, 1)); report.Done() != 1 {
			t.Fatalf("%+v: %+v", step, report)
		}
		view, _, err := w.Lookup(orders, Lookup{Metadata: map[string]string{"version": "2.7"}})
		if err != nil || len(view.Instances) != 1 {
			t.Fatal(view, err)
		}
		if zone, _ := view.Instances[0].Metadata.Value("zone"); zone != step.zone || view.Instances[0].Weight != step.weight {
			t.Errorf("%+v: %+v", step, view.Instances[0])
		}
	}
}

func TestAnAddressThatIsFullIsNamedInTheReport(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.fleet("orders", 2)
	for i := range 32 {
		author := Author{Owner: fmt.Sprint("owner ", i), Actor: "a", Reason: "r"}
		must[Effect](t)(w.Hold(orders, address(8081), HoldOrder{Kind: HoldDrain, Author: author}))
	}
	report := must[BulkReport](t)(w.Bulk(Selector{Service: "orders"}, BulkHold(HoldOrder{Kind: HoldDrain, Author: operator}), 0))
	refused := report.Refused()
	if report.Done() != 1 || len(refused) != 1 || refused[0].Address != address(8081) || !errors.Is(refused[0].Err, ErrFull) ||
		!strings.Contains(refused[0].Err.Error(), "at most 32") {
		t.Errorf("%+v", report)
	}
}

func TestDecisionsAreCountedByReason(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.fleet("orders", 2)
	must[Effect](t)(w.Hold(orders, address(8080), HoldOrder{Kind: HoldOffline, Author: operator}))
	counts := map[string]uint64{}
	for _, decision := range must[[]DecisionCount](t)(w.Decisions()) {
		if decision.Policy != "admin-sticky" || decision.Scope != nil || decision.Epoch != 1 || decision.Digest == "" {
			t.Errorf("%+v", decision)
		}
		counts[decision.Reason] = decision.Count
	}
	if counts["taken offline by an operator"] != 1 || len(counts) < 3 {
		t.Errorf("%v", counts)
	}
}

package steadfast

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestBadInputIsAnErrorOfItsOwn(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	w.register(orders, Registration{Address: home})
	huge := map[string]string{"k": strings.Repeat("x", 20_000)}
	for name, attempt := range map[string]struct {
		want Code
		call func() error
	}{
		"empty name":    {ErrName, func() error { _, err := w.Service(ServiceName{"public", "g", ""}); return err }},
		"NUL in a name": {ErrName, func() error { _, err := w.Service(ServiceName{"public", "g", "a\x00b"}); return err }},
		"broken UTF-8":  {ErrUTF8, func() error { _, err := w.Service(ServiceName{"public", "g", "\xff"}); return err }},
		"long name":     {ErrName, func() error { _, err := w.Service(ServiceName{"public", "g", strings.Repeat("n", 513)}); return err }},
		"unknown name":  {ErrNotFound, func() error { _, err := w.FindService(ServiceName{"public", "g", "nope"}); return err }},
		"port 0":        {ErrPort, func() error { return w.tryRegister(orders, Registration{Address: Address{"10.0.0.1", 0, "A"}}) }},
		"no ip":         {ErrName, func() error { return w.tryRegister(orders, Registration{Address: Address{"a b", 1, "A"}}) }},
		"weight NaN":    {ErrWeight, func() error { return w.tryRegister(orders, claiming(Claim{Weight: ref(math.NaN())})) }},
		"weight -1":     {ErrWeight, func() error { return w.tryRegister(orders, claiming(Claim{Weight: ref(-1.0)})) }},
		"weight 10001":  {ErrWeight, func() error { return w.tryRegister(orders, claiming(Claim{Weight: ref(10_001.0)})) }},
		"metadata":      {ErrMetadata, func() error { return w.tryRegister(orders, claiming(Claim{Metadata: huge})) }},
		"empty key":     {ErrMetadata, func() error { return w.tryRegister(orders, claiming(Claim{Metadata: map[string]string{"": "x"}})) }},
		"kind":          {ErrKind, func() error { return w.tryRegister(orders, Registration{Address: home, Persistent: true}) }},
		"no connection": {ErrNoConnection, func() error {
			return w.tryRegister(orders, Registration{Address: home, LivesByConnection: true})
		}},
		"claim of nobody": {ErrNotRegistered, func() error {
			_, err := w.Claim(orders, Address{"10.0.0.9", 1, "A"}, Claim{Weight: ref(1.0)})
			return err
		}},
		"no owner": {ErrName, func() error {
			_, err := w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: Author{"", "a", "r"}})
			return err
		}},
		"no kind of hold":      {ErrReserved, func() error { _, err := w.Hold(orders, home, HoldOrder{Author: operator}); return err }},
		"service 0":            {ErrUnknownService, func() error { _, err := w.View(0); return err }},
		"service out of range": {ErrUnknownService, func() error { _, err := w.Revision(1 << 60); return err }},
		"watch of service 0":   {ErrUnknownService, func() error { _, err := w.Watch(context.Background(), 0); return err }},
		"watch out of range":   {ErrUnknownService, func() error { _, err := w.Watch(context.Background(), 1<<60); return err }},
		"long batch":           {ErrTooMany, func() error { _, err := w.BeatBatch(make([]Handle, BatchMax+1), nil); return err }},
		"selector of nothing":  {ErrSelector, func() error { _, err := w.Plan(Selector{}, BulkRelease(operator)); return err }},
		"bulk without a kind": {ErrReserved, func() error {
			_, err := w.Bulk(Selector{IP: "*"}, BulkHold(HoldOrder{Author: operator}), 0)
			return err
		}},
		"no bulk order": {ErrReserved, func() error { _, err := w.Bulk(Selector{IP: "*"}, BulkOrder{}, 0); return err }},
		"bulk of a past": {ErrUntil, func() error {
			_, err := w.Bulk(Selector{IP: "*"}, BulkHold(HoldOrder{HoldDrain, operator, dawn}), 0)
			return err
		}},
		"long glob": {ErrSelector, func() error {
			_, err := w.Plan(Selector{IP: strings.Repeat("*", 513)}, BulkRelease(operator))
			return err
		}},
		"huge selector": {ErrMetadata, func() error {
			_, err := w.Plan(Selector{Metadata: map[string]string{"k": strings.Repeat("x", 70_000)}}, BulkRelease(operator))
			return err
		}},
		"no floor":           {ErrReserved, func() error { _, err := w.ReleaseFloor(FloorTarget{}, operator); return err }},
		"floor of service 0": {ErrUnknownService, func() error { _, err := w.ReleaseFloor(FloorService(0), operator); return err }},
		"floor of no ip": {ErrName, func() error {
			_, err := w.HoldFloor(FloorIP("10.0.0.0/8"), HoldOrder{Kind: HoldDrain, Author: operator})
			return err
		}},
		"force on nobody": {ErrName, func() error { _, err := w.ForceRelease(orders, home, "", operator); return err }},
		"protect":         {ErrOption, func() error { _, _, err := w.Lookup(orders, Lookup{Protect: 2}); return err }},
		"class":           {ErrOption, func() error { _, err := w.Pick(orders, Lookup{Class: ref(uint8(8))}, 0); return err }},
		"many clusters": {ErrTooMany, func() error {
			_, _, err := w.Lookup(orders, Lookup{Clusters: make([]string, 17)})
			return err
		}},
		"explain service 0":   {ErrUnknownService, func() error { _, err := w.ExplainService(0); return err }},
		"policy of service 0": {ErrUnknownService, func() error { _, err := w.PolicyOf(0); return err }},
		"policy":              {ErrOption, func() error { _, err := Open(Options{Policy: "no-such-policy"}); return err }},
		"data is a file":      {ErrStore, func() error { _, err := Open(Options{Data: "errors_test.go"}); return err }},
	} {
		err := attempt.call()
		if !errors.Is(err, attempt.want) {
			t.Errorf("%s: got %v (%T), want %v", name, err, err, attempt.want)
		} else if err.Error() == "" || strings.Contains(err.Error(), "\x00") {
			t.Errorf("%s: message %q", name, err)
		}
	}
}

func (w *world) tryRegister(service ServiceID, registration Registration) error {
	_, err := w.Register(service, &registration)
	return err
}

func claiming(claim Claim) Registration {
	return Registration{Address: home, Claim: claim}
}

func TestForgedHandlesRegisterAgain(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	handle := w.register(orders, Registration{Address: home})
	for _, forged := range []Handle{0, 1, handle + 1, handle + 1<<32, math.MaxUint64} {
		if alive, err := w.Beat(forged); alive || err != nil {
			t.Errorf("handle %x: %v, %v", uint64(forged), alive, err)
		}
	}
	must[Left](t)(w.Remove(orders, home, operator))
	if alive, err := w.Beat(handle); alive || err != nil {
		t.Errorf("a handle of a removed instance: %v, %v", alive, err)
	}
}

func TestABannedAddressMayNotRegister(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	must[Effect](t)(w.Hold(orders, home, HoldOrder{Kind: HoldBanned, Author: operator}))
	err := w.tryRegister(orders, Registration{Address: home})
	var refused *Error
	if !errors.As(err, &refused) || refused.Code != ErrRefused || !strings.Contains(refused.Message, "banned") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyARegistryWithoutThreadsIsTicked(t *testing.T) {
	registry, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := registry.Tick(time.Second, dawn); !errors.Is(err, ErrOwnThreads) {
		t.Errorf("got %v", err)
	}
	if err := registry.Close(); err != nil {
		t.Error(err)
	}
}

func TestAfterCloseEverythingAnswersClosed(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	handle := w.register(orders, claiming(Claim{Metadata: map[string]string{"v": "1"}}))
	view := must[*View](t)(w.View(orders))
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, call := range map[string]func() error{
		"Beat":      func() error { _, err := w.Beat(handle); return err },
		"BeatBatch": func() error { _, err := w.BeatBatch([]Handle{handle}, nil); return err },
		"BeatAt":    func() error { _, err := w.BeatAt(orders, home, &FullBeat{}); return err },
		"Register":  func() error { return w.tryRegister(orders, Registration{Address: home}) },
		"Hold": func() error {
			_, err := w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator})
			return err
		},
		"View":     func() error { _, err := w.View(orders); return err },
		"Revision": func() error { _, err := w.Revision(orders); return err },
		"Explain":  func() error { _, err := w.Explain(orders, home); return err },
		"Service":  func() error { _, err := w.Service(ServiceName{"public", "g", "n"}); return err },
		"Tick":     func() error { return w.Tick(time.Hour, dawn) },
		"HoldFloor": func() error {
			_, err := w.HoldFloor(FloorService(orders), HoldOrder{Kind: HoldDrain, Author: operator})
			return err
		},
		"ReleaseFloor":   func() error { _, err := w.ReleaseFloor(FloorIP("10.0.0.1"), operator); return err },
		"FloorsOfIPs":    func() error { _, err := w.FloorsOfIPs(); return err },
		"ForceRelease":   func() error { _, err := w.ForceRelease(orders, home, "a", operator); return err },
		"Plan":           func() error { _, err := w.Plan(Selector{IP: "*"}, BulkRelease(operator)); return err },
		"Bulk":           func() error { _, err := w.Bulk(Selector{IP: "*"}, BulkRelease(operator), 0); return err },
		"Route":          func() error { _, err := w.Route(nil); return err },
		"PolicyOf":       func() error { _, err := w.PolicyOf(orders); return err },
		"ExplainService": func() error { _, err := w.ExplainService(orders); return err },
		"Audit":          func() error { _, err := w.Audit(1); return err },
		"Decisions":      func() error { _, err := w.Decisions(); return err },
		"Lookup":         func() error { _, _, err := w.Lookup(orders, Lookup{}); return err },
		"Pick":           func() error { _, err := w.Pick(orders, Lookup{}, 0); return err },
		"Watch":          func() error { _, err := w.Watch(context.Background(), orders); return err },
		"Announcements":  func() error { _, err := w.WatchAnnouncements(context.Background()); return err },
		"Policy":         func() error { _, err := w.InstallPolicy([]byte("x"), nil); return err },
	} {
		if err := call(); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if version, _ := view.Instances[0].Metadata.Value("v"); version != "1" {
		t.Error("a view that was handed out is not readable any more")
	}
}

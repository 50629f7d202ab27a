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
		"policy":               {ErrOption, func() error { _, err := Open(Options{Policy: "no-such-policy"}); return err }},
		"data is a file":       {ErrStore, func() error { _, err := Open(Options{Data: "errors_test.go"}); return err }},
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
		"View":          func() error { _, err := w.View(orders); return err },
		"Revision":      func() error { _, err := w.Revision(orders); return err },
		"Explain":       func() error { _, err := w.Explain(orders, home); return err },
		"Service":       func() error { _, err := w.Service(ServiceName{"public", "g", "n"}); return err },
		"Tick":          func() error { return w.Tick(time.Hour, dawn) },
		"Watch":         func() error { _, err := w.Watch(context.Background(), orders); return err },
		"Announcements": func() error { _, err := w.WatchAnnouncements(context.Background()); return err },
		"Policy":        func() error { _, err := w.InstallPolicy([]byte("x"), nil); return err },
	} {
		if err := call(); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if version, _ := view.Instances[0].Metadata.Value("v"); version != "1" {
		t.Error("a view that was handed out is not readable any more")
	}
}

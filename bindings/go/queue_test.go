package steadfast

import (
	"errors"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

func TestAQueueTellsItsEventsWithTheirCookies(t *testing.T) {
	w := newWorld(t, Options{})
	queue := must[*Queue](t)(w.NewQueue())
	orders, other := w.service("orders"), w.service("other")
	for cookie, service := range []ServiceID{orders, other} {
		if err := queue.Watch(service, uint64(cookie+7)); err != nil {
			t.Fatal(err)
		}
	}
	if events := must[[]QueueEvent](t)(queue.Poll(nil, 0)); len(events) != 2 {
		t.Fatalf("the first poll says where both are: %+v", events)
	}
	w.register(other, Registration{Address: home})
	w.register(other, Registration{Address: Address{"10.0.0.2", 1, "A"}})
	events := must[[]QueueEvent](t)(queue.Poll(nil, 0))
	want := QueueEvent{Kind: QueueChanged, Service: other, Revision: must[uint64](t)(w.Revision(other)), Cookie: 8}
	if len(events) != 1 || events[0] != want {
		t.Fatalf("got %+v, want %+v", events, want)
	}
	if !must[bool](t)(queue.Unwatch(other)) || must[bool](t)(queue.Unwatch(other)) {
		t.Error("it was watched once")
	}
	w.register(other, Registration{Address: Address{"10.0.0.3", 1, "A"}})
	if events := must[[]QueueEvent](t)(queue.Poll(events, time.Microsecond)); len(events) != 0 {
		t.Errorf("not watched any more: %+v", events)
	}
}

func TestAQueueEndsWithItselfAndWithTheRegistry(t *testing.T) {
	w := newWorld(t, Options{})
	one, two := must[*Queue](t)(w.NewQueue()), must[*Queue](t)(w.NewQueue())
	ended := make(chan error)
	go func() {
		_, err := one.Poll(nil, -1)
		ended <- err
	}()
	// Before or after the poll began: it returns either way.
	if err := one.Wake(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	if _, err := one.Poll(nil, 0); !errors.Is(err, ErrUnknownQueue) {
		t.Errorf("poll of a closed queue: %v", err)
	}
	if err := one.Close(); !errors.Is(err, ErrUnknownQueue) {
		t.Errorf("second close: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Poll(nil, -1); !errors.Is(err, ErrClosed) {
		t.Errorf("poll after the end: %v", err)
	}
}

// A goroutine that waits for the descriptor parks in Go's own poller, as it would for a socket.
func TestADescriptorIsReadableWhileThereIsNews(t *testing.T) {
	w := newWorld(t, Options{})
	queue := must[*Queue](t)(w.NewQueue())
	fd, err := queue.WakeupFD()
	if runtime.GOOS != "linux" {
		if !errors.Is(err, ErrUnsupported) {
			t.Errorf("got %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	own, err := syscall.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(own), "queue")
	defer file.Close()
	if err := file.SetReadDeadline(time.Now().Add(soon)); err != nil {
		t.Fatal(err)
	}
	waiting := must[syscall.RawConn](t)(file.SyscallConn())
	orders := w.service("orders")
	if err := queue.Watch(orders, 0); err != nil {
		t.Fatal(err)
	}
	revision := must[uint64](t)(w.Revision(orders))
	for range 20 {
		registered := make(chan struct{})
		go func() {
			defer close(registered)
			_, _ = w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator})
			_, _ = w.Release(orders, home, operator)
			_, _ = w.Register(orders, &Registration{Address: home})
			_, _ = w.Deregister(orders, home, "")
		}()
		for seen := revision; seen == revision; {
			var events []QueueEvent
			err := waiting.Read(func(uintptr) bool {
				events, err = queue.Poll(events, 0)
				return err != nil || len(events) > 0
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range events {
				seen = event.Revision
			}
		}
		<-registered
		revision = must[uint64](t)(w.Revision(orders))
		_, _ = queue.Poll(nil, 0)
	}
}

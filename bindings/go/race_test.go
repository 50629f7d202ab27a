package steadfast

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Beats, lookups, orders and ticks at once, and Close in the middle of them: every call ends, with its answer or with
// ErrClosed.
func TestEverythingAtOnceWhileTheRegistryCloses(t *testing.T) {
	registry, err := Open(Options{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	orders := must[ServiceID](t)(registry.Service(ServiceName{"public", "DEFAULT_GROUP", "orders"}))
	handles := make([]Handle, 100)
	for i := range handles {
		address := Address{fmt.Sprintf("10.0.0.%d", i+1), 80, "DEFAULT"}
		registered := must[Registered](t)(registry.Register(orders, &Registration{Address: address}))
		handles[i] = registered.Handle
	}
	rejected := make([]uint32, 0, len(handles))
	calls := []func(i int) error{
		func(i int) error { _, err := registry.Beat(handles[i%len(handles)]); return err },
		func(int) error {
			var err error
			rejected, err = registry.BeatBatch(handles, rejected)
			return err
		},
		func(int) error {
			view, err := registry.View(orders)
			if err == nil && len(view.Instances) != len(handles) {
				return fmt.Errorf("%d instances, want %d", len(view.Instances), len(handles))
			}
			return err
		},
		func(i int) error {
			address := Address{fmt.Sprintf("10.0.0.%d", i%len(handles)+1), 80, "DEFAULT"}
			_, err := registry.Hold(orders, address, HoldOrder{Kind: HoldOffline, Author: operator})
			return err
		},
		func(int) error { _, err := registry.Orders(orders); return err },
		func(int) error {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			_, err := registry.Watch(ctx, orders)
			return err
		},
	}
	warm := make(chan struct{}, len(calls))
	var group sync.WaitGroup
	for number, call := range calls {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; ; i++ {
				if i == 20 {
					warm <- struct{}{}
				}
				if err := call(i); errors.Is(err, ErrClosed) && i >= 20 {
					return
				} else if err != nil {
					t.Errorf("call %d: %v", number, err)
					warm <- struct{}{}
					return
				}
			}
		}()
	}
	for range calls {
		<-warm
	}
	var closers sync.WaitGroup
	for range 2 {
		closers.Add(1)
		go func() {
			defer closers.Done()
			if err := registry.Close(); err != nil {
				t.Error(err)
			}
		}()
	}
	closers.Wait()
	group.Wait()
}

func TestBeatsDoNotAllocate(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	handles := make([]Handle, 256)
	for i := range handles {
		handles[i] = w.register(orders, Registration{Address: Address{fmt.Sprintf("10.0.0.%d", i), 80, "A"}})
	}
	handles[7], handles[200] = 0, 1
	rejected := make([]uint32, 0, 4)
	allocations := testing.AllocsPerRun(100, func() {
		_, _ = w.Beat(handles[0])
		rejected, _ = w.BeatBatch(handles, rejected)
	})
	if allocations != 0 {
		t.Errorf("%v allocations for a beat and a batch", allocations)
	}
	if len(rejected) != 2 || rejected[0] != 7 || rejected[1] != 200 {
		t.Errorf("rejected %v, want 7 and 200", rejected)
	}
}

func TestABatchGrowsTheListOfRejected(t *testing.T) {
	w := newWorld(t, Options{})
	forged := make([]Handle, 1000)
	rejected, err := w.BeatBatch(forged, nil)
	if err != nil || len(rejected) != len(forged) || rejected[999] != 999 {
		t.Errorf("%d rejected, %v", len(rejected), err)
	}
	if rejected, err := w.BeatBatch(nil, nil); err != nil || len(rejected) != 0 {
		t.Errorf("an empty batch: %v, %v", rejected, err)
	}
}

func TestOneViewForEachRevision(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	w.register(orders, Registration{Address: home})
	first := must[*View](t)(w.View(orders))
	if again := must[*View](t)(w.View(orders)); again != first {
		t.Error("the same revision was copied twice")
	}
	must[Effect](t)(w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator}))
	second := must[*View](t)(w.View(orders))
	if second == first || second.Revision <= first.Revision {
		t.Errorf("revision %d, then %d", first.Revision, second.Revision)
	}
	if !first.Instances[0].Serves() || second.Instances[0].Serves() {
		t.Error("a view changed after it was handed out")
	}
}

// A registry that nobody closed is freed when nobody can reach it.
func TestAForgottenRegistryIsFreed(t *testing.T) {
	folder := t.TempDir()
	func() {
		registry, err := Open(Options{Data: folder})
		if err != nil {
			t.Fatal(err)
		}
		must[ServiceID](t)(registry.Service(ServiceName{"public", "g", "n"}))
	}()
	for deadline := time.Now().Add(soon); ; time.Sleep(10 * time.Millisecond) {
		runtime.GC()
		// Only a registry that is gone has let go of its folder.
		registry, err := Open(Options{Data: folder, ThreadsNone: true})
		if err == nil {
			if err := registry.Close(); err != nil {
				t.Error(err)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

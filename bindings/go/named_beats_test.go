package steadfast

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"
)

func TestABatchByNameKeepsInstancesAlive(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	beats := make([]NamedBeat, 300)
	for i := range beats {
		beats[i] = NamedBeat{Service: orders, Address: Address{fmt.Sprintf("10.0.%d.%d", i/256, i%256), 80, "A"}}
		w.register(orders, Registration{Address: beats[i].Address})
	}
	for range 10 {
		w.pass(5 * time.Second)
		if rejected := must[[]RejectedBeat](t)(w.BeatBatchAt(beats[1:])); len(rejected) != 0 {
			t.Fatalf("rejected %+v", rejected)
		}
	}
	if counters := must[Counters](t)(w.Counters()); counters.Instances != 299 {
		t.Errorf("%d are present, all but the first one beat", counters.Instances)
	}
}

func TestABatchByNameAnswersForEach(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	w.register(orders, Registration{Address: home})
	at := func(port uint16) Address { return Address{"10.0.0.2", port, "A"} }
	full := &FullBeat{Weight: ref(2.5), Metadata: map[string]string{"zone": "b"}}
	rejected := must[[]RejectedBeat](t)(w.BeatBatchAt([]NamedBeat{
		{Service: orders, Address: home},
		{Service: orders, Address: at(1)},
		{Service: orders, Address: at(2), Full: full},
		{Service: orders, Address: at(0)},
		{Service: 0, Address: home},
		{Service: orders, Address: Address{"", 1, ""}},
		{Service: orders, Address: at(3), Full: &FullBeat{Weight: ref(-1.0)}},
	}))
	want := []struct {
		position int
		err      error
	}{{1, nil}, {3, ErrPort}, {4, ErrUnknownService}, {5, ErrName}, {6, ErrWeight}}
	if len(rejected) != len(want) {
		t.Fatalf("rejected %+v", rejected)
	}
	for i, want := range want {
		if rejected[i].Position != want.position || !errors.Is(rejected[i].Err, want.err) {
			t.Errorf("got %+v, want %+v", rejected[i], want)
		}
	}
	view := must[*View](t)(w.View(orders))
	for i := range view.Instances {
		instance := &view.Instances[i]
		if zone, _ := instance.Metadata.Value("zone"); instance.Address == at(2) && (instance.Weight != 2.5 || zone != "b") {
			t.Errorf("registered by its beat as %+v", instance)
		}
	}
	if len(view.Instances) != 2 {
		t.Errorf("%+v", view.Instances)
	}
}

func TestABatchByNameHasABound(t *testing.T) {
	w := newWorld(t, Options{})
	if _, err := w.BeatBatchAt(make([]NamedBeat, BatchMax+1)); !errors.Is(err, ErrTooMany) {
		t.Errorf("got %v", err)
	}
	if rejected := must[[]RejectedBeat](t)(w.BeatBatchAt(nil)); rejected != nil {
		t.Errorf("nobody beats, and %+v", rejected)
	}
	beats := make([]NamedBeat, BatchMax)
	if rejected := must[[]RejectedBeat](t)(w.BeatBatchAt(beats)); len(rejected) != BatchMax {
		t.Errorf("%d of %d empty beats were rejected", len(rejected), BatchMax)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.BeatBatchAt(beats[:1]); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// What is lent to C for a batch stays where it is while the collector runs.
func TestABatchByNameIsPinned(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	for round := range 50 {
		beats := make([]NamedBeat, 64)
		for i := range beats {
			metadata := map[string]string{"round": fmt.Sprint(round), "of": fmt.Sprint(i)}
			beats[i] = NamedBeat{
				Service: orders, Address: Address{fmt.Sprintf("host-%d", i), 80, "A"}, Full: &FullBeat{Metadata: metadata},
			}
		}
		if rejected := must[[]RejectedBeat](t)(w.BeatBatchAt(beats)); len(rejected) != 0 {
			t.Fatalf("round %d: %+v", round, rejected)
		}
	}
	view := must[*View](t)(w.View(orders))
	for i := range view.Instances {
		instance := &view.Instances[i]
		of, _ := instance.Metadata.Value("of")
		if instance.Address.IP != "host-"+of {
			t.Errorf("%s says that it is number %s", instance.Address.IP, of)
		}
	}
	if len(view.Instances) != 64 {
		t.Errorf("%d instances", len(view.Instances))
	}
}

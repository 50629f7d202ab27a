package steadfast

import (
	"context"
	"testing"
	"time"
)

// soon is long enough for any machine: the tests below wait for events, not for time.
const soon = 30 * time.Second

func next[T any](t *testing.T, events <-chan T) T {
	t.Helper()
	select {
	case event, open := <-events:
		if !open {
			t.Fatal("the channel is closed")
		}
		return event
	case <-time.After(soon):
		t.Fatal("no event came")
		panic("unreachable")
	}
}

func closes[T any](t *testing.T, events <-chan T) {
	t.Helper()
	for deadline := time.After(soon); ; {
		select {
		case _, open := <-events:
			if !open {
				return
			}
		case <-deadline:
			t.Fatal("the channel stays open")
		}
	}
}

func TestAWatchTellsTheRevisionOfNowAndOfEveryLaterState(t *testing.T) {
	w := newWorld(t, Options{})
	orders, other := w.service("orders"), w.service("other")
	events := must[<-chan Event](t)(w.Watch(context.Background(), orders))
	if event := next(t, events); event.Service != orders || event.Revision != must[uint64](t)(w.Revision(orders)) {
		t.Fatalf("the first event is %+v", event)
	}
	w.register(other, Registration{Address: home})
	w.register(orders, Registration{Address: home})
	revision := must[uint64](t)(w.Revision(orders))
	for event := next(t, events); event.Revision != revision; event = next(t, events) {
		if event.Service != orders || event.Revision > revision {
			t.Fatalf("event %+v, the revision is %d", event, revision)
		}
	}
}

func TestASlowReaderSeesTheLatestState(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	slow := must[<-chan Event](t)(w.Watch(context.Background(), orders))
	quick := must[<-chan Event](t)(w.Watch(context.Background(), orders))
	w.register(orders, Registration{Address: home})
	for range 50 {
		must[Effect](t)(w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator}))
		must[Effect](t)(w.Release(orders, home, operator))
	}
	last := must[uint64](t)(w.Revision(orders))
	for next(t, quick).Revision != last {
	}
	// One event may have been handed to the slow channel before the last one replaced it; none came in between.
	seen := 0
	for ; next(t, slow).Revision != last; seen++ {
	}
	if seen > 1 {
		t.Errorf("%d old events waited for a slow reader", seen)
	}
}

func TestAWatchEndsWithItsContextAndWithTheRegistry(t *testing.T) {
	w := newWorld(t, Options{})
	orders := w.service("orders")
	ctx, cancel := context.WithCancel(context.Background())
	one := must[<-chan Event](t)(w.Watch(ctx, orders))
	two := must[<-chan Event](t)(w.Watch(context.Background(), orders))
	announced := must[<-chan uint64](t)(w.WatchAnnouncements(context.Background()))
	cancel()
	closes(t, one)
	next(t, two)
	w.register(orders, Registration{Address: home})
	next(t, two)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	closes(t, two)
	closes(t, announced)
}

func TestAnnouncementsAreWatched(t *testing.T) {
	w := newWorld(t, Options{})
	numbers := must[<-chan uint64](t)(w.WatchAnnouncements(context.Background()))
	w.pass(time.Minute)
	// A monotonic clock that goes back is announced.
	w.mono -= 30 * time.Second
	w.pass(0)
	number := next(t, numbers)
	announcements := must[[]Announcement](t)(w.Announcements(number - 1))
	if len(announcements) == 0 || announcements[0].Number != number || announcements[0].Kind != ClockJump {
		t.Errorf("announcement %d: %+v", number, announcements)
	}
	if later := must[[]Announcement](t)(w.Announcements(number)); len(later) != 0 {
		t.Errorf("after the last one: %+v", later)
	}
}

//go:build cgo

package steadfast

import (
	"context"
	"sync"
)

// Event says that a service has moved to a revision; a look at its view tells how.
type Event struct {
	Service  ServiceID
	Revision uint64
}

// Watch reports a service's revision now and after each change, until the context ends or the registry is closed, which
// closes the channel. A reader that is slow sees only the latest event; nothing ever waits for it.
func (r *Registry) Watch(ctx context.Context, service ServiceID) (<-chan Event, error) {
	if service == 0 {
		return nil, ErrUnknownService
	}
	events := newLatest[Event]()
	one := &watcher{
		service: service,
		put:     func(revision uint64) { events.put(Event{Service: service, Revision: revision}) },
		close:   func() { close(events) },
	}
	if err := r.watches.add(ctx, r, one); err != nil {
		return nil, err
	}
	return events, nil
}

// WatchAnnouncements reports the number of the latest announcement, as Watch does for a service, except that it starts
// with the next one. [Registry.Announcements] reads them.
func (r *Registry) WatchAnnouncements(ctx context.Context) (<-chan uint64, error) {
	numbers := newLatest[uint64]()
	one := &watcher{put: numbers.put, close: func() { close(numbers) }}
	if err := r.watches.add(ctx, r, one); err != nil {
		return nil, err
	}
	return numbers, nil
}

// watcher is one reader's channel. Its functions are called under the mutex of watches.
type watcher struct {
	// service is 0 for announcements.
	service ServiceID
	put     func(number uint64)
	close   func()
	// seen is the highest number put so far.
	seen uint64
	// stop ends the wait for the context's end.
	stop func() bool
}

func (w *watcher) tell(number uint64) {
	if number > w.seen {
		w.seen = number
		w.put(number)
	}
}

// watches are all channels of a registry, served by one goroutine that polls one native queue: a poll that waits
// occupies a thread, so there is one for all.
type watches struct {
	mu    sync.Mutex
	queue *Queue
	by    map[ServiceID]map[*watcher]struct{}
	// closed says that every channel is closed and no new one is taken.
	closed bool
	// ended is closed when the goroutine has returned; nil before the first watch.
	ended chan struct{}
}

func (w *watches) add(ctx context.Context, r *Registry, one *watcher) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.start(r); err != nil {
		return err
	}
	if one.service != 0 {
		if err := w.tellNow(r, one); err != nil {
			w.unwatchIdle(one.service)
			return err
		}
	}
	if w.by[one.service] == nil {
		w.by[one.service] = map[*watcher]struct{}{}
	}
	w.by[one.service][one] = struct{}{}
	one.stop = context.AfterFunc(ctx, func() { w.remove(one) })
	return nil
}

// tellNow watches natively first and reads the revision then: a change in between is seen by one of the two.
func (w *watches) tellNow(r *Registry, one *watcher) error {
	if err := w.queue.Watch(one.service, 0); err != nil {
		return err
	}
	revision, err := r.Revision(one.service)
	if err != nil {
		return err
	}
	one.seen = revision
	one.put(revision)
	return nil
}

func (w *watches) start(r *Registry) error {
	switch {
	case w.closed:
		return ErrClosed
	case w.ended != nil:
		return nil
	}
	queue, err := r.NewQueue()
	if err != nil {
		return err
	}
	w.queue, w.by, w.ended = queue, map[ServiceID]map[*watcher]struct{}{}, make(chan struct{})
	go w.dispatch()
	return nil
}

func (w *watches) remove(one *watcher) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, found := w.by[one.service][one]; !found {
		return
	}
	delete(w.by[one.service], one)
	one.close()
	w.unwatchIdle(one.service)
}

// unwatchIdle stops the native watch of a service that no channel asks for.
func (w *watches) unwatchIdle(service ServiceID) {
	if service != 0 && len(w.by[service]) == 0 {
		delete(w.by, service)
		// A service that is not watched any more is what was wanted, whatever the reason.
		_, _ = w.queue.Unwatch(service)
	}
}

// dispatch hands events out until the registry is closed.
func (w *watches) dispatch() {
	defer close(w.ended)
	var events []QueueEvent
	for {
		var err error
		events, err = w.queue.Poll(events, -1)
		w.mu.Lock()
		if err != nil {
			w.end()
			w.mu.Unlock()
			return
		}
		for _, event := range events {
			w.hand(event)
		}
		w.mu.Unlock()
	}
}

func (w *watches) hand(event QueueEvent) {
	switch event.Kind {
	case QueueChanged:
		w.tell(event.Service, event.Revision)
	case QueueAnnounced:
		w.tell(0, event.Number)
	case QueueResync:
		for service := range w.by {
			if revision, err := w.queue.registry.Revision(service); err == nil {
				w.tell(service, revision)
			}
		}
	}
}

func (w *watches) tell(service ServiceID, number uint64) {
	for one := range w.by[service] {
		one.tell(number)
	}
}

func (w *watches) end() {
	w.closed = true
	for _, channels := range w.by {
		for one := range channels {
			one.stop()
			one.close()
		}
	}
	w.by = nil
}

// wait returns when the goroutine has ended, which it does once the registry is shut down.
func (w *watches) wait() {
	w.mu.Lock()
	ended := w.ended
	w.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

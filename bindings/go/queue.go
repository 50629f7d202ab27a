//go:build cgo

package steadfast

// #include "native.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// queue is a native watch queue. It lives as long as its registry.
type queue struct {
	registry *Registry
	id       C.uint64_t
	native   [64]C.steadfast_event_t
	events   []queueEvent
}

type queueEventKind int

const (
	queueOther queueEventKind = iota
	queueChanged
	queueResync
	queueAnnounced
)

// queueEvent is one event: a service and its revision, or service 0 and the number of an announcement.
type queueEvent struct {
	kind    queueEventKind
	service ServiceID
	number  uint64
}

func newQueue(r *Registry) (*queue, error) {
	q := &queue{registry: r}
	var report C.steadfast_error_t
	code := C.go_queue_new(r.native(), &q.id, &report)
	runtime.KeepAlive(r)
	return q, failure(Code(code), &report)
}

func (q *queue) watch(service ServiceID) error {
	var report C.steadfast_error_t
	code := C.go_watch(q.registry.native(), q.id, C.uint64_t(service), &report)
	return failure(Code(code), &report)
}

// unwatch has nothing to report: a service that is not watched any more is what was wanted.
func (q *queue) unwatch(service ServiceID) {
	C.steadfast_unwatch(q.registry.native(), q.id, C.uint64_t(service))
}

// poll waits for events; what it returns is overwritten by the next poll.
func (q *queue) poll() ([]queueEvent, error) {
	var count C.size_t
	code := C.steadfast_queue_poll(
		q.registry.native(), q.id, unsafe.SliceData(q.native[:]), C.size_t(len(q.native)), -1, &count,
	)
	if err := plainFailure(Code(code)); err != nil {
		return nil, err
	}
	q.events = q.events[:0]
	for i := range q.native[:count] {
		q.events = append(q.events, goEvent(&q.native[i]))
	}
	return q.events, nil
}

func goEvent(event *C.steadfast_event_t) queueEvent {
	switch event.kind {
	case C.STEADFAST_EVENT_CHANGED:
		return queueEvent{kind: queueChanged, service: ServiceID(event.object), number: uint64(event.revision)}
	case C.STEADFAST_EVENT_RESYNC:
		return queueEvent{kind: queueResync}
	case C.STEADFAST_EVENT_ANNOUNCED:
		return queueEvent{kind: queueAnnounced, number: uint64(event.object)}
	default:
		return queueEvent{kind: queueOther}
	}
}

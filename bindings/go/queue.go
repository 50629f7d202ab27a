//go:build cgo

package steadfast

// #include "native.h"
import "C"

import (
	"math"
	"runtime"
	"time"
	"unsafe"
)

// Queue is a watch queue that a program polls itself: for one that watches many services in few places, or waits for
// events beside descriptors of its own. [Registry.Watch] is simpler for everybody else.
//
// It is level-triggered and coalesced: several changes of one service are one event, which says that something moved.
// Any number of goroutines may poll it; an event goes to one of them.
type Queue struct {
	registry *Registry
	id       C.uint64_t
}

// QueueEventKind says what an event is about. Ignore kinds that you do not know.
type QueueEventKind uint32

// Kinds of events, as the C library numbers them.
const (
	// QueueChanged: a service has moved to a revision.
	QueueChanged QueueEventKind = C.STEADFAST_EVENT_CHANGED
	// QueueResync: the queue fell behind; compare the revisions of all services that it watches.
	QueueResync QueueEventKind = C.STEADFAST_EVENT_RESYNC
	// QueueAnnounced: an announcement can be read.
	QueueAnnounced QueueEventKind = C.STEADFAST_EVENT_ANNOUNCED
)

// QueueEvent is one event of a queue.
type QueueEvent struct {
	Kind QueueEventKind
	// Service and Revision are those of QueueChanged, with the Cookie that Watch was given.
	Service  ServiceID
	Revision uint64
	Cookie   uint64
	// Number is that of the announcement.
	Number uint64
}

// queuePollMax is how many events one call of the library carries.
const queuePollMax = 64

// NewQueue makes a watch queue. End it with Close; the registry's end ends it too.
func (r *Registry) NewQueue() (*Queue, error) {
	q := &Queue{registry: r}
	var report C.steadfast_error_t
	code := C.go_queue_new(r.native(), &q.id, &report)
	runtime.KeepAlive(r)
	if err := failure(Code(code), &report); err != nil {
		return nil, err
	}
	return q, nil
}

// Watch watches a service; its events carry the cookie. The next poll reports the revision that the service is at, so
// that nothing is missed in between; watching it again does so again.
func (q *Queue) Watch(service ServiceID, cookie uint64) error {
	var report C.steadfast_error_t
	code := C.go_watch(q.registry.native(), q.id, C.uint64_t(service), C.uint64_t(cookie), &report)
	runtime.KeepAlive(q.registry)
	return failure(Code(code), &report)
}

// Unwatch stops watching a service, and says whether it was watched.
func (q *Queue) Unwatch(service ServiceID) (watched bool, err error) {
	code := C.steadfast_unwatch(q.registry.native(), q.id, C.uint64_t(service))
	runtime.KeepAlive(q.registry)
	return code == C.STEADFAST_OK, plainFailure(Code(code))
}

// Poll waits for events, writes at most 64 of them over events, and returns them; nothing when the time is up or Wake
// was called. A negative timeout waits as long as it takes, 0 does not wait. A poll that waits occupies a thread.
func (q *Queue) Poll(events []QueueEvent, timeout time.Duration) ([]QueueEvent, error) {
	var native [queuePollMax]C.steadfast_event_t
	var count C.size_t
	code := C.steadfast_queue_poll(
		q.registry.native(), q.id, unsafe.SliceData(native[:]), C.size_t(len(native)), pollMilliseconds(timeout), &count,
	)
	runtime.KeepAlive(q.registry)
	events = events[:0]
	for i := range native[:count] {
		events = append(events, goEvent(&native[i]))
	}
	return events, plainFailure(Code(code))
}

// pollMilliseconds rounds up, so that a short wait is one.
func pollMilliseconds(timeout time.Duration) C.int32_t {
	if timeout < 0 {
		return -1
	}
	return C.int32_t(min((timeout + time.Millisecond - 1).Milliseconds(), math.MaxInt32))
}

// Wake makes a poll that waits return.
func (q *Queue) Wake() error {
	code := C.steadfast_queue_wake(q.registry.native(), q.id)
	runtime.KeepAlive(q.registry)
	return plainFailure(Code(code))
}

// WakeupFD is a descriptor for poll, epoll and the like: readable while Poll would return at once. Poll the queue until
// it has no more events and it is quiet again. Never read from it, write to it or close it: it belongs to the library
// and is closed with the queue or the registry. A program that wants an os.File makes it of a duplicate.
//
// Linux only, elsewhere [ErrUnsupported]. [ErrDescriptor]: the system gave none.
func (q *Queue) WakeupFD() (int, error) {
	var fd C.int32_t
	var report C.steadfast_error_t
	code := C.go_queue_wakeup_fd(q.registry.native(), q.id, &fd, &report)
	runtime.KeepAlive(q.registry)
	if err := failure(Code(code), &report); err != nil {
		return -1, err
	}
	return int(fd), nil
}

// Close ends the queue and wakes its pollers. Calls of it later answer an error, as Close itself does.
func (q *Queue) Close() error {
	code := C.steadfast_queue_free(q.registry.native(), q.id)
	runtime.KeepAlive(q.registry)
	return plainFailure(Code(code))
}

func goEvent(event *C.steadfast_event_t) QueueEvent {
	switch kind := QueueEventKind(event.kind); kind {
	case QueueChanged:
		return QueueEvent{
			Kind: kind, Service: ServiceID(event.object), Revision: uint64(event.revision), Cookie: uint64(event.cookie),
		}
	case QueueAnnounced:
		return QueueEvent{Kind: kind, Number: uint64(event.object)}
	default:
		return QueueEvent{Kind: kind}
	}
}

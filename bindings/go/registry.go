//go:build cgo

package steadfast

// #include "native.h"
import "C"

import (
	"runtime"
	"sync"
	"time"
)

// Registry is an open registry. Use it by pointer; any number of goroutines may.
type Registry struct {
	pointer *C.steadfast_t
	// ticking lets one tick at a time through, as the library asks for.
	ticking sync.Mutex
	// views holds the last *View of each ServiceID.
	views sync.Map
	// watches runs one goroutine as soon as somebody watches.
	watches watches
}

// Open opens a registry: reads the data folder back, loads the active policy and starts the threads, as the options
// say. End it with Close.
func Open(options Options) (*Registry, error) {
	var pointer *C.steadfast_t
	var report C.steadfast_error_t
	retain, retainSet := milliseconds(options.Retain)
	maxStep, maxStepSet := milliseconds(options.MaxStep)
	native := nativeOptions(&options)
	native.retain_ms, native.max_step_ms = retain, maxStep
	code := C.go_open(native, retainSet, maxStepSet, &pointer, &report)
	if err := failure(Code(code), &report); err != nil {
		return nil, err
	}
	r := &Registry{pointer: pointer}
	runtime.AddCleanup(r, free, pointer)
	return r, nil
}

func nativeOptions(options *Options) C.steadfast_options_t {
	threads := C.uint32_t(C.STEADFAST_THREADS_OWN)
	if options.ThreadsNone {
		threads = C.STEADFAST_THREADS_NONE
	}
	fields, instances, services := nativeQuota(options.Quota)
	// A negative number becomes one that the library refuses.
	return C.steadfast_options_t{
		threads:         threads,
		data_folder:     str(options.Data),
		policies_folder: str(options.Policies),
		policy:          str(options.Policy),
		instances_max:   C.uint64_t(options.MaxInstances),
		services_max:    C.uint64_t(options.MaxServices),
		tombstones_max:  C.uint64_t(options.MaxTombstones),
		quota_fields:    fields,
		quota_instances: instances,
		quota_services:  services,
		journal:         C.uint32_t(options.Journal),
		journal_bytes:   C.uint64_t(options.JournalBytes),
	}
}

// milliseconds reads an option where 0 means the default and a negative duration means 0.
func milliseconds(duration time.Duration) (value C.uint64_t, set C.int) {
	if duration == 0 {
		return 0, 0
	}
	return C.uint64_t(max(duration, 0).Milliseconds()), 1
}

// free runs when no goroutine can reach the registry any more, hence none is inside a call.
func free(pointer *C.steadfast_t) {
	C.steadfast_free(pointer)
}

// Close ends the registry: what is still unwritten is written, the library's threads stop, channels of watches are
// closed, the data folder is released. Calls that are under way finish; later ones answer [ErrClosed].
//
// Any goroutine may call it, any number of times; each call returns when the end is reached.
func (r *Registry) Close() error {
	code := C.steadfast_shutdown(r.native())
	runtime.KeepAlive(r)
	r.watches.wait()
	return plainFailure(Code(code))
}

// Tick tells a registry opened with ThreadsNone what time it is: mono is the time of a clock that never jumps, from any
// origin, wall the date. The first tick only sets the origin. Everything that is due is decided before it returns.
func (r *Registry) Tick(mono time.Duration, wall time.Time) error {
	r.ticking.Lock()
	defer r.ticking.Unlock()
	code := C.steadfast_tick(r.native(), C.uint64_t(max(mono, 0).Milliseconds()), unixMilli(wall))
	runtime.KeepAlive(r)
	return plainFailure(Code(code))
}

// Flush writes what policies changed (cleared orders, for example) to the data folder now instead of within a second.
// Orders are durable before their call returns and need no flush.
func (r *Registry) Flush() error {
	var report C.steadfast_error_t
	code := C.go_flush(r.native(), &report)
	runtime.KeepAlive(r)
	return failure(Code(code), &report)
}

// Version is the name and version of the linked library.
func Version() string {
	return C.GoString(C.steadfast_version_string())
}

// unixMilli is a wall time for the library, which counts from 1970; 0 stands for the zero time.
func unixMilli(wall time.Time) C.uint64_t {
	if wall.IsZero() {
		return 0
	}
	return C.uint64_t(max(wall.UnixMilli(), 0))
}

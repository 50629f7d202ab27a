//go:build cgo

package steadfast

// #include "native.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// View is the picture of a service as it is now. It is copied once for each revision; between two changes every call
// returns the same pointer.
func (r *Registry) View(service ServiceID) (*View, error) {
	var known C.uint64_t
	cached, _ := r.views.Load(service)
	if cached != nil {
		known = C.uint64_t(cached.(*View).Revision)
	}
	var native *C.steadfast_view_t
	var report C.steadfast_error_t
	code := C.go_view_acquire(r.native(), C.uint64_t(service), known, &native, &report)
	runtime.KeepAlive(r)
	if err := failure(Code(code), &report); err != nil {
		return nil, err
	}
	if code == C.STEADFAST_NOT_MODIFIED {
		return cached.(*View), nil
	}
	view, err := copyView(native)
	if err != nil {
		return nil, err
	}
	return r.keepNewest(service, view), nil
}

// copyView copies a native view and releases it.
func copyView(native *C.steadfast_view_t) (*View, error) {
	defer C.steadfast_view_release(native)
	var data *C.uint8_t
	var length C.size_t
	code := C.steadfast_view_read(native, &data, &length, nil)
	if err := plainFailure(Code(code)); err != nil {
		return nil, err
	}
	// The bytes are C's until the release above; decodePacked keeps none of them.
	return decodePacked(unsafe.Slice((*byte)(unsafe.Pointer(data)), int(length)))
}

// keepNewest caches a view unless another goroutine was faster with the same or a later revision.
func (r *Registry) keepNewest(service ServiceID, view *View) *View {
	for {
		cached, found := r.views.LoadOrStore(service, view)
		switch {
		case !found:
			return view
		case cached.(*View).Revision >= view.Revision:
			return cached.(*View)
		case r.views.CompareAndSwap(service, cached, view):
			return view
		}
	}
}

// Revision is a service's revision: it grows exactly when its view changes. Made to be polled.
func (r *Registry) Revision(service ServiceID) (uint64, error) {
	var revision C.uint64_t
	code := C.steadfast_revision(r.native(), C.uint64_t(service), &revision)
	runtime.KeepAlive(r)
	return uint64(revision), plainFailure(Code(code))
}

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

// Lookup is a view of those instances alone that a lookup names. protecting says that so few are healthy that unhealthy
// ones are among them. It is made anew by each call: who looks again and again keeps a [Registry.View] and filters it.
func (r *Registry) Lookup(service ServiceID, lookup Lookup) (view *View, protecting bool, err error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	native, err := nativeLookup(&lookup, &pinner)
	if err != nil {
		return nil, false, err
	}
	var protects C.uint32_t
	packed, err := r.text(func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
		into := (*C.uint8_t)(unsafe.Pointer(buffer))
		return C.go_lookup(r.native(), C.uint64_t(service), native, into, capacity, needed, &protects, report)
	})
	if err != nil {
		return nil, false, err
	}
	view, err = decodePacked(packed)
	return view, protects != 0, err
}

// Pick is one of the instances that a lookup names, nil when there is none with a weight above 0. random is uniform over
// all 64 bits, as [math/rand/v2.Uint64] is; an instance is picked for as large a share of all numbers as its weight is of
// all weights.
func (r *Registry) Pick(service ServiceID, lookup Lookup, random uint64) (*Instance, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	native, err := nativeLookup(&lookup, &pinner)
	if err != nil {
		return nil, err
	}
	packed, err := r.text(func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
		into := (*C.uint8_t)(unsafe.Pointer(buffer))
		return C.go_pick(r.native(), C.uint64_t(service), native, C.uint64_t(random), into, capacity, needed, report)
	})
	if err != nil {
		return nil, err
	}
	view, err := decodePacked(packed)
	if err != nil || len(view.Instances) == 0 {
		return nil, err
	}
	return &view.Instances[0], nil
}

func nativeLookup(lookup *Lookup, pinner *runtime.Pinner) (C.steadfast_lookup_t, error) {
	native := C.steadfast_lookup_t{show: C.uint32_t(lookup.Show), protect: C.double(lookup.Protect)}
	if lookup.Class != nil {
		native.fields = C.STEADFAST_LOOKUP_CLASS
		native.policy_class = C.uint32_t(*lookup.Class)
	}
	if len(lookup.Clusters) > 0 {
		clusters := make([]C.steadfast_str_t, len(lookup.Clusters))
		for i, cluster := range lookup.Clusters {
			clusters[i] = pinned(cluster, pinner)
		}
		pinner.Pin(unsafe.SliceData(clusters))
		native.clusters, native.cluster_count = unsafe.SliceData(clusters), C.size_t(len(clusters))
	}
	packed, err := packMetadata(lookup.Metadata)
	native.metadata, native.metadata_len = lend(packed)
	return native, err
}

// Revision is a service's revision: it grows exactly when its view changes. Made to be polled.
func (r *Registry) Revision(service ServiceID) (uint64, error) {
	var revision C.uint64_t
	code := C.steadfast_revision(r.native(), C.uint64_t(service), &revision)
	runtime.KeepAlive(r)
	return uint64(revision), plainFailure(Code(code))
}

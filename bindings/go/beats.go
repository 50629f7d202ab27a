//go:build cgo

package steadfast

// #include "native.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// BatchMax is the most handles in one batch of beats; 64 to 256 at a time use the call best.
const BatchMax = 65_536

// Beat is a sign of life, made to be called for every heartbeat: it neither allocates nor locks while the instance is
// well. It answers false when no instance has this handle any more: the client has to register again.
func (r *Registry) Beat(handle Handle) (alive bool, err error) {
	code := C.steadfast_beat(r.native(), C.uint64_t(handle))
	runtime.KeepAlive(r)
	return code == C.STEADFAST_OK, plainFailure(Code(code))
}

// BeatBatch is a sign of life of many instances. The positions in handles of those that have to register again are
// written over rejected, which is returned; a slice with enough capacity is not allocated again.
func (r *Registry) BeatBatch(handles []Handle, rejected []uint32) ([]uint32, error) {
	if cap(rejected) == 0 && len(handles) > 0 {
		rejected = make([]uint32, 0, 16)
	}
	for {
		count, err := r.beatBatch(handles, rejected[:cap(rejected)])
		if err != nil {
			return rejected[:0], err
		}
		if count <= cap(rejected) {
			return rejected[:count], nil
		}
		// Beating those that are well once more changes nothing.
		rejected = make([]uint32, 0, count)
	}
}

func (r *Registry) beatBatch(handles []Handle, rejected []uint32) (int, error) {
	var count C.size_t
	code := C.steadfast_beat_batch(
		r.native(), (*C.uint64_t)(unsafe.Pointer(unsafe.SliceData(handles))), C.size_t(len(handles)),
		(*C.uint32_t)(unsafe.Pointer(unsafe.SliceData(rejected))), C.size_t(len(rejected)), &count,
	)
	runtime.KeepAlive(r)
	return int(count), plainFailure(Code(code))
}

// BeatAt is a sign of life by address, for senders that have no handle. full may be nil; what it carries is used only
// when nothing is known about the address, which is then registered by it. The result is as in Beat.
func (r *Registry) BeatAt(service ServiceID, address Address, full *FullBeat) (alive bool, err error) {
	var code C.int32_t
	var report C.steadfast_error_t
	if full == nil {
		code = C.go_beat_at(r.native(), C.uint64_t(service), nativeAddress(&address), &report)
	} else {
		native, err := nativeFullBeat(full)
		if err != nil {
			return false, err
		}
		code = C.go_full_beat_at(r.native(), C.uint64_t(service), nativeAddress(&address), native, &report)
	}
	runtime.KeepAlive(r)
	return code == C.STEADFAST_OK, failure(Code(code), &report)
}

func nativeFullBeat(full *FullBeat) (C.steadfast_full_beat_t, error) {
	claim, err := nativeClaim(&Claim{Weight: full.Weight, Metadata: full.Metadata})
	return C.steadfast_full_beat_t{
		fields: claim.fields, kind: nativeKind(full.Persistent), weight: claim.weight,
		metadata: claim.metadata, metadata_len: claim.metadata_len,
	}, err
}

//go:build cgo

package steadfast

// #include "native.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// NamedBeat is a sign of life by service and address.
type NamedBeat struct {
	Service ServiceID
	Address Address
	// Full is what the beat carries besides; it may be nil. See BeatAt.
	Full *FullBeat
}

// RejectedBeat is a beat of a batch that is not alive.
type RejectedBeat struct {
	// Position is its place in the batch.
	Position int
	// Err says why it counts for nothing; nil: the client has to register again.
	Err error
}

// BeatBatchAt is a sign of life of many addresses, at most BatchMax, each as by BeatAt; some hundred at a time use the
// call best. It returns those that are not alive, in order. What is wrong with one spoils no other.
func (r *Registry) BeatBatchAt(beats []NamedBeat) ([]RejectedBeat, error) {
	if len(beats) > BatchMax {
		return nil, ErrTooMany
	}
	var pinner runtime.Pinner
	defer pinner.Unpin()
	native, err := nativeBeats(beats, &pinner)
	if err != nil {
		return nil, err
	}
	positions, codes := make([]C.uint32_t, len(beats)), make([]C.int32_t, len(beats))
	var count C.size_t
	var report C.steadfast_error_t
	code := C.go_beat_batch_at(
		r.native(), unsafe.SliceData(native), C.size_t(len(native)), unsafe.SliceData(positions), unsafe.SliceData(codes),
		C.size_t(len(positions)), &count, &report,
	)
	runtime.KeepAlive(r)
	if count == 0 || code < 0 {
		return nil, failure(Code(code), &report)
	}
	rejected := make([]RejectedBeat, count)
	for i := range rejected {
		rejected[i] = RejectedBeat{Position: int(positions[i]), Err: plainFailure(Code(codes[i]))}
	}
	return rejected, nil
}

// nativeBeats writes beats as C reads them. Their texts lie in one block, which is one thing to pin for all of them.
func nativeBeats(beats []NamedBeat, pinner *runtime.Pinner) ([]C.steadfast_named_beat_t, error) {
	size := 0
	for i := range beats {
		size += len(beats[i].Address.IP) + len(beats[i].Address.Cluster)
	}
	texts := make([]byte, 0, size)
	if size > 0 {
		pinner.Pin(unsafe.SliceData(texts))
	}
	place := func(text string) C.steadfast_str_t {
		texts = append(texts, text...)
		return bytesOf(texts[len(texts)-len(text):])
	}
	native := make([]C.steadfast_named_beat_t, len(beats))
	for i := range beats {
		beat := &beats[i]
		full, err := pinnedFullBeat(beat.Full, pinner)
		if err != nil {
			return nil, err
		}
		native[i] = C.steadfast_named_beat_t{
			struct_size: C.sizeof_steadfast_named_beat_t,
			port:        C.uint32_t(beat.Address.Port),
			service:     C.uint64_t(beat.Service),
			ip:          place(beat.Address.IP),
			cluster:     place(beat.Address.Cluster),
			full:        full,
		}
	}
	return native, nil
}

func bytesOf(text []byte) C.steadfast_str_t {
	if len(text) == 0 {
		return C.steadfast_str_t{}
	}
	return C.steadfast_str_t{data: (*C.char)(unsafe.Pointer(unsafe.SliceData(text))), len: C.size_t(len(text))}
}

func pinnedFullBeat(full *FullBeat, pinner *runtime.Pinner) (*C.steadfast_full_beat_t, error) {
	if full == nil {
		return nil, nil
	}
	native, err := nativeFullBeat(full)
	if err != nil {
		return nil, err
	}
	native.struct_size = C.sizeof_steadfast_full_beat_t
	if native.metadata != nil {
		pinner.Pin(native.metadata)
	}
	pinner.Pin(&native)
	return &native, nil
}

//go:build cgo

// Package cloop is a loop in C, for the benchmark that measures what a call from Go costs beside it.
package cloop

/*
#cgo CFLAGS: -I${SRCDIR}/../../../../include
#cgo LDFLAGS: ${SRCDIR}/../../../../target/debug/libsteadfast_ffi.a
#cgo linux LDFLAGS: -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

#cgo noescape beat_batches
#cgo nocallback beat_batches

#include "steadfast.h"

static int32_t beat_batches(const void *registry, const uint64_t *handles, size_t batches, size_t batch, size_t turns) {
    for (size_t turn = 0; turn < turns; turn++) {
        for (size_t at = 0; at < batches; at++) {
            size_t rejected = 0;
            int32_t code = steadfast_beat_batch((const steadfast_t *)registry, handles + at * batch, batch, NULL, 0,
                                                &rejected);
            if (code != STEADFAST_OK) {
                return code;
            }
        }
    }
    return STEADFAST_OK;
}
*/
import "C"

import "unsafe"

// BeatBatches beats handles in batches of one size, so many turns of all of them, in one call. It answers the
// library's code for the first batch that is not all well, else 0.
func BeatBatches(registry unsafe.Pointer, handles []uint64, batch, turns int) int32 {
	first := (*C.uint64_t)(unsafe.Pointer(unsafe.SliceData(handles)))
	batches := C.size_t(len(handles) / batch)
	return int32(C.beat_batches(registry, first, batches, C.size_t(batch), C.size_t(turns)))
}

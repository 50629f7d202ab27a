//go:build cgo

package steadfast

/*
#cgo CFLAGS: -I${SRCDIR}/../../include
#cgo LDFLAGS: ${SRCDIR}/../../target/debug/libsteadfast_ffi.a
#cgo linux LDFLAGS: -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

#cgo noescape steadfast_beat
#cgo nocallback steadfast_beat
#cgo noescape steadfast_beat_batch
#cgo nocallback steadfast_beat_batch
#cgo noescape steadfast_revision
#cgo nocallback steadfast_revision
#cgo noescape steadfast_view_read
#cgo nocallback steadfast_view_read
#cgo noescape steadfast_queue_poll
#cgo nocallback steadfast_queue_poll
#cgo noescape go_beat_batch_at
#cgo nocallback go_beat_batch_at
#cgo noescape go_register
#cgo nocallback go_register
#cgo noescape go_claim
#cgo nocallback go_claim
#cgo noescape go_beat_at
#cgo nocallback go_beat_at
#cgo noescape go_full_beat_at
#cgo nocallback go_full_beat_at
#cgo noescape go_service_find
#cgo nocallback go_service_find
#cgo noescape go_view_acquire
#cgo nocallback go_view_acquire

#include "native.h"

// The layout that this package was written for; another one is a compile error, not a wrong answer.
_Static_assert(STEADFAST_ABI_MAJOR == 0 && STEADFAST_ABI_MINOR == 1, "this package needs version 0.1 of steadfast.h");
_Static_assert(sizeof(steadfast_view_header_t) == 40 && sizeof(steadfast_view_record_t) == 48, "packed view");
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// Pointer rules of this package
//
// C borrows: the library copies what it is given before a call returns and keeps no Go pointer. cgo pins arguments for
// the length of the call, so strings are passed as they lie in Go's memory: pointer and length, no copy, no NUL.
//
// Structures that hold such pointers are passed by value to the functions of native.h, because Go memory that C gets
// the address of must not itself hold Go pointers. Structures that C fills in hold none, and may lie on a goroutine's
// stack (noescape): C never keeps their address, and never calls back into Go (nocallback), so the stack cannot move.
//
// Arrays of such structures do hold pointers while C has their address; what they point to is pinned for the call
// (runtime.Pinner).
//
// The registry itself is C's memory. It is freed by a cleanup when the Go object is unreachable, hence every method
// keeps the object alive past its call (runtime.KeepAlive).
//
// Memory that C owns is read in two places (copyView, readReport), copied at once and released there.

// str lends a string to C for one call.
func str(text string) C.steadfast_str_t {
	return C.steadfast_str_t{data: (*C.char)(unsafe.Pointer(unsafe.StringData(text))), len: C.size_t(len(text))}
}

// pinned lends a string to C inside an array.
func pinned(text string, pinner *runtime.Pinner) C.steadfast_str_t {
	if text == "" {
		return C.steadfast_str_t{}
	}
	pinner.Pin(unsafe.StringData(text))
	return str(text)
}

// native is the registry for one call; the caller keeps r alive.
func (r *Registry) native() *C.steadfast_t {
	return r.pointer
}

// text reads an answer into a buffer that grows until it fits.
func (r *Registry) text(
	read func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t,
) ([]byte, error) {
	buffer := make([]byte, 2048)
	for {
		var needed C.size_t
		var report C.steadfast_error_t
		first := (*C.char)(unsafe.Pointer(unsafe.SliceData(buffer)))
		code := Code(read(first, C.size_t(len(buffer)), &needed, &report))
		runtime.KeepAlive(r)
		if code != ErrBufferTooSmall {
			return buffer[:min(int(needed), len(buffer))], failure(code, &report)
		}
		// The answer may have grown by the next call, so there is room for more than what is needed now.
		buffer = make([]byte, int(needed)+int(needed)/4)
	}
}

func flag(value bool) C.uint32_t {
	if value {
		return 1
	}
	return 0
}

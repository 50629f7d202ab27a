//go:build cgo

package steadfast

// #include "native.h"
import "C"

import (
	"encoding/json"
	"runtime"
	"unsafe"
)

// Explain says why an instance is as it is: effective values, orders, claim, last decision, as a JSON object.
// [ErrNotFound]: nothing is known about the address, not even an order.
func (r *Registry) Explain(service ServiceID, address Address) (json.RawMessage, error) {
	return r.text(func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
		return C.go_explain(r.native(), C.uint64_t(service), nativeAddress(&address), buffer, capacity, needed, report)
	})
}

// Orders lists every address of a service that has orders, pending ones too.
func (r *Registry) Orders(service ServiceID) ([]Ordered, error) {
	text, err := r.text(func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
		return C.go_orders(r.native(), C.uint64_t(service), buffer, capacity, needed, report)
	})
	if err != nil {
		return nil, err
	}
	var ordered []Ordered
	return ordered, json.Unmarshal(text, &ordered)
}

// PolicyStatus says what decides now, and what the policies folder holds.
func (r *Registry) PolicyStatus() (PolicyStatus, error) {
	text, err := r.text(func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
		return C.go_policy_status(r.native(), buffer, capacity, needed, report)
	})
	if err != nil {
		return PolicyStatus{}, err
	}
	var status PolicyStatus
	return status, json.Unmarshal(text, &status)
}

// InstallPolicy loads a policy from the bytes of a .wasm component or of a .table file, proves it, and installs it; it
// returns when the last service has moved. A .table file was made with its parameters, so params is empty for it. A
// policy that is refused leaves the one before it in place, and the error says why. A library built without
// WebAssembly takes .table files only: ErrUnsupported.
func (r *Registry) InstallPolicy(policy []byte, params map[string]string) (Install, error) {
	text := ""
	if len(params) > 0 {
		object, err := json.Marshal(params)
		if err != nil {
			return Install{}, err
		}
		text = string(object)
	}
	var install C.steadfast_install_t
	var report C.steadfast_error_t
	code := C.go_policy_install(
		r.native(), (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(policy))), C.size_t(len(policy)), str(text),
		&install, &report,
	)
	runtime.KeepAlive(r)
	if err := failure(Code(code), &report); err != nil {
		return Install{}, err
	}
	return Install{
		Unchanged: install.unchanged != 0,
		Epoch:     uint64(install.epoch),
		Services:  uint64(install.services),
		Instances: uint64(install.instances),
		Changed:   uint64(install.changed),
		Left:      uint64(install.left),
	}, nil
}

// Announcements lists what happened to the registry itself (installs, refused policies, clock jumps): all with a
// number above after, oldest first, of the last few hundred.
func (r *Registry) Announcements(after uint64) ([]Announcement, error) {
	text, err := r.text(func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
		return C.go_announcements(r.native(), C.uint64_t(after), buffer, capacity, needed, report)
	})
	if err != nil {
		return nil, err
	}
	var announcements []Announcement
	return announcements, json.Unmarshal(text, &announcements)
}

// Counters reads how much there is of everything.
func (r *Registry) Counters() (Counters, error) {
	text, err := r.text(func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
		return C.go_counters(r.native(), buffer, capacity, needed, report)
	})
	if err != nil {
		return Counters{}, err
	}
	var counters Counters
	return counters, json.Unmarshal(text, &counters)
}

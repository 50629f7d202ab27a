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

// ExplainService says why a service is as it is, in numbers. It walks all of its instances.
func (r *Registry) ExplainService(service ServiceID) (ServiceExplanation, error) {
	return answered[ServiceExplanation](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_explain_service(r.native(), C.uint64_t(service), buffer, capacity, needed, report)
		}))
}

// Audit lists the latest orders that were carried out, at most limit, oldest first, those before a restart included.
// Only the latest 1000 are at hand.
func (r *Registry) Audit(limit int) ([]AuditEntry, error) {
	return answered[[]AuditEntry](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_audit(r.native(), C.size_t(max(limit, 0)), buffer, capacity, needed, report)
		}))
}

// Orders lists every address of a service that has orders, pending ones too.
func (r *Registry) Orders(service ServiceID) ([]Ordered, error) {
	return answered[[]Ordered](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_orders(r.native(), C.uint64_t(service), buffer, capacity, needed, report)
		}))
}

// PolicyStatus says what decides now, and what the policies folder holds.
func (r *Registry) PolicyStatus() (PolicyStatus, error) {
	return answered[PolicyStatus](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_policy_status(r.native(), buffer, capacity, needed, report)
		}))
}

// InstallPolicy loads a policy from the bytes of a .wasm component or of a .table file, proves it, and installs it; it
// returns when the last service has moved. A .table file was made with its parameters, so params is empty for it. A
// policy that is refused leaves the one before it in place, and the error says why. A library built without
// WebAssembly takes .table files only: ErrUnsupported.
func (r *Registry) InstallPolicy(policy []byte, params map[string]string) (Install, error) {
	text, err := paramsText(params)
	if err != nil {
		return Install{}, err
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

// Route replaces the routes, all or nothing: each gives a part of the registry a policy of its own, beside the active
// one. It returns when the last service has moved. None at all removes them; at most 4096 are allowed.
//
// Any error leaves every route as it was and says which one is wrong. With a policies folder a change of its routes.toml,
// or of a file that is named there, replaces what was routed here.
func (r *Registry) Route(routes []Route) (Routed, error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	native := make([]C.steadfast_route_t, len(routes))
	for i := range routes {
		if err := nativeRoute(&routes[i], &native[i], &pinner); err != nil {
			return Routed{}, err
		}
	}
	var routed C.steadfast_routed_t
	var kept *C.steadfast_report_t
	var report C.steadfast_error_t
	code := C.go_route(r.native(), unsafe.SliceData(native), C.size_t(len(native)), &routed, &kept, &report)
	runtime.KeepAlive(r)
	done := Routed{
		Unchanged: routed.unchanged != 0,
		Routes:    uint64(routed.routes),
		Services:  uint64(routed.services),
		Instances: uint64(routed.instances),
		Changed:   uint64(routed.changed),
		Left:      uint64(routed.left),
	}
	if err := readReport(code, kept, &report, &done.Report); err != nil {
		return Routed{}, err
	}
	return done, nil
}

func nativeRoute(route *Route, native *C.steadfast_route_t, pinner *runtime.Pinner) error {
	params, err := paramsText(route.Params)
	if err != nil {
		return err
	}
	*native = C.steadfast_route_t{
		struct_size: C.sizeof_steadfast_route_t,
		name_space:  pinned(route.Scope.Namespace, pinner),
		group:       pinned(route.Scope.Group, pinner),
		service:     pinned(route.Scope.Service, pinner),
		policy:      pinned(route.Policy, pinner),
		params:      pinned(params, pinner),
	}
	if len(route.File) > 0 {
		pinner.Pin(unsafe.SliceData(route.File))
		native.file, native.file_len = lend(route.File)
	}
	return nil
}

// paramsText writes parameters as the library reads them.
func paramsText(params map[string]string) (string, error) {
	if len(params) == 0 {
		return "", nil
	}
	object, err := json.Marshal(params)
	return string(object), err
}

// PolicyOf is the policy that decides for a service.
func (r *Registry) PolicyOf(service ServiceID) (Policy, error) {
	return answered[Policy](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_policy_of(r.native(), C.uint64_t(service), buffer, capacity, needed, report)
		}))
}

// Announcements lists what happened to the registry itself (installs, refused policies, clock jumps): all with a
// number above after, oldest first, of the last few hundred.
func (r *Registry) Announcements(after uint64) ([]Announcement, error) {
	return answered[[]Announcement](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_announcements(r.native(), C.uint64_t(after), buffer, capacity, needed, report)
		}))
}

// Counters reads how much there is of everything.
func (r *Registry) Counters() (Counters, error) {
	return answered[Counters](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_counters(r.native(), buffer, capacity, needed, report)
		}))
}

// Decisions counts how often each policy that decides now gave each of its reasons, since it was installed: the active
// one first, then those of the routes.
func (r *Registry) Decisions() ([]DecisionCount, error) {
	return answered[[]DecisionCount](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_decisions(r.native(), buffer, capacity, needed, report)
		}))
}

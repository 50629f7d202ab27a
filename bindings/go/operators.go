//go:build cgo

package steadfast

// #include "native.h"
import "C"

import "runtime"

// Hold places a hold, or updates the one of the same owner. It is durable and visible when the call returns. An address
// that is not there is no error: the effect says Pending, and the hold waits for the instance; its Hint tells which
// other cluster may have been meant.
func (r *Registry) Hold(service ServiceID, address Address, order HoldOrder) (Effect, error) {
	var effect C.steadfast_effect_t
	var report C.steadfast_error_t
	code := C.go_hold_place(
		r.native(), C.uint64_t(service), nativeAddress(&address), C.uint32_t(order.Kind), nativeAuthor(&order.Author),
		unixMilli(order.Until), &effect, &report,
	)
	runtime.KeepAlive(r)
	return orderReply(code, &effect, &report)
}

// Release ends the hold of the author's owner. The effect says whether there was one, and what still refuses.
func (r *Registry) Release(service ServiceID, address Address, author Author) (Effect, error) {
	var effect C.steadfast_effect_t
	var report C.steadfast_error_t
	code := C.go_hold_release(
		r.native(), C.uint64_t(service), nativeAddress(&address), nativeAuthor(&author), &effect, &report,
	)
	runtime.KeepAlive(r)
	return orderReply(code, &effect, &report)
}

// ForceRelease ends the hold of another owner. The audit keeps both names, and Explain shows who forced it.
func (r *Registry) ForceRelease(service ServiceID, address Address, owner string, author Author) (Effect, error) {
	var effect C.steadfast_effect_t
	var report C.steadfast_error_t
	code := C.go_hold_force_release(
		r.native(), C.uint64_t(service), nativeAddress(&address), str(owner), nativeAuthor(&author), &effect, &report,
	)
	runtime.KeepAlive(r)
	return orderReply(code, &effect, &report)
}

// Overlay sets one field of an instance over what the client says, until it is released.
func (r *Registry) Overlay(service ServiceID, address Address, overlay Overlay, author Author) (Effect, error) {
	var effect C.steadfast_effect_t
	var report C.steadfast_error_t
	code := C.go_overlay_set(
		r.native(), C.uint64_t(service), nativeAddress(&address), nativeOverlay(&overlay), nativeAuthor(&author),
		&effect, &report,
	)
	runtime.KeepAlive(r)
	return orderReply(code, &effect, &report)
}

// ReleaseOverlay lets a field follow the client again.
func (r *Registry) ReleaseOverlay(service ServiceID, address Address, field Field, author Author) (Effect, error) {
	var effect C.steadfast_effect_t
	var report C.steadfast_error_t
	code := C.go_overlay_release(
		r.native(), C.uint64_t(service), nativeAddress(&address), nativeField(&field), nativeAuthor(&author),
		&effect, &report,
	)
	runtime.KeepAlive(r)
	return orderReply(code, &effect, &report)
}

// Remove takes an instance out on an operator's behalf, whoever publishes it. Its orders stay.
func (r *Registry) Remove(service ServiceID, address Address, author Author) (Left, error) {
	var report C.steadfast_error_t
	code := C.go_remove(r.native(), C.uint64_t(service), nativeAddress(&address), nativeAuthor(&author), &report)
	runtime.KeepAlive(r)
	return left(code), failure(Code(code), &report)
}

// Probe delivers the result of an outside health check. It answers false when no instance is there to hear it.
func (r *Registry) Probe(service ServiceID, address Address, probe Probe) (delivered bool, err error) {
	var report C.steadfast_error_t
	code := C.go_probe(r.native(), C.uint64_t(service), nativeAddress(&address), C.uint32_t(probe), &report)
	runtime.KeepAlive(r)
	return code == C.STEADFAST_OK, failure(Code(code), &report)
}

func nativeAuthor(author *Author) C.steadfast_author_t {
	return C.steadfast_author_t{owner: str(author.Owner), actor: str(author.Actor), reason: str(author.Reason)}
}

func nativeField(field *Field) C.steadfast_overlay_t {
	if field.metadata {
		return C.steadfast_overlay_t{field: C.STEADFAST_OVERLAY_METADATA, key: str(field.key)}
	}
	return C.steadfast_overlay_t{field: C.STEADFAST_OVERLAY_WEIGHT}
}

func orderReply(code C.int32_t, effect *C.steadfast_effect_t, report *C.steadfast_error_t) (Effect, error) {
	if err := failure(Code(code), report); err != nil {
		return Effect{}, err
	}
	return goEffect(effect), nil
}

func goEffect(effect *C.steadfast_effect_t) Effect {
	return Effect{
		Present:  effect.present != 0,
		Healthy:  effect.healthy != 0,
		Traffic:  Traffic(effect.traffic),
		Pending:  effect.pending != 0,
		Found:    effect.found != 0,
		Revision: uint64(effect.revision),
		Reason:   C.GoString(&effect.reason[0]),
		Refusing: lines(C.GoString(&effect.refusing[0])),
		Hint:     C.GoString(&effect.hint[0]),
	}
}

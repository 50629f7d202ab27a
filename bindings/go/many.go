//go:build cgo

package steadfast

// #include "native.h"
import "C"

import (
	"encoding/json"
	"runtime"
	"strings"
	"unsafe"
)

// HoldFloor lays a hold as a floor under many instances: whatever the policy says of one of them, its traffic is at
// least that restricted, and HoldBanned refuses registrations. It is durable, and visible in every service, when the
// call returns.
func (r *Registry) HoldFloor(target FloorTarget, order HoldOrder) (FloorEffect, error) {
	var effect C.steadfast_floor_effect_t
	var report C.steadfast_error_t
	code := C.go_floor_place(
		r.native(), nativeTarget(&target), C.uint32_t(order.Kind), nativeAuthor(&order.Author), unixMilli(order.Until),
		&effect, &report,
	)
	runtime.KeepAlive(r)
	return floorReply(code, &effect, &report)
}

// ReleaseFloor ends the hold of the author's owner. The effect says whether there was one, and which others still lie
// there.
func (r *Registry) ReleaseFloor(target FloorTarget, author Author) (FloorEffect, error) {
	return r.ForceReleaseFloor(target, author.Owner, author)
}

// ForceReleaseFloor ends the hold of another owner. The audit keeps both names.
func (r *Registry) ForceReleaseFloor(target FloorTarget, owner string, author Author) (FloorEffect, error) {
	var effect C.steadfast_floor_effect_t
	var report C.steadfast_error_t
	code := C.go_floor_force_release(
		r.native(), nativeTarget(&target), str(owner), nativeAuthor(&author), &effect, &report,
	)
	runtime.KeepAlive(r)
	return floorReply(code, &effect, &report)
}

// FloorsOfIPs lists every hold on a whole ip, in order of the ips. Those on a service and its clusters are in
// [Registry.ExplainService].
func (r *Registry) FloorsOfIPs() ([]Floor, error) {
	return answered[[]Floor](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_floors_of_ips(r.native(), buffer, capacity, needed, report)
		}))
}

// Plan says what [Registry.Bulk] would do now, by the registry's own rules. It changes nothing. [ErrTooMany]: more than
// 65536 addresses match; hold the service, the cluster or the ip instead.
func (r *Registry) Plan(selector Selector, order BulkOrder) (Plan, error) {
	given, err := nativeSelector(&selector)
	if err != nil {
		return Plan{}, err
	}
	var kept *C.steadfast_report_t
	var report C.steadfast_error_t
	code := C.go_plan(
		r.native(), given, nativeBulk(&order, 0), nativeOverlay(&order.overlay), nativeAuthor(&order.hold.Author),
		&kept, &report,
	)
	runtime.KeepAlive(r)
	var plan Plan
	err = readReport(code, kept, &report, &plan)
	return plan, err
}

// Bulk carries out one order at every selected address: those with a present instance, and those where orders stand.
// Each is an order of its own, durable and visible when the call returns. The whole is not atomic: the report says
// where it was carried out and where not. With an error nothing was done.
//
// limit is the most addresses that may be meant, such as the number that a plan told: when more match, the answer is
// [ErrTooMany]. 0 stands for the library's own bound, 65536.
func (r *Registry) Bulk(selector Selector, order BulkOrder, limit int) (BulkReport, error) {
	given, err := nativeSelector(&selector)
	if err != nil {
		return BulkReport{}, err
	}
	var kept *C.steadfast_report_t
	var report C.steadfast_error_t
	code := C.go_bulk(
		r.native(), given, nativeBulk(&order, limit), nativeOverlay(&order.overlay), nativeAuthor(&order.hold.Author),
		&kept, &report,
	)
	runtime.KeepAlive(r)
	var told struct {
		Outcomes []struct {
			BulkTarget
			Code  Code   `json:"code"`
			Error string `json:"error"`
			Reply struct {
				Effect   Effect `json:"effect"`
				Pending  bool   `json:"pending"`
				Found    bool   `json:"found"`
				Revision uint64 `json:"revision"`
			} `json:"reply"`
		} `json:"outcomes"`
		Untried []BulkTarget `json:"untried"`
	}
	if err := readReport(code, kept, &report, &told); err != nil {
		return BulkReport{}, err
	}
	done := BulkReport{Untried: told.Untried}
	for _, one := range told.Outcomes {
		outcome := BulkOutcome{BulkTarget: one.BulkTarget, Effect: one.Reply.Effect}
		outcome.Effect.Pending, outcome.Effect.Found = one.Reply.Pending, one.Reply.Found
		outcome.Effect.Revision = one.Reply.Revision
		if one.Code < 0 {
			outcome.Err = &Error{Code: one.Code, Message: one.Error}
		}
		done.Outcomes = append(done.Outcomes, outcome)
	}
	return done, nil
}

// readReport decodes an answer that C keeps, and releases it.
func readReport(code C.int32_t, kept *C.steadfast_report_t, report *C.steadfast_error_t, into any) error {
	if err := failure(Code(code), report); err != nil {
		return err
	}
	defer C.steadfast_report_release(kept)
	var data *C.char
	var length C.size_t
	if err := plainFailure(Code(C.steadfast_report_read(kept, &data, &length))); err != nil {
		return err
	}
	// The bytes are C's until the release above; Unmarshal keeps none of them.
	return json.Unmarshal(unsafe.Slice((*byte)(unsafe.Pointer(data)), int(length)), into)
}

// answered decodes an answer in JSON.
func answered[T any](text []byte, err error) (T, error) {
	var value T
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	return value, err
}

func nativeTarget(target *FloorTarget) C.steadfast_floor_target_t {
	return C.steadfast_floor_target_t{
		kind: C.uint32_t(target.kind), service: C.uint64_t(target.service), cluster: str(target.cluster), ip: str(target.ip),
	}
}

func nativeSelector(selector *Selector) (C.steadfast_selector_t, error) {
	native := C.steadfast_selector_t{
		name_space: str(selector.Namespace), group: str(selector.Group), service: str(selector.Service),
		cluster: str(selector.Cluster), ip: str(selector.IP), port: str(selector.Port),
	}
	packed, err := packMetadata(selector.Metadata)
	native.metadata, native.metadata_len = lend(packed)
	return native, err
}

func nativeBulk(order *BulkOrder, limit int) C.steadfast_bulk_order_t {
	return C.steadfast_bulk_order_t{
		order: C.uint32_t(order.order), kind: C.uint32_t(order.hold.Kind), until_ms: unixMilli(order.hold.Until),
		limit: C.uint64_t(max(limit, 0)),
	}
}

func nativeOverlay(overlay *Overlay) C.steadfast_overlay_t {
	native := nativeField(&overlay.field)
	native.weight, native.value = C.double(overlay.weight), str(overlay.value)
	return native
}

func floorReply(code C.int32_t, effect *C.steadfast_floor_effect_t, report *C.steadfast_error_t) (FloorEffect, error) {
	if err := failure(Code(code), report); err != nil {
		return FloorEffect{}, err
	}
	return FloorEffect{
		Found:     effect.found != 0,
		Instances: uint64(effect.instances),
		Changed:   uint64(effect.changed),
		Serving:   uint64(effect.serving),
		Revision:  uint64(effect.revision),
		Refusing:  lines(C.GoString(&effect.refusing[0])),
	}, nil
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

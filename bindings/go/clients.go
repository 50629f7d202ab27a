//go:build cgo

package steadfast

// #include "native.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// Register registers an instance, or registers it again. Under an operator's hold it is registered and takes no
// traffic. [ErrRefused]: the policy did not let it in; [ErrKind]: it is there as the other kind.
func (r *Registry) Register(service ServiceID, registration *Registration) (Registered, error) {
	claim, err := nativeClaim(&registration.Claim)
	if err != nil {
		return Registered{}, err
	}
	var handle C.uint64_t
	var effect C.steadfast_effect_t
	var report C.steadfast_error_t
	code := C.go_register(
		r.native(), C.uint64_t(service), nativeAddress(&registration.Address), nativeRegistration(registration), claim,
		&handle, &effect, &report,
	)
	runtime.KeepAlive(r)
	if err := failure(Code(code), &report); err != nil {
		return Registered{}, err
	}
	return Registered{Handle: Handle(handle), Effect: goEffect(&effect)}, nil
}

// Claim changes what a registered client says of itself; fields that are nil stay. [ErrNotRegistered]: there is nothing
// to update.
func (r *Registry) Claim(service ServiceID, address Address, claim Claim) (Effect, error) {
	native, err := nativeClaim(&claim)
	if err != nil {
		return Effect{}, err
	}
	var effect C.steadfast_effect_t
	var report C.steadfast_error_t
	code := C.go_claim(r.native(), C.uint64_t(service), nativeAddress(&address), native, &effect, &report)
	runtime.KeepAlive(r)
	if err := failure(Code(code), &report); err != nil {
		return Effect{}, err
	}
	return goEffect(&effect), nil
}

// Left is what became of an instance that somebody took out.
type Left int

// What became of it.
const (
	// LeftGone: it is gone.
	LeftGone Left = iota
	// LeftRemaining: the sender left, and other publishers keep it present.
	LeftRemaining
	// LeftStale: the sender does not keep it present (an old connection, for example); nothing changed.
	LeftStale
	// LeftUnknown: no instance is at this address; nothing changed.
	LeftUnknown
)

func left(code C.int32_t) Left {
	switch code {
	case C.STEADFAST_REMAINS:
		return LeftRemaining
	case C.STEADFAST_NOT_PUBLISHER:
		return LeftStale
	case C.STEADFAST_NOT_PRESENT:
		return LeftUnknown
	default:
		return LeftGone
	}
}

// Deregister takes the client's own instance out. connection is the sender's, empty when it has none.
func (r *Registry) Deregister(service ServiceID, address Address, connection string) (Left, error) {
	var report C.steadfast_error_t
	code := C.go_deregister(r.native(), C.uint64_t(service), nativeAddress(&address), str(connection), &report)
	runtime.KeepAlive(r)
	return left(code), failure(Code(code), &report)
}

// Disconnect says that a connection is gone: every instance that it published loses that publisher. The result is the
// number of instances that it left.
func (r *Registry) Disconnect(connection string) (int, error) {
	var count C.size_t
	var report C.steadfast_error_t
	code := C.go_disconnect(r.native(), str(connection), &count, &report)
	runtime.KeepAlive(r)
	return int(count), failure(Code(code), &report)
}

func nativeAddress(address *Address) C.steadfast_address_t {
	return C.steadfast_address_t{
		port: C.uint32_t(address.Port), ip: str(address.IP), cluster: str(address.Cluster),
	}
}

func nativeRegistration(registration *Registration) C.steadfast_registration_t {
	return C.steadfast_registration_t{
		kind:       nativeKind(registration.Persistent),
		liveness:   flag(registration.LivesByConnection),
		connection: str(registration.Connection),
		process:    str(registration.Process),
	}
}

// nativeKind and the liveness above are 0 and 1 in the order that a false and a true ask for.
func nativeKind(persistent bool) C.uint32_t {
	return flag(persistent)
}

func nativeClaim(claim *Claim) (C.steadfast_claim_t, error) {
	var native C.steadfast_claim_t
	if claim.Enabled != nil {
		native.fields |= C.STEADFAST_FIELD_ENABLED
		native.enabled = flag(*claim.Enabled)
	}
	if claim.Weight != nil {
		native.fields |= C.STEADFAST_FIELD_WEIGHT
		native.weight = C.double(*claim.Weight)
	}
	if claim.Metadata != nil {
		packed, err := packMetadata(claim.Metadata)
		if err != nil {
			return native, err
		}
		native.fields |= C.STEADFAST_FIELD_METADATA
		native.metadata, native.metadata_len = lend(packed)
	}
	return native, nil
}

func lend(bytes []byte) (*C.uint8_t, C.size_t) {
	return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(bytes))), C.size_t(len(bytes))
}

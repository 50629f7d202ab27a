//go:build cgo

package steadfast

// #include "native.h"
import "C"

import "runtime"

// SetNamespaceQuota bounds a namespace, known or not, from here on, instead of what the options say. What is there
// already stays, also above the bound; nothing comes in until enough of it has gone: [ErrFull]. It holds until it is
// replaced or the registry is closed: a program that wants it again says so after each start.
func (r *Registry) SetNamespaceQuota(namespace string, quota NamespaceQuota) error {
	fields, instances, services := nativeQuota(quota)
	native := C.steadfast_quota_t{fields: fields, instances: instances, services: services}
	var report C.steadfast_error_t
	code := C.go_quota_set(r.native(), str(namespace), native, &report)
	runtime.KeepAlive(r)
	return failure(Code(code), &report)
}

// Namespaces says what there is in each namespace, by name, and how much there may be.
func (r *Registry) Namespaces() ([]NamespaceCounts, error) {
	return answered[[]NamespaceCounts](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_namespaces(r.native(), buffer, capacity, needed, report)
		}))
}

func nativeQuota(quota NamespaceQuota) (fields, instances, services C.uint32_t) {
	if quota.Instances != nil {
		fields, instances = C.STEADFAST_QUOTA_INSTANCES, C.uint32_t(*quota.Instances)
	}
	if quota.Services != nil {
		fields, services = fields|C.STEADFAST_QUOTA_SERVICES, C.uint32_t(*quota.Services)
	}
	return fields, instances, services
}

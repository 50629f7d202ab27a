//go:build cgo

package steadfast

// #include "native.h"
import "C"

import "runtime"

// ServiceID stands for a service in calls; it holds until the registry is closed. Zero is never one.
type ServiceID uint64

// ServiceName names a service; each part has 1 to 512 bytes and no control characters.
type ServiceName struct {
	Namespace string `json:"namespace"`
	Group     string `json:"group"`
	Name      string `json:"name"`
}

func (n ServiceName) String() string {
	return n.Namespace + "@@" + n.Group + "@@" + n.Name
}

// Service is one service of a list.
type Service struct {
	ID ServiceID `json:"id"`
	ServiceName
	Revision uint64 `json:"revision"`
}

// Service finds or creates a service.
func (r *Registry) Service(name ServiceName) (ServiceID, error) {
	var service C.uint64_t
	var report C.steadfast_error_t
	code := C.go_service(r.native(), str(name.Namespace), str(name.Group), str(name.Name), &service, &report)
	runtime.KeepAlive(r)
	return ServiceID(service), failure(Code(code), &report)
}

// FindService finds a service and creates none: [ErrNotFound] when there is none of this name.
func (r *Registry) FindService(name ServiceName) (ServiceID, error) {
	var service C.uint64_t
	var report C.steadfast_error_t
	code := C.go_service_find(r.native(), str(name.Namespace), str(name.Group), str(name.Name), &service, &report)
	runtime.KeepAlive(r)
	return ServiceID(service), failure(Code(code), &report)
}

// Services lists all services.
func (r *Registry) Services() ([]Service, error) {
	return answered[[]Service](r.text(
		func(buffer *C.char, capacity C.size_t, needed *C.size_t, report *C.steadfast_error_t) C.int32_t {
			return C.go_service_list(r.native(), buffer, capacity, needed, report)
		}))
}

//go:build cgo

package steadfast

// #include "native.h"
import "C"

// Code says what kind of error it is. Compare with errors.Is(err, steadfast.ErrClosed).
type Code int32

// Kinds of errors, as the C library numbers them.
const (
	ErrBufferTooSmall Code = C.STEADFAST_E_BUFFER_TOO_SMALL
	ErrReserved       Code = C.STEADFAST_E_RESERVED
	// ErrUTF8: a text is not UTF-8.
	ErrUTF8 Code = C.STEADFAST_E_UTF8

	// ErrClosed: the registry was closed.
	ErrClosed Code = C.STEADFAST_E_CLOSED
	// ErrForked: the registry was opened before a fork, by the parent process.
	ErrForked Code = C.STEADFAST_E_FORKED
	// ErrPanic: a bug inside the library; the call had no effect that can be relied on.
	ErrPanic Code = C.STEADFAST_E_PANIC
	// ErrPoisoned: an earlier bug struck this service; it takes no more writes until a restart.
	ErrPoisoned Code = C.STEADFAST_E_POISONED
	// ErrUnsupported: this build of the library cannot do it.
	ErrUnsupported Code = C.STEADFAST_E_UNSUPPORTED
	// ErrOwnThreads: only a registry opened with ThreadsNone is ticked.
	ErrOwnThreads Code = C.STEADFAST_E_OWN_THREADS
	// ErrThread: a thread could not be started.
	ErrThread Code = C.STEADFAST_E_THREAD
	// ErrDescriptor: the system gave no descriptor to wait with.
	ErrDescriptor Code = C.STEADFAST_E_DESCRIPTOR

	// ErrUnknownService: no service has this id.
	ErrUnknownService Code = C.STEADFAST_E_UNKNOWN_SERVICE
	// ErrUnknownQueue: the queue was closed.
	ErrUnknownQueue Code = C.STEADFAST_E_UNKNOWN_QUEUE
	// ErrNotFound: nothing is known by this name or address.
	ErrNotFound Code = C.STEADFAST_E_NOT_FOUND
	// ErrNotRegistered: the address is not registered, so there is nothing to update.
	ErrNotRegistered Code = C.STEADFAST_E_NOT_REGISTERED

	// ErrName: a text is empty, too long, or holds a character that is not allowed.
	ErrName Code = C.STEADFAST_E_NAME
	// ErrPort: a port is not between 1 and 65535.
	ErrPort Code = C.STEADFAST_E_PORT
	// ErrWeight: a weight is not a number between 0 and 10000.
	ErrWeight Code = C.STEADFAST_E_WEIGHT
	// ErrMetadata: metadata has too many pairs or is too large, or a key is empty or too long.
	ErrMetadata Code = C.STEADFAST_E_METADATA
	// ErrUntil: the end of an order is not in the future.
	ErrUntil Code = C.STEADFAST_E_UNTIL
	// ErrOption: an option has a value that cannot be used.
	ErrOption Code = C.STEADFAST_E_OPTION
	// ErrNoConnection: liveness by connection was asked for without naming a connection.
	ErrNoConnection Code = C.STEADFAST_E_NO_CONNECTION
	// ErrFull: a bound of the registry is reached.
	ErrFull Code = C.STEADFAST_E_FULL
	// ErrTooMany: a batch or a list is longer than allowed, or a bulk order would be about more than its limit.
	ErrTooMany Code = C.STEADFAST_E_TOO_MANY
	// ErrSelector: a selector asks for nothing, or a glob or key in it cannot be one.
	ErrSelector Code = C.STEADFAST_E_SELECTOR

	// ErrRefused: the state policy said no; the message is its reason.
	ErrRefused Code = C.STEADFAST_E_REFUSED
	// ErrKind: the address is present as the other kind (ephemeral or persistent).
	ErrKind Code = C.STEADFAST_E_KIND

	// ErrStore: reading or writing the data folder failed.
	ErrStore Code = C.STEADFAST_E_STORE
	// ErrStoreUnusable: the data folder is in use by another process, is of a later version, or is not ours.
	ErrStoreUnusable Code = C.STEADFAST_E_STORE_UNUSABLE
	// ErrRecord: a record in the data folder cannot be read.
	ErrRecord Code = C.STEADFAST_E_RECORD

	// ErrPolicy: the policy was refused; the one before it goes on deciding.
	ErrPolicy Code = C.STEADFAST_E_POLICY
	// ErrPolicyLaw: the policy breaks a law that it claims; the message shows the shortest way there.
	ErrPolicyLaw Code = C.STEADFAST_E_POLICY_LAW
	// ErrPolicyFolder: the policies folder cannot be used.
	ErrPolicyFolder Code = C.STEADFAST_E_POLICY_FOLDER
	// ErrRoute: routes contradict each other, or one of them is for nothing that can be; those before go on.
	ErrRoute Code = C.STEADFAST_E_ROUTE
)

// Error is the code's fixed text.
func (c Code) Error() string {
	return C.GoString(C.steadfast_error_message(C.int32_t(c)))
}

// Error is what the library said about one call.
type Error struct {
	// Code is the kind; errors.Is finds it.
	Code Code
	// Message says what went wrong and what to do.
	Message string
}

func (e *Error) Error() string { return e.Message }

// Unwrap is the kind.
func (e *Error) Unwrap() error { return e.Code }

// failure is the error of a negative code, nil otherwise. A call that was refused before it reached the library's
// details leaves the report empty; the code's own text is then the message.
func failure(code Code, report *C.steadfast_error_t) error {
	if code >= 0 {
		return nil
	}
	message := C.GoString(&report.message[0])
	if message == "" {
		message = code.Error()
	}
	return &Error{Code: code, Message: message}
}

// plainFailure is failure for calls that report nothing but their code.
func plainFailure(code Code) error {
	if code >= 0 {
		return nil
	}
	return code
}

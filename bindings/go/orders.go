package steadfast

import (
	"fmt"
	"time"
)

// Author says who gives an order, on whose behalf, and why. All three texts are required.
type Author struct {
	// Owner is the system or team that the order belongs to, such as "console". It has one hold on an instance, and
	// only it releases that one.
	Owner string `json:"owner"`
	// Actor is the person or address behind the order.
	Actor string `json:"actor"`
	// Reason is read at three in the morning.
	Reason string `json:"reason"`
}

// HoldKind is how strong a hold is.
type HoldKind uint32

// Kinds of holds, the weakest first.
const (
	// HoldDrain finishes what runs and takes nothing new.
	HoldDrain HoldKind = 1
	// HoldOffline takes nothing.
	HoldOffline HoldKind = 2
	// HoldBanned takes nothing and may not register.
	HoldBanned HoldKind = 3
)

var holdKinds = map[HoldKind]string{HoldDrain: "drain", HoldOffline: "offline", HoldBanned: "banned"}

func (k HoldKind) String() string {
	if name, found := holdKinds[k]; found {
		return name
	}
	return fmt.Sprintf("hold %d", uint32(k))
}

// MarshalText writes a kind as the registry's JSON does.
func (k HoldKind) MarshalText() ([]byte, error) {
	return []byte(k.String()), nil
}

// UnmarshalText reads a kind as the registry's JSON writes it.
func (k *HoldKind) UnmarshalText(text []byte) error {
	for kind, name := range holdKinds {
		if name == string(text) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("%q is no kind of hold", text)
}

// HoldOrder is an order that keeps an instance from traffic.
type HoldOrder struct {
	Kind   HoldKind
	Author Author
	// Until ends the hold by itself; the zero time does not.
	Until time.Time
}

// Field is a field of an instance that an operator may set: [WeightField] or [MetadataField].
type Field struct {
	key      string
	metadata bool
}

// WeightField is the weight.
func WeightField() Field { return Field{} }

// MetadataField is the value of one metadata key.
func MetadataField(key string) Field { return Field{key: key, metadata: true} }

// Overlay is a field and the value that an operator gives it.
type Overlay struct {
	field  Field
	weight float64
	value  string
}

// OverlayWeight sets the weight, 0 to 10000.
func OverlayWeight(weight float64) Overlay {
	return Overlay{field: WeightField(), weight: weight}
}

// OverlayMetadata sets the value of one metadata key.
func OverlayMetadata(key, value string) Overlay {
	return Overlay{field: MetadataField(key), value: value}
}

// Probe is the result of an outside health check.
type Probe uint32

// Results of a probe.
const (
	ProbeUnknown Probe = 0
	ProbePassing Probe = 1
	ProbeFailing Probe = 2
)

package steadfast

import (
	"fmt"
	"strconv"
)

// Traffic is the orders' side of what a lookup shows.
type Traffic uint8

// What an instance does with traffic.
const (
	// Serve takes it, as far as health goes.
	Serve Traffic = 0
	// Drain finishes what runs and takes nothing new.
	Drain Traffic = 1
	// Refuse takes none.
	Refuse Traffic = 2
)

func (t Traffic) String() string {
	switch t {
	case Serve:
		return "serve"
	case Drain:
		return "drain"
	case Refuse:
		return "refuse"
	default:
		return "traffic " + strconv.Itoa(int(t))
	}
}

// MarshalText writes it as the registry's JSON does.
func (t Traffic) MarshalText() ([]byte, error) {
	return []byte(t.String()), nil
}

// UnmarshalText reads it as the registry's JSON writes it.
func (t *Traffic) UnmarshalText(text []byte) error {
	for _, traffic := range []Traffic{Serve, Drain, Refuse} {
		if traffic.String() == string(text) {
			*t = traffic
			return nil
		}
	}
	return fmt.Errorf("%q is nothing that an instance does with traffic", text)
}

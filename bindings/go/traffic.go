package steadfast

import "strconv"

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

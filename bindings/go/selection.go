package steadfast

// Show says which instances a lookup takes, as far as health and orders go.
type Show uint32

// Whom a lookup takes.
const (
	// ShowServing takes those that take traffic now: healthy, and no order against it.
	ShowServing Show = 0
	// ShowServe takes those without an order against it, healthy or not.
	ShowServe Show = 1
	// ShowPresent takes everybody who is present.
	ShowPresent Show = 2
)

// Lookup is what a reader looks for. The zero value takes everybody who takes traffic now.
type Lookup struct {
	Show Show
	// Clusters are any of these, at most 16; none named means all.
	Clusters []string
	// Class is the class that the service's policy gives an instance, 0 (none) to 7; nil for all.
	Class *uint8
	// Metadata is all of these pairs, at most 16.
	Metadata map[string]string
	// Protect is the protect threshold, 0 (off) to 1, for ShowServing: when the share of healthy ones among the instances
	// that are looked for and that no order keeps from traffic is below it, the reader gets all of these.
	Protect float64
}

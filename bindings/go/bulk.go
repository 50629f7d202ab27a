package steadfast

// Selector says which addresses an order about many is about: globs, in which * is any text and ? any one character,
// and all of which must match. An empty field asks for nothing, and one at least asks for something: for everything,
// Namespace is "*".
type Selector struct {
	Namespace, Group, Service string
	Cluster                   string
	// IP is matched in its canonical form, Port in decimal digits.
	IP, Port string
	// Metadata is matched as lookups show it; a key that is not there does not match.
	Metadata map[string]string
}

// BulkOrder is what shall be done at each selected address: [BulkHold], [BulkRelease], [BulkOverlay] or
// [BulkReleaseOverlay].
type BulkOrder struct {
	order   uint32
	hold    HoldOrder
	overlay Overlay
}

// What is done at each address, as the C library numbers it.
const (
	bulkHold           = 1
	bulkRelease        = 2
	bulkOverlay        = 3
	bulkOverlayRelease = 4
)

// BulkHold places a hold at each address; see [Registry.Hold].
func BulkHold(order HoldOrder) BulkOrder {
	return BulkOrder{order: bulkHold, hold: order}
}

// BulkRelease ends the hold of the author's owner at each address that has one.
func BulkRelease(author Author) BulkOrder {
	return BulkOrder{order: bulkRelease, hold: HoldOrder{Author: author}}
}

// BulkOverlay sets one field at each address; see [Registry.Overlay].
func BulkOverlay(overlay Overlay, author Author) BulkOrder {
	return BulkOrder{order: bulkOverlay, hold: HoldOrder{Author: author}, overlay: overlay}
}

// BulkReleaseOverlay lets a field follow the client again at each address where it is set.
func BulkReleaseOverlay(field Field, author Author) BulkOrder {
	return BulkOrder{order: bulkOverlayRelease, hold: HoldOrder{Author: author}, overlay: Overlay{field: field}}
}

// Plan is what a bulk order would do.
type Plan struct {
	Targets  []PlannedTarget  `json:"targets"`
	Services []PlannedService `json:"services"`
}

// Empties says whether some service that serves now would not any more.
func (p *Plan) Empties() bool {
	for i := range p.Services {
		if p.Services[i].Empties() {
			return true
		}
	}
	return false
}

// BulkTarget is one address of a service.
type BulkTarget struct {
	Service ServiceName `json:"service"`
	Address Address     `json:"address"`
}

// PlannedTarget is what would become of one address.
type PlannedTarget struct {
	BulkTarget
	Before Effect `json:"before"`
	After  Effect `json:"after"`
	// Found says that an order of the same owner or field is there and would be replaced or released.
	Found bool `json:"found"`
}

// PlannedService is what would become of one service.
type PlannedService struct {
	Service ServiceName `json:"service"`
	// Targets are its addresses that match.
	Targets uint64 `json:"targets"`
	// Serving take traffic now, those that do not match included. Stop of them would stop, Start others would start,
	// and Left would be left serving.
	Serving uint64 `json:"serving"`
	Stop    uint64 `json:"stop"`
	Start   uint64 `json:"start"`
	Left    uint64 `json:"left"`
}

// Empties says whether it serves now, and nothing of it would be left serving.
func (s *PlannedService) Empties() bool {
	return s.Serving > 0 && s.Left == 0
}

// BulkReport is what became of a bulk order.
type BulkReport struct {
	// Outcomes are the addresses that were tried, in the order in which they were.
	Outcomes []BulkOutcome
	// Untried are those that were not, because the data folder failed. Nothing has changed there.
	Untried []BulkTarget
}

// BulkOutcome is what became of a bulk order at one address.
type BulkOutcome struct {
	BulkTarget
	// Effect is where the instance stands when Err is nil: the order is then durable and visible.
	Effect Effect
	// Err says why the order was refused here and changed nothing.
	Err error
}

// Done counts the addresses at which the order was carried out.
func (r *BulkReport) Done() int {
	done := 0
	for i := range r.Outcomes {
		if r.Outcomes[i].Err == nil {
			done++
		}
	}
	return done
}

// Refused are the outcomes that are errors.
func (r *BulkReport) Refused() []BulkOutcome {
	var refused []BulkOutcome
	for _, outcome := range r.Outcomes {
		if outcome.Err != nil {
			refused = append(refused, outcome)
		}
	}
	return refused
}

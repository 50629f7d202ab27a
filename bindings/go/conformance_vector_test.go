package steadfast

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"
)

// vector is one line of a file in the folder conformance, whose README describes every key. A key that is not here is
// an error.
type vector struct {
	ID       string                       `json:"id"`
	Title    string                       `json:"title"`
	Source   string                       `json:"source"`
	Note     string                       `json:"note"`
	Policies []string                     `json:"policies"`
	Params   map[string]map[string]string `json:"params"`
	RetainMS int64                        `json:"retain"`
	Events   []vectorEvent                `json:"events"`
}

// vectorEvent is one thing that happens. Each kind reads the keys that are its own.
type vectorEvent struct {
	AtMS       int64             `json:"at"`
	Do         string            `json:"do"`
	Namespace  string            `json:"namespace"`
	Group      string            `json:"group"`
	Service    string            `json:"service"`
	IP         string            `json:"ip"`
	Port       uint16            `json:"port"`
	Cluster    string            `json:"cluster"`
	Enabled    *bool             `json:"enabled"`
	Weight     *float64          `json:"weight"`
	Metadata   map[string]string `json:"metadata"`
	Ephemeral  *bool             `json:"ephemeral"`
	Connection string            `json:"connection"`
	Liveness   string            `json:"liveness"`
	Process    string            `json:"process"`
	By         string            `json:"by"`
	On         string            `json:"on"`
	Routes     []vectorRoute     `json:"routes"`
	Full       *vectorFull       `json:"full"`
	Kind       *HoldKind         `json:"kind"`
	UntilMS    int64             `json:"until"`
	Owner      string            `json:"owner"`
	Field      string            `json:"field"`
	Key        string            `json:"key"`
	Result     string            `json:"result"`
	Policy     string            `json:"policy"`
	Params     map[string]string `json:"params"`
	DownMS     int64             `json:"down"`
	Expect     []vectorExpected  `json:"expect"`
}

// vectorRoute is a part of the registry, and the policy that it has for itself.
type vectorRoute struct {
	Namespace string            `json:"namespace"`
	Group     string            `json:"group"`
	Service   string            `json:"service"`
	Policy    string            `json:"policy"`
	Params    map[string]string `json:"params"`
}

type vectorFull struct {
	Weight    *float64          `json:"weight"`
	Metadata  map[string]string `json:"metadata"`
	Ephemeral *bool             `json:"ephemeral"`
}

// vectorExpected is what must be seen after an event; a field that is nil or empty is not looked at.
type vectorExpected struct {
	Of            []string          `json:"of"`
	Answer        string            `json:"answer"`
	Present       *bool             `json:"present"`
	Healthy       *bool             `json:"healthy"`
	Traffic       string            `json:"traffic"`
	Reason        string            `json:"reason"`
	Weight        *float64          `json:"weight"`
	Metadata      map[string]string `json:"metadata"`
	Notifications *uint64           `json:"notifications"`
	Orders        *int              `json:"orders"`
}

// readVectors reads a file, with the defaults of the format filled in.
func readVectors(t *testing.T, file string) []vector {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 64*1024)
	for number := 1; lines.Scan(); number++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		one := vector{}
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&one); err != nil {
			t.Fatalf("%s, line %d: %v", file, number, err)
		}
		for i := range one.Events {
			one.Events[i].fillIn()
		}
		vectors = append(vectors, one)
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return vectors
}

func (e *vectorEvent) fillIn() {
	defaults := []struct {
		field *string
		usual string
	}{
		{&e.Namespace, "public"}, {&e.Group, "DEFAULT_GROUP"}, {&e.Service, "orders"},
		{&e.IP, "10.0.0.1"}, {&e.Cluster, "DEFAULT"}, {&e.Owner, "console"},
	}
	for _, one := range defaults {
		if *one.field == "" {
			*one.field = one.usual
		}
	}
	if e.Port == 0 {
		e.Port = 8080
	}
}

// expected is the entry for a policy: the one that names it, or else the one for all others.
func (e *vectorEvent) expected(policy string) *vectorExpected {
	var others *vectorExpected
	for i := range e.Expect {
		one := &e.Expect[i]
		for _, name := range one.Of {
			if name == policy {
				return one
			}
		}
		if len(one.Of) == 0 {
			others = one
		}
	}
	return others
}

func (e *vectorEvent) address() Address {
	return Address{IP: e.IP, Port: e.Port, Cluster: e.Cluster}
}

func (e *vectorEvent) author() Author {
	return Author{Owner: e.Owner, Actor: "ann", Reason: "replacing its disk"}
}

// forcing is who ends another owner's order.
func (e *vectorEvent) forcing() Author {
	author := e.author()
	author.Owner = e.By
	return author
}

func (e *vectorEvent) hold() HoldOrder {
	order := HoldOrder{Kind: *e.Kind, Author: e.author()}
	if e.UntilMS != 0 {
		order.Until = dawn.Add(time.Duration(e.UntilMS) * time.Millisecond)
	}
	return order
}

// floor is whom the order lies under; ok is false when that is the instance alone.
func (e *vectorEvent) floor(service ServiceID) (target FloorTarget, ok bool, err error) {
	switch e.On {
	case "", "instance":
		return FloorTarget{}, false, nil
	case "cluster":
		return FloorCluster(service, e.Cluster), true, nil
	case "service":
		return FloorService(service), true, nil
	case "ip":
		return FloorIP(e.IP), true, nil
	default:
		return FloorTarget{}, false, fmt.Errorf("an order on %q", e.On)
	}
}

func (e *vectorEvent) claim() Claim {
	return Claim{Enabled: e.Enabled, Weight: e.Weight, Metadata: e.Metadata}
}

func (e *vectorEvent) registration() *Registration {
	return &Registration{
		Address: e.address(), Claim: e.claim(), Persistent: e.Ephemeral != nil && !*e.Ephemeral,
		Connection: e.Connection, Process: e.Process,
		LivesByConnection: e.Liveness == "connection" || e.Liveness == "" && e.Connection != "",
	}
}

func (e *vectorEvent) fullBeat() *FullBeat {
	if e.Full == nil {
		return nil
	}
	persistent := e.Full.Ephemeral != nil && !*e.Full.Ephemeral
	return &FullBeat{Weight: e.Full.Weight, Metadata: e.Full.Metadata, Persistent: persistent}
}

func (e *vectorEvent) overlay() Overlay {
	if e.Weight != nil {
		return OverlayWeight(*e.Weight)
	}
	for key, value := range e.Metadata {
		return OverlayMetadata(key, value)
	}
	panic(fmt.Sprintf("an overlay of nothing at %d ms", e.AtMS))
}

func (e *vectorEvent) field() Field {
	if e.Field == "weight" {
		return WeightField()
	}
	return MetadataField(e.Key)
}

package nacos

import (
	"encoding/json"
	"math"
	"strconv"
)

// Beat is a heartbeat as a client sends it.
type Beat struct {
	Address Address
	// Full is nil for a light beat, which says nothing but "alive".
	Full *FullBeat
}

// FullBeat is what a full beat says beside the sign of life.
type FullBeat struct {
	// Weight is nil when the client did not send one.
	Weight *float64
	// Metadata is nil when the client did not send any.
	Metadata   map[string]string
	Persistent bool
}

// beatJSON is Nacos' RsInfo, as far as it matters. Its serviceName is not read: the Python SDK leaves the group out of
// it, and the parameter always has it.
type beatJSON struct {
	IP        string                   `json:"ip"`
	Port      json.Number              `json:"port"`
	Cluster   string                   `json:"cluster"`
	Weight    *float64                 `json:"weight"`
	Metadata  map[string]metadataValue `json:"metadata"`
	Ephemeral *bool                    `json:"ephemeral"`
}

// Beat reads a beat. The address in the JSON wins over the parameters, as in Nacos.
func (p Params) Beat() (Beat, error) {
	text, full := p.Text("beat")
	if !full {
		address, err := p.Address()
		return Beat{Address: address}, err
	}
	var sent beatJSON
	if err := json.Unmarshal([]byte(text), &sent); err != nil {
		return Beat{}, wrong("beat", "is no beat in JSON: %v", err)
	}
	address, err := p.beatAddress(&sent)
	if err != nil {
		return Beat{}, err
	}
	facts := &FullBeat{Weight: sent.weight(), Metadata: sent.metadata()}
	facts.Persistent = sent.Ephemeral != nil && !*sent.Ephemeral
	return Beat{Address: address, Full: facts}, nil
}

func (p Params) beatAddress(sent *beatJSON) (Address, error) {
	from := Params{"ip": p["ip"], "port": p["port"], "clusterName": p.Cluster()}
	if sent.IP != "" {
		from["ip"] = sent.IP
	}
	if port := sent.Port.String(); port != "" && port != "0" {
		from["port"] = port
	}
	if sent.Cluster != "" {
		from["clusterName"] = sent.Cluster
	}
	return from.Address()
}

func (b *beatJSON) weight() *float64 {
	if b.Weight == nil {
		return nil
	}
	weight := raiseWeight(*b.Weight)
	return &weight
}

func (b *beatJSON) metadata() map[string]string {
	if b.Metadata == nil {
		return nil
	}
	metadata := make(map[string]string, len(b.Metadata))
	for key, value := range b.Metadata {
		if value.set {
			metadata[key] = value.text
		}
	}
	return metadata
}

// Codes of a reply to a beat.
const (
	BeatAlive         = 10200
	BeatRegisterAgain = 20404
)

// BeatReply is the reply to a beat.
type BeatReply struct {
	ClientBeatInterval int64 `json:"clientBeatInterval"`
	Code               int   `json:"code"`
	LightBeatEnabled   bool  `json:"lightBeatEnabled"`
}

const (
	beatIntervalKey = "preserved.heart.beat.interval"
	beatIntervalMS  = 5000
)

// BeatIntervalMS is how often the instance should beat: what its metadata says, else 5 seconds.
func BeatIntervalMS(metadata map[string]string) int64 {
	interval, err := strconv.ParseInt(metadata[beatIntervalKey], 10, 64)
	if err != nil || interval <= 0 || interval > math.MaxInt32 {
		return beatIntervalMS
	}
	return interval
}

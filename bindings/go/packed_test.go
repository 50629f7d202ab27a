package steadfast

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"
	"testing"
)

// packView writes a packed view as the library does, with headers and records that may be larger than today's.
func packView(instances []Instance, moreHeader, moreRecord int) []byte {
	le := binary.LittleEndian
	headerSize, recordSize := packedHeaderSize+moreHeader, packedRecordSize+moreRecord
	records, arena := []byte{}, []byte{}
	place := func(record []byte, text string) []byte {
		record = le.AppendUint32(record, uint32(len(arena)))
		arena = append(arena, text...)
		return le.AppendUint32(record, uint32(len(text)))
	}
	for _, instance := range instances {
		record := le.AppendUint64(nil, uint64(instance.Handle))
		record = le.AppendUint64(record, math.Float64bits(instance.Weight))
		record = place(record, instance.Address.IP)
		record = place(record, instance.Address.Cluster)
		record = place(record, instance.Metadata.packed)
		record = le.AppendUint16(record, instance.Address.Port)
		var flags byte
		if instance.Healthy {
			flags |= packedHealthy
		}
		if instance.Ephemeral {
			flags |= packedEphemeral
		}
		record = append(record, flags, byte(instance.Traffic), instance.Class, 0, 0, 0)
		records = append(records, append(record, make([]byte, moreRecord)...)...)
	}
	packed := le.AppendUint32(nil, packedMagic)
	packed = le.AppendUint16(packed, packedVersion)
	packed = le.AppendUint16(packed, uint16(recordSize))
	packed = le.AppendUint32(packed, uint32(len(instances)))
	packed = le.AppendUint32(packed, uint32(headerSize))
	packed = le.AppendUint64(packed, 77)
	packed = le.AppendUint64(packed, uint64(headerSize+len(records)))
	packed = le.AppendUint64(packed, uint64(headerSize+len(records)+len(arena)))
	packed = append(packed, make([]byte, moreHeader)...)
	return append(append(packed, records...), arena...)
}

func twoInstances(t testing.TB) []Instance {
	packed, err := packMetadata(map[string]string{"zone": "b", "app": "größe", "empty": ""})
	if err != nil {
		t.Fatal(err)
	}
	return []Instance{
		{
			Handle: 1<<32 | 7, Address: Address{"10.0.0.1", 80, "DEFAULT"}, Weight: 2.5,
			Metadata: Metadata{string(packed)}, Healthy: true, Ephemeral: true, Traffic: Serve,
		},
		{Handle: 9, Address: Address{"db.example", 65535, "B"}, Traffic: Refuse, Class: 7},
	}
}

func TestAPackedViewIsReadBack(t *testing.T) {
	want := twoInstances(t)
	for _, more := range []int{0, 8, 24} {
		view, err := decodePacked(packView(want, more, more))
		if err != nil {
			t.Fatalf("%d bytes more: %v", more, err)
		}
		if view.Revision != 77 || !slices.Equal(view.Instances, want) {
			t.Errorf("%d bytes more: got %+v, want %+v", more, view.Instances, want)
		}
	}
}

func TestMetadataIsReadInOrder(t *testing.T) {
	metadata := twoInstances(t)[0].Metadata
	var keys []string
	for key := range metadata.All() {
		keys = append(keys, key)
	}
	if !slices.Equal(keys, []string{"app", "empty", "zone"}) {
		t.Errorf("keys %v", keys)
	}
	if value, found := metadata.Value("app"); !found || value != "größe" {
		t.Errorf("app is %q, %v", value, found)
	}
	if _, found := metadata.Value("nope"); found {
		t.Error("a value for a key that is not there")
	}
	if want := map[string]string{"zone": "b", "app": "größe", "empty": ""}; !maps.Equal(metadata.Map(), want) {
		t.Errorf("got %v", metadata.Map())
	}
}

func TestMetadataBeyondItsLengthFieldsIsRefused(t *testing.T) {
	_, err := packMetadata(map[string]string{"k": string(make([]byte, math.MaxUint16+1))})
	if !errors.Is(err, ErrMetadata) {
		t.Errorf("got %v", err)
	}
}

func TestEveryCutOfAViewIsAnError(t *testing.T) {
	packed := packView(twoInstances(t), 0, 0)
	for length := range packed {
		if _, err := decodePacked(packed[:length]); err == nil {
			t.Errorf("%d of %d bytes were taken", length, len(packed))
		}
	}
}

func FuzzDecodePacked(f *testing.F) {
	f.Add(packView(nil, 0, 0))
	f.Add(packView(twoInstances(f), 0, 0))
	f.Add(packView(twoInstances(f), 16, 3))
	huge := packView(nil, 0, 0)
	binary.LittleEndian.PutUint32(huge[8:], math.MaxUint32)
	f.Add(huge)
	outside := packView(twoInstances(f), 0, 0)
	binary.LittleEndian.PutUint32(outside[packedHeaderSize+16:], math.MaxUint32)
	f.Add(outside)
	f.Fuzz(func(t *testing.T, packed []byte) {
		view, err := decodePacked(packed)
		if err != nil {
			return
		}
		for i := range view.Instances {
			instance := &view.Instances[i]
			_, _ = instance.Metadata.Value("zone")
			_ = instance.Serves()
			_ = instance.Traffic.String()
		}
	})
}

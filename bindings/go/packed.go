package steadfast

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// The layout of a packed view; header and record may grow, so a reader steps by the sizes that the header tells.
const (
	packedMagic      = 0x31465453 // "STF1", little endian
	packedVersion    = 1
	packedHeaderSize = 40
	packedRecordSize = 48

	packedHealthy   = 1
	packedEphemeral = 2
)

var errPacked = errors.New("not a packed view")

type packedHeader struct {
	recordSize  int
	count       int
	headerSize  int
	revision    uint64
	arenaOffset int
}

// decodePacked copies everything out of a packed view. The bytes come from the library, yet nothing in them is
// trusted: a wrong offset is an error, never a panic.
func decodePacked(packed []byte) (*View, error) {
	header, err := decodeHeader(packed)
	if err != nil {
		return nil, err
	}
	// One copy of the arena carries all texts of the view.
	arena := string(packed[header.arenaOffset:])
	view := &View{Revision: header.revision, Instances: make([]Instance, header.count)}
	clusters := map[string]string{}
	for i := range view.Instances {
		start := header.headerSize + i*header.recordSize
		record := packed[start : start+packedRecordSize]
		if err := decodeRecord(record, arena, &view.Instances[i]); err != nil {
			return nil, fmt.Errorf("record %d of %d: %w", i, header.count, err)
		}
		intern(clusters, &view.Instances[i].Address.Cluster)
	}
	return view, nil
}

func decodeHeader(packed []byte) (packedHeader, error) {
	le := binary.LittleEndian
	if len(packed) < packedHeaderSize || le.Uint32(packed) != packedMagic {
		return packedHeader{}, errPacked
	}
	if version := le.Uint16(packed[4:]); version != packedVersion {
		return packedHeader{}, fmt.Errorf("%w of version %d, but of %d", errPacked, packedVersion, version)
	}
	recordSize, count := uint64(le.Uint16(packed[6:])), uint64(le.Uint32(packed[8:]))
	headerSize := uint64(le.Uint32(packed[12:]))
	arenaOffset, total := le.Uint64(packed[24:]), le.Uint64(packed[32:])
	recordsEnd := headerSize + recordSize*count
	if total != uint64(len(packed)) || headerSize < packedHeaderSize || recordSize < packedRecordSize ||
		recordsEnd > arenaOffset || arenaOffset > total {
		return packedHeader{}, fmt.Errorf("%w: sizes of its header do not fit", errPacked)
	}
	return packedHeader{
		recordSize:  int(recordSize),
		count:       int(count),
		headerSize:  int(headerSize),
		revision:    le.Uint64(packed[16:]),
		arenaOffset: int(arenaOffset),
	}, nil
}

func decodeRecord(record []byte, arena string, into *Instance) error {
	le := binary.LittleEndian
	ip, ipFits := within(arena, record[16:])
	cluster, clusterFits := within(arena, record[24:])
	metadata, metadataFits := within(arena, record[32:])
	if !ipFits || !clusterFits || !metadataFits {
		return fmt.Errorf("%w: a text lies outside", errPacked)
	}
	flags := record[42]
	*into = Instance{
		Handle:    Handle(le.Uint64(record)),
		Address:   Address{IP: ip, Port: le.Uint16(record[40:]), Cluster: cluster},
		Weight:    math.Float64frombits(le.Uint64(record[8:])),
		Metadata:  Metadata{packed: metadata},
		Ephemeral: flags&packedEphemeral != 0,
		Healthy:   flags&packedHealthy != 0,
		Traffic:   Traffic(record[43]),
		Class:     record[44],
	}
	return nil
}

// within reads an offset and a length (32 bits each) and cuts that text out of the arena.
func within(arena string, at []byte) (string, bool) {
	offset := uint64(binary.LittleEndian.Uint32(at))
	end := offset + uint64(binary.LittleEndian.Uint32(at[4:]))
	if end > uint64(len(arena)) {
		return "", false
	}
	return arena[offset:end], true
}

// intern makes equal texts one text that does not keep the arena alive: programs hold on to cluster names.
func intern(known map[string]string, text *string) {
	kept, found := known[*text]
	if !found {
		kept = strings.Clone(*text)
		known[kept] = kept
	}
	*text = kept
}

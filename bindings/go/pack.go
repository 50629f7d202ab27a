//go:build cgo

package steadfast

import (
	"encoding/binary"
	"math"
	"slices"
)

// packMetadata writes pairs the way the library reads them. Keys and values that are longer than 16 bits can say are
// far beyond the registry's bound of 16 KiB and refused here, where the length would be lost.
func packMetadata(pairs map[string]string) ([]byte, error) {
	packed := make([]byte, 0, 64*len(pairs))
	keys := make([]string, 0, len(pairs))
	for key, value := range pairs {
		if len(key) > math.MaxUint16 || len(value) > math.MaxUint16 {
			return nil, &Error{Code: ErrMetadata, Message: "a metadata key or value is longer than 65535 bytes"}
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		value := pairs[key]
		packed = binary.LittleEndian.AppendUint16(packed, uint16(len(key)))
		packed = binary.LittleEndian.AppendUint16(packed, uint16(len(value)))
		packed = append(append(packed, key...), value...)
	}
	return packed, nil
}

package steadfast

import "iter"

// Metadata of one instance: immutable pairs in order of their keys. The zero value has none.
type Metadata struct {
	// packed holds for each pair the key's length, the value's length (16 bits each, little endian), key and value.
	packed string
}

// All walks the pairs in order of their keys.
func (m Metadata) All() iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		rest := m.packed
		for rest != "" {
			var key, value string
			var ok bool
			if key, value, rest, ok = cutPacked(rest); !ok || !yield(key, value) {
				return
			}
		}
	}
}

// Value is the value of a key; the second result says whether there is one.
func (m Metadata) Value(key string) (string, bool) {
	for name, value := range m.All() {
		if name == key {
			return value, true
		}
	}
	return "", false
}

// Map copies the pairs.
func (m Metadata) Map() map[string]string {
	pairs := map[string]string{}
	for key, value := range m.All() {
		pairs[key] = value
	}
	return pairs
}

const packedLengths = 4

func cutPacked(packed string) (key, value, rest string, ok bool) {
	if len(packed) < packedLengths {
		return "", "", "", false
	}
	keyEnd := packedLengths + (int(packed[0]) | int(packed[1])<<8)
	valueEnd := keyEnd + (int(packed[2]) | int(packed[3])<<8)
	if valueEnd > len(packed) {
		return "", "", "", false
	}
	return packed[packedLengths:keyEnd], packed[keyEnd:valueEnd], packed[valueEnd:], true
}

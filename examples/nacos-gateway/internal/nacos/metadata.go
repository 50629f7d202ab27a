package nacos

import (
	"encoding/json"
	"strconv"
	"strings"
)

// ParseMetadata reads metadata in either form that Nacos takes: a JSON object of texts, numbers and booleans, or
// k=v pairs separated by commas. The result is never nil without an error.
func ParseMetadata(text string) (map[string]string, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") {
		return parseMetadataJSON([]byte(text))
	}
	metadata := map[string]string{}
	for _, pair := range strings.Split(text, ",") {
		if pair == "" {
			continue
		}
		key, value, found := strings.Cut(pair, "=")
		if !found || key == "" || strings.Contains(value, "=") {
			return nil, wrong("metadata", "is neither a JSON object nor k=v,k=v: '%s'", quote(pair))
		}
		metadata[key] = value
	}
	return metadata, nil
}

func parseMetadataJSON(text []byte) (map[string]string, error) {
	var values map[string]metadataValue
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, wrong("metadata", "is not a JSON object of texts: %v", err)
	}
	metadata := make(map[string]string, len(values))
	for key, value := range values {
		if value.set {
			metadata[key] = value.text
		}
	}
	return metadata, nil
}

// metadataValue is a scalar, written as a text; null is no value.
type metadataValue struct {
	text string
	set  bool
}

func (v *metadataValue) UnmarshalJSON(raw []byte) error {
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	switch value := value.(type) {
	case nil:
		*v = metadataValue{}
	case string:
		*v = metadataValue{text: value, set: true}
	case bool:
		*v = metadataValue{text: strconv.FormatBool(value), set: true}
	case json.Number:
		*v = metadataValue{text: value.String(), set: true}
	default:
		return &json.UnmarshalTypeError{Value: "nested value"}
	}
	return nil
}

package nacos

import (
	"math"
	"strconv"
	"strings"
)

// Defaults that Nacos fills in.
const (
	DefaultNamespace = "public"
	DefaultGroup     = "DEFAULT_GROUP"
	DefaultCluster   = "DEFAULT"
)

// weightMin is what Nacos raises smaller positive weights to.
const weightMin = 0.01

// Text is an optional text; the second result says whether it was sent.
//
// An empty value was not sent: SDKs write empty pairs for fields that the program never set. Nor was None, which is
// what Python's urlencode makes of such a field.
func (p Params) Text(name string) (string, bool) {
	value := p[name]
	if value == "" || value == "None" {
		return "", false
	}
	return value, true
}

// TextOr is an optional text with a default.
func (p Params) TextOr(name, otherwise string) string {
	if value, sent := p.Text(name); sent {
		return value
	}
	return otherwise
}

// Required is a text that the client must send.
func (p Params) Required(name string) (string, error) {
	value, sent := p.Text(name)
	if !sent {
		return "", wrong(name, "is required")
	}
	return value, nil
}

// Bool is an optional boolean; nil when it was not sent. Python writes True and False.
func (p Params) Bool(name string) (*bool, error) {
	text, sent := p.Text(name)
	if !sent {
		return nil, nil
	}
	for spelled, value := range map[string]bool{"true": true, "1": true, "false": false, "0": false} {
		if strings.EqualFold(text, spelled) {
			return &value, nil
		}
	}
	return nil, wrong(name, "is '%s', which is neither true nor false", quote(text))
}

// BoolOr is an optional boolean with a default.
func (p Params) BoolOr(name string, otherwise bool) (bool, error) {
	value, err := p.Bool(name)
	if err != nil || value == nil {
		return otherwise, err
	}
	return *value, nil
}

// Enabled is what the client says about traffic; nil when it says nothing. Java's PUT sends enabled, everything else
// sends enable.
func (p Params) Enabled() (*bool, error) {
	if value, err := p.Bool("enabled"); err != nil || value != nil {
		return value, err
	}
	return p.Bool("enable")
}

// Weight is an optional weight; nil when it was not sent.
func (p Params) Weight() (*float64, error) {
	text, sent := p.Text("weight")
	if !sent {
		return nil, nil
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(weight) || math.IsInf(weight, 0) {
		return nil, wrong("weight", "is '%s', which is no number", quote(text))
	}
	weight = raiseWeight(weight)
	return &weight, nil
}

// raiseWeight does what Nacos does with weights that are positive but tiny.
func raiseWeight(weight float64) float64 {
	if weight > 0 && weight < weightMin {
		return weightMin
	}
	return weight
}

// Metadata is what the client says of itself; nil when it was not sent.
func (p Params) Metadata() (map[string]string, error) {
	text, sent := p.Text("metadata")
	if !sent {
		return nil, nil
	}
	return ParseMetadata(text)
}

// Page is the part of a list that a console shows.
type Page struct {
	// Number counts from 1.
	Number int
	// Size is at least 1.
	Size int
}

// pageSizeMax bounds one reply.
const pageSizeMax = 10_000

// Page reads pageNo and pageSize.
func (p Params) Page() (Page, error) {
	number, err := p.positive("pageNo", 1, math.MaxInt32)
	if err != nil {
		return Page{}, err
	}
	size, err := p.positive("pageSize", 10, pageSizeMax)
	return Page{Number: number, Size: size}, err
}

// Cut is the bounds of the page in a list of the given length.
func (page Page) Cut(length int) (from, to int) {
	from = min((page.Number-1)*page.Size, length)
	return from, min(from+page.Size, length)
}

func (p Params) positive(name string, otherwise, highest int) (int, error) {
	text, sent := p.Text(name)
	if !sent {
		return otherwise, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 1 {
		return 0, wrong(name, "is '%s', which is no positive number", quote(text))
	}
	return min(value, highest), nil
}

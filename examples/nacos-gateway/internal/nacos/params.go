package nacos

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// ParamsMax is how many parameters one request may carry; the richest real one has about twenty.
const ParamsMax = 64

// quoteMax is how much of a wrong name or value an error repeats.
const quoteMax = 64

// Params are the parameters of one request, whichever way the client wrote them.
//
// Nacos merges the query and the form body for every verb, PUT and DELETE included. Of a name that comes twice the
// first value counts, and the query comes first, as in a servlet.
type Params map[string]string

// ParseParams merges a raw query and a form body.
//
// Two habits of stock SDKs are understood: the Go SDK writes JSON into a form without encoding it, so a value that
// starts with { or [ and is whole JSON up to the next & is taken as it is; and empty pairs (a trailing &) are skipped.
func ParseParams(query, body string) (Params, error) {
	params := Params{}
	for _, text := range []string{query, body} {
		if err := params.merge(text); err != nil {
			return nil, err
		}
	}
	return params, nil
}

func (p Params) merge(text string) error {
	for text != "" {
		var rawName, rawValue string
		rawName, rawValue, text = cutPair(text)
		if rawName == "" {
			continue
		}
		name, err := decode(rawName, rawName)
		if err != nil {
			return err
		}
		value := rawValue
		if !isRawJSON(rawValue) {
			if value, err = decode(name, rawValue); err != nil {
				return err
			}
		} else if !utf8.ValidString(value) {
			return wrong(quote(name), "is not valid UTF-8")
		}
		if _, taken := p[name]; taken {
			continue
		}
		if len(p) == ParamsMax {
			return wrong(quote(name), "is one too many; at most %d parameters are allowed", ParamsMax)
		}
		p[name] = value
	}
	return nil
}

// cutPair splits the first pair off, without decoding anything.
func cutPair(text string) (name, value, rest string) {
	end := strings.IndexAny(text, "=&")
	switch {
	case end < 0:
		return text, "", ""
	case text[end] == '&':
		return text[:end], "", text[end+1:]
	}
	name, rest = text[:end], text[end+1:]
	if length := rawJSONLength(rest); length > 0 {
		return name, rest[:length], strings.TrimPrefix(rest[length:], "&")
	}
	value, rest, _ = strings.Cut(rest, "&")
	return name, value, rest
}

// rawJSONLength is the length of the un-encoded JSON that text starts with, 0 when there is none that ends a pair.
func rawJSONLength(text string) int {
	if text == "" || (text[0] != '{' && text[0] != '[') {
		return 0
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	var value json.RawMessage
	if decoder.Decode(&value) != nil {
		return 0
	}
	length := int(decoder.InputOffset())
	if length < len(text) && text[length] != '&' {
		return 0
	}
	return length
}

func isRawJSON(value string) bool {
	return rawJSONLength(value) == len(value) && value != ""
}

func decode(name, raw string) (string, error) {
	text, err := url.QueryUnescape(raw)
	if err != nil {
		return "", wrong(quote(name), "is not URL-encoded: %v", err)
	}
	if !utf8.ValidString(text) {
		return "", wrong(quote(name), "is not valid UTF-8")
	}
	return text, nil
}

// quote makes a client's text safe to repeat in an error: short, one line, valid UTF-8.
func quote(text string) string {
	if len(text) > quoteMax {
		text = text[:quoteMax] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return '?'
		}
		return r
	}, text)
}

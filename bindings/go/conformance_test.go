package steadfast

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The same stories, and the same expectations, as in Rust and through the C ABI: folder conformance.
func TestConformance(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.jsonl", "policies/*.jsonl"} {
		found, err := filepath.Glob(filepath.Join("..", "..", "conformance", filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	runs := 0
	for _, file := range files {
		name := filepath.Base(file)
		if name == "out.jsonl" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for _, v := range readVectors(t, file) {
				for _, policy := range v.Policies {
					runs++
					t.Run(v.ID+"/"+policy, func(t *testing.T) {
						for _, difference := range runVector(t, &v, policy) {
							t.Errorf("%s: %s", v.Title, difference)
						}
					})
				}
			}
		})
	}
	if runs < 300 {
		t.Errorf("only %d runs: vectors have gone missing", runs)
	}
}

// A runner that does not look would pass every vector.
func TestConformanceLooks(t *testing.T) {
	const whole = `{"answer":"stands","present":true,"healthy":true,"traffic":"drain","reason":"drained by an operator",` +
		`"weight":2,"metadata":{"a":"b"},"notifications":2,"orders":1}`
	seen := func(expected string) []string {
		file := filepath.Join(t.TempDir(), "x.jsonl")
		line := `{"id":"x","title":"x","events":[{"at":0,"do":"register","weight":2,"metadata":{"a":"b"}},` +
			`{"at":100,"do":"hold","kind":"drain","expect":[` + expected + `]}]}`
		if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		return runVector(t, &readVectors(t, file)[0], "admin-sticky")
	}
	if differences := seen(whole); differences != nil {
		t.Errorf("as it is: %v", differences)
	}
	for turned, says := range map[[2]string]string{
		{`"stands"`, `"pending"`}:                  "answer is stands, expected pending",
		{`"healthy":true`, `"healthy":false`}:      "healthy is true, expected false",
		{`"drain"`, `"refuse"`}:                    "traffic is drain, expected refuse",
		{"drained by", "taken by"}:                 "reason is drained by an operator, expected taken by an operator",
		{`"weight":2`, `"weight":3`}:               "weight is 2, expected 3",
		{`"a":"b"`, `"a":"c"`}:                     "metadata is map[a:b], expected map[a:c]",
		{`"notifications":2`, `"notifications":1`}: "notifications is 2, expected 1",
		{`"orders":1`, `"orders":0`}:               "orders is 1, expected 0",
	} {
		expected := strings.Replace(whole, turned[0], turned[1], 1)
		if told := []string{"events[1] (hold at 100 ms): " + says}; !slices.Equal(seen(expected), told) {
			t.Errorf("%s: %v, want %v", turned[1], seen(expected), told)
		}
	}
	if told := seen(`{"present":false}`); len(told) != 1 || !strings.HasSuffix(told[0], "present is true, expected false") {
		t.Errorf("absent: %v", told)
	}
}

package nacos

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

func TestWhatWasNotSentIsAbsent(t *testing.T) {
	params := Params{"enabled": "", "weight": "None", "metadata": ""}
	enabled, err := params.Enabled()
	if enabled != nil || err != nil {
		t.Errorf("enabled: %v, %v", enabled, err)
	}
	weight, err := params.Weight()
	if weight != nil || err != nil {
		t.Errorf("weight: %v, %v", weight, err)
	}
	metadata, err := params.Metadata()
	if metadata != nil || err != nil {
		t.Errorf("metadata: %v, %v", metadata, err)
	}
}

func TestBooleansOfEverySDK(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "True": true, "1": true, "false": false, "False": false, "0": false} {
		for _, name := range []string{"enabled", "enable"} {
			enabled, err := Params{name: text}.Enabled()
			if err != nil || enabled == nil || *enabled != want {
				t.Errorf("%s=%s: %v, %v", name, text, enabled, err)
			}
		}
	}
	if _, err := (Params{"enabled": "maybe"}).Enabled(); err == nil {
		t.Error("maybe was taken")
	}
}

func TestWeights(t *testing.T) {
	for text, want := range map[string]float64{"0": 0, "1.5": 1.5, "0.001": 0.01, "10001": 10001, "-1": -1} {
		weight, err := Params{"weight": text}.Weight()
		if err != nil || *weight != want {
			t.Errorf("%s: %v, %v; want %v", text, weight, err, want)
		}
	}
	for _, text := range []string{"NaN", "Inf", "one", "1e999"} {
		if _, err := (Params{"weight": text}).Weight(); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}

func TestMetadataInBothForms(t *testing.T) {
	cases := map[string]map[string]string{
		`{"a":"x","n":1.50,"b":true,"gone":null}`: {"a": "x", "n": "1.50", "b": "true"},
		"a=x,b=":          {"a": "x", "b": ""},
		"{}":              {},
		" {\"a\":\"x\"} ": {"a": "x"},
	}
	for text, want := range cases {
		got, err := ParseMetadata(text)
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{`{"a":{}}`, `{"a":[1]}`, "novalue", "a=b=c", "{", "=x"} {
		if got, err := ParseMetadata(text); err == nil {
			t.Errorf("%s was taken as %v", text, got)
		}
	}
}

func TestServiceNames(t *testing.T) {
	cases := []struct {
		params Params
		want   Service
	}{
		{Params{"serviceName": "orders"}, Service{"public", "DEFAULT_GROUP", "orders"}},
		{Params{"serviceName": "shop@@orders", "groupName": "other"}, Service{"public", "shop", "orders"}},
		{Params{"serviceName": "orders", "groupName": "shop", "namespaceId": "dev"}, Service{"dev", "shop", "orders"}},
	}
	for _, c := range cases {
		got, err := c.params.Service()
		if err != nil || got != c.want {
			t.Errorf("%v: %v, %v; want %v", c.params, got, err, c.want)
		}
	}
	for _, name := range []string{"", "@@orders", "shop@@"} {
		if got, err := (Params{"serviceName": name}).Service(); err == nil {
			t.Errorf("%q was taken as %v", name, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	got, err := Params{"ip": "db.example", "port": "65535", "cluster": "A"}.Address()
	if want := (Address{"db.example", 65535, "A"}); err != nil || got != want {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for _, port := range []string{"", "0", "65536", "-1", "http"} {
		if got, err := (Params{"ip": "10.0.0.1", "port": port}).Address(); err == nil {
			t.Errorf("port %q was taken as %v", port, got)
		}
	}
	long, err := Params{"ip": "0:0:0:0:0:0:0:1", "port": "80"}.Address()
	if err != nil || long.IP != "::1" {
		t.Errorf("%v, %v; want the canonical form", long, err)
	}
	_, err = Params{"port": "80"}.Address()
	if err == nil || err.Error() != "Param 'ip' is required." {
		t.Errorf("got %v", err)
	}
}

func TestTheBeatsJSONWinsOverTheParameters(t *testing.T) {
	beat, err := Params{
		"ip": "1.1.1.1", "port": "1", "clusterName": "P",
		"beat": `{"ip":"10.0.0.1","port":80,"cluster":"C","weight":2,"metadata":{"v":"1"},"serviceName":"bare","scheduled":false}`,
	}.Beat()
	if err != nil {
		t.Fatal(err)
	}
	if want := (Address{"10.0.0.1", 80, "C"}); beat.Address != want {
		t.Errorf("address %v, want %v", beat.Address, want)
	}
	if *beat.Full.Weight != 2 || beat.Full.Metadata["v"] != "1" || beat.Full.Persistent {
		t.Errorf("full beat %+v", beat.Full)
	}
}

func TestAFullBeatMayLeaveFieldsOut(t *testing.T) {
	beat, err := Params{"ip": "10.0.0.1", "port": "80", "beat": `{}`}.Beat()
	if err != nil {
		t.Fatal(err)
	}
	if want := (Address{"10.0.0.1", 80, "DEFAULT"}); beat.Address != want {
		t.Errorf("address %v, want %v", beat.Address, want)
	}
	if beat.Full == nil || beat.Full.Weight != nil || beat.Full.Metadata != nil {
		t.Errorf("full beat %+v says what the client did not", beat.Full)
	}
}

func TestALightBeatSaysNothing(t *testing.T) {
	beat, err := Params{"ip": "10.0.0.1", "port": "80", "beat": ""}.Beat()
	if err != nil || beat.Full != nil {
		t.Errorf("%+v, %v", beat, err)
	}
}

func TestBrokenBeatsNameTheField(t *testing.T) {
	for _, text := range []string{"{", "[]", `{"port":"http"}`, `{"metadata":{"a":{}}}`, `{"weight":"x"}`} {
		_, err := Params{"ip": "10.0.0.1", "port": "80", "beat": text}.Beat()
		if err == nil || !strings.HasPrefix(err.Error(), "Param 'beat' ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestBeatIntervals(t *testing.T) {
	for text, want := range map[string]int64{"": 5000, "1000": 1000, "0": 5000, "soon": 5000, "-5": 5000} {
		if got := BeatIntervalMS(map[string]string{"preserved.heart.beat.interval": text}); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestAgents(t *testing.T) {
	for agent, want := range map[string]bool{
		"Nacos-Java-Client:v1.4.1":    true,
		"Nacos-Go-Client:v1.1.6":      true,
		"Nacos-Python-Client:v0.1.14": true,
		"Nacos-CSharp-Client:v1.0":    true,
		"Mozilla/5.0 (X11; Linux)":    false,
		"curl/8.5.0":                  false,
		"Nacos-Server:v1.4.1":         false,
		"":                            false,
	} {
		if IsSDK(agent) != want {
			t.Errorf("%q: %v", agent, !want)
		}
	}
}

func TestAnEmptyListIsAListInJSON(t *testing.T) {
	text, err := json.Marshal(ServiceInfo{Hosts: []Instance{}})
	if err != nil || !strings.Contains(string(text), `"hosts":[]`) {
		t.Errorf("%s, %v", text, err)
	}
}

package nacos

import (
	"errors"
	"strings"
	"testing"
)

func mustParse(t *testing.T, query, body string) Params {
	t.Helper()
	params, err := ParseParams(query, body)
	if err != nil {
		t.Fatalf("ParseParams(%q, %q): %v", query, body, err)
	}
	return params
}

func TestQueryAndBodyAreMergedAndTheQueryWins(t *testing.T) {
	params := mustParse(t, "ip=10.0.0.1&port=80", "ip=10.0.0.2&clusterName=A&&weight=2&")
	want := Params{"ip": "10.0.0.1", "port": "80", "clusterName": "A", "weight": "2"}
	if len(params) != len(want) {
		t.Fatalf("got %v, want %v", params, want)
	}
	for name, value := range want {
		if params[name] != value {
			t.Errorf("%s is %q, want %q", name, params[name], value)
		}
	}
}

func TestTheGoSDKsUnencodedJSONIsTakenAsItIs(t *testing.T) {
	beat := `{"ip":"10.0.0.1","metadata":{"a":"x&y=z+100%"}}`
	params := mustParse(t, "", "beat="+beat+"&serviceName=g@@s&metadata={}")
	if params["beat"] != beat {
		t.Errorf("beat is %q, want %q", params["beat"], beat)
	}
	if params["serviceName"] != "g@@s" || params["metadata"] != "{}" {
		t.Errorf("what follows the JSON is lost: %v", params)
	}
}

func TestTextThatOnlyStartsLikeJSONIsAnOrdinaryValue(t *testing.T) {
	params := mustParse(t, "", "a={broken&b=%7B%22k%22%3A%22v%22%7D&c=[1]x")
	if params["a"] != "{broken" || params["b"] != `{"k":"v"}` || params["c"] != "[1]x" {
		t.Errorf("got %v", params)
	}
}

func TestWrongTextsNameTheField(t *testing.T) {
	cases := map[string]string{
		"ip=%zz":                    "ip",
		"serviceName=%ff%fe":        "serviceName",
		"metadata={\"a\":\"\xff\"}": "metadata",
	}
	for text, field := range cases {
		_, err := ParseParams("", text)
		var wrong *ParamError
		if !errors.As(err, &wrong) || wrong.Name != field {
			t.Errorf("%q: got %v, want an error about %s", text, err, field)
		}
	}
}

func TestTooManyParametersAreRefused(t *testing.T) {
	var text strings.Builder
	for i := range ParamsMax + 1 {
		text.WriteString("p" + strings.Repeat("x", i) + "=1&")
	}
	if _, err := ParseParams(text.String(), ""); err == nil {
		t.Fatal("one too many was taken")
	}
}

func FuzzParams(f *testing.F) {
	for _, seed := range [][2]string{
		{"serviceName=a@@b&ip=1.2.3.4&port=80", "beat={\"ip\":\"1.2.3.4\",\"port\":80}"},
		{"weight=NaN&enabled=TRUE", "metadata=a=b,c=d"},
		{"=&&=", "%"},
		{"beat=[[[[", "beat={\"port\":1e999}"},
		{"port=65536", "beat={\"port\":-1,\"metadata\":{\"a\":{}}}"},
		{"ip=\xff", "metadata={\"a\":null,\"b\":1,\"c\":true}"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, query, body string) {
		params, err := ParseParams(query, body)
		if err != nil {
			var wrong *ParamError
			if !errors.As(err, &wrong) {
				t.Fatalf("an error that names no field: %v", err)
			}
			return
		}
		if len(params) > ParamsMax {
			t.Fatalf("%d parameters", len(params))
		}
		readEverything(t, params)
	})
}

// readEverything must neither panic nor hand out what the registry's own bounds would trip over.
func readEverything(t *testing.T, params Params) {
	if beat, err := params.Beat(); err == nil && (beat.Address.Port == 0 || beat.Address.IP == "" || beat.Address.Cluster == "") {
		t.Fatalf("a beat without an address: %+v", beat)
	}
	if service, err := params.Service(); err == nil && (service.Name == "" || service.Group == "" || service.Namespace == "") {
		t.Fatalf("a service without a name: %+v", service)
	}
	if page, err := params.Page(); err == nil {
		if from, to := page.Cut(7); from < 0 || from > to || to > 7 {
			t.Fatalf("page %+v of 7 is %d to %d", page, from, to)
		}
	}
	_, _ = params.Enabled()
	_, _ = params.Weight()
	_, _ = params.Metadata()
}

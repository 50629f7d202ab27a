package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestHelpShowsExamplesAndEveryFlag(t *testing.T) {
	var text bytes.Buffer
	if _, err := parse([]string{"-help"}, &text); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, want := range []string{"curl", "-listen", "-data", "-policies", "-policy", "-retain", "-light-beats", "-log-level", "-log-format"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the help does not mention %s", want)
		}
	}
}

func TestWrongFlagsSaySo(t *testing.T) {
	for _, arguments := range [][]string{
		{"-retain", "-1s"}, {"-retain", "soon"}, {"-log-format", "xml"}, {"-log-level", "loud"}, {"-no-such-flag"}, {"extra"},
	} {
		var text bytes.Buffer
		if settings, err := parse(arguments, &text); err == nil || text.Len() == 0 {
			t.Errorf("%v: %+v, and said %q", arguments, settings, text.String())
		}
	}
}

func TestFlagsBecomeOptions(t *testing.T) {
	settings, err := parse([]string{"-data", "d", "-policies", "p", "-policy", "x", "-retain", "0", "-light-beats=false"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	options := settings.options()
	if options.Data != "d" || options.Policies != "p" || options.Policy != "x" || options.Retain >= 0 || settings.lightBeats {
		t.Errorf("%+v, %+v", settings, options)
	}
}

// The whole program: it serves, and ends when it is told to, with what it was asked before answered.
func TestItServesUntilItIsToldToStop(t *testing.T) {
	settings, err := parse([]string{"-listen", "127.0.0.1:0", "-data", t.TempDir(), "-log-format", "json"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	listening, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- run(ctx, settings, settings.logger(&text), func(address net.Addr) { listening <- address })
	}()
	select {
	case address := <-listening:
		register(t, "http://"+address.String()+"/nacos/v1/ns/instance")
	case err := <-ended:
		t.Fatalf("it did not start: %v", err)
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not stop")
	}
	for _, want := range []string{`"msg":"listening"`, `"policy":"admin-sticky"`, `"msg":"stopping"`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s is not in the log:\n%s", want, text.String())
		}
	}
}

func register(t *testing.T, to string) {
	t.Helper()
	response, err := http.PostForm(to, url.Values{"serviceName": {"orders"}, "ip": {"10.0.0.1"}, "port": {"80"}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "ok" {
		t.Fatalf("%s, %v", body, err)
	}
}

func TestAnAddressInUseSaysWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	settings, err := parse([]string{"-listen", taken.Addr().String()}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	err = run(context.Background(), settings, slog.New(slog.DiscardHandler), func(net.Addr) {})
	if err == nil || !strings.Contains(err.Error(), "-listen") {
		t.Errorf("got %v", err)
	}
}

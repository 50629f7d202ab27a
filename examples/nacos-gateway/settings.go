package main

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// settings is what the command line says.
type settings struct {
	listen     string
	data       string
	policies   string
	policy     string
	retain     time.Duration
	lightBeats bool
	logLevel   slog.Level
	logFormat  string
}

const usage = `nacos-gateway: a service registry for stock Nacos 1.x clients, where an operator's decision stands.

  nacos-gateway                                           in memory, on 127.0.0.1:8848
  nacos-gateway -data ./data                              orders survive a restart
  nacos-gateway -data ./data -policies ./policies         .wasm policies are taken from ./policies, while it runs
  nacos-gateway -policies ./policies -policy heartbeat-wins   ./policies/heartbeat-wins.wasm decides
  nacos-gateway -policies ./policies -policy active           whatever is copied to ./policies/active.wasm decides

Point clients at it as at any Nacos server (serverAddr=127.0.0.1:8848). To ask why an instance is as it is:

  curl 'http://127.0.0.1:8848/steadfast/v1/explain?serviceName=orders&ip=10.0.0.1&port=80'

It does not authenticate anybody: let only those reach it who may change it.

Flags:
`

// parse reads the command line; what is wrong with it has been written to errors by then.
func parse(arguments []string, errors io.Writer) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("nacos-gateway", flag.ContinueOnError)
	flags.SetOutput(errors)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8848", "`address` to take requests at")
	flags.StringVar(&s.data, "data", "", "`folder` that keeps orders and persistent instances; none: in memory only")
	flags.StringVar(&s.policies, "policies", "", "`folder` that is watched for .wasm policies; none: built-in policies only")
	flags.StringVar(&s.policy, "policy", "admin-sticky", "`name` of the policy that decides: name.wasm in the policies folder; active.wasm may hold any policy")
	flags.DurationVar(&s.retain, "retain", time.Hour, "how long an absent instance is remembered, as in 90s or 2h; 0: not at all")
	flags.BoolVar(&s.lightBeats, "light-beats", true, "let clients leave weight and metadata out of their beats")
	flags.TextVar(&s.logLevel, "log-level", slog.LevelInfo, "`level` from which on is logged: debug, info, warn, error")
	flags.StringVar(&s.logFormat, "log-format", "text", "text or json")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if err := s.check(flags.Args()); err != nil {
		fmt.Fprintln(errors, "nacos-gateway:", err)
		return nil, err
	}
	return s, nil
}

func (s *settings) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q; see nacos-gateway -help", rest[0])
	case s.retain < 0:
		return fmt.Errorf("-retain is %v, which is negative", s.retain)
	case s.logFormat != "text" && s.logFormat != "json":
		return fmt.Errorf("-log-format is %q, which is neither text nor json", s.logFormat)
	default:
		return nil
	}
}

func (s *settings) options() steadfast.Options {
	retain := s.retain
	if retain == 0 {
		retain = -1
	}
	return steadfast.Options{Data: s.data, Policies: s.policies, Policy: s.policy, Retain: retain}
}

func (s *settings) logger(to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.logLevel}
	if s.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

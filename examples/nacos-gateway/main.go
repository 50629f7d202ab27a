// The nacos-gateway command is a service registry that stock Nacos 1.x clients take for their server, with Steadfast
// inside.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
	"github.com/steadfast-registry/steadfast/examples/nacos-gateway/internal/gateway"
)

func main() {
	settings, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2)
	}
	log := settings.logger(os.Stderr)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, settings, log, func(net.Addr) {}); err != nil {
		log.Error("stopped", "error", err)
		os.Exit(1)
	}
}

// run serves until the context ends. listening is told the address once requests are taken.
func run(ctx context.Context, settings *settings, log *slog.Logger, listening func(net.Addr)) (err error) {
	registry, err := steadfast.Open(settings.options())
	if err != nil {
		return fmt.Errorf("opening the registry: %w", err)
	}
	defer func() { err = errors.Join(err, registry.Close()) }()
	listener, err := net.Listen("tcp", settings.listen)
	if err != nil {
		return fmt.Errorf("listening (choose another address with -listen): %w", err)
	}
	status, err := registry.PolicyStatus()
	if err != nil {
		return err
	}
	log.Info("listening", "address", listener.Addr().String(), "library", steadfast.Version(),
		"policy", status.Active.Name, "digest", status.Active.Digest, "data", settings.data, "policies", settings.policies)
	listening(listener.Addr())
	return serve(ctx, listener, gateway.New(registry, gateway.Config{LightBeats: settings.lightBeats, Log: log}), log)
}

// stopWithin is how long requests under way may take when the service stops.
const stopWithin = 5 * time.Second

func serve(ctx context.Context, listener net.Listener, handler *gateway.Gateway, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	following, endFollowing := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() {
		err := handler.Follow(following)
		if err != nil {
			log.Error("announcements are not followed any more", "error", err)
		}
		followed <- err
	}()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		log.Info("stopping")
		// The context that ended must not cut short what it asked for.
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		err = server.Shutdown(within)
	}
	endFollowing()
	return errors.Join(err, <-followed)
}

package gateway

import (
	"context"
	"time"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// forgetEvery is how often instances that are gone are forgotten.
const forgetEvery = time.Minute

// Follow logs what the registry announces and forgets instances that are gone, until the context ends or the registry
// is closed.
func (g *Gateway) Follow(ctx context.Context) error {
	numbers, err := g.registry.WatchAnnouncements(ctx)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(forgetEvery)
	defer ticker.Stop()
	// What was announced before the watch began is logged first.
	after, err := g.logAnnouncements(0)
	for err == nil {
		select {
		case _, open := <-numbers:
			if !open {
				return nil
			}
			after, err = g.logAnnouncements(after)
		case <-ticker.C:
			err = g.forgetGone()
		}
	}
	return err
}

// logAnnouncements logs those after a number and answers the last number.
func (g *Gateway) logAnnouncements(after uint64) (uint64, error) {
	announcements, err := g.registry.Announcements(after)
	if err != nil {
		return after, err
	}
	for _, announcement := range announcements {
		level := g.log.Info
		switch announcement.Kind {
		case steadfast.PolicyRefused, steadfast.RoutesRefused, steadfast.StoreFailed:
			level = g.log.Warn
		}
		level("announcement", "number", announcement.Number, "kind", announcement.Kind, "text", announcement.Text)
		after = announcement.Number
	}
	return after, nil
}

func (g *Gateway) forgetGone() error {
	return g.known.forgetGone(func(service steadfast.ServiceID) (map[steadfast.Address]int, error) {
		picture, err := g.pictures.of(service)
		if err != nil {
			return nil, err
		}
		return picture.index(), nil
	})
}

package steadfast

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestAJournalIsKeptInTheDataFolder(t *testing.T) {
	for name, attempt := range map[string]struct {
		options Options
		kept    bool
	}{
		"by default":              {Options{}, true},
		"without threads":         {Options{ThreadsNone: true}, false},
		"without threads, but on": {Options{ThreadsNone: true, Journal: JournalOn, JournalBytes: 4 << 20}, true},
		"switched off":            {Options{Journal: JournalOff}, false},
	} {
		folder := t.TempDir()
		attempt.options.Data = folder
		registry := must[*Registry](t)(Open(attempt.options))
		orders := must[ServiceID](t)(registry.Service(ServiceName{"public", "g", "orders"}))
		must[Registered](t)(registry.Register(orders, &Registration{Address: home}))
		if err := registry.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(folder, "journal", "000001.log")); (err == nil) != attempt.kept {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAJournalThatFailsIsAnnounced(t *testing.T) {
	folder := t.TempDir()
	// A file where the journal's folder belongs.
	if err := os.WriteFile(filepath.Join(folder, "journal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, Options{Data: folder, Journal: JournalOn})
	orders := w.service("orders")
	for deadline := time.Now().Add(soon); ; time.Sleep(10 * time.Millisecond) {
		w.register(orders, Registration{Address: home})
		w.pass(100 * time.Millisecond)
		announcements := must[[]Announcement](t)(w.Announcements(0))
		if slices.ContainsFunc(announcements, func(a Announcement) bool { return a.Kind == JournalFailed }) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("announced %+v", announcements)
		}
	}
	if counters := must[Counters](t)(w.Counters()); counters.JournalLost == 0 {
		t.Errorf("nothing is missing: %+v", counters)
	}
}

func TestJournalsThatCannotBe(t *testing.T) {
	for name, attempt := range map[string]struct {
		options Options
		want    Code
	}{
		"no folder": {Options{Journal: JournalOn}, ErrOption},
		"too small": {Options{Data: t.TempDir(), JournalBytes: 1}, ErrOption},
		"unknown":   {Options{Data: t.TempDir(), Journal: 3}, ErrReserved},
	} {
		if _, err := Open(attempt.options); !errors.Is(err, attempt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

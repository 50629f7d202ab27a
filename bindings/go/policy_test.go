package steadfast

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// component reads a policy that `cargo xtask wasm` builds.
func component(t *testing.T, name string) []byte {
	t.Helper()
	wasm, err := os.ReadFile(filepath.Join("..", "..", "target", "policies", name+".wasm"))
	if err != nil {
		t.Fatalf("run `cargo xtask wasm` first: %v", err)
	}
	return wasm
}

// withoutEngine skips where the library was built without WebAssembly, as sanitizer builds are.
func withoutEngine(t *testing.T, w *world) {
	t.Helper()
	if _, err := w.InstallPolicy([]byte("x"), nil); errors.Is(err, ErrUnsupported) {
		t.Skip("the library was built without WebAssembly")
	}
}

func TestAPolicyIsExchangedWhileTheRegistryRuns(t *testing.T) {
	w := newWorld(t, Options{})
	withoutEngine(t, w)
	orders := w.service("orders")
	handle := w.register(orders, Registration{Address: home})
	must[Effect](t)(w.Hold(orders, home, HoldOrder{Kind: HoldOffline, Author: operator}))

	installed := must[Install](t)(w.InstallPolicy(component(t, "heartbeat-wins"), nil))
	if installed.Unchanged || installed.Services != 1 || installed.Instances != 1 {
		t.Errorf("installed %+v", installed)
	}
	must[bool](t)(w.Beat(handle))
	if instance := w.only(orders); !instance.Serves() {
		t.Fatalf("the heartbeat did not win: %+v", instance)
	}

	installed = must[Install](t)(w.InstallPolicy(component(t, "admin-sticky"), nil))
	if instance := w.only(orders); instance.Traffic != Refuse || installed.Changed != 1 {
		t.Fatalf("the order is forgotten: %+v, %+v", instance, installed)
	}
	if again := must[Install](t)(w.InstallPolicy(component(t, "admin-sticky"), nil)); !again.Unchanged {
		t.Errorf("the same policy again: %+v", again)
	}
}

func TestARefusedPolicyChangesNothing(t *testing.T) {
	w := newWorld(t, Options{})
	withoutEngine(t, w)
	before := must[PolicyStatus](t)(w.PolicyStatus())
	for name, wasm := range map[string][]byte{"text": []byte("not wasm"), "empty": nil, "core module": []byte("\x00asm\x01\x00\x00\x00")} {
		if _, err := w.InstallPolicy(wasm, nil); !errors.Is(err, ErrPolicy) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.InstallPolicy(component(t, "admin-sticky"), map[string]string{"no-such": "param"}); !errors.Is(err, ErrPolicy) {
		t.Errorf("unknown parameter: %v", err)
	}
	if after := must[PolicyStatus](t)(w.PolicyStatus()); after.Active.Epoch != before.Active.Epoch {
		t.Errorf("the active policy went from %+v to %+v", before.Active, after.Active)
	}
}

// A saved table needs no engine: it is taken by a library that was built without one, too.
func TestASavedTableIsInstalled(t *testing.T) {
	w := newWorld(t, Options{Policy: "heartbeat-wins"})
	table := must[[]byte](t)(os.ReadFile(filepath.Join("..", "..", "core", "tests", "golden", "version-1.table")))
	installed := must[Install](t)(w.InstallPolicy(table, nil))
	status := must[PolicyStatus](t)(w.PolicyStatus())
	if status.Active.Name != "admin-sticky" || status.Active.Epoch != installed.Epoch || len(status.Active.Digest) != 64 {
		t.Errorf("installed %+v, active %+v", installed, status.Active)
	}
	if _, err := w.InstallPolicy(table, map[string]string{"a": "1"}); !errors.Is(err, ErrOption) {
		t.Errorf("parameters of a table: %v", err)
	}
	table[len(table)/2] ^= 1
	if _, err := w.InstallPolicy(table, nil); !errors.Is(err, ErrPolicy) {
		t.Errorf("a damaged table: %v", err)
	}
}

// A file that is dropped into the policies folder becomes the active policy, and says so.
func TestAFileInTheFolderBecomesThePolicy(t *testing.T) {
	folder := t.TempDir()
	registry, err := Open(Options{Policies: folder, Policy: "heartbeat-wins"})
	if errors.Is(err, ErrUnsupported) {
		t.Skip("the library was built without WebAssembly")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer registry.Close()
	numbers := must[<-chan uint64](t)(registry.WatchAnnouncements(context.Background()))
	if status := must[PolicyStatus](t)(registry.PolicyStatus()); status.Active.Name != "admin-sticky" {
		t.Fatalf("an empty folder: %+v", status.Active)
	}
	if err := os.WriteFile(filepath.Join(folder, "heartbeat-wins.wasm"), component(t, "heartbeat-wins"), 0o644); err != nil {
		t.Fatal(err)
	}
	for must[PolicyStatus](t)(registry.PolicyStatus()).Active.Name != "heartbeat-wins" {
		next(t, numbers)
	}
}

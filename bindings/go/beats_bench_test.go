package steadfast

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/steadfast-registry/steadfast/bindings/go/internal/cloop"
)

// benchBatch is the size of a batch that the README recommends, benchBeats how many beats one measurement makes.
const (
	benchBatch = 256
	benchBeats = 1 << 20
)

// BenchmarkBeatBatch beats the same handles from Go, a call for each batch, and in a loop in C, one call for all of it,
// in turns. It reports the fastest of each and their ratio. With few instances the beats themselves cost least, so that
// the calls weigh most.
func BenchmarkBeatBatch(b *testing.B) {
	for _, instances := range []int{benchBatch, 1 << 17} {
		b.Run(fmt.Sprintf("instances=%d", instances), func(b *testing.B) { compareWithC(b, instances) })
	}
}

func compareWithC(b *testing.B, instances int) {
	registry, handles := benchTown(b, instances)
	plain := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(handles))), len(handles))
	turns := benchBeats / instances
	inGo, inC := time.Duration(1<<62), time.Duration(1<<62)
	rejected := make([]uint32, 0, benchBatch)
	for b.Loop() {
		start := time.Now()
		for range turns {
			for at := 0; at < len(handles); at += benchBatch {
				var err error
				if rejected, err = registry.BeatBatch(handles[at:at+benchBatch], rejected); err != nil || len(rejected) > 0 {
					b.Fatalf("%d rejected, %v", len(rejected), err)
				}
			}
		}
		inGo = min(inGo, time.Since(start))
		start = time.Now()
		if code := cloop.BeatBatches(unsafe.Pointer(registry.native()), plain, benchBatch, turns); code != 0 {
			b.Fatal(Code(code))
		}
		inC = min(inC, time.Since(start))
	}
	perBeat := func(all time.Duration) float64 { return float64(all.Nanoseconds()) / float64(turns*instances) }
	b.ReportMetric(perBeat(inGo), "go-ns/beat")
	b.ReportMetric(perBeat(inC), "c-ns/beat")
	b.ReportMetric(float64(inGo)/float64(inC), "go/c")
}

// benchTown is a registry whose time stands still, and the handles of its instances in random order.
func benchTown(b *testing.B, instances int) (*Registry, []Handle) {
	b.Helper()
	registry, err := Open(Options{ThreadsNone: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = registry.Close() })
	if err := registry.Tick(0, dawn); err != nil {
		b.Fatal(err)
	}
	handles := make([]Handle, instances)
	var service ServiceID
	for i := range handles {
		if i%20 == 0 {
			name := ServiceName{"public", "g", fmt.Sprint("service-", i/20)}
			if service, err = registry.Service(name); err != nil {
				b.Fatal(err)
			}
		}
		address := Address{fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), 8080, "DEFAULT"}
		registered, err := registry.Register(service, &Registration{Address: address})
		if err != nil {
			b.Fatal(err)
		}
		handles[i] = registered.Handle
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(handles), func(i, j int) { handles[i], handles[j] = handles[j], handles[i] })
	return registry, handles
}

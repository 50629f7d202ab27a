//! Components swapped and refused under load: beats are neither lost nor refused, and lookups never miss anybody.

mod guest;

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use guest::Guest;
use steadfast_core::{
    Address, Beat, Handle, MemoryStore, Now, Options, Policy, Registration, Registry, ServiceId, ServiceName,
};
use steadfast_wasm::{Limits, Loader, Params};

const INSTANCES: u32 = 50;
const SWAPS: u64 = 200;

fn compiled(name: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/policies/{name}.wasm"));
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask wasm` first", file.display()))
}

fn town() -> (Registry, ServiceId, Vec<Handle>) {
    let options = Options { max_step_ms: 0, ..Options::default() };
    let registry = Registry::open(options, Box::new(MemoryStore::new())).unwrap();
    registry.tick(Now::default());
    let service = registry.service(&ServiceName::new("public", "DEFAULT_GROUP", "orders").unwrap()).unwrap();
    let register = |n: u32| {
        let address = Address::new("10.0.0.1", n + 1, "DEFAULT").unwrap();
        registry.register(service, &Registration::new(address)).unwrap().handle
    };
    let handles = (0..INSTANCES).map(register).collect();
    (registry, service, handles)
}

/// Ends the other threads, also when an assertion fails.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn beat(registry: &Registry, handles: &[Handle], stop: &AtomicBool, rounds: &AtomicU64) {
    let _end = StopAtEnd(stop);
    while !stop.load(Ordering::Acquire) {
        registry.beat_batch(handles, &mut |place, beat| assert_eq!(beat, Beat::Alive, "instance {place}"));
        rounds.fetch_add(1, Ordering::Release);
    }
}

fn look(registry: &Registry, service: ServiceId, stop: &AtomicBool) -> u64 {
    let _end = StopAtEnd(stop);
    let (mut looked, mut last) = (0, 0);
    while !stop.load(Ordering::Acquire) {
        registry
            .view(service, |view| {
                assert!(view.revision() >= last, "revisions never go back");
                last = view.revision();
                assert_eq!(view.serving().count(), INSTANCES as usize, "both policies serve whom nobody ordered away");
            })
            .unwrap();
        looked += 1;
    }
    looked
}

#[test]
fn components_swapped_under_load() {
    let loader = Loader::new(Limits::default());
    let files = ["heartbeat-wins", "admin-sticky"].map(compiled);
    let (registry, service, handles) = town();
    let (stop, rounds) = (AtomicBool::new(false), [AtomicU64::new(0), AtomicU64::new(0)]);
    let (left, right) = handles.split_at(handles.len() / 2);
    std::thread::scope(|scope| {
        let (registry, stop, rounds, _end) = (&registry, &stop, &rounds, StopAtEnd(&stop));
        scope.spawn(move || beat(registry, left, stop, &rounds[0]));
        scope.spawn(move || beat(registry, right, stop, &rounds[1]));
        let reader = scope.spawn(move || look(registry, service, stop));
        for turn in 0..SWAPS {
            // The table of a file that comes back is remembered: nothing is compiled again.
            let file = &files[usize::try_from(turn % 2).unwrap()];
            let policy = loader.load(file, &Params::new()).expect("it shipped");
            let report = registry.install(Policy::from(&*policy)).unwrap();
            assert_eq!((report.instances, report.changed, report.left), (u64::from(INSTANCES), 0, 0), "{report}");
            // Time passes only when everybody has beaten since: a lost beat would let somebody go silent.
            let before = rounds.each_ref().map(|rounds| rounds.load(Ordering::Acquire));
            let behind = |who: usize| rounds[who].load(Ordering::Acquire) < before[who] + 2;
            while (behind(0) || behind(1)) && !stop.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
            let now_ms = (turn + 1) * 5_000;
            registry.tick(Now { mono_ms: now_ms, wall_ms: now_ms });
        }
        stop.store(true, Ordering::Release);
        assert!(reader.join().unwrap() > SWAPS, "the reader kept looking");
    });
    assert_eq!(registry.policy().epoch, SWAPS + 1);
}

#[test]
fn bad_files_are_refused_while_beats_and_lookups_go_on() {
    let forever = "(loop $again (br $again))";
    let shipped = compiled("admin-sticky");
    let bad: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("text", b"offline means offline".to_vec()),
        ("truncated", shipped[..shipped.len() / 2].to_vec()),
        ("huge", vec![0; 2 << 20]),
        ("looping at configure", Guest::named("loops").configure(forever).component()),
        ("looping at decide", Guest::named("loops").decide(forever).component()),
    ];
    let loader = Loader::new(Limits::default());
    let (registry, service, handles) = town();
    let (stop, rounds) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let (registry, stop, rounds, handles, _end) = (&registry, &stop, &rounds, &handles, StopAtEnd(&stop));
        scope.spawn(move || beat(registry, handles, stop, rounds));
        let reader = scope.spawn(move || look(registry, service, stop));
        for (what, file) in bad {
            assert!(loader.load(&file, &Params::new()).is_err(), "{what}");
            let before = rounds.load(Ordering::Acquire);
            while rounds.load(Ordering::Acquire) < before + 2 && !stop.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
            assert_eq!(registry.policy().epoch, 1, "{what}: the policy before it goes on deciding");
        }
        stop.store(true, Ordering::Release);
        assert!(reader.join().unwrap() > 0);
    });
}

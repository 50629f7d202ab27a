//! A registry with as many instances as it takes, and one more: the newcomer hears why it is refused, and everybody who
//! is there goes on.
//!
//! `cargo test --release -p steadfast-core --test full -- --ignored --nocapture` fills the largest one there is, which
//! takes gigabytes and minutes.

use std::io::Write;

use steadfast_core::{
    Address, Author, Beat, Handle, HoldKind, HoldOrder, MemoryStore, Now, Options, OrderError, Publisher,
    RegisterError, Registered, Registration, Registry, ServiceId, ServiceName, limits,
};

const PER_SERVICE: usize = 1_000;
/// Well below the silence threshold.
const BEAT_EVERY_MS: u64 = 5_000;

struct Full {
    registry: Registry,
    bound: usize,
    handles: Vec<Handle>,
    now_ms: u64,
}

impl Full {
    fn fill(bound: usize) -> Full {
        let options = Options { instances_max: bound, max_step_ms: 0, ..Options::default() };
        let registry = Registry::open(options, Box::new(MemoryStore::new())).unwrap();
        let mut full = Full { registry, bound, handles: Vec::with_capacity(bound), now_ms: 0 };
        full.pass_ms(100);
        for number in 0..bound {
            let handle = full.register(number).unwrap().handle;
            full.handles.push(handle);
        }
        full
    }

    fn service(&self, number: usize) -> ServiceId {
        let name = format!("service-{}", number / PER_SERVICE);
        self.registry.service(&ServiceName::new("public", "g", &name).unwrap()).unwrap()
    }

    fn register(&self, number: usize) -> Result<Registered, RegisterError> {
        self.registry.register(self.service(number), &Registration::new(address(number)))
    }

    fn pass_ms(&mut self, ms: u64) {
        self.now_ms += ms;
        self.registry.tick(Now { mono_ms: self.now_ms, wall_ms: self.now_ms });
    }

    /// Lets time pass while everybody beats; says who was not alive.
    fn live_ms(&mut self, ms: u64) -> usize {
        let mut rejected = 0;
        for _ in 0..ms / BEAT_EVERY_MS {
            self.pass_ms(BEAT_EVERY_MS);
            for handles in self.handles.chunks(limits::BATCH_MAX) {
                self.registry.beat_batch(handles, &mut |_, _| rejected += 1);
            }
        }
        rejected
    }

    fn shown(&self, number: usize) -> usize {
        self.registry.view(self.service(number), |view| view.serving().count()).unwrap()
    }
}

fn address(number: usize) -> Address {
    let service = number / PER_SERVICE;
    let ip = format!("10.{}.{}.1", service >> 8 & 0xff, service & 0xff);
    Address::new(&ip, u32::try_from(number % PER_SERVICE).unwrap() + 1, "DEFAULT").unwrap()
}

fn story(bound: usize) {
    let mut full = Full::fill(bound);
    let (last, newcomer) = (bound - 1, bound);
    let refused = format!("too many instances; at most {bound} are allowed");
    let author = Author::new("console", "ann", "a full registry").unwrap();
    let order = HoldOrder { kind: HoldKind::Offline, author: author.clone(), until_ms: None };
    assert_eq!(full.register(newcomer).unwrap_err().to_string(), refused);
    let pending = full.registry.hold(full.service(newcomer), &address(newcomer), &order);
    assert!(matches!(pending, Err(OrderError::Full { limit, .. }) if limit == bound), "{pending:?}");

    assert_eq!(full.live_ms(limits::SLOT_REST_MS), 0, "all beats are acknowledged");
    let by_name = full.registry.beat_at(full.service(last), &address(last), None).unwrap();
    assert_eq!((by_name, full.registry.counters().instances), (Beat::Alive, bound as u64));
    let shown = full.shown(last);
    full.registry.hold(full.service(last), &address(last), &order).unwrap();
    assert_eq!(full.shown(last), shown - 1);
    full.registry.release(full.service(last), &address(last), &author).unwrap();
    assert_eq!(full.shown(last), shown);
    say(bound);

    full.registry.deregister(full.service(last), &address(last), &Publisher::Keyless).unwrap();
    full.handles.pop();
    assert_eq!(full.register(newcomer).unwrap_err().to_string(), refused, "its slot rests");
    assert_eq!(full.live_ms(limits::SLOT_REST_MS + BEAT_EVERY_MS), 0);
    full.register(newcomer).unwrap();
    assert_eq!(full.register(newcomer + 1).unwrap_err().to_string(), refused, "full again");
    assert_eq!(full.registry.counters().instances, full.bound as u64);
}

/// What the process holds, where the system tells it.
fn say(instances: usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or(" unknown").trim();
    let _ = writeln!(std::io::stderr(), "{instances} instances held, {resident} resident");
}

#[test]
fn who_is_refused_by_a_full_registry_hears_why_and_all_others_go_on() {
    story(2_500);
}

#[test]
#[ignore = "takes gigabytes and minutes; part `full` of a soak"]
fn the_largest_registry_is_full_in_the_same_way() {
    story(limits::INSTANCES_MAX);
}

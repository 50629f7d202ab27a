//! Many threads on one registry, with an oracle: no lost beat, no torn answer, no call that hangs.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use common::{author, options};
use steadfast_core::{
    Address, Beat, FloorTarget, Handle, HoldKind, HoldOrder, MemoryStore, Now, Options, Policy, Registration, Registry,
    Routes, Scope, ServiceId, ServiceName,
    policy::{Event, Facts, Manifest, StatePolicy, Traffic, Verdict, builtin::AdminSticky},
};

const INSTANCES: u32 = 64;

/// Admin-sticky for presence and health, but everybody drains.
struct EverybodyDrains;

impl StatePolicy for EverybodyDrains {
    fn manifest(&self) -> Manifest {
        Manifest { name: "everybody-drains".into(), laws: Vec::new(), ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let verdict = AdminSticky.decide(facts);
        let traffic = if verdict.present { Traffic::Drain } else { Traffic::Refuse };
        // Deregistration by a client that comes again is not what this is about.
        assert_ne!((facts.event, verdict.present), (Event::Deregister, true));
        Verdict { traffic, ..verdict }
    }
}

fn open(policy: Policy) -> (Registry, ServiceId, Vec<Handle>) {
    let options = Options { max_step_ms: 0, ..options(policy) };
    let registry = Registry::open(options, Box::new(MemoryStore::new())).unwrap();
    registry.tick(Now::default());
    let service = registry.service(&ServiceName::new("public", "g", "s").unwrap()).unwrap();
    let handles = (0..INSTANCES).map(|n| registry.register(service, &Registration::new(address(n))).unwrap().handle);
    let handles = handles.collect();
    (registry, service, handles)
}

fn address(n: u32) -> Address {
    Address::new("10.0.0.1", n + 1, "DEFAULT").unwrap()
}

/// Two threads beat half of the instances each, as fast as they can.
#[derive(Default)]
struct Beaters {
    stop: AtomicBool,
    rounds: [AtomicU64; 2],
}

/// Ends the threads of a test, also when an assertion of it fails.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Beaters {
    fn run(&self, registry: &Registry, handles: &[Handle], who: usize) {
        let _end = StopAtEnd(&self.stop);
        while !self.stop.load(Ordering::Acquire) {
            for handle in handles {
                assert_eq!(registry.beat(*handle), Beat::Alive);
            }
            self.rounds[who].fetch_add(1, Ordering::Release);
        }
    }

    /// Waits until every instance has been beaten once more from the start.
    fn one_more_round(&self) {
        let before = [0, 1].map(|who| self.rounds[who].load(Ordering::Acquire));
        let done = |who: usize| self.rounds[who].load(Ordering::Acquire) >= before[who] + 2;
        while !(self.stop.load(Ordering::Acquire) || done(0) && done(1)) {
            std::thread::yield_now();
        }
    }
}

/// Looks at the view until the end; each view must be of one epoch.
fn read_whole_answers(registry: &Registry, service: ServiceId, stop: &AtomicBool) -> u64 {
    let _end = StopAtEnd(stop);
    let (mut looked, mut last) = (0, 0);
    while !stop.load(Ordering::Acquire) {
        registry
            .view(service, |view| {
                assert!(view.revision() >= last, "revisions never go back");
                last = view.revision();
                assert_eq!(view.len(), INSTANCES as usize);
                assert!(view.iter().all(|instance| instance.healthy()), "nobody was silent");
                let first = view.iter().next().unwrap().traffic();
                assert!(view.iter().all(|instance| instance.traffic() == first), "one epoch in one answer");
            })
            .unwrap();
        looked += 1;
    }
    looked
}

#[test]
fn two_hundred_swaps_lose_no_beat_and_tear_no_answer() {
    let serving = Policy::admin_sticky();
    let draining = Policy::native(&EverybodyDrains).unwrap();
    let (registry, service, handles) = open(serving.clone());
    let beaters = Beaters::default();
    let (left, right) = handles.split_at(handles.len() / 2);
    std::thread::scope(|scope| {
        let (registry, beaters) = (&registry, &beaters);
        let _end = StopAtEnd(&beaters.stop);
        scope.spawn(move || beaters.run(registry, left, 0));
        scope.spawn(move || beaters.run(registry, right, 1));
        let reader = scope.spawn(move || read_whole_answers(registry, service, &beaters.stop));
        for turn in 1..=200 {
            let now_ms = turn * 100;
            registry.tick(Now { mono_ms: now_ms, wall_ms: now_ms });
            let policy = if turn % 2 == 1 { &draining } else { &serving };
            let report = registry.install(policy.clone()).unwrap();
            assert_eq!((report.services, report.instances, report.left), (1, 64, 0), "{report}");
            assert_eq!(report.changed, 64, "{report}");
            beaters.one_more_round();
            for n in 0..INSTANCES {
                let silent_ms = registry.explain(service, &address(n)).unwrap().unwrap().silent_ms;
                assert_eq!(silent_ms, 0, "a beat of instance {n} was acknowledged and lost in turn {turn}");
            }
        }
        beaters.stop.store(true, Ordering::Release);
        assert!(reader.join().unwrap() > 200, "the reader kept looking");
    });
    assert_eq!(registry.policy().epoch, 201);
    assert_eq!(registry.counters().instances, u64::from(INSTANCES));
}

/// Routes, and what the services "s" and "t" of group "g" do under them.
type Plan = (Routes, [Traffic; 2]);

/// A policy for one service, for its group, for both; then none.
fn plans(serving: &Policy, draining: &Policy) -> [Plan; 4] {
    let first = || Scope::service(&ServiceName::new("public", "g", "s").unwrap());
    let group = || Scope::group("public", "g");
    let plan = |routes: &[(Scope, &Policy)], expected| {
        let routes = routes.iter().map(|(scope, policy)| (scope.clone(), (*policy).clone()));
        (Routes::new(routes).unwrap(), expected)
    };
    [
        plan(&[(first(), draining)], [Traffic::Drain, Traffic::Serve]),
        plan(&[(group(), draining)], [Traffic::Drain, Traffic::Drain]),
        plan(&[(group(), draining), (first(), serving)], [Traffic::Serve, Traffic::Drain]),
        plan(&[], [Traffic::Serve, Traffic::Serve]),
    ]
}

#[test]
fn routes_that_change_under_load_lose_no_beat_and_tear_no_answer() {
    let (serving, draining) = (Policy::admin_sticky(), Policy::native(&EverybodyDrains).unwrap());
    let (registry, first, left) = open(serving.clone());
    let second = registry.service(&ServiceName::new("public", "g", "t").unwrap()).unwrap();
    let register = |n| registry.register(second, &Registration::new(address(n))).unwrap().handle;
    let right: Vec<Handle> = (0..INSTANCES).map(register).collect();
    let plans = plans(&serving, &draining);
    let beaters = Beaters::default();
    std::thread::scope(|scope| {
        let (registry, beaters, left, right) = (&registry, &beaters, &left, &right);
        let _end = StopAtEnd(&beaters.stop);
        scope.spawn(move || beaters.run(registry, left, 0));
        scope.spawn(move || beaters.run(registry, right, 1));
        let readers =
            [first, second].map(|service| scope.spawn(move || read_whole_answers(registry, service, &beaters.stop)));
        for turn in 0..100_u64 {
            let now_ms = (turn + 1) * 100;
            registry.tick(Now { mono_ms: now_ms, wall_ms: now_ms });
            let (plan, expected) = &plans[usize::try_from(turn).unwrap() % plans.len()];
            registry.route(plan).unwrap();
            beaters.one_more_round();
            for (service, expected) in [first, second].into_iter().zip(expected) {
                let mut epochs = BTreeSet::new();
                for n in 0..INSTANCES {
                    let explained = registry.explain(service, &address(n)).unwrap().unwrap();
                    assert_eq!(explained.silent_ms, 0, "a beat of {n} was acknowledged and lost in turn {turn}");
                    assert_eq!(explained.traffic, *expected, "{n}, turn {turn}");
                    epochs.insert(explained.decision.epoch);
                }
                assert_eq!(epochs.len(), 1, "one install decided about all of a service: {epochs:?}, turn {turn}");
            }
        }
        beaters.stop.store(true, Ordering::Release);
        assert!(readers.into_iter().all(|reader| reader.join().unwrap() > 100), "the readers kept looking");
    });
}

/// In each round one change of the routes falls among services that are just being created; whatever it missed would
/// still be decided by the policy before it.
#[test]
fn services_that_come_while_routes_change_end_where_they_lead() {
    let (serving, draining) = (Policy::admin_sticky(), Policy::native(&EverybodyDrains).unwrap());
    let (registry, ..) = open(serving.clone());
    let created = AtomicU64::new(0);
    for round in 0..40 {
        let to = if round % 2 == 0 { &draining } else { &serving };
        let routes = Routes::new([(Scope::group("public", "g"), to.clone())]).unwrap();
        let (registry, created, before) = (&registry, &created, created.load(Ordering::Acquire));
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for _ in 0..100 {
                    let name = format!("s-{}", created.fetch_add(1, Ordering::AcqRel));
                    registry.service(&ServiceName::new("public", "g", &name).unwrap()).unwrap();
                }
            });
            while created.load(Ordering::Acquire) < before + 3 {
                std::hint::spin_loop();
            }
            registry.route(&routes).unwrap();
        });
        for service in registry.services() {
            assert_eq!(registry.policy_of(service).unwrap().digest, to.digest, "round {round}");
        }
    }
}

#[test]
fn holds_and_releases_under_beats_end_as_ordered() {
    let (registry, service, handles) = open(Policy::admin_sticky());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (registry, stop, handles) = (&registry, &stop, &handles);
        let _end = StopAtEnd(stop);
        for _ in 0..2 {
            scope.spawn(move || {
                while !stop.load(Ordering::Acquire) {
                    registry.beat_batch(handles, &mut |place, beat| panic!("{place}: {beat:?}"));
                }
            });
        }
        let order = HoldOrder { kind: HoldKind::Offline, author: author("console"), until_ms: None };
        for turn in 0..20 {
            for n in 0..INSTANCES {
                if n % 2 == turn % 2 {
                    registry.hold(service, &address(n), &order).unwrap();
                } else {
                    registry.release(service, &address(n), &order.author).unwrap();
                }
                let serving = registry.view(service, |view| {
                    view.iter().find(|instance| u32::from(instance.port()) == n + 1).map(|instance| instance.serves())
                });
                assert_eq!(serving.unwrap(), Some(n % 2 != turn % 2), "visible when the reply is there");
            }
        }
        stop.store(true, Ordering::Release);
    });
    assert_eq!(registry.view(service, |view| view.serving().count()).unwrap(), INSTANCES as usize / 2);
}

#[test]
fn registering_and_leaving_from_many_threads_ends_with_nobody() {
    let (registry, service, handles) = open(Policy::admin_sticky());
    std::thread::scope(|scope| {
        let registry = &registry;
        for thread in 0..4_u32 {
            scope.spawn(move || {
                for turn in 0..200_u32 {
                    let address = Address::new("10.0.1.1", thread * 1_000 + turn % 5 + 1, "DEFAULT").unwrap();
                    let connection = format!("connection-{thread}");
                    let publisher = steadfast_core::Publisher::Connection(connection.clone());
                    let registration = Registration { publisher, ..Registration::new(address) };
                    let handle = registry.register(service, &registration).unwrap().handle;
                    assert_eq!(registry.beat(handle), Beat::Alive);
                    if turn % 5 == 4 {
                        assert_eq!(registry.disconnect(&connection).unwrap(), 5);
                        assert_eq!(registry.beat(handle), Beat::RegisterAgain);
                    }
                }
            });
        }
    });
    assert_eq!(registry.view(service, |view| view.iter().count()).unwrap(), handles.len());
    assert_eq!(registry.counters().instances, handles.len() as u64);
}

#[test]
fn a_shutdown_under_load_is_seen_by_everybody() {
    let (registry, service, handles) = open(Policy::admin_sticky());
    let queue = registry.watch_queue().unwrap();
    let started = Arc::new(AtomicU64::new(0));
    std::thread::scope(|scope| {
        let (registry, handles, queue) = (&registry, &handles, &queue);
        for _ in 0..2 {
            let started = Arc::clone(&started);
            scope.spawn(move || {
                while registry.beat(handles[0]) != Beat::Closed {
                    started.fetch_add(1, Ordering::Release);
                }
            });
        }
        let waiting = scope.spawn(move || {
            let mut events = Vec::new();
            while queue.poll(&mut events, 16, None) != steadfast_core::Poll::Closed {}
        });
        while started.load(Ordering::Acquire) < 100 {
            std::thread::yield_now();
        }
        registry.shutdown();
        registry.shutdown();
        waiting.join().unwrap();
    });
    assert!(registry.view(service, |_| ()).is_err());
    assert!(registry.register(service, &Registration::new(address(0))).is_err());
    assert!(registry.disconnect("any").is_err());
    assert!(registry.install(Policy::admin_sticky()).is_err());
    assert!(registry.watch_queue().is_err());
}

/// A batch visits its service once; an order that took the mutex for itself would wait for ever.
#[test]
fn holds_and_floors_of_many_threads_share_their_commits() {
    let registry = &Registry::open(options(Policy::admin_sticky()), Box::new(MemoryStore::new())).unwrap();
    let name = ServiceName::new("public", "g", "orders").unwrap();
    let service = registry.service(&name).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let target = FloorTarget::Cluster { service: name.clone(), cluster: format!("cluster-{}", thread % 2) };
            let address = Address::new("10.0.0.9", 9_000 + thread, "DEFAULT").unwrap();
            scope.spawn(move || {
                let author = author(&format!("owner-{thread}"));
                let order = HoldOrder { kind: HoldKind::Drain, author: author.clone(), until_ms: None };
                for _ in 0..200 {
                    registry.hold(service, &address, &order).unwrap();
                    registry.hold_floor(&target, &order).unwrap();
                    assert!(registry.release_floor(&target, &author).unwrap().found);
                }
            });
        }
    });
    assert_eq!(registry.orders(service).unwrap().len(), 4);
}

//! Replays of what a real registry wrote.
#![allow(unreachable_pub, reason = "test modules")]

#[path = "../../tests/common/mod.rs"]
mod common;

use std::{path::Path, sync::Arc};

use common::{World, options};
use proptest::prelude::*;
use steadfast_core::{
    Address, Claim, HoldKind, HoldOrder, Liveness, Options, Policy, Publisher, Registration,
    policy::{
        Event, Facts, Hold, Manifest, Probe, StatePolicy, Table, Threshold, Traffic, Verdict,
        builtin::{self, AdminSticky},
    },
};
use steadfast_store::{
    journal::{FileJournal, JournalOptions, JournalReader},
    replay::{Difference, Replay, ReplayOptions, replay},
};
use tempfile::TempDir;

fn builtin(name: &str) -> Policy {
    Policy::builtin(name).expect("it is compiled in").expect("it is proven")
}

fn journaled(folder: &Path, policy: Policy) -> Options {
    let journal = FileJournal::start(folder, JournalOptions::default()).expect("threads can be started");
    Options { journal: Some(Arc::new(journal)), ..options(policy) }
}

/// Runs a story under one policy.
fn recorded(policy: Policy, story: impl FnOnce(&World)) -> TempDir {
    let folder = TempDir::new().unwrap();
    let world = World::with(journaled(folder.path(), policy));
    story(&world);
    world.registry.shutdown();
    folder
}

/// Replays through another policy. The built-in ones are at hand.
fn replayed(folder: &TempDir, candidate: &Table) -> Replay {
    let originals = builtin::NAMES.iter().map(|name| builtin(name)).collect();
    let journal = JournalReader::open(folder.path()).unwrap();
    let found = replay(&journal, candidate, &ReplayOptions { listed_max: 100, originals }, &mut |_| {});
    assert_eq!((found.contradicted, found.lost, found.unreadable, found.untracked), (0, 0, 0, 0), "{found:#?}");
    assert_eq!(found.checked, found.decisions);
    found
}

fn told(difference: &Difference) -> (Event, u64, Traffic, Traffic) {
    (difference.event, difference.time_ms, difference.was.traffic, difference.would_be.traffic)
}

/// Admin-sticky with other thresholds of silence.
struct Patient;

impl StatePolicy for Patient {
    fn manifest(&self) -> Manifest {
        let threshold = |after_ms| Threshold { after_ms, override_key: None };
        Manifest { silence: [20_000, 60_000].map(threshold).into(), ..AdminSticky.manifest() }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        AdminSticky.decide(facts)
    }
}

#[test]
fn a_beat_would_have_brought_back_what_an_operator_took_offline() {
    let folder = recorded(builtin("admin-sticky"), |world| {
        let handle = world.register().handle;
        world.offline();
        world.pass_ms(20_000);
        world.beat(handle);
        world.online();
    });
    let found = replayed(&folder, &builtin("heartbeat-wins").table);
    assert_eq!((found.decisions, found.instances, found.differing, found.taken_over), (5, 1, 1, 0), "{found:#?}");
    assert_eq!(told(&found.listed[0]), (Event::Beat, 20_000, Traffic::Refuse, Traffic::Serve));
    assert_eq!(found.listed[0].was.reason, "taken offline by an operator");
    assert_eq!(found.groups[0].text, "serves (was: refuses traffic)");
    assert!(found.notes.is_empty(), "{:?}", found.notes);
}

#[test]
fn longer_thresholds_are_crossed_when_they_would_have_been() {
    let folder = recorded(builtin("admin-sticky"), |world| {
        world.register();
        world.pass_ms(100_000);
        world.hold(HoldKind::Offline, "console");
    });
    let found = replayed(&folder, &Table::of(&Patient).unwrap());
    let expected = [
        // Unhealthy after 15 s, after 20 s in the other policy; gone after 30 s, after 60 s.
        (Event::Silence, 15_100, true, (true, false), (true, true)),
        (Event::Silence, 30_100, true, (false, false), (true, false)),
    ];
    let listed = found.listed.iter().map(|one| {
        let answer = |answer: &steadfast_store::replay::Answer| (answer.present, answer.healthy);
        (one.event, one.time_ms, one.is_recorded, answer(&one.was), answer(&one.would_be))
    });
    let listed: Vec<_> = listed.collect();
    assert_eq!(listed, expected, "{found:#?}");
}

#[test]
fn orders_that_would_have_been_forgotten_in_absence_are_told_at_their_time() {
    let folder = recorded(builtin("admin-sticky"), |world| {
        world.register();
        world.offline();
        world.pass_ms(200_000);
        world.register();
    });
    let found = replayed(&folder, &builtin("nacos-2x").table);
    let forgotten = found.listed.iter().find(|one| one.event == Event::Absence).expect("a threshold of its own");
    assert!(!forgotten.is_recorded);
    // It left 30 s after its last beat, by the recorded thresholds, which are also those of the other policy.
    assert_eq!((forgotten.time_ms, forgotten.was.hold, forgotten.would_be.hold), (90_200, Hold::Offline, Hold::None));
    let last = found.listed.last().expect("the registration differs");
    assert_eq!(told(last), (Event::Register, 200_000, Traffic::Refuse, Traffic::Serve));
}

#[test]
fn what_cannot_be_known_is_said() {
    struct Hasty;
    impl StatePolicy for Hasty {
        fn manifest(&self) -> Manifest {
            let threshold = |after_ms| Threshold { after_ms, override_key: None };
            Manifest { silence: [5_000].map(threshold).into(), lapse_ms: Some(8_000), ..AdminSticky.manifest() }
        }
        fn decide(&self, facts: &Facts) -> Verdict {
            AdminSticky.decide(facts)
        }
    }
    let folder = recorded(builtin("admin-sticky"), |world| drop(world.register()));
    let notes = replayed(&folder, &Table::of(&Hasty).unwrap()).notes.join("\n");
    for word in ["silence of 5000 ms", "orders do not lapse"] {
        assert!(notes.contains(word), "{word:?} is missing in {notes}");
    }
}

#[test]
fn a_story_goes_on_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let world = World::with(journaled(folder.path(), builtin("admin-sticky")));
    world.register();
    world.offline();
    world.registry.shutdown();
    // The first journal has ended with its registry; the next one writes the next boot.
    let world = world.restart_with(journaled(folder.path(), builtin("admin-sticky")));
    world.register();
    world.light_beat();
    world.registry.shutdown();
    let found = replayed(&folder, &builtin("admin-sticky").table);
    assert_eq!((found.boots, found.differing, found.taken_over, found.decisions), (2, 0, 0, 3), "{found:#?}");
    let found = replayed(&folder, &builtin("nacos-1-4").table);
    assert_eq!(told(found.listed.last().expect("it differs")).0, Event::Register);
    assert_eq!(found.listed.last().expect("it differs").boot, 2);
}

#[test]
fn a_past_that_is_gone_is_taken_over_as_by_an_install() {
    let folder = TempDir::new().unwrap();
    let world = World::with(journaled(folder.path(), builtin("admin-sticky")));
    world.register();
    world.offline();
    world.registry.shutdown();
    let world = world.restart_with(journaled(folder.path(), builtin("admin-sticky")));
    world.register();
    world.registry.shutdown();
    std::fs::remove_file(folder.path().join("000001.log")).unwrap();
    let found = replayed(&folder, &builtin("admin-sticky").table);
    assert_eq!((found.boots, found.decisions, found.taken_over, found.differing), (1, 1, 1, 0), "{found:#?}");
}

#[test]
fn a_journal_that_is_not_of_the_policy_it_names_is_found_out() {
    struct Impostor;
    impl StatePolicy for Impostor {
        fn manifest(&self) -> Manifest {
            AdminSticky.manifest()
        }
        fn decide(&self, facts: &Facts) -> Verdict {
            let verdict = AdminSticky.decide(facts);
            if facts.event == Event::Hold { Verdict { traffic: Traffic::Refuse, ..verdict } } else { verdict }
        }
    }
    let folder = recorded(builtin("admin-sticky"), |world| {
        world.register();
        world.hold(HoldKind::Drain, "console");
    });
    let impostor = Policy::new(Arc::new(Table::of(&Impostor).unwrap()), "builtin:admin-sticky");
    let options = ReplayOptions { listed_max: 0, originals: vec![impostor] };
    let journal = JournalReader::open(folder.path()).unwrap();
    let found = replay(&journal, &builtin("admin-sticky").table, &options, &mut |_| {});
    assert_eq!((found.checked, found.contradicted, found.differing), (2, 1, 0));
}

/// One thing that somebody does.
#[derive(Clone, Debug)]
enum Op {
    Register { who: u32, enabled: Option<bool>, process: Option<u8>, ephemeral: bool, connected: bool },
    Beat { who: u32 },
    Claim { who: u32, enabled: bool },
    Deregister { who: u32 },
    Disconnect,
    Hold { who: u32, kind: HoldKind, for_ms: Option<u64> },
    Release { who: u32 },
    Remove { who: u32 },
    Probe { who: u32, probe: Probe },
    Pass { ms: u64 },
}

fn op() -> impl Strategy<Value = Op> {
    let who = 1..4_u32;
    let kind = prop_oneof![Just(HoldKind::Drain), Just(HoldKind::Offline), Just(HoldKind::Banned)];
    let probe = prop_oneof![Just(Probe::Unknown), Just(Probe::Passing), Just(Probe::Failing)];
    let process = proptest::option::of(0..2_u8);
    prop_oneof![
        5 => (who.clone(), any::<Option<bool>>(), process, any::<bool>(), any::<bool>()).prop_map(
            |(who, enabled, process, ephemeral, connected)| Op::Register { who, enabled, process, ephemeral, connected }
        ),
        4 => who.clone().prop_map(|who| Op::Beat { who }),
        1 => (who.clone(), any::<bool>()).prop_map(|(who, enabled)| Op::Claim { who, enabled }),
        1 => who.clone().prop_map(|who| Op::Deregister { who }),
        1 => Just(Op::Disconnect),
        3 => (who.clone(), kind, proptest::option::of(1..60_000_u64))
            .prop_map(|(who, kind, for_ms)| Op::Hold { who, kind, for_ms }),
        2 => who.clone().prop_map(|who| Op::Release { who }),
        1 => who.clone().prop_map(|who| Op::Remove { who }),
        1 => (who, probe).prop_map(|(who, probe)| Op::Probe { who, probe }),
        4 => prop_oneof![0..3_000_u64, 10_000..70_000_u64, Just(4_000_000)].prop_map(|ms| Op::Pass { ms }),
    ]
}

fn play(world: &World, op: &Op) {
    let (registry, service) = (&world.registry, world.service);
    let at = |who: u32| Address::new("10.0.0.1", who, "DEFAULT").unwrap();
    let publisher = |connected| if connected { Publisher::Connection("c".into()) } else { Publisher::Keyless };
    // Half of what clients and operators do is refused here and there; whatever was decided is in the journal.
    match *op {
        Op::Register { who, enabled, process, ephemeral, connected } => {
            let _ = registry.register(
                service,
                &Registration {
                    ephemeral,
                    claim: Claim { enabled, ..Claim::default() },
                    process: process.map(|process| format!("process-{process}")),
                    publisher: publisher(connected),
                    liveness: if connected { Liveness::Connection } else { Liveness::Beats },
                    ..Registration::new(at(who))
                },
            );
        }
        Op::Beat { who } => drop(registry.beat_at(service, &at(who), None)),
        Op::Claim { who, enabled } => {
            let _ = registry.claim(service, &at(who), &Claim { enabled: Some(enabled), ..Claim::default() });
        }
        Op::Deregister { who } => drop(registry.deregister(service, &at(who), &Publisher::Keyless)),
        Op::Disconnect => drop(registry.disconnect("c")),
        Op::Hold { who, kind, for_ms } => {
            let until_ms = for_ms.map(|ms| world.wall_ms() + ms);
            let order = HoldOrder { kind, author: common::author("console"), until_ms };
            let _ = registry.hold(service, &at(who), &order);
        }
        Op::Release { who } => drop(registry.release(service, &at(who), &common::author("console"))),
        Op::Remove { who } => drop(registry.remove(service, &at(who), &common::author("console"))),
        Op::Probe { who, probe } => drop(registry.probe(service, &at(who), probe)),
        Op::Pass { ms } => world.pass_ms(ms),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The strongest thing that can be said of a replay: whatever happened, the policy that decided decides alike.
    #[test]
    fn through_the_policy_that_decided_nothing_differs(
        policy in prop::sample::select(builtin::NAMES.to_vec()),
        ops in prop::collection::vec(op(), 1..60),
    ) {
        let folder = recorded(builtin(policy), |world| {
            world.register();
            for op in &ops {
                play(world, op);
            }
        });
        let found = replayed(&folder, &builtin(policy).table);
        prop_assert_eq!((found.differing, found.taken_over), (0, 0), "{:#?}", found);
    }
}

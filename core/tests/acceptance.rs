//! The flips that users of Nacos report, staged in virtual time: what must happen under "an operator's order is
//! sticky", and what under "a heartbeat wins".

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, author, heartbeat_wins, options, policies};
use steadfast_core::{
    Author, Beat, Claim, Field, FieldName, HoldKind, Left, Liveness, Metadata, Options, Policy, Publisher, Registration,
};

fn sticky(policy: &str) -> bool {
    policy == "admin-sticky"
}

/// What "enabled" must be after a sign of life: the operator's word, or the client's.
#[allow(clippy::unnecessary_wraps, reason = "compared with what a lookup finds")]
fn expected(policy: &str) -> Option<bool> {
    Some(!sticky(policy))
}

#[test]
fn a1_silence_then_a_full_beat() {
    for (name, policy) in policies() {
        let world = World::new(policy);
        world.register();
        world.offline();
        world.pass_ms(40_000);
        assert_eq!(world.enabled(), None, "{name}: 40 s of silence take it out of the list");
        assert_eq!(world.full_beat(), Beat::Alive, "{name}");
        assert_eq!(world.enabled(), expected(name), "{name}");
    }
}

#[test]
fn a2_silence_then_a_light_beat_and_the_registration_it_asks_for() {
    for (name, policy) in policies() {
        // Nothing is remembered for longer than the silence, so the beat is answered with "register again".
        let world = World::with(Options { retain_ms: 5_000, ..options(policy) });
        world.register();
        world.offline();
        world.pass_ms(40_000);
        assert_eq!(world.light_beat(), Beat::RegisterAgain, "{name}");
        world.register();
        assert_eq!(world.enabled(), expected(name), "{name}");
        assert_eq!(world.light_beat(), Beat::Alive, "{name}");
        assert_eq!(world.enabled(), expected(name), "{name}");
    }
}

#[test]
fn a3_registering_again() {
    for (name, policy) in policies() {
        let world = World::new(policy);
        world.register();
        world.offline();
        world.register();
        assert_eq!(world.enabled(), expected(name), "{name}");
    }
}

#[test]
fn a4_gone_for_two_minutes() {
    for (name, policy) in policies() {
        let world = World::new(policy);
        world.register();
        world.offline();
        let left = world.registry.deregister(world.service, &world.address, &Publisher::Keyless).unwrap();
        assert_eq!(left, Left::Gone, "{name}");
        world.pass_ms(120_000);
        world.register();
        assert_eq!(world.enabled(), expected(name), "{name}");
    }
}

#[test]
fn a5_the_old_connection_dies_after_the_new_one_registered() {
    for (name, policy) in policies() {
        let world = World::new(policy);
        world.register_by("old");
        world.offline();
        world.register_by("new");
        let before = (world.enabled(), world.revision());
        assert_eq!(world.registry.disconnect("old").unwrap(), 0, "{name}: the instance stays");
        world.pass_ms(70_000);
        assert_eq!((world.enabled(), world.revision()), before, "{name}: the late event changes nothing");
        assert_eq!(before.0, expected(name), "{name}");
    }
}

#[test]
fn a8_the_host_restarts() {
    for (name, policy) in policies() {
        let world = World::new(policy);
        world.register();
        world.offline();
        let before = world.revision();
        let world = world.restart();
        assert_eq!(world.enabled(), None, "{name}: ephemeral instances come back by themselves");
        assert!(world.explain().holds[0].pending, "{name}: the order is there before anybody comes");
        // The client knows nothing of the restart: it beats, is asked to register, and says enabled=true.
        assert_eq!(world.light_beat(), Beat::RegisterAgain, "{name}");
        world.register();
        assert_eq!(world.enabled(), expected(name), "{name}");
        assert!(world.revision() > before, "{name}: revisions grow across a restart");
    }
}

#[test]
fn a11_the_operator_says_online() {
    for (name, policy) in policies() {
        let world = World::new(policy);
        world.register();
        world.offline();
        let zone = Field::Metadata { key: "zone".into(), value: "b".into() };
        world.registry.overlay(world.service, &world.address, &zone, &author("console")).unwrap();
        let reply = world.online();
        assert!(reply.found && !reply.pending && reply.effect.refusing.is_empty(), "{name}: {reply:?}");
        assert_eq!(world.enabled(), Some(true), "{name}: at once");
        assert!(world.explain().holds.is_empty(), "{name}: the order is gone, not inverted");
        let zone = FieldName::Metadata("zone".into());
        world.registry.release_overlay(world.service, &world.address, &zone, &author("console")).unwrap();
        let deployed =
            Claim { metadata: Some(Metadata::new([("zone", "c"), ("version", "2")]).unwrap()), ..Claim::default() };
        world.registry.claim(world.service, &world.address, &deployed).unwrap();
        let metadata = world.explain().effective.metadata;
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("version", "2"), ("zone", "c")], "{name}");
    }
}

#[test]
fn a13_a_client_that_disabled_itself_stays_so() {
    for (name, policy) in policies() {
        let world = World::new(policy);
        let claim = Claim { enabled: Some(false), ..Claim::default() };
        let registration = Registration { claim, ..Registration::new(world.address.clone()) };
        world.registry.register(world.service, &registration).unwrap();
        world.pass_ms(40_000);
        assert_eq!(world.enabled(), None, "{name}");
        assert_eq!(world.full_beat(), Beat::Alive, "{name}: compensated by a beat that cannot say enabled");
        assert_eq!(world.enabled(), Some(false), "{name}");
    }
}

#[test]
fn a13_a_registration_that_we_asked_for_does_not_enable() {
    // A policy that always asks to register again: the built-in ones bring the instance back by the beat alone.
    let world = World::new(Policy::native(&common_policies::AsksAgain).unwrap());
    let claim = Claim { enabled: Some(false), ..Claim::default() };
    world
        .registry
        .register(world.service, &Registration { claim, ..Registration::new(world.address.clone()) })
        .unwrap();
    world.pass_ms(40_000);
    assert_eq!(world.light_beat(), Beat::RegisterAgain);
    world.register();
    assert_eq!(world.enabled(), Some(false), "the SDK's default is not the client's word");
    world.register();
    assert_eq!(world.enabled(), Some(true), "a registration nobody asked for is");
}

#[test]
fn a14_two_publishers_and_one_leaves() {
    let world = World::new(Policy::admin_sticky());
    world.register();
    world.register_by("grpc-1");
    world.offline();
    assert_eq!(world.registry.disconnect("grpc-1").unwrap(), 0);
    assert_eq!(world.enabled(), Some(false), "still there, still offline");
    world.pass_ms(10_000);
    assert_eq!(world.light_beat(), Beat::Alive);
    world.pass_ms(10_000);
    assert_eq!((world.enabled(), world.healthy()), (Some(false), Some(true)), "the other one's beats keep it");
    let left = world.registry.deregister(world.service, &world.address, &Publisher::Keyless).unwrap();
    assert_eq!(left, Left::Gone);
    let stranger = Publisher::Connection("grpc-9".into());
    assert_eq!(world.registry.deregister(world.service, &world.address, &stranger).unwrap(), Left::Unknown);
}

#[test]
fn a16_every_change_notifies_once_and_no_change_never() {
    let world = World::new(Policy::admin_sticky());
    let mut last = world.revision();
    let mut changes = |what: &str, expected: u64| {
        let now = world.revision();
        assert_eq!(now - last, expected, "{what}");
        last = now;
    };
    let handle = world.register().handle;
    changes("register", 1);
    world.register();
    changes("register, the same", 0);
    assert_eq!(world.beat(handle), Beat::Alive);
    world.full_beat();
    changes("beats", 0);
    world.offline();
    changes("offline", 1);
    world.offline();
    changes("offline again", 0);
    world.hold(HoldKind::Drain, "deployer");
    changes("a weaker hold of somebody else", 0);
    world.register();
    changes("register while offline", 0);
    world.pass_ms(15_300);
    changes("unhealthy", 1);
    world.beat(handle);
    changes("healthy again", 1);
    world.pass_ms(29_000);
    changes("unhealthy", 1);
    world.pass_ms(1_300);
    changes("gone", 1);
    world.pass_ms(60_000);
    changes("nothing more", 0);
    world.full_beat();
    changes("back", 1);
    world.online();
    changes("one release leaves the drain", 1);
    world.registry.release(world.service, &world.address, &author("deployer")).unwrap();
    changes("online", 1);
    world.online();
    changes("a release of nothing", 0);
}

#[test]
fn the_order_is_still_listed_where_a_beat_overruled_it() {
    let world = World::new(heartbeat_wins());
    world.register();
    let reply = world.offline();
    assert_eq!(world.enabled(), Some(false), "until the next sign of life: {reply:?}");
    assert_eq!(world.light_beat(), Beat::Alive);
    assert_eq!(world.enabled(), Some(true));
    let explained = world.explain();
    assert!(explained.holds[0].overruled, "{:?}", explained.holds);
    assert_eq!(explained.holds[0].hold.author, Author::new("console", "ann", "replacing its disk").unwrap());
    assert_eq!(explained.reason, "in service: a sign of life overruled the operator's order");
    // The operator insists, and is heard until the next beat.
    world.offline();
    assert_eq!(world.enabled(), Some(false));
}

#[test]
fn silence_does_not_run_while_a_connection_stands() {
    let world = World::new(Policy::admin_sticky());
    let registered = world.register_by("grpc-1");
    world.pass_ms(300_000);
    assert_eq!(world.healthy(), Some(true));
    assert_eq!(registered.effect.reason, "in service");
    let claim = Claim::default();
    let no_connection =
        Registration { liveness: Liveness::Connection, claim, ..Registration::new(world.address.clone()) };
    assert!(world.registry.register(world.service, &no_connection).is_err());
    assert_eq!(world.registry.disconnect("grpc-1").unwrap(), 1);
    assert_eq!(world.enabled(), None);
}

mod common_policies {
    use steadfast_core::policy::{Event, Facts, Manifest, StatePolicy, Traffic, Verdict, builtin::AdminSticky};

    /// Admin-sticky, but a beat of somebody who is gone is answered with "register again".
    pub struct AsksAgain;

    impl StatePolicy for AsksAgain {
        fn manifest(&self) -> Manifest {
            Manifest { laws: Vec::new(), ..AdminSticky.manifest() }
        }

        fn decide(&self, facts: &Facts) -> Verdict {
            let verdict = AdminSticky.decide(facts);
            if facts.event == Event::Beat && !facts.present {
                return Verdict { present: false, healthy: false, traffic: Traffic::Refuse, reason: 10, ..verdict };
            }
            verdict
        }
    }
}

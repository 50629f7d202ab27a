//! Orders: owners, ends, pending ones, overlays, what replies say, and what is refused.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use common::{World, author, options};
use steadfast_core::{
    Address, Author, Beat, Change, Claim, Field, FieldName, FullBeat, HoldKind, HoldOrder, MemoryStore, Metadata, Now,
    Options, OrderError, Policy, Registration, Registry, ServiceName, Store, StoreError, StoreTable, limits,
    policy::StatePolicy,
};

fn world() -> World {
    World::new(Policy::admin_sticky())
}

fn metadata(pairs: &[(&str, &str)]) -> Metadata {
    Metadata::new(pairs.iter().copied()).unwrap()
}

#[test]
fn one_hold_for_each_owner_and_the_reply_says_what_still_refuses() {
    let world = world();
    world.register();
    world.hold(HoldKind::Offline, "console");
    let reply = world.hold(HoldKind::Drain, "deployer");
    assert!(!reply.found);
    assert_eq!(reply.effect.refusing.len(), 2);
    let reply = world.online();
    assert!(reply.found);
    assert_eq!(reply.effect.refusing, ["drain by deployer (ann): replacing its disk"]);
    let update = world.hold(HoldKind::Offline, "deployer");
    assert!(update.found, "the same owner again is an update");
    assert_eq!(world.explain().holds.len(), 1);
}

#[test]
fn explain_says_what_would_make_it_serve() {
    let world = world();
    let claim = Claim { enabled: Some(false), ..Claim::default() };
    world.registry.register(world.service, &Registration { claim, ..world.registration() }).unwrap();
    world.offline();
    world.hold(HoldKind::Drain, "deployer");
    let way = world.explain().remedy.expect("there is a way");
    assert_eq!(way, ["release offline by console, drain by deployer", "the client enables itself"]);
    world.online();
    world.registry.release(world.service, &world.address, &author("deployer")).unwrap();
    world.registry.claim(world.service, &world.address, &world.registration().claim).unwrap();
    assert_eq!(world.explain().remedy, Some(Vec::new()), "it serves");
    assert_eq!(world.enabled(), Some(true));
}

#[test]
fn a_hold_on_nobody_is_pending_and_then_counts() {
    let world = world();
    let reply = world.offline();
    assert!(reply.pending && !reply.effect.present);
    assert_eq!(reply.effect.refusing.len(), 2, "{:?}", reply.effect.refusing);
    assert!(world.registry.orders(world.service).unwrap()[0].holds[0].pending);
    let registered = world.register();
    assert_eq!(registered.effect.reason, "taken offline by an operator");
    assert_eq!(world.enabled(), Some(false));
}

#[test]
fn a_hold_ends_at_its_time() {
    let world = world();
    let handle = world.register().handle;
    let until_ms = Some(world.wall_ms() + 5_000);
    let order = HoldOrder { kind: HoldKind::Offline, author: author("console"), until_ms };
    world.registry.hold(world.service, &world.address, &order).unwrap();
    world.pass_ms(4_900);
    assert_eq!(world.enabled(), Some(false));
    world.pass_ms(200);
    assert_eq!(world.enabled(), Some(true));
    assert_eq!(world.beat(handle), Beat::Alive);
    assert_eq!(world.explain().decision.writer, "until, set by console");
    let world = world.restart();
    assert!(world.registry.orders(world.service).unwrap().is_empty(), "the end is durable too");
}

/// Admin-sticky, under which holds count for an hour.
struct AnHour;

impl StatePolicy for AnHour {
    fn manifest(&self) -> steadfast_core::policy::Manifest {
        let manifest = steadfast_core::policy::builtin::AdminSticky.manifest();
        steadfast_core::policy::Manifest { name: "an-hour".into(), lapse_ms: Some(3_600_000), ..manifest }
    }

    fn decide(&self, facts: &steadfast_core::policy::Facts) -> steadfast_core::policy::Verdict {
        steadfast_core::policy::builtin::AdminSticky.decide(facts)
    }
}

#[test]
fn a_hold_lapses_is_listed_and_counts_again_under_another_policy() {
    let world = World::new(Policy::native(&AnHour).unwrap());
    let registration = Registration { ephemeral: false, ..world.registration() };
    world.registry.register(world.service, &registration).unwrap();
    world.offline();
    world.pass_ms(3_599_900);
    assert_eq!(world.enabled(), Some(false));
    world.pass_ms(200);
    assert_eq!(world.enabled(), Some(true));
    let explained = world.explain();
    assert!(explained.holds[0].lapsed && !explained.holds[0].overruled, "{:?}", explained.holds);
    assert_eq!(explained.decision.writer, "lapse");
    // Nothing was deleted: not over a restart, and not for a policy that knows no lapse.
    let world = world.restart();
    assert_eq!(world.enabled(), Some(true));
    world.registry.install(Policy::admin_sticky()).unwrap();
    assert_eq!(world.enabled(), Some(false));
    world.registry.install(Policy::native(&AnHour).unwrap()).unwrap();
    assert_eq!(world.enabled(), Some(true));
    world.offline();
    assert_eq!(world.enabled(), Some(false), "whoever says it again means it");
    world.pass_ms(3_600_100);
    assert_eq!(world.enabled(), Some(true));
}

#[test]
fn an_end_in_the_past_is_refused() {
    let world = world();
    world.register();
    let until_ms = Some(world.wall_ms());
    let order = HoldOrder { kind: HoldKind::Offline, author: author("console"), until_ms };
    let error = world.registry.hold(world.service, &world.address, &order).unwrap_err();
    assert!(matches!(error, OrderError::Until { .. }), "{error}");
    assert_eq!(world.enabled(), Some(true));
}

#[test]
fn a_banned_instance_may_not_register() {
    let world = world();
    world.hold(HoldKind::Banned, "security");
    let error = world.registry.register(world.service, &world.registration()).unwrap_err();
    assert_eq!(error.to_string(), "refused: banned by an operator");
    assert_eq!(world.full_beat(), Beat::RegisterAgain);
    world.registry.release(world.service, &world.address, &author("security")).unwrap();
    world.register();
    assert_eq!(world.enabled(), Some(true));
}

#[test]
fn an_overlay_covers_one_field_and_the_rest_follows_the_client() {
    let world = world();
    let mut registration = world.registration();
    registration.claim.metadata = Some(metadata(&[("version", "1"), ("zone", "a")]));
    world.registry.register(world.service, &registration).unwrap();
    let zone = Field::Metadata { key: "zone".into(), value: "b".into() };
    world.registry.overlay(world.service, &world.address, &zone, &author("console")).unwrap();
    world.registry.overlay(world.service, &world.address, &Field::Weight(0.5), &author("console")).unwrap();
    registration.claim.metadata = Some(metadata(&[("version", "2"), ("zone", "a")]));
    registration.claim.weight = Some(3.0);
    world.registry.register(world.service, &registration).unwrap();
    let effective = world.explain().effective;
    assert_eq!(effective.metadata, metadata(&[("version", "2"), ("zone", "b")]));
    assert!((effective.weight - 0.5).abs() < 1e-9);
    world.registry.release_overlay(world.service, &world.address, &FieldName::Weight, &author("console")).unwrap();
    assert!((world.explain().effective.weight - 3.0).abs() < 1e-9);
}

#[test]
fn overlays_outlive_the_instance_and_a_restart() {
    let world = world();
    world.register();
    world.registry.overlay(world.service, &world.address, &Field::Weight(7.0), &author("console")).unwrap();
    world.pass_ms(40_000);
    let world = world.restart();
    world.register();
    assert!((world.explain().effective.weight - 7.0).abs() < 1e-9);
}

#[test]
fn what_an_sdk_copied_back_from_a_lookup_is_not_the_clients_word() {
    let world = World::with(Options { retain_ms: 1_000, ..options(Policy::admin_sticky()) });
    world.register();
    world.registry.overlay(world.service, &world.address, &Field::Weight(9.0), &author("console")).unwrap();
    let zone = Field::Metadata { key: "zone".into(), value: "b".into() };
    world.registry.overlay(world.service, &world.address, &zone, &author("console")).unwrap();
    world.pass_ms(60_000);
    let echo =
        FullBeat { weight: Some(9.0), metadata: Some(metadata(&[("zone", "b"), ("app", "x")])), ephemeral: true };
    assert_eq!(world.registry.beat_at(world.service, &world.address, Some(&echo)).unwrap(), Beat::Alive);
    let explained = world.explain();
    assert_eq!((explained.claim.weight, explained.claim.metadata), (None, Some(metadata(&[("app", "x")]))));
    assert_eq!(explained.effective.metadata, metadata(&[("app", "x"), ("zone", "b")]));
}

#[test]
fn a_field_that_was_not_sent_changes_nothing() {
    let world = world();
    let claim = Claim { enabled: Some(false), weight: Some(5.0), metadata: Some(metadata(&[("a", "1")])) };
    world.registry.register(world.service, &Registration { claim, ..world.registration() }).unwrap();
    let only_metadata = Claim { metadata: Some(metadata(&[("a", "2")])), ..Claim::default() };
    world.registry.claim(world.service, &world.address, &only_metadata).unwrap();
    let explained = world.explain();
    assert_eq!(world.enabled(), Some(false));
    assert_eq!(explained.claim.weight, Some(5.0));
    assert_eq!(explained.effective.metadata, metadata(&[("a", "2")]));
}

#[test]
fn another_process_starts_with_nothing_said() {
    let world = world();
    let named = |process: &str, claim| Registration {
        process: Some(process.into()),
        claim,
        ..Registration::new(world.address.clone())
    };
    let disabled = Claim { enabled: Some(false), weight: Some(5.0), metadata: None };
    world.registry.register(world.service, &named("pod-1", disabled)).unwrap();
    world.registry.register(world.service, &named("pod-1", Claim::default())).unwrap();
    assert_eq!(world.enabled(), Some(false), "the same process still means what it said");
    world.offline();
    world.registry.register(world.service, &named("pod-2", Claim::default())).unwrap();
    let explained = world.explain();
    assert_eq!((explained.claim.weight, explained.process.as_deref()), (None, Some("pod-2")));
    world.online();
    assert_eq!(world.enabled(), Some(true), "another one has said nothing");
}

#[test]
fn somebody_who_is_refused_is_not_the_last_one_at_the_address() {
    let world = world();
    let named =
        |process: &str| Registration { process: Some(process.into()), ..Registration::new(world.address.clone()) };
    let weight = Claim { weight: Some(5.0), ..Claim::default() };
    world.registry.register(world.service, &Registration { claim: weight, ..named("pod-1") }).unwrap();
    world.hold(HoldKind::Banned, "security");
    world.registry.deregister(world.service, &world.address, &steadfast_core::Publisher::Keyless).unwrap();
    let intruder = Claim { enabled: Some(false), weight: Some(9.0), ..Claim::default() };
    assert!(world.registry.register(world.service, &Registration { claim: intruder, ..named("pod-2") }).is_err());
    let explained = world.explain();
    assert_eq!((explained.process.as_deref(), explained.claim.weight), (Some("pod-1"), Some(5.0)));
    assert_eq!(explained.claim.enabled, steadfast_core::policy::Claim::Unset);
}

#[test]
fn the_process_key_survives_a_restart_while_an_order_stands() {
    let world = world();
    let registration = Registration { process: Some("pod-1".into()), ..world.registration() };
    world.registry.register(world.service, &registration).unwrap();
    world.offline();
    let world = world.restart();
    assert_eq!(world.explain().process.as_deref(), Some("pod-1"));
    world.online();
    let world = world.restart();
    assert!(world.registry.explain(world.service, &world.address).unwrap().is_none(), "no order, nothing kept");
}

#[test]
fn persistent_instances_are_there_after_a_restart_before_anybody_speaks() {
    let world = world();
    let claim = Claim { enabled: Some(true), weight: Some(2.0), metadata: Some(metadata(&[("zone", "a")])) };
    let registration = Registration { ephemeral: false, claim, ..world.registration() };
    world.registry.register(world.service, &registration).unwrap();
    world.offline();
    world.pass_ms(300_000);
    assert_eq!(world.healthy(), Some(true), "silence does not run for it");
    let ephemeral = world.registry.register(world.service, &world.registration()).unwrap_err();
    assert!(ephemeral.to_string().contains("is present as persistent"), "{ephemeral}");
    let world = world.restart();
    assert_eq!(world.enabled(), Some(false));
    world.online();
    assert_eq!(world.enabled(), Some(true));
    assert_eq!(world.explain().effective.metadata, metadata(&[("zone", "a")]));
    let gone = world.registry.deregister(world.service, &world.address, &steadfast_core::Publisher::Keyless);
    assert_eq!(gone.unwrap(), steadfast_core::Left::Gone);
    let world = world.restart();
    assert_eq!(world.enabled(), None);
}

#[test]
fn bounds_of_orders_are_reached_and_said() {
    let world = world();
    world.register();
    for owner in 0..limits::HOLDS_PER_INSTANCE_MAX {
        world.hold(HoldKind::Drain, &format!("owner-{owner}"));
    }
    let order = HoldOrder { kind: HoldKind::Drain, author: author("one-more"), until_ms: None };
    let error = world.registry.hold(world.service, &world.address, &order).unwrap_err();
    assert_eq!(error.to_string(), "too many holds on one instance; at most 32 are allowed");
    world.hold(HoldKind::Offline, "owner-0");
    for key in 0..limits::OVERLAYS_PER_INSTANCE_MAX {
        let field = Field::Metadata { key: format!("key-{key}"), value: String::new() };
        world.registry.overlay(world.service, &world.address, &field, &author("console")).unwrap();
    }
    let error =
        world.registry.overlay(world.service, &world.address, &Field::Weight(1.0), &author("console")).unwrap_err();
    assert!(matches!(error, OrderError::Full { .. }), "{error}");
}

#[test]
fn bad_orders_get_a_clear_error_and_change_nothing() {
    let world = world();
    world.register();
    let revision = world.revision();
    for (owner, actor, reason) in [("", "a", "r"), ("o", "", "r"), ("o", "a", ""), ("o\n", "a", "r")] {
        assert!(Author::new(owner, actor, reason).is_err());
        let author = Author { owner: owner.into(), actor: actor.into(), reason: reason.into() };
        let order = HoldOrder { kind: HoldKind::Offline, author, until_ms: None };
        let error = world.registry.hold(world.service, &world.address, &order).unwrap_err();
        assert!(matches!(error, OrderError::Name(_)), "{error}");
    }
    for weight in [-1.0, f64::NAN, f64::INFINITY, 10_000.1] {
        let field = Field::Weight(weight);
        let error = world.registry.overlay(world.service, &world.address, &field, &author("console")).unwrap_err();
        assert!(matches!(error, OrderError::Field(_)), "{error}");
    }
    assert_eq!(world.revision(), revision);
}

/// A disk that fails while it is told to.
struct Failing(std::sync::Arc<std::sync::atomic::AtomicBool>, MemoryStore);

impl Store for Failing {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.1.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if self.0.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(StoreError::Unusable("the disk is full".into()));
        }
        self.1.commit(changes)
    }
}

#[test]
fn an_order_that_could_not_be_stored_was_never_visible() {
    let full = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let store = Failing(std::sync::Arc::clone(&full), MemoryStore::new());
    let registry = Registry::open(options(Policy::admin_sticky()), Box::new(store)).unwrap();
    registry.tick(Now { mono_ms: 0, wall_ms: 1 });
    let service = registry.service(&ServiceName::new("public", "g", "s").unwrap()).unwrap();
    let (known, unknown) = (Address::new("10.0.0.1", 1, "c").unwrap(), Address::new("10.0.0.2", 1, "c").unwrap());
    let handle = registry.register(service, &Registration::new(known.clone())).unwrap().handle;
    let revision = registry.revision(service).unwrap();
    full.store(true, std::sync::atomic::Ordering::SeqCst);
    let order = HoldOrder { kind: HoldKind::Offline, author: author("console"), until_ms: None };
    for (address, pause) in [(&known, ""), (&unknown, " (the next attempt is due in 100 ms)")] {
        let error = registry.hold(service, address, &order).unwrap_err();
        assert_eq!(error.to_string(), format!("not stored: the disk is full{pause}"));
    }
    assert_eq!(registry.beat(handle), Beat::Alive, "beats go on");
    assert_eq!(registry.revision(service).unwrap(), revision);
    assert!(registry.orders(service).unwrap().is_empty());
    assert!(registry.explain(service, &unknown).unwrap().is_none(), "nothing is left behind");
    full.store(false, std::sync::atomic::Ordering::SeqCst);
    registry.tick(Now { mono_ms: 100, wall_ms: 101 });
    assert!(registry.hold(service, &known, &order).is_ok(), "service resumes by itself");
}

#[test]
fn a_registry_that_was_shut_down_lets_go_of_its_store() {
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let store = Failing(std::sync::Arc::clone(&flag), MemoryStore::new());
    let registry = Registry::open(options(Policy::admin_sticky()), Box::new(store)).unwrap();
    let another = registry.clone();
    registry.shutdown();
    assert_eq!(std::sync::Arc::strong_count(&flag), 1, "the folder is free although somebody still has the registry");
    assert!(another.flush().is_ok(), "nothing waits to be written");
}

#[test]
fn orders_of_many_threads_are_all_kept() {
    let world = world();
    world.register();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let world = &world.registry;
            let (service, address) =
                (steadfast_core::ServiceId::from_u64(1), Address::new("10.0.0.1", 8080, "DEFAULT").unwrap());
            scope.spawn(move || {
                for turn in 0..7 {
                    let owner = author(&format!("owner-{thread}-{turn}"));
                    let order = HoldOrder { kind: HoldKind::Drain, author: owner.clone(), until_ms: None };
                    world.hold(service, &address, &order).unwrap();
                    if turn % 2 == 1 {
                        assert!(world.release(service, &address, &owner).unwrap().found);
                    }
                }
            });
        }
    });
    let kept = world.explain().holds.len();
    assert_eq!(kept, 16);
    let world = world.restart();
    assert_eq!(world.explain().holds.len(), 16);
}

//! One order about many addresses: what it would do, what it does, and what is left when a disk fails half way.

#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use common::{World, author, heartbeat_wins, options};
use steadfast_core::{
    Address, BulkError, BulkOrder, BulkProgress, BulkReport, Change, Claim, Field, FieldName, FloorTarget, HoldKind,
    HoldOrder, MemoryStore, Metadata, Now, Options, OrderError, Policy, Registration, Registry, Selector, ServiceId,
    ServiceName, Store, StoreError, StoreTable, limits, policy::Traffic,
};

fn hold(kind: HoldKind) -> BulkOrder {
    BulkOrder::Hold(HoldOrder { kind, author: author("ops"), until_ms: None })
}

fn service(registry: &Registry, name: &str) -> ServiceId {
    registry.service(&ServiceName::new("public", "g", name).unwrap()).unwrap()
}

fn register(registry: &Registry, service: ServiceId, ip: &str, port: u32, cluster: &str, version: &str) {
    let metadata = Some(Metadata::new([("version", version)]).unwrap());
    let claim = Claim { metadata, ..Claim::default() };
    let address = Address::new(ip, port, cluster).unwrap();
    registry.register(service, &Registration { claim, ..Registration::new(address) }).unwrap();
}

/// Two services: `orders` with four instances, `stock` with one.
fn fleet() -> (World, ServiceId, ServiceId) {
    let world = World::new(Policy::admin_sticky());
    let registry = &world.registry;
    let (orders, stock) = (service(registry, "orders"), service(registry, "stock"));
    register(registry, orders, "10.0.1.1", 8080, "blue", "1.0");
    register(registry, orders, "10.0.1.2", 8080, "blue", "1.1");
    register(registry, orders, "10.0.2.1", 8080, "green", "2.0");
    register(registry, orders, "10.0.2.2", 9090, "green", "2.1");
    register(registry, stock, "10.0.1.1", 7070, "blue", "1.0");
    (world, orders, stock)
}

fn serving(registry: &Registry, service: ServiceId) -> usize {
    registry.view(service, |view| view.serving().count()).unwrap()
}

fn run(registry: &Registry, selector: &Selector, order: &BulkOrder) -> BulkReport {
    let report = registry.bulk(selector, order, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.refused().next().is_none() && report.untried.is_empty(), "{report:?}");
    report
}

#[test]
fn a_selector_takes_what_all_of_its_globs_match() {
    let (world, ..) = fleet();
    let matched = |selector: Selector| {
        let plan = world.registry.plan(&selector, &hold(HoldKind::Offline)).unwrap();
        plan.targets.iter().map(|target| format!("{}", target.target.address)).collect::<Vec<_>>()
    };
    let none = Selector::default;
    assert_eq!(matched(Selector { namespace: Some("*".into()), ..none() }).len(), 5);
    assert_eq!(
        matched(Selector { group: Some("?".into()), service: Some("st*".into()), ..none() }),
        ["10.0.1.1:7070 (blue)"]
    );
    assert_eq!(matched(Selector { ip: Some("10.0.1.*".into()), ..none() }).len(), 3);
    assert_eq!(
        matched(Selector { cluster: Some("green".into()), port: Some("9*".into()), ..none() }),
        ["10.0.2.2:9090 (green)"]
    );
    let version_one = || [("version".to_owned(), "1.*".to_owned())].into();
    assert_eq!(matched(Selector { metadata: version_one(), ..none() }).len(), 3);
    assert_eq!(matched(Selector { metadata: version_one(), service: Some("orders".into()), ..none() }).len(), 2);
    let no_such_key = [("zone".to_owned(), "*".to_owned())].into();
    assert!(matched(Selector { metadata: no_such_key, ..none() }).is_empty(), "a key that is not there never matches");
    assert!(matched(Selector { service: Some("order".into()), ..none() }).is_empty());
}

#[test]
fn a_plan_tells_what_will_happen_and_changes_nothing() {
    let (world, orders, stock) = fleet();
    let registry = &world.registry;
    let revisions = [orders, stock].map(|service| registry.revision(service).unwrap());
    let blue = Selector { cluster: Some("blue".into()), ..Selector::default() };
    let plan = registry.plan(&blue, &hold(HoldKind::Offline)).unwrap();
    assert_eq!([orders, stock].map(|service| registry.revision(service).unwrap()), revisions);
    assert!(registry.audit(10).unwrap().is_empty() && registry.orders(orders).unwrap().is_empty());
    let counts: Vec<_> = plan.services.iter().map(|s| (s.targets, s.serving, s.stop, s.start, s.left)).collect();
    assert_eq!(counts, [(2, 4, 2, 0, 2), (1, 1, 1, 0, 0)]);
    let empties: Vec<bool> = plan.services.iter().map(steadfast_core::PlannedService::empties).collect();
    assert_eq!(empties, [false, true], "an operator must see that this takes stock away");
    assert!(plan.empties());
    let report = run(registry, &blue, &hold(HoldKind::Offline));
    assert_eq!(report.done(), plan.targets.len());
    for (planned, done) in plan.targets.iter().zip(&report.outcomes) {
        assert_eq!(planned.target, done.target);
        assert_eq!(planned.after, done.result.as_ref().unwrap().effect, "the plan is what then happens");
        assert_eq!(planned.before.traffic, Traffic::Serve);
        assert!(!planned.found);
    }
    assert_eq!((serving(registry, orders), serving(registry, stock)), (2, 0));
    let again = registry.plan(&blue, &hold(HoldKind::Drain)).unwrap();
    assert!(again.targets.iter().all(|target| target.found && target.before.traffic == Traffic::Refuse));
    let back = registry.plan(&blue, &BulkOrder::Release(author("ops"))).unwrap();
    assert_eq!(back.services[1].start, 1);
    assert!(back.targets.iter().all(|target| target.after.traffic == Traffic::Serve));
}

#[test]
fn a_plan_is_right_under_any_policy_order_and_floor() {
    for policy in [Policy::admin_sticky(), heartbeat_wins(), Policy::builtin("nacos-1-4").unwrap().unwrap()] {
        let (world, orders, _) = fleet();
        let registry = &world.registry;
        registry.install(policy).unwrap();
        let name = registry.service_name(orders).unwrap();
        let drain = HoldOrder { kind: HoldKind::Drain, author: author("night"), until_ms: None };
        registry.hold_floor(&FloorTarget::Cluster { service: name, cluster: "green".into() }, &drain).unwrap();
        let waiting = Address::new("10.9.9.9", 1, "blue").unwrap();
        registry.hold(orders, &waiting, &drain).unwrap();
        let everything = Selector { namespace: Some("public".into()), ..Selector::default() };
        let weight = BulkOrder::Overlay { field: Field::Weight(3.0), author: author("ops") };
        let steps = [
            hold(HoldKind::Offline),
            weight,
            hold(HoldKind::Banned),
            BulkOrder::Release(author("night")),
            BulkOrder::Release(author("ops")),
            BulkOrder::ReleaseOverlay { field: FieldName::Weight, author: author("ops") },
        ];
        for order in &steps {
            let plan = registry.plan(&everything, order).unwrap();
            let report = run(registry, &everything, order);
            assert_eq!(plan.targets.len(), report.outcomes.len());
            for (planned, done) in plan.targets.iter().zip(&report.outcomes) {
                let reply = done.result.as_ref().unwrap();
                assert_eq!(
                    (&planned.after, planned.found),
                    (&reply.effect, reply.found),
                    "{order:?}: {:?}",
                    done.target
                );
            }
            for planned in &plan.services {
                let id = registry.find_service("public", "g", &planned.service.name).unwrap();
                assert_eq!(planned.left, serving(registry, id) as u64, "{order:?}: {}", planned.service);
            }
        }
    }
}

#[test]
fn what_has_nothing_to_release_is_passed_by() {
    let (world, orders, _) = fleet();
    let registry = &world.registry;
    let held = Address::new("10.0.1.1", 8080, "blue").unwrap();
    let offline = HoldOrder { kind: HoldKind::Offline, author: author("ops"), until_ms: None };
    registry.hold(orders, &held, &offline).unwrap();
    let waiting = Address::new("10.9.9.9", 1, "blue").unwrap();
    registry.hold(orders, &waiting, &offline).unwrap();
    let all = Selector { service: Some("*".into()), ..Selector::default() };
    let report = run(registry, &all, &BulkOrder::Release(author("ops")));
    let released: Vec<&Address> = report.outcomes.iter().map(|outcome| &outcome.target.address).collect();
    assert_eq!(released, [&held, &waiting], "those with a standing order, present or not");
    assert!(run(registry, &all, &BulkOrder::Release(author("ops"))).outcomes.is_empty());
    assert_eq!(registry.audit(100).unwrap().len(), 4, "two holds and two releases, and no release of nothing");
    assert_eq!(registry.orders(orders).unwrap().len(), 0);
}

/// Counts commits, and fails from one of them on.
struct Counting {
    commits: Arc<AtomicU64>,
    fails_from: u64,
    records: MemoryStore,
}

impl Store for Counting {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.records.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let commits = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
        if commits >= self.fails_from {
            return Err(StoreError::Unusable("the disk is full".into()));
        }
        self.records.commit(changes)
    }
}

/// A registry with one service of `instances`; its store fails from the given commit after that.
fn crowded(instances: usize, fails_after: u64) -> (Registry, ServiceId, Arc<AtomicU64>) {
    let commits = Arc::new(AtomicU64::new(0));
    // The first commit counts the start.
    let store =
        Counting { commits: commits.clone(), fails_from: fails_after.saturating_add(2), records: MemoryStore::new() };
    let options = Options { max_step_ms: 0, ..options(Policy::admin_sticky()) };
    let registry = Registry::open(options, Box::new(store)).unwrap();
    registry.tick(Now { mono_ms: 0, wall_ms: 1 });
    let crowd = service(&registry, "crowd");
    for n in 0..instances {
        let address = Address::new(&format!("10.0.{}.{}", n / 256, n % 256), 80, "c").unwrap();
        registry.register(crowd, &Registration::new(address)).unwrap();
    }
    commits.store(1, Ordering::SeqCst);
    (registry, crowd, commits)
}

#[test]
fn many_orders_share_a_commit_and_a_publish() {
    let (registry, crowd, commits) = crowded(1_000, u64::MAX);
    let revision = registry.revision(crowd).unwrap();
    let mut told = Vec::new();
    let all = Selector { service: Some("crowd".into()), ..Selector::default() };
    let report = registry.bulk(&all, &hold(HoldKind::Offline), &mut |progress| {
        told.push(progress);
        ControlFlow::Continue(())
    });
    assert_eq!(report.unwrap().done(), 1_000);
    assert_eq!(commits.load(Ordering::SeqCst) - 1, 4, "1000 orders in commits of 256");
    assert_eq!(registry.revision(crowd).unwrap() - revision, 4, "each published once");
    let at = |tried| BulkProgress { tried, targets: 1_000 };
    assert_eq!(told, [at(0), at(256), at(512), at(768), at(1_000)]);
    assert_eq!(serving(&registry, crowd), 0);
}

#[test]
fn a_store_that_fails_half_way_leaves_a_report_of_what_was_done() {
    let (registry, crowd, _) = crowded(1_000, 2);
    let all = Selector { service: Some("crowd".into()), ..Selector::default() };
    let report = registry.bulk(&all, &hold(HoldKind::Offline), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((report.done(), report.refused().count(), report.untried.len()), (512, 256, 232));
    let (_, error) = report.refused().next().unwrap();
    assert_eq!(error.to_string(), "not stored: the disk is full");
    assert_eq!(serving(&registry, crowd), 1_000 - 512);
    let held = registry.orders(crowd).unwrap();
    let done = report.outcomes.iter().filter(|outcome| outcome.result.is_ok());
    assert!(done.map(|outcome| &outcome.target.address).eq(held.iter().map(|ordered| &ordered.address)));
}

#[test]
fn whoever_asked_for_it_can_stop_it() {
    let (registry, crowd, _) = crowded(600, u64::MAX);
    let all = Selector { service: Some("crowd".into()), ..Selector::default() };
    let up_to = |tried| {
        move |progress: BulkProgress| {
            if progress.tried < tried { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        }
    };
    let report = registry.bulk(&all, &hold(HoldKind::Offline), &mut up_to(0)).unwrap();
    assert_eq!((report.outcomes.len(), report.untried.len()), (0, 600), "nothing is done before it is asked");
    let report = registry.bulk(&all, &hold(HoldKind::Offline), &mut up_to(1)).unwrap();
    assert_eq!((report.done(), report.untried.len()), (256, 344));
    assert_eq!(serving(&registry, crowd), 344);
}

#[test]
fn bulk_orders_are_there_after_a_restart() {
    let (world, ..) = fleet();
    let green = Selector { cluster: Some("green".into()), ..Selector::default() };
    run(&world.registry, &green, &hold(HoldKind::Offline));
    run(&world.registry, &green, &BulkOrder::Overlay { field: Field::Weight(9.0), author: author("ops") });
    let world = world.restart();
    let orders = service(&world.registry, "orders");
    let ordered = world.registry.orders(orders).unwrap();
    assert_eq!(ordered.iter().map(|one| (one.holds.len(), one.overlays.len())).collect::<Vec<_>>(), [(1, 1), (1, 1)]);
    let report = run(&world.registry, &green, &BulkOrder::Release(author("ops")));
    assert_eq!(report.done(), 2, "addresses that only orders know are matched by their names");
}

#[test]
fn bad_bulk_orders_get_a_clear_error_and_change_nothing() {
    let (world, orders, _) = fleet();
    let registry = &world.registry;
    let revision = registry.revision(orders).unwrap();
    let refused = |selector: &Selector, order: &BulkOrder| {
        let planned = registry.plan(selector, order).unwrap_err().to_string();
        let ran = registry.bulk(selector, order, &mut |_| ControlFlow::Continue(())).unwrap_err();
        assert_eq!(planned, ran.to_string(), "a plan refuses what the order would refuse");
        ran
    };
    let error = refused(&Selector::default(), &hold(HoldKind::Offline));
    assert!(error.to_string().starts_with("the selector is empty; give at least one of namespace"), "{error}");
    for (glob, text) in [("", "selector: cluster is empty"), ("a\n*", "selector: cluster holds a control character")] {
        let selector = Selector { cluster: Some(glob.into()), ..Selector::default() };
        assert_eq!(refused(&selector, &hold(HoldKind::Offline)).to_string(), text);
    }
    let endless = Selector { ip: Some("*".repeat(513)), ..Selector::default() };
    assert!(refused(&endless, &hold(HoldKind::Offline)).to_string().contains("at most 512"));
    let many: Vec<(String, String)> = (0..17).map(|n| (format!("key-{n}"), "*".into())).collect();
    let pairs = Selector { metadata: many.into_iter().collect(), ..Selector::default() };
    assert!(refused(&pairs, &hold(HoldKind::Offline)).to_string().contains("17 metadata pairs"));
    let all = Selector { namespace: Some("*".into()), ..Selector::default() };
    let nobody = steadfast_core::Author { reason: String::new(), ..author("ops") };
    assert_eq!(refused(&all, &BulkOrder::Release(nobody)).to_string(), "reason is empty");
    let heavy = BulkOrder::Overlay { field: Field::Weight(f64::NAN), author: author("ops") };
    assert!(matches!(refused(&all, &heavy), BulkError::Order(OrderError::Field(_))));
    let past = HoldOrder { kind: HoldKind::Drain, author: author("ops"), until_ms: Some(1) };
    assert!(matches!(refused(&all, &BulkOrder::Hold(past)), BulkError::Order(OrderError::Until { .. })));
    assert_eq!(registry.revision(orders).unwrap(), revision);
    registry.shutdown();
    assert!(matches!(refused(&all, &hold(HoldKind::Offline)), BulkError::Access(_)));
}

#[test]
fn more_addresses_than_one_order_may_be_about_are_refused_before_anything_is_done() {
    let (registry, crowd, _) = crowded(limits::BULK_TARGETS_MAX, u64::MAX);
    let all = Selector { service: Some("crowd".into()), ..Selector::default() };
    let plan = registry.plan(&all, &hold(HoldKind::Offline)).unwrap();
    assert_eq!(plan.targets.len(), limits::BULK_TARGETS_MAX);
    registry.register(crowd, &Registration::new(Address::new("10.9.9.9", 80, "c").unwrap())).unwrap();
    let error = registry.bulk(&all, &hold(HoldKind::Offline), &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(error.to_string().contains("more than 65536 addresses; narrow it"), "{error}");
    assert_eq!(serving(&registry, crowd), limits::BULK_TARGETS_MAX + 1);
}

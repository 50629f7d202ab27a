//! Different policies for different parts of one registry.
#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::time::Duration;

use common::{World, author, heartbeat_wins};
use steadfast_core::{
    AnnouncementKind, Beat, HoldKind, HoldOrder, Policy, Registration, RouteError, Routes, Scope, ServiceId,
    ServiceName, WatchEvent,
    limits::{ROUTES_MAX, SCOPES_PER_REPORT_MAX},
    policy::{Event, builtin::RestartClears},
};

fn name(namespace: &str, group: &str, service: &str) -> ServiceName {
    ServiceName::new(namespace, group, service).unwrap()
}

fn restart_clears() -> Policy {
    Policy::native(&RestartClears::default()).unwrap()
}

fn routes<const N: usize>(routes: [(Scope, Policy); N]) -> Routes {
    Routes::new(routes).unwrap()
}

/// The same answers under another digest, as a rebuilt component gives them.
fn rebuilt(policy: &Policy) -> Policy {
    Policy::new(policy.table.clone(), format!("{}, rebuilt", policy.digest))
}

impl World {
    fn service_at(&self, namespace: &str, group: &str, service: &str) -> ServiceId {
        self.registry.service(&name(namespace, group, service)).unwrap()
    }

    fn decider(&self, service: ServiceId) -> String {
        self.registry.policy_of(service).unwrap().name
    }

    fn register_at(&self, service: ServiceId, process: Option<&str>) {
        let registration = Registration { process: process.map(Into::into), ..self.registration() };
        self.registry.register(service, &registration).unwrap();
    }

    fn offline_at(&self, service: ServiceId) {
        let order = HoldOrder { kind: HoldKind::Offline, author: author("console"), until_ms: None };
        self.registry.hold(service, &self.address, &order).unwrap();
    }

    fn serving_at(&self, service: ServiceId) -> bool {
        self.registry.view(service, |view| view.serving().count() == 1).unwrap()
    }
}

#[test]
fn the_narrowest_scope_wins_and_the_default_takes_the_rest() {
    let world = World::new(Policy::admin_sticky());
    let of_namespace = world.service_at("public", "a", "x");
    let of_group = world.service_at("public", "payments", "x");
    let of_service = world.service_at("public", "payments", "orders");
    let elsewhere = world.service_at("other", "payments", "orders");
    let nacos = Policy::builtin("nacos-1-4").unwrap().unwrap();
    let report = world.registry.route(&routes([
        (Scope::namespace("public"), heartbeat_wins()),
        (Scope::group("public", "payments"), restart_clears()),
        (Scope::service(&name("public", "payments", "orders")), nacos),
    ]));
    assert_eq!(report.unwrap().routes, 3);
    let deciders = [of_namespace, of_group, of_service, elsewhere].map(|service| world.decider(service));
    assert_eq!(deciders, ["heartbeat-wins", "restart-clears", "nacos-1-4", "admin-sticky"]);
    let installed = world.registry.policies();
    let listed: Vec<_> = installed.iter().map(|policy| (policy.name.as_str(), policy.epoch)).collect();
    assert_eq!(listed, [("admin-sticky", 1), ("heartbeat-wins", 2), ("restart-clears", 3), ("nacos-1-4", 4)]);
    assert_eq!(installed[0].scope, None);
    assert_eq!(installed[2].scope, Some(Scope::group("public", "payments")));
    assert_eq!(world.registry.policy(), installed[0]);
}

/// Nacos' users ask for both, in one thread: "offline must stay offline until I say online" (#11627), and "but not
/// after I redeploy" (#7528).
#[test]
fn offline_stays_here_and_ends_with_a_restart_there() {
    let world = World::new(Policy::admin_sticky());
    let (stays, ends) = (world.service_at("public", "g", "stays"), world.service_at("public", "g", "ends"));
    world.registry.route(&routes([(Scope::service(&name("public", "g", "ends")), restart_clears())])).unwrap();
    for service in [stays, ends] {
        world.register_at(service, Some("pod-1"));
        world.offline_at(service);
        world.register_at(service, Some("pod-1"));
        assert!(!world.serving_at(service), "neither ends because the same program registers again");
        world.register_at(service, Some("pod-2"));
    }
    assert!(!world.serving_at(stays) && world.serving_at(ends));
    assert_eq!(world.registry.orders(stays).unwrap().len(), 1);
    assert!(world.registry.orders(ends).unwrap().is_empty(), "the order was for the program that is gone");
}

#[test]
fn a_change_moves_what_it_must_once_and_nobody_else() {
    let world = World::new(heartbeat_wins());
    let (moves, stays) = (world.service_at("public", "g", "moves"), world.service_at("public", "g", "stays"));
    let queue = world.registry.watch_queue().unwrap();
    for service in [moves, stays] {
        world.register_at(service, None);
        world.offline_at(service);
        assert_eq!(world.registry.beat_at(service, &world.address, None).unwrap(), Beat::Alive);
        assert!(world.serving_at(service), "overruled");
        queue.watch(service, 0).unwrap();
    }
    let mut events = Vec::new();
    queue.poll(&mut events, 10, Some(Duration::ZERO));
    events.clear();
    let before = [moves, stays].map(|service| world.registry.revision(service).unwrap());

    let scope = Scope::service(&name("public", "g", "moves"));
    let report = world.registry.route(&routes([(scope.clone(), Policy::admin_sticky())])).unwrap();

    let after = [moves, stays].map(|service| world.registry.revision(service).unwrap());
    assert_eq!(after, [before[0] + 1, before[1]], "one publish, and none");
    queue.poll(&mut events, 10, Some(Duration::ZERO));
    let of_services = events.iter().filter(|event| matches!(event, WatchEvent::Changed { .. })).count();
    assert_eq!(of_services, 1, "one notification: {events:?}");
    assert!(!world.serving_at(moves) && world.serving_at(stays));
    let [pair] = report.moves.as_slice() else { panic!("one pair of policies: {report:?}") };
    assert_eq!((pair.from.as_str(), pair.name.as_str()), ("heartbeat-wins", "admin-sticky"));
    assert_eq!((pair.services, pair.instances, pair.changed, pair.left), (1, 1, 1, 0));
    assert_eq!((pair.scopes.len(), &pair.scopes[0].scope, pair.scopes[0].epoch), (1, &Some(scope), 2));
    let diff = pair.diff.as_ref().expect("small enough to compare");
    assert!(diff.differences.iter().any(|difference| difference.event == Event::Beat), "{diff}");
    let explained = world.registry.explain(moves, &world.address).unwrap().unwrap();
    assert_eq!((explained.decision.event, explained.decision.epoch), (Some(Event::Swap), 2));
}

#[test]
fn each_pair_of_policies_has_one_report_and_one_announcement() {
    let world = World::new(Policy::admin_sticky());
    let scopes = ["a", "b", "c"].map(|service| Scope::service(&name("public", "g", service)));
    for service in ["a", "b", "c"] {
        world.service_at("public", "g", service);
    }
    let [a, b, c] = scopes;
    world.registry.route(&routes([(a.clone(), heartbeat_wins()), (b.clone(), heartbeat_wins())])).unwrap();
    let seen = world.registry.announcements(0).last().unwrap().number;
    let three = [(a, restart_clears()), (b, restart_clears()), (c, restart_clears())];
    let report = world.registry.route(&routes(three)).unwrap();
    let mut pairs: Vec<_> =
        report.moves.iter().map(|one| (one.from.as_str(), one.scopes.len(), one.services)).collect();
    pairs.sort_unstable();
    assert_eq!(pairs, [("admin-sticky", 1, 1), ("heartbeat-wins", 2, 2)]);
    let announced = world.registry.announcements(seen);
    let kinds: Vec<_> = announced.iter().map(|one| one.kind).collect();
    let moved = AnnouncementKind::PolicyInstalled;
    assert_eq!(kinds, [AnnouncementKind::RoutesInstalled, moved, moved]);
    assert_eq!(announced[0].text, "3 routes; services moved to another policy: 3");
    let texts = [&announced[1].text, &announced[2].text];
    assert!(texts.iter().any(|text| text.contains("decides for 2 scopes from epoch 5 on")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("for service public@@g@@c from epoch 6 on")), "{texts:?}");
    assert_eq!(announced[1].install.as_deref(), Some(&report.moves[0]));
}

#[test]
fn routes_that_go_leave_their_services_to_the_default() {
    let world = World::new(Policy::admin_sticky());
    let service = world.service_at("public", "g", "s");
    world.registry.route(&routes([(Scope::namespace("public"), heartbeat_wins())])).unwrap();
    let report = world.registry.route(&Routes::none()).unwrap();
    assert_eq!((report.routes, report.moves[0].name.as_str()), (0, "admin-sticky"));
    let policy = world.registry.policy_of(service).unwrap();
    assert_eq!((policy.epoch, policy.scope), (1, None), "the default never stopped being the first install");
    world.registry.route(&routes([(Scope::namespace("public"), heartbeat_wins())])).unwrap();
    assert_eq!(world.registry.policy_of(service).unwrap().epoch, 3, "epochs are given once");
}

#[test]
fn a_service_that_comes_later_takes_the_policy_of_its_scope() {
    let world = World::new(Policy::admin_sticky());
    world.registry.route(&routes([(Scope::group("public", "later"), heartbeat_wins())])).unwrap();
    let service = world.service_at("public", "later", "s");
    world.register_at(service, None);
    let explained = world.registry.explain(service, &world.address).unwrap().unwrap();
    assert_eq!((explained.decision.policy.as_str(), explained.decision.epoch), ("heartbeat-wins", 2));
}

#[test]
fn the_same_routes_do_nothing() {
    let world = World::new(Policy::admin_sticky());
    let same = || routes([(Scope::namespace("public"), heartbeat_wins()), (Scope::namespace("b"), restart_clears())]);
    world.registry.route(&same()).unwrap();
    world.register();
    let before = (world.registry.policies(), world.registry.announcements(0), world.revision());
    let report = world.registry.route(&same()).unwrap();
    assert!(report.unchanged && report.moves.is_empty() && report.routes == 2, "{report:?}");
    assert_eq!((world.registry.policies(), world.registry.announcements(0), world.revision()), before);
}

#[test]
fn installing_replaces_the_default_and_leaves_the_routes() {
    let world = World::new(Policy::admin_sticky());
    let routed = world.service_at("routed", "g", "s");
    world.registry.route(&routes([(Scope::namespace("routed"), restart_clears())])).unwrap();
    let report = world.registry.install(heartbeat_wins()).unwrap();
    assert_eq!((report.services, report.epoch), (1, 3), "the one of the world, not the routed one");
    assert_eq!((report.scopes.len(), &report.scopes[0].scope), (1, &None));
    assert_eq!([routed, world.service].map(|service| world.decider(service)), ["restart-clears", "heartbeat-wins"]);
    let later = world.service_at("later", "g", "s");
    assert_eq!(world.decider(later), "heartbeat-wins");
}

/// A route that names what decides anyway changes no answer, so nobody is decided again.
#[test]
fn a_route_to_the_same_policy_moves_nobody_and_counts_on_its_own() {
    let world = World::new(Policy::admin_sticky());
    let handle = world.register().handle;
    let before = (world.revision(), world.explain().decision.epoch);
    let scope = Scope::namespace("public");
    let report = world.registry.route(&routes([(scope.clone(), Policy::admin_sticky())])).unwrap();
    assert!(!report.unchanged && report.moves.is_empty(), "{report:?}");
    assert_eq!((world.revision(), world.explain().decision.epoch), before);
    assert_eq!(world.beat(handle), Beat::Alive);
    assert_eq!(world.registry.policy_of(world.service).unwrap().scope, Some(scope));
    world.offline();
    assert_eq!(world.explain().decision.epoch, 2, "what is decided from here on is decided under the route");
}

#[test]
fn a_memo_is_kept_by_the_same_policy_and_forgotten_by_another() {
    let overruled = |world: &World| {
        world.register();
        world.offline();
        world.light_beat();
        assert_eq!(world.explain().memo, 1);
    };
    let world = World::new(heartbeat_wins());
    overruled(&world);
    world.registry.route(&routes([(Scope::namespace("public"), rebuilt(&heartbeat_wins()))])).unwrap();
    assert_eq!((world.explain().memo, world.enabled()), (1, Some(true)), "name and layout are equal");
    world.registry.route(&routes([(Scope::namespace("public"), Policy::admin_sticky())])).unwrap();
    assert_eq!((world.explain().memo, world.enabled()), (0, Some(false)));
}

#[test]
fn routes_that_contradict_each_other_are_refused_and_nothing_changes() {
    let world = World::new(Policy::admin_sticky());
    world.registry.route(&routes([(Scope::namespace("public"), heartbeat_wins())])).unwrap();
    let group = || Scope::group("public", "g");
    let twice = Routes::new([(group(), heartbeat_wins()), (group(), heartbeat_wins())]);
    let error = twice.expect_err("one scope, two routes");
    assert_eq!(error, RouteError::Overlap { scope: group() });
    assert_eq!(error.to_string(), "group public@@g has two routes; keep one of them");
    for scope in [Scope::namespace(""), Scope::group("public", "a\nb"), Scope::group("public", "g".repeat(600))] {
        let error = Routes::new([(scope, heartbeat_wins())]).expect_err("no name");
        assert!(matches!(error, RouteError::Name { .. }), "{error}");
    }
    assert_eq!(world.decider(world.service), "heartbeat-wins");
    world.registry.shutdown();
    assert!(world.registry.route(&Routes::none()).is_err(), "closed");
}

#[test]
fn routes_are_bounded() {
    let many = |count: usize| {
        let policy = Policy::admin_sticky();
        Routes::new((0..count).map(|number| (Scope::namespace(number.to_string()), policy.clone())))
    };
    assert_eq!(many(ROUTES_MAX).map(|routes| routes.len()), Ok(ROUTES_MAX));
    assert_eq!(many(ROUTES_MAX + 1).map(|routes| routes.len()), Err(RouteError::TooMany));
}

#[test]
fn a_report_names_some_scopes_and_counts_the_others() {
    let world = World::new(Policy::admin_sticky());
    let scope = |number: usize| Scope::group("public", number.to_string());
    let count = SCOPES_PER_REPORT_MAX + 3;
    for number in 0..count {
        world.service_at("public", &number.to_string(), "s");
    }
    let many = Routes::new((0..count).map(|number| (scope(number), heartbeat_wins()))).unwrap();
    let report = world.registry.route(&many).unwrap();
    let [pair] = report.moves.as_slice() else { panic!("one pair of policies: {report:?}") };
    assert_eq!((pair.scopes.len(), pair.scopes_omitted), (SCOPES_PER_REPORT_MAX, 3));
    assert_eq!(pair.services, count as u64);
    assert!(pair.to_string().contains(&format!("for {count} scopes")), "{pair}");
}

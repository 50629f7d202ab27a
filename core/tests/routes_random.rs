//! Random routes, installs and services that come in between, against a model that looks through the whole list.
#![allow(unreachable_pub, reason = "test modules")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::World;
use proptest::{collection::vec, prelude::*};
use steadfast_core::{Policy, Routes, Scope, ServiceName};

/// A few names, so that scopes hold services and each other.
const NAMES: usize = 2;

#[derive(Clone, Debug)]
enum Op {
    Route(BTreeMap<Scope, u8>),
    Install(u8),
    Create(ServiceName),
}

fn part() -> impl Strategy<Value = String> {
    (0..NAMES).prop_map(|number| format!("n{number}"))
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        part().prop_map(Scope::namespace),
        (part(), part()).prop_map(|(namespace, group)| Scope::group(namespace, group)),
        service().prop_map(|service| Scope::service(&service)),
    ]
}

fn service() -> impl Strategy<Value = ServiceName> {
    (part(), part(), part()).prop_map(|(namespace, group, name)| ServiceName { namespace, group, name })
}

fn op() -> impl Strategy<Value = Op> {
    let routes = vec((scope(), 0..4_u8), 0..6).prop_map(|routes| routes.into_iter().collect());
    prop_oneof![routes.prop_map(Op::Route), (0..4_u8).prop_map(Op::Install), service().prop_map(Op::Create)]
}

/// Policies that answer alike and are told apart by their digests.
fn policy(number: u8) -> Policy {
    Policy::new(Policy::admin_sticky().table, number.to_string())
}

#[derive(Default)]
struct Model {
    default: u8,
    routes: BTreeMap<Scope, u8>,
    services: BTreeSet<ServiceName>,
    /// Whose every epoch was, from the first one on.
    epochs: BTreeMap<u64, (Option<Scope>, String)>,
}

impl Model {
    /// The policy of the longest scope that starts the name, found the slow way.
    fn resolve(&self, service: &ServiceName) -> u8 {
        let ServiceName { namespace, group, name } = service;
        let holds = |scope: &Scope| match scope {
            Scope::Namespace { namespace: at } => at == namespace,
            Scope::Group { namespace: at, group: of } => (at, of) == (namespace, group),
            Scope::Service { namespace: at, group: of, name: called } => (at, of, called) == (namespace, group, name),
        };
        let width = |scope: &Scope| match scope {
            Scope::Namespace { .. } => 1,
            Scope::Group { .. } => 2,
            Scope::Service { .. } => 3,
        };
        let narrowest = self.routes.iter().filter(|(scope, _)| holds(scope)).max_by_key(|(scope, _)| width(scope));
        narrowest.map_or(self.default, |(_, policy)| *policy)
    }

    fn deciders(&self) -> BTreeMap<ServiceName, u8> {
        self.services.iter().map(|service| (service.clone(), self.resolve(service))).collect()
    }

    fn play(&mut self, world: &World, op: Op) {
        let registry = &world.registry;
        let before = self.deciders();
        let moved = match op {
            Op::Create(service) => {
                registry.service(&service).unwrap();
                self.services.insert(service);
                return;
            }
            Op::Install(number) => {
                self.default = number;
                registry.install(policy(number)).unwrap().services
            }
            Op::Route(routes) => {
                let given = Routes::new(routes.iter().map(|(scope, number)| (scope.clone(), policy(*number)))).unwrap();
                let report = registry.route(&given).unwrap();
                assert_eq!(report.unchanged, self.routes == routes);
                self.routes = routes;
                report.moves.iter().map(|moved| moved.services).sum()
            }
        };
        let after = self.deciders();
        let changed = before.iter().filter(|(service, policy)| after[*service] != **policy).count();
        assert_eq!(moved, changed as u64, "exactly the services whose policy changed have moved");
    }

    fn check(&mut self, world: &World) {
        for (service, policy) in self.deciders() {
            let service = world.registry.service(&service).unwrap();
            assert_eq!(world.registry.policy_of(service).unwrap().digest, policy.to_string());
        }
        let earlier: BTreeSet<u64> = self.epochs.keys().copied().collect();
        for installed in world.registry.policies() {
            let whose = (installed.scope, installed.digest);
            let first = self.epochs.entry(installed.epoch).or_insert_with(|| whose.clone());
            assert_eq!(*first, whose, "epoch {} was given once", installed.epoch);
        }
        let mut later = self.epochs.keys().filter(|epoch| !earlier.contains(epoch));
        assert!(later.all(|epoch| Some(epoch) > earlier.last()), "epochs grow: {:?}", self.epochs);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_service_is_decided_by_its_narrowest_scope(ops in vec(op(), 1..10)) {
        let world = World::new(policy(0));
        let services = [ServiceName::new("public", "DEFAULT_GROUP", "orders").unwrap()].into();
        let mut model = Model { services, ..Model::default() };
        for op in ops {
            model.play(&world, op);
            model.check(&world);
        }
    }
}

//! Who decides where: installs and routes, on both sides.

use std::collections::BTreeMap;

use steadfast_core::{InstallReport, NamespaceCounts, NamespaceQuota, Routes};

use super::{Running, Stage, Wrong};
use crate::{
    model::Moved,
    world::{self, NAMESPACES},
};

/// What a report says that the model knows, too: services, instances, changed, left.
type Numbers = (u64, u64, u64, u64);

impl Stage {
    pub(super) fn install(&mut self, policy: u8) -> Result<(), Wrong> {
        let choice = self.menu.choice(policy).policy.clone();
        let report = self.registry().install(choice).map_err(|error| Wrong::new("install", error.to_string()))?;
        let expected = self.model.install(policy);
        self.moved(expected.as_ref());
        let reply = (!report.unchanged).then(|| numbers([&report]));
        self.answered("install", &reply, &expected.as_ref().map(expected_numbers))?;
        let epoch = self.model.default_policy().1;
        self.answered("install: epoch", &report.epoch, &epoch)?;
        self.check_policies()
    }

    pub(super) fn route(&mut self, routes: &BTreeMap<u8, u8>) -> Result<(), Wrong> {
        let named = |(scope, policy): (&u8, &u8)| (world::scope(*scope), self.menu.choice(*policy).policy.clone());
        let checked = Routes::new(routes.iter().map(named)).map_err(|error| Wrong::new("route", error.to_string()))?;
        let report = self.registry().route(&checked).map_err(|error| Wrong::new("route", error.to_string()))?;
        let expected = self.model.route(routes);
        self.moved(expected.as_ref());
        let reply = (!report.unchanged).then(|| (numbers(&report.moves), report.moves.len()));
        let expected = expected.map(|moved| (expected_numbers(&moved), moved.pairs.len()));
        self.answered("route", &reply, &expected)?;
        self.check_policies()
    }

    fn moved(&mut self, moved: Option<&Moved>) {
        if let Some(moved) = moved {
            self.monitors.start(&self.model, &moved.services);
        }
    }

    /// Every policy in force is listed where it decides, with its epoch.
    fn check_policies(&mut self) -> Result<(), Wrong> {
        let (default, epoch) = self.model.default_policy();
        let of_default = (default.manifest.name.clone(), None, epoch);
        let routed = |(scope, epoch): (u8, u64)| (Some(world::scope(scope)), epoch);
        let mut expected = vec![(of_default.1, of_default.2)];
        expected.extend(self.model.routed().map(routed));
        let policies = self.registry().policies();
        let listed: Vec<_> = policies.iter().map(|status| (status.scope.clone(), status.epoch)).collect();
        self.answered("policies", &listed, &expected)?;
        self.answered("policy", &self.registry().policy().name, &of_default.0)?;
        for service in world::services() {
            let Running { registry, services, .. } = self.running();
            let status = registry.policy_of(services[usize::from(service)]);
            let status = status.map_err(|error| Wrong::new("policy-of", error.to_string()))?;
            let expected = (self.model.policy_of(service).manifest.name.clone(), self.model.epoch_of(service));
            self.answered("policy-of", &(status.name, status.epoch), &expected)?;
        }
        Ok(())
    }

    pub(super) fn set_quota(&mut self, namespace: u8, most: Option<u32>) -> Result<(), Wrong> {
        let quota = NamespaceQuota { instances_max: most, services_max: None };
        let reply = self.registry().set_namespace_quota(NAMESPACES[usize::from(namespace)], quota);
        self.model.set_quota(namespace, most);
        self.answered("quota", &reply, &Ok(()))
    }

    /// A namespace counts what is known in it.
    pub(super) fn check_namespaces(&self) -> Result<(), Wrong> {
        for NamespaceCounts { namespace, instances, present, .. } in self.registry().namespaces() {
            let number = u8::from(namespace == NAMESPACES[1]);
            let expected = self.model.namespace_counts(number);
            if (instances, present) != expected {
                let seen =
                    format!("{namespace} counts {instances}, {present} of them present; it must be {expected:?}");
                return Err(Wrong::new("namespaces", seen));
            }
        }
        Ok(())
    }
}

fn numbers<'r>(reports: impl IntoIterator<Item = &'r InstallReport>) -> Numbers {
    reports.into_iter().fold((0, 0, 0, 0), |sum, report| {
        let InstallReport { services, instances, changed, left, .. } = report;
        (sum.0 + services, sum.1 + instances, sum.2 + changed, sum.3 + left)
    })
}

fn expected_numbers(moved: &Moved) -> Numbers {
    (moved.services.len() as u64, moved.instances, moved.changed, moved.left)
}

//! Why a service is as it is: who decides, what lies on it, how its instances stand.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use serde::Serialize;
use steadfast_policy::Traffic;

use crate::{
    error::AccessError, floors::Floor, handle::ServiceId, instance::Instance, key::Host, name::ServiceName,
    registry::Registry, standing::Standing,
};

/// Everything that is known about one service, in numbers.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceExplanation {
    /// The service.
    pub service: ServiceName,
    /// Its revision.
    pub revision: u64,
    /// The policy that decides here.
    pub policy: String,
    /// Its digest.
    pub digest: String,
    /// The epoch that its decisions carry here.
    pub epoch: u64,
    /// Every hold from above that reaches it: on the service, on its clusters, and on the ips of present instances.
    pub floors: Vec<Floor>,
    /// Present instances.
    pub instances: u64,
    /// Those of them that take traffic.
    pub serving: u64,
    /// Instances that left and are remembered.
    pub remembered: u64,
    /// Present instances by health and published traffic.
    pub states: Vec<StateCount>,
    /// Present instances by the reason of what is published, the most frequent first.
    pub reasons: Vec<ReasonCount>,
    /// Own holds of its addresses.
    pub holds: u64,
    /// Overlays of its addresses.
    pub overlays: u64,
    /// Addresses with orders that wait for an instance.
    pub pending: u64,
    /// Why nothing serves, one line each; empty while something does.
    pub nothing_serves: Vec<String>,
}

/// How many instances stand alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StateCount {
    /// The liveness answer.
    pub healthy: bool,
    /// What is published: the order's answer, over the floors.
    pub traffic: Traffic,
    /// How many.
    pub count: u64,
}

/// How many instances have one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// The reason.
    pub reason: String,
    /// How many.
    pub count: u64,
}

impl Registry {
    /// Why a service is as it is. Walks all of its instances, while its writers wait and its beats and lookups do not.
    pub fn explain_service(&self, service: ServiceId) -> Result<ServiceExplanation, AccessError> {
        let service = self.inner.service(service)?;
        let entry = service.inspect();
        let standing = Standing::of(&self.inner, service, &entry);
        let mut tally = Tally::default();
        for instance in entry.roster.iter() {
            tally.add(standing, instance);
        }
        Ok(tally.explanation(standing))
    }
}

/// Instances that come under the same floors: by cluster, and by host where one lies on that.
type Under = (u32, Option<Host>);

#[derive(Default)]
struct Tally {
    states: BTreeMap<(bool, Traffic), u64>,
    reasons: BTreeMap<String, u64>,
    /// Texts of floors are made once for all who come under the same ones.
    from_above: HashMap<Under, (String, u64), crate::hashing::RandomState>,
    hosts: BTreeMap<String, Vec<Floor>>,
    remembered: u64,
    holds: u64,
    overlays: u64,
    pending: u64,
}

impl Tally {
    fn add(&mut self, standing: Standing<'_>, instance: &Instance) {
        self.holds += instance.rare().holds.len() as u64;
        self.overlays += instance.rare().overlays.len() as u64;
        self.remembered += u64::from(instance.state.remembered);
        self.pending += u64::from(!instance.state.present && instance.has_orders());
        if instance.state.present {
            self.add_present(standing, instance);
        }
    }

    fn add_present(&mut self, standing: Standing<'_>, instance: &Instance) {
        let traffic = standing.traffic(instance);
        *self.states.entry((instance.state.healthy, traffic)).or_default() += 1;
        let key = standing.key(instance);
        let host = standing.inner.ip_floors.strongest(Some(key.host)).map(|_| key.host);
        if host.is_some() {
            let address = standing.address(instance);
            let on_ip = |floor: &Floor| floor.target.service().is_none();
            let floors = || standing.floors(&address).into_iter().filter(on_ip).collect();
            self.hosts.entry(address.ip.clone()).or_insert_with(floors);
        }
        if traffic > instance.state.traffic {
            let text = || (standing.reason(instance), 0);
            self.from_above.entry((key.cluster, host)).or_insert_with(text).1 += 1;
        } else {
            let manifest = standing.entry.policy.table.manifest();
            let reason = manifest.reason(instance.decision().reason);
            match self.reasons.get_mut(reason) {
                Some(count) => *count += 1,
                None => drop(self.reasons.insert(reason.to_owned(), 1)),
            }
        }
    }

    fn explanation(mut self, standing: Standing<'_>) -> ServiceExplanation {
        let Standing { inner: _, service, entry } = standing;
        for (text, count) in std::mem::take(&mut self.from_above).into_values() {
            *self.reasons.entry(text).or_default() += count;
        }
        let reasons = std::mem::take(&mut self.reasons).into_iter();
        let mut reasons: Vec<ReasonCount> = reasons.map(|(reason, count)| ReasonCount { reason, count }).collect();
        reasons.sort_by_key(|reason| Reverse(reason.count));
        let states = self.states.iter();
        let states: Vec<StateCount> =
            states.map(|(&(healthy, traffic), &count)| StateCount { healthy, traffic, count }).collect();
        let mut floors = standing.floors_of(None);
        let clusters = entry.floors.clusters();
        floors.extend(clusters.flat_map(|(cluster, _)| standing.floors_of(Some(cluster))));
        floors.extend(std::mem::take(&mut self.hosts).into_values().flatten());
        let serving = self.states.get(&(true, Traffic::Serve)).copied().unwrap_or(0);
        ServiceExplanation {
            service: service.name().to_name(),
            revision: service.revision(),
            policy: entry.policy.table.manifest().name.clone(),
            digest: entry.policy.digest.clone(),
            epoch: entry.policy.epoch,
            floors,
            instances: states.iter().map(|state| state.count).sum(),
            serving,
            remembered: self.remembered,
            nothing_serves: if serving > 0 { Vec::new() } else { self.nothing_serves(&reasons) },
            states,
            reasons,
            holds: self.holds,
            overlays: self.overlays,
            pending: self.pending,
        }
    }

    fn nothing_serves(&self, reasons: &[ReasonCount]) -> Vec<String> {
        if !reasons.is_empty() {
            return reasons.iter().map(|ReasonCount { reason, count }| format!("{count} present: {reason}")).collect();
        }
        let mut lines = vec!["no instance is present".to_owned()];
        if self.remembered > 0 {
            lines.push(format!("instances that left and are remembered: {}", self.remembered));
        }
        if self.pending > 0 {
            lines.push(format!("addresses whose orders wait for an instance: {}", self.pending));
        }
        lines
    }
}

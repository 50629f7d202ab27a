//! Where floors are kept: those that name a service in its entry, those of whole ips once for the registry.

use std::collections::{BTreeMap, HashMap};

use crate::{
    hashing::RandomState,
    key::Host,
    orders::{Hold, HoldKind},
    sync::{AtomicUsize, Ordering, RwLock},
};

/// The holds on one target, one for each owner.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetHolds(Vec<Hold>);

impl TargetHolds {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Hold> {
        self.0.iter()
    }

    pub(crate) fn of(&self, owner: &str) -> Option<&Hold> {
        self.0.iter().find(|hold| hold.author.owner == owner)
    }

    /// Holds of other owners than `owner`.
    pub(crate) fn others(&self, owner: &str) -> usize {
        self.0.iter().filter(|hold| hold.author.owner != owner).count()
    }

    /// Places a hold; says whether one of the same owner was there and was replaced.
    pub(crate) fn put(&mut self, hold: Hold) -> bool {
        let replaced = self.remove(|other| other.author.owner == hold.author.owner);
        self.0.push(hold);
        replaced
    }

    /// Takes holds away; says whether there were any.
    pub(crate) fn remove(&mut self, is_it: impl Fn(&Hold) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|hold| !is_it(hold));
        self.0.len() < before
    }

    fn strongest(&self) -> Option<HoldKind> {
        self.0.iter().map(|hold| hold.kind).max()
    }
}

/// The floors of one service and of its clusters, under its mutex. Few services have any.
#[derive(Debug, Default)]
pub(crate) struct ServiceFloors(Option<Box<Floors>>);

#[derive(Debug, Default)]
struct Floors {
    service: TargetHolds,
    /// By the number of the cluster's name.
    clusters: BTreeMap<u32, TargetHolds>,
}

impl ServiceFloors {
    /// The strongest hold over an instance of `cluster`; `None` for a cluster that has no number, which has no floor.
    pub(crate) fn strongest(&self, cluster: Option<u32>) -> Option<HoldKind> {
        let floors = self.0.as_ref()?;
        let of_cluster = cluster.and_then(|cluster| floors.clusters.get(&cluster)?.strongest());
        floors.service.strongest().max(of_cluster)
    }

    /// The holds on the service (`None`), or on one cluster of it.
    pub(crate) fn at(&self, cluster: Option<u32>) -> Option<&TargetHolds> {
        let floors = self.0.as_ref()?;
        match cluster {
            None => Some(&floors.service),
            Some(cluster) => floors.clusters.get(&cluster),
        }
    }

    pub(crate) fn change<R>(&mut self, cluster: Option<u32>, change: impl FnOnce(&mut TargetHolds) -> R) -> R {
        let floors = self.0.get_or_insert_default();
        let result = floors.change(cluster, change);
        self.0.take_if(|floors| floors.service.0.is_empty() && floors.clusters.is_empty());
        result
    }

    /// Clusters with a floor, and their holds.
    pub(crate) fn clusters(&self) -> impl Iterator<Item = (u32, &TargetHolds)> {
        self.0.iter().flat_map(|floors| &floors.clusters).map(|(cluster, holds)| (*cluster, holds))
    }
}

impl Floors {
    fn change<R>(&mut self, cluster: Option<u32>, change: impl FnOnce(&mut TargetHolds) -> R) -> R {
        let Some(cluster) = cluster else { return change(&mut self.service) };
        let holds = self.clusters.entry(cluster).or_default();
        let result = change(holds);
        if holds.0.is_empty() {
            self.clusters.remove(&cluster);
        }
        result
    }
}

/// The floors of whole ips. A leaf lock, and none at all while there are no such floors.
///
/// Invariant: a record that is published after [`IpFloors::change`] returned is published under the new floor, or is
/// refreshed by whoever changed it. The changer visits every service after the change, under its mutex. A writer of a
/// service had that mutex before the visit, then the visit finds its instance; or after it, then the mutex orders the
/// change before the writer's look at `hosts`. Services that the visit does not know are created later, by somebody who
/// took the same mutex after the changer (`Inner::count_services_created`), so the change comes before them too.
#[derive(Default)]
pub(crate) struct IpFloors {
    hosts: AtomicUsize,
    by_host: RwLock<HashMap<Host, TargetHolds, RandomState>>,
}

impl IpFloors {
    pub(crate) fn strongest(&self, host: Option<Host>) -> Option<HoldKind> {
        self.read(host?, |holds| holds.and_then(TargetHolds::strongest))
    }

    /// Looks at the holds on a host.
    pub(crate) fn read<R>(&self, host: Host, read: impl FnOnce(Option<&TargetHolds>) -> R) -> R {
        // Relaxed: that the change comes before this load is the business of the mutexes named above; a racing load
        // that finds 0 is one that the changer's visit repairs.
        if self.hosts.load(Ordering::Relaxed) == 0 {
            return read(None);
        }
        read(self.by_host.read().get(&host))
    }

    pub(crate) fn change<R>(&self, host: Host, change: impl FnOnce(&mut TargetHolds) -> R) -> R {
        let mut by_host = self.by_host.write();
        let holds = by_host.entry(host).or_default();
        let result = change(holds);
        if holds.0.is_empty() {
            by_host.remove(&host);
        }
        self.hosts.store(by_host.len(), Ordering::Relaxed);
        result
    }

    /// Ips with a floor.
    pub(crate) fn hosts(&self) -> usize {
        self.hosts.load(Ordering::Relaxed)
    }

    pub(crate) fn for_each(&self, mut visit: impl FnMut(Host, &TargetHolds)) {
        for (host, holds) in &*self.by_host.read() {
            visit(*host, holds);
        }
    }
}

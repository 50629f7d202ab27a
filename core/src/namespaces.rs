//! Namespaces: what is in each of them, and how much of it there may be.
//!
//! A namespace is shared by the services in it, and its numbers move when something comes or goes: never on the path of
//! an ordinary beat, nor of a lookup. Taking is one compare-and-swap against the bound, so no number of threads
//! together crosses it.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::Serialize;

use crate::{
    error::{NamespaceError, QuotaExceeded},
    limits::NAMESPACES_MAX,
    name::check_namespace,
    registry::Registry,
    sync::{AtomicU64, Mutex, Ordering},
};

/// How much one namespace may hold. `None`, the default, bounds nothing; the bounds of the registry hold besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NamespaceQuota {
    /// Instances: present ones, remembered ones, and addresses with orders that wait for somebody to come.
    pub instances_max: Option<u32>,
    /// Services. They stay for as long as the registry lives.
    pub services_max: Option<u32>,
}

/// What there is in a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamespaceCounts {
    /// Its name.
    pub namespace: String,
    /// Its services.
    pub services: u64,
    /// What counts against `instances_max`: instances that are present or remembered, and addresses with orders only.
    pub instances: u64,
    /// Present instances among them.
    pub present: u64,
    /// How much it may hold.
    pub quota: NamespaceQuota,
}

/// All namespaces by name. A leaf lock, taken when a service is created and for looking; the services go to theirs
/// directly.
#[derive(Default)]
pub(crate) struct Namespaces(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// For namespaces that nobody gave a quota of their own.
    default: NamespaceQuota,
    by_name: BTreeMap<String, (Arc<Namespace>, Option<NamespaceQuota>)>,
}

/// One namespace.
#[derive(Default)]
pub(crate) struct Namespace {
    pub(crate) name: Box<str>,
    services: Gauge,
    instances: Gauge,
    present: AtomicU64,
}

/// A number and the bound that it does not cross upwards. Relaxed everywhere: the number alone has to be right, and
/// read-modify-writes of one number are; nothing else is found by it.
struct Gauge {
    taken: AtomicU64,
    most: AtomicU64,
}

impl Namespaces {
    /// The namespace of a name, which is new to the registry or not.
    pub(crate) fn of(&self, name: &str) -> Result<Arc<Namespace>, usize> {
        let mut known = self.0.lock();
        if let Some((namespace, _)) = known.by_name.get(name) {
            return Ok(Arc::clone(namespace));
        }
        let namespace = Arc::new(Namespace { name: name.into(), ..Namespace::default() });
        namespace.bound(known.default);
        known.add(name, Arc::clone(&namespace), None)?;
        Ok(namespace)
    }

    /// Bounds every namespace without a quota of its own.
    pub(crate) fn bound_all(&self, quota: NamespaceQuota) {
        let mut known = self.0.lock();
        known.default = quota;
        for (namespace, own) in known.by_name.values() {
            namespace.bound(own.unwrap_or(quota));
        }
    }

    fn bound_one(&self, name: &str, quota: NamespaceQuota) -> Result<(), usize> {
        let namespace = self.of(name)?;
        let mut known = self.0.lock();
        namespace.bound(quota);
        known.by_name.insert(name.to_owned(), (namespace, Some(quota)));
        Ok(())
    }
}

impl Known {
    fn add(&mut self, name: &str, namespace: Arc<Namespace>, own: Option<NamespaceQuota>) -> Result<(), usize> {
        if self.by_name.len() >= NAMESPACES_MAX {
            return Err(NAMESPACES_MAX);
        }
        self.by_name.insert(name.to_owned(), (namespace, own));
        Ok(())
    }
}

impl Namespace {
    fn bound(&self, quota: NamespaceQuota) {
        self.services.bound(quota.services_max);
        self.instances.bound(quota.instances_max);
    }

    /// Makes room for one more service.
    pub(crate) fn take_service(&self) -> Result<(), QuotaExceeded> {
        self.services.take().map_err(|over| over.of(&self.name, "services"))
    }

    /// Makes room for one more instance.
    pub(crate) fn take_instance(&self) -> Result<(), QuotaExceeded> {
        let what = "instances (present, remembered, or with orders that wait for them)";
        self.instances.take().map_err(|over| over.of(&self.name, what))
    }

    pub(crate) fn give_instance_back(&self) {
        self.instances.taken.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn came(&self) {
        self.present.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn went(&self) {
        self.present.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A bound, and what stands at or above it.
struct Over {
    current: u64,
    limit: u64,
}

impl Over {
    fn of(self, namespace: &str, what: &'static str) -> QuotaExceeded {
        let Over { current, limit } = self;
        QuotaExceeded { namespace: namespace.to_owned(), what, current, limit }
    }
}

impl Default for Gauge {
    fn default() -> Gauge {
        Gauge { taken: AtomicU64::new(0), most: AtomicU64::new(u64::MAX) }
    }
}

impl Gauge {
    fn bound(&self, most: Option<u32>) {
        self.most.store(most.map_or(u64::MAX, u64::from), Ordering::Relaxed);
    }

    fn take(&self) -> Result<(), Over> {
        let limit = self.most.load(Ordering::Relaxed);
        let one_more = |taken| (taken < limit).then_some(taken + 1);
        let taken = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        taken.map(drop).map_err(|current| Over { current, limit })
    }

    fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

impl fmt::Display for NamespaceQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most =
            |most: Option<u32>| most.map_or_else(|| "any number of".to_owned(), |most| format!("at most {most}"));
        write!(f, "{} instances in {} services", most(self.instances_max), most(self.services_max))
    }
}

impl Registry {
    /// Bounds a namespace, known or not, from here on. What is there already stays, also above the bound; nothing comes
    /// in until enough of it has gone. It holds until it is replaced or the registry is closed: a host that wants it
    /// again says so after each start.
    pub fn set_namespace_quota(&self, namespace: &str, quota: NamespaceQuota) -> Result<(), NamespaceError> {
        self.inner.check_open()?;
        check_namespace(namespace)?;
        self.inner.namespaces.bound_one(namespace, quota).map_err(NamespaceError::Full)
    }

    /// What there is in each namespace, by name. Each number is right, together they are only nearly of one moment.
    pub fn namespaces(&self) -> Vec<NamespaceCounts> {
        let known = self.inner.namespaces.0.lock();
        let counts = known.by_name.iter().map(|(name, (namespace, own))| NamespaceCounts {
            namespace: name.clone(),
            services: namespace.services.taken(),
            instances: namespace.instances.taken(),
            present: namespace.present.load(Ordering::Relaxed),
            quota: own.unwrap_or(known.default),
        });
        counts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_namespace_too_many_is_refused_and_the_known_ones_stay() {
        let namespaces = Namespaces::default();
        for number in 0..NAMESPACES_MAX {
            assert!(namespaces.of(&number.to_string()).is_ok());
        }
        assert_eq!(namespaces.of("one more").err(), Some(NAMESPACES_MAX));
        assert_eq!(namespaces.bound_one("one more", NamespaceQuota::default()), Err(NAMESPACES_MAX));
        assert!(namespaces.of("7").is_ok());
    }
}

//! What one would write first: maps of strings behind one lock. The peer that runs everywhere.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use crate::town::metadata;

type Services = HashMap<String, HashMap<String, Entry>>;

#[derive(Default)]
pub(crate) struct Naive {
    services: RwLock<Services>,
}

#[allow(dead_code, reason = "what a registry keeps, whether or not these rows read it")]
struct Entry {
    ip: String,
    port: u16,
    cluster: String,
    service: String,
    weight: f64,
    enabled: bool,
    healthy: bool,
    metadata: HashMap<String, String>,
    last_beat_ms: u64,
}

/// The name of a service, and the key of an instance in it.
pub(crate) struct Names {
    service: String,
    key: String,
}

impl Names {
    pub(crate) fn of(number: usize, per_service: usize) -> Names {
        let [_, a, b, c] = u32::try_from(number).unwrap_or(0).to_be_bytes();
        let service = format!("public@@DEFAULT_GROUP@@com.example.service-{:07}", number / per_service);
        Names { service, key: format!("10.{a}.{b}.{c}#8080#DEFAULT") }
    }
}

impl Naive {
    pub(crate) fn build(instances: usize, per_service: usize) -> Naive {
        let naive = Naive::default();
        for number in 0..instances {
            naive.register(number, per_service);
        }
        naive
    }

    fn register(&self, number: usize, per_service: usize) {
        let Names { service, key } = Names::of(number, per_service);
        let entry = Entry {
            ip: key.split('#').next().unwrap_or_default().into(),
            port: 8080,
            cluster: "DEFAULT".into(),
            service: service.clone(),
            weight: 1.0,
            enabled: true,
            healthy: true,
            metadata: metadata(number).into_iter().map(|(key, value)| (key.into(), value)).collect(),
            last_beat_ms: 0,
        };
        self.write().entry(service).or_default().insert(key, entry);
    }

    pub(crate) fn beat(&self, names: &Names, now_ms: u64) -> bool {
        let mut services = self.write();
        let entry = services.get_mut(&names.service).and_then(|instances| instances.get_mut(&names.key));
        entry.map(|entry| entry.last_beat_ms = now_ms).is_some()
    }

    /// Walks the instances of a service that take traffic.
    pub(crate) fn serving(&self, names: &Names) -> usize {
        let services = self.read();
        let serves = |entry: &&Entry| entry.healthy && entry.enabled && entry.weight > 0.0;
        services.get(&names.service).map_or(0, |instances| instances.values().filter(serves).count())
    }

    pub(crate) fn set_healthy(&self, names: &Names, healthy: bool) {
        let mut services = self.write();
        if let Some(entry) = services.get_mut(&names.service).and_then(|instances| instances.get_mut(&names.key)) {
            entry.healthy = healthy;
        }
    }

    /// Nobody panics while holding the lock.
    fn read(&self) -> RwLockReadGuard<'_, Services> {
        self.services.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Services> {
        self.services.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_a_registry_does() {
        let naive = Naive::build(40, 20);
        let names = Names::of(21, 20);
        assert_eq!(naive.serving(&names), 20);
        naive.set_healthy(&names, false);
        assert_eq!(naive.serving(&names), 19);
        assert!(naive.beat(&names, 5) && !naive.beat(&Names::of(41, 20), 5));
    }
}

//! A registry full of instances, in virtual time.

use anyhow::{Context, Result};
use steadfast_core::{
    Address, Claim, Handle, MemoryStore, Metadata, Now, Options, Policy, Registration, Registry, ServiceId, ServiceName,
};

/// Instances of one service, as in most registries that we know of.
pub(crate) const PER_SERVICE: usize = 20;
/// Everybody beats this often.
pub(crate) const BEAT_EVERY_MS: u64 = 5_000;
pub(crate) const TICK_MS: u64 = 100;

pub(crate) struct Town {
    pub(crate) registry: Registry,
    pub(crate) services: Vec<ServiceId>,
    pub(crate) handles: Vec<Handle>,
    now_ms: u64,
}

impl Town {
    /// `instances` in services of `per_service`, registered over one period of beats.
    pub(crate) fn build(instances: usize, per_service: usize) -> Result<Town> {
        // Written once, so that they are resident before anybody measures what the registry holds.
        Town::build_into(instances, per_service, vec![Handle::from_u64(u64::MAX); instances])
    }

    pub(crate) fn build_into(instances: usize, per_service: usize, handles: Vec<Handle>) -> Result<Town> {
        let options = Options { policy: Policy::admin_sticky(), max_step_ms: 0, ..Options::default() };
        let registry = Registry::open(options, Box::new(MemoryStore::new()))?;
        let mut town = Town { registry, services: Vec::new(), handles, now_ms: 1_000 };
        town.pass(0);
        let steps = usize::try_from(BEAT_EVERY_MS / TICK_MS)?;
        for number in 0..instances {
            if number.is_multiple_of(per_service) {
                town.services.push(town.registry.service(&service_name(number / per_service)?)?);
            }
            let service = *town.services.last().context("a service comes before its instances")?;
            town.handles[number] = town.registry.register(service, &registration(number)?)?.handle;
            if number % (instances / steps).max(1) == 0 {
                town.pass(TICK_MS);
            }
        }
        Ok(town)
    }

    /// Lets time pass in one tick.
    pub(crate) fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.registry.tick(Now { mono_ms: self.now_ms, wall_ms: 1_700_000_000_000 + self.now_ms });
    }
}

pub(crate) fn service_name(number: usize) -> Result<ServiceName> {
    Ok(ServiceName::new("public", "DEFAULT_GROUP", &format!("com.example.service-{number:07}"))?)
}

pub(crate) fn address(number: usize) -> Result<Address> {
    let [_, a, b, c] = u32::try_from(number)?.to_be_bytes();
    Ok(Address::new(&format!("10.{a}.{b}.{c}"), 8080, "DEFAULT")?)
}

/// The four pairs that a Spring Cloud application has.
pub(crate) fn metadata(number: usize) -> [(&'static str, String); 4] {
    [
        ("preserved.register.source", "SPRING_CLOUD".into()),
        ("version", format!("1.{}.0", number % 7)),
        ("zone", format!("zone-{}", number % 3)),
        ("startTime", format!("17000{number:08}")),
    ]
}

fn registration(number: usize) -> Result<Registration> {
    let pairs = metadata(number);
    let metadata = Metadata::new(pairs.iter().map(|(key, value)| (*key, value.as_str())))?;
    let claim = Claim { enabled: Some(true), weight: Some(1.0), metadata: Some(metadata) };
    Ok(Registration { claim, ..Registration::new(address(number)?) })
}

//! Beats by name in batches.
//!
//! A beat by name waits for memory three times: for the cell of its key, then for the key and the gate of the slot that
//! stands there. One after the other that is most of its cost. So a block of them goes through each stage together, and
//! each stage asks for the memory of the next one.

use crate::{
    beats::Beat,
    error::RegisterError,
    handle::ServiceId,
    key::Key,
    name::Address,
    registration::FullBeat,
    registry::{Inner, Registry},
};

/// Beats that go through the stages together: more than a core can wait for at a time, and few enough for what
/// they bring to be in the nearest cache when it is used.
const BLOCK: usize = 64;

/// A beat by name.
#[derive(Clone, Copy, Debug)]
pub struct NamedBeat<'a> {
    /// The service.
    pub service: ServiceId,
    /// The address.
    pub address: &'a Address,
    /// What the beat carries besides the sign of life; see [`Registry::beat_at`].
    pub full: Option<&'a FullBeat>,
}

impl Registry {
    /// Many beats by name, each as by [`beat_at`](Registry::beat_at); `rejected` is called with the place of each one
    /// that is not alive, in order of the places.
    ///
    /// ```
    /// # use steadfast_core::*;
    /// # let registry = Registry::open(Options::default(), Box::new(MemoryStore::new()))?;
    /// let service = registry.service(&ServiceName::new("public", "g", "orders")?)?;
    /// let (known, unknown) = (Address::new("10.0.0.1", 8080, "c")?, Address::new("10.0.0.2", 8080, "c")?);
    /// registry.register(service, &Registration::new(known.clone()))?;
    ///
    /// let beats = [&known, &unknown].map(|address| NamedBeat { service, address, full: None });
    /// registry.beat_batch_at(&beats, &mut |place, beat| {
    ///     assert_eq!((place, beat.ok()), (1, Some(Beat::RegisterAgain)));
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn beat_batch_at(&self, beats: &[NamedBeat<'_>], rejected: &mut dyn FnMut(usize, Result<Beat, RegisterError>)) {
        for (number, block) in beats.chunks(BLOCK).enumerate() {
            let passed = self.inner.pass_block(block);
            for (at, beat) in block.iter().enumerate() {
                if passed & (1 << at) != 0 {
                    continue;
                }
                match self.beat_at(beat.service, beat.address, beat.full) {
                    Ok(Beat::Alive) => {}
                    other => rejected(number * BLOCK + at, other),
                }
            }
        }
    }
}

impl Inner {
    /// Takes those of a block whose gates are open; a bit for each of them.
    fn pass_block(&self, block: &[NamedBeat<'_>]) -> u64 {
        if self.is_closed() {
            return 0;
        }
        let keys = self.find_keys(block);
        let slots = self.find_slots(&keys);
        let mut passed = 0;
        for (at, (key, slot)) in keys.iter().zip(&slots).enumerate() {
            if let (Some(key), Some(slot)) = (key, slot)
                && self.beat_passes_at(*key, *slot)
            {
                passed |= 1 << at;
            }
        }
        passed
    }

    /// The keys of a block. Neighbours are mostly in clusters of one name, which is looked up once.
    fn find_keys(&self, block: &[NamedBeat<'_>]) -> [Option<Key>; BLOCK] {
        let mut keys = [None; BLOCK];
        let mut last: Option<(&str, u32)> = None;
        for (found, NamedBeat { service, address, .. }) in keys.iter_mut().zip(block) {
            let cluster = address.cluster.as_str();
            let number = last.filter(|(name, _)| *name == cluster).map(|(_, number)| number);
            let number = number.or_else(|| self.names.find(cluster));
            last = number.map(|number| (cluster, number)).or(last);
            *found = number
                .zip(service.index())
                .and_then(|(cluster, service)| Key::find_in(&self.names, service, cluster, address));
        }
        keys
    }

    /// The slots that probably are those of the keys; [`Inner::beat_passes_at`] makes sure of it.
    fn find_slots(&self, keys: &[Option<Key>; BLOCK]) -> [Option<u32>; BLOCK] {
        let slots = self.keys.hints(&keys.map(|key| Some(self.hash_key(key?))));
        for slot in slots.iter().flatten() {
            self.slots.prefetch_key(*slot);
            self.slots.prefetch_gate(*slot);
        }
        slots
    }
}

#[cfg(test)]
mod tests {
    use steadfast_policy::builtin::HeartbeatWins;

    use super::*;
    use crate::{
        Author, Handle, HoldKind, HoldOrder, MemoryStore, Now, Options, Policy, Publisher, Registration, ServiceName,
    };

    fn tick(registry: &Registry, ms: u64) {
        registry.tick(Now { mono_ms: ms, wall_ms: ms });
    }

    /// A registry under a policy by which beats bring back whom an operator took offline, with present, held, absent and
    /// unknown addresses, and addresses of clusters and hosts that nobody ever named.
    fn town() -> (Registry, ServiceId, Vec<Address>) {
        let options = Options { policy: Policy::native(&HeartbeatWins).unwrap(), ..Options::default() };
        let registry = Registry::open(options, Box::new(MemoryStore::new())).unwrap();
        tick(&registry, 0);
        let service = registry.service(&ServiceName::new("public", "g", "s").unwrap()).unwrap();
        let author = Author::new("ops", "ann", "why").unwrap();
        let hold = HoldOrder { kind: HoldKind::Offline, author, until_ms: None };
        let mut addresses = Vec::new();
        for number in 0..200 {
            let ip = if number % 3 == 0 { format!("host-{number}") } else { format!("10.0.0.{number}") };
            let cluster = ["a", "b", "nobody's"][number % 7 % 3];
            let address = Address::new(&ip, 1, cluster).unwrap();
            if cluster != "nobody's" && number % 5 != 0 {
                registry.register(service, &Registration::new(address.clone())).unwrap();
            }
            if number % 11 == 1 {
                registry.hold(service, &address, &hold).unwrap();
            }
            if number % 13 == 1 {
                registry.deregister(service, &address, &Publisher::Keyless).unwrap();
            }
            addresses.push(address);
        }
        (registry, service, addresses)
    }

    #[test]
    fn a_batch_does_what_single_beats_do() {
        let (one, service, addresses) = town();
        let (many, ..) = town();
        let full = FullBeat { ephemeral: true, ..FullBeat::default() };
        let foreign = ServiceId::from_u64(77);
        let beats: Vec<NamedBeat<'_>> = addresses
            .iter()
            .enumerate()
            .map(|(at, address)| NamedBeat {
                service: if at % 17 == 0 { foreign } else { service },
                address,
                full: (at % 4 == 0).then_some(&full),
            })
            .collect();
        for ms in [200, 10_000, 10_050, 40_000] {
            tick(&one, ms);
            tick(&many, ms);
            let mut rejected = Vec::new();
            many.beat_batch_at(&beats, &mut |place, beat| rejected.push((place, beat)));
            let singles = beats.iter().map(|beat| one.beat_at(beat.service, beat.address, beat.full)).enumerate();
            let expected: Vec<_> = singles.filter(|(_, beat)| !matches!(beat, Ok(Beat::Alive))).collect();
            assert_eq!(format!("{rejected:?}"), format!("{expected:?}"));
            for address in &addresses {
                let explained = [&one, &many].map(|registry| registry.explain(service, address).unwrap());
                let told = explained.map(|explained| explained.map(|e| (e.present, e.traffic, e.silent_ms, e.memo)));
                assert_eq!(told[0], told[1], "{address}");
            }
        }
    }

    #[test]
    fn open_gates_are_passed_without_a_decision() {
        let (registry, service, addresses) = town();
        let beats: Vec<NamedBeat<'_>> =
            addresses.iter().map(|address| NamedBeat { service, address, full: None }).collect();
        tick(&registry, 200);
        for block in beats.chunks(BLOCK) {
            let passed = registry.inner.pass_block(block);
            for (at, beat) in block.iter().enumerate() {
                let key = Key::find(&registry.inner.names, 0, beat.address);
                let slot = key.and_then(|key| registry.inner.find_slot(key));
                let is_open = slot.is_some_and(|slot| {
                    let gate = registry.inner.slots.gate(slot).unwrap();
                    registry.inner.beat_passes(Handle::new(gate.generation(), slot))
                });
                assert_eq!(passed & (1 << at) != 0, is_open, "{}", beat.address);
            }
        }
    }

    #[test]
    fn a_registry_that_is_shut_down_says_so_for_each() {
        let (registry, service, addresses) = town();
        registry.shutdown();
        let beats: Vec<NamedBeat<'_>> =
            addresses.iter().map(|address| NamedBeat { service, address, full: None }).collect();
        let mut rejected = 0;
        registry.beat_batch_at(&beats, &mut |place, beat| {
            assert_eq!((place, beat.is_err()), (rejected, true));
            rejected += 1;
        });
        assert_eq!(rejected, addresses.len());
    }
}

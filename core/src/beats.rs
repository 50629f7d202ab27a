//! Beats: by handle, in batches, by name.

use steadfast_policy::{Input, Process};

use crate::{
    error::{AccessError, RegisterError},
    handle::{Handle, ServiceId},
    key::Key,
    name::Address,
    provenance::Writer,
    registration::{Claim, FullBeat},
    registry::{Inner, Registry},
    session::Session,
};

/// How many beats ahead of itself a batch asks for memory: about as many as a core can wait for at a time.
const AHEAD: usize = 32;

/// The answer to a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// It counts.
    Alive,
    /// Nothing is known here that could come alive: the client shall register again.
    RegisterAgain,
    /// The registry is shut down.
    Closed,
}

impl Registry {
    /// A beat by handle. While it would change nothing it takes no lock, writes one word and allocates nothing.
    #[inline]
    pub fn beat(&self, handle: Handle) -> Beat {
        if self.inner.beat_passes(handle) { Beat::Alive } else { self.inner.beat_decided(handle) }
    }

    /// Many beats by handle; `rejected` is called with the place of each one that is not alive.
    pub fn beat_batch(&self, handles: &[Handle], rejected: &mut dyn FnMut(usize, Beat)) {
        for (place, handle) in handles.iter().enumerate() {
            if let Some(later) = handles.get(place + AHEAD) {
                self.inner.slots.prefetch_gate(later.slot());
            }
            let beat = self.beat(*handle);
            if beat != Beat::Alive {
                rejected(place, beat);
            }
        }
    }

    /// A beat by name. `full` is what the beat carries besides the sign of life; it is used only when nothing is known
    /// about the address, and then registers it, with `enabled` unsaid.
    pub fn beat_at(
        &self,
        service: ServiceId,
        address: &Address,
        full: Option<&FullBeat>,
    ) -> Result<Beat, RegisterError> {
        let service = self.inner.service(service)?;
        let key = Key::find(&self.inner.names, service.index, address);
        let slot = key.and_then(|key| self.inner.find_slot(key));
        if let (Some(key), Some(slot)) = (key, slot)
            && self.inner.beat_passes_at(key, slot)
        {
            return Ok(Beat::Alive);
        }
        let mut session = Session::open(&self.inner, service)?;
        let beat = match (session.find(address), full) {
            (Some(slot), _) if session.instance(slot).is_some_and(|i| i.state.present || i.state.remembered) => {
                Ok(session.beat(slot))
            }
            (_, Some(full)) => session.beat_as_registration(address, full),
            (Some(slot), None) => Ok(session.beat(slot)),
            (None, None) => Ok(Beat::RegisterAgain),
        };
        session.finish();
        beat
    }
}

impl Inner {
    #[inline]
    pub(crate) fn beat_passes(&self, handle: Handle) -> bool {
        !self.is_closed()
            && self.slots.gate(handle.slot()).is_some_and(|gate| gate.beat(handle.generation(), self.now()))
    }

    /// The same for a key: the slot must still be this key's, and then stay so, which the generation tells.
    #[inline]
    pub(crate) fn beat_passes_at(&self, key: Key, slot: u32) -> bool {
        let Some(gate) = self.slots.gate(slot) else { return false };
        let generation = gate.generation();
        self.slots.key(slot) == Some(key) && gate.beat(generation, self.now())
    }

    /// A beat that may change something: the policy is asked, under the service's mutex.
    #[cold]
    fn beat_decided(&self, handle: Handle) -> Beat {
        match self.try_beat_decided(handle) {
            Ok(beat) => beat,
            Err(AccessError::Closed) => Beat::Closed,
            // Beats go on where writes refuse; a beat that cannot be decided has changed nothing.
            Err(AccessError::Poisoned) => Beat::Alive,
            Err(AccessError::UnknownService) => Beat::RegisterAgain,
        }
    }

    fn try_beat_decided(&self, handle: Handle) -> Result<Beat, AccessError> {
        self.check_open()?;
        let Some(key) = self.slots.key(handle.slot()) else { return Ok(Beat::RegisterAgain) };
        let mut session = Session::open(self, self.service_at(key.service)?)?;
        let is_here = session.handle(handle.slot()) == Some(handle);
        let beat = if is_here { session.beat(handle.slot()) } else { Beat::RegisterAgain };
        session.finish();
        Ok(beat)
    }
}

impl Session<'_> {
    /// Asks the policy about a beat of what is present or remembered.
    fn beat(&mut self, slot: u32) -> Beat {
        if self.is_kept_out(slot) {
            return Beat::RegisterAgain;
        }
        self.decide(slot, Input::Beat, Writer::Client);
        self.answer(slot)
    }

    /// The answer to a beat that was decided; who is sent to register has been asked to.
    fn answer(&mut self, slot: u32) -> Beat {
        let Some(instance) = self.instance_mut(slot) else { return Beat::RegisterAgain };
        instance.set_asked(!instance.state.present);
        if instance.state.present { Beat::Alive } else { Beat::RegisterAgain }
    }

    /// Whether a ban on its cluster, service or ip keeps somebody out who is not here. It is sent to register, which
    /// says so in words; what it then sends counts as an answer to us.
    fn is_kept_out(&mut self, slot: u32) -> bool {
        let Some(instance) = self.instance(slot) else { return false };
        let out = !instance.state.present && self.standing().ban(&self.address(slot)).is_some();
        if out && let Some(instance) = self.instance_mut(slot) {
            instance.set_asked(true);
        }
        out
    }

    /// A full beat about which nothing is known is a registration by the same process that does not name `enabled`.
    fn beat_as_registration(&mut self, address: &Address, full: &FullBeat) -> Result<Beat, RegisterError> {
        if self.standing().ban(address).is_some() {
            return Ok(Beat::RegisterAgain);
        }
        let slot = self.find_or_create(address)?;
        let claim = Claim { enabled: None, weight: full.weight, metadata: full.metadata.clone() };
        if let Err(error) = claim.validate() {
            self.refresh(slot);
            return Err(RegisterError::Invalid(error.into()));
        }
        let Some(instance) = self.instance(slot) else { return Ok(Beat::RegisterAgain) };
        let earlier = instance.said();
        let claim = instance.without_echoes(claim);
        self.take_fields(slot, &claim, true);
        let class = self.reclassify(slot);
        let input = Input::Register { ephemeral: full.ephemeral, enabled: None, process: Process::Same, class };
        self.decide(slot, input, Writer::Client);
        self.forget_refused(slot, earlier);
        let beat = self.answer(slot);
        self.refresh(slot);
        Ok(beat)
    }
}

#[cfg(test)]
mod tests {
    use steadfast_policy::builtin::HeartbeatWins;

    use crate::{
        Address, Author, FloorTarget, HoldKind, HoldOrder, MemoryStore, Options, Policy, Registration, Registry,
        ServiceName,
    };

    #[test]
    fn a_floor_shuts_no_gate_and_an_own_hold_that_beats_overrule_does() {
        let options = Options { policy: Policy::native(&HeartbeatWins).unwrap(), ..Options::default() };
        let registry = Registry::open(options, Box::new(MemoryStore::new())).unwrap();
        let name = ServiceName::new("public", "g", "s").unwrap();
        let service = registry.service(&name).unwrap();
        let address = Address::new("10.0.0.1", 1, "c").unwrap();
        let handle = registry.register(service, &Registration::new(address.clone())).unwrap().handle;
        let author = Author::new("ops", "ann", "why").unwrap();
        let hold = HoldOrder { kind: HoldKind::Banned, author, until_ms: None };
        let targets = [
            FloorTarget::Service { service: name.clone() },
            FloorTarget::Cluster { service: name, cluster: "c".into() },
            FloorTarget::Ip { ip: "10.0.0.1".into() },
        ];
        for target in &targets {
            registry.hold_floor(target, &hold).unwrap();
            assert!(registry.inner.beat_passes(handle), "{target}");
        }
        assert_eq!(registry.view(service, |view| view.serving().count()).unwrap(), 0);
        registry.hold(service, &address, &HoldOrder { kind: HoldKind::Offline, ..hold }).unwrap();
        assert!(!registry.inner.beat_passes(handle));
    }
}

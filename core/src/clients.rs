//! What clients and their connections do: register, claim, deregister, disconnect.

use serde::Serialize;
use steadfast_policy::{Input, Process};

use crate::{
    durable::{AddressKey, What},
    error::{ClaimError, LeaveError, RegisterError},
    handle::{Handle, ServiceId},
    instance::{Instance, Said},
    limits::PUBLISHERS_MAX,
    name::Address,
    orders::Effect,
    provenance::Writer,
    registration::{Claim, Publisher, Registration},
    registry::Registry,
    session::Session,
};

/// A registration that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered {
    /// What beats the instance from now on.
    pub handle: Handle,
    /// Where it stands, and what still keeps it from serving.
    pub effect: Effect,
    /// The service's revision after the registration.
    pub revision: u64,
}

/// What became of somebody who leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// The instance is gone.
    Gone,
    /// Other publishers keep it present.
    Remaining(usize),
    /// That publisher was not (or no longer) one of the instance's.
    Stale,
    /// Nothing is present at the address.
    Unknown,
}

impl Registry {
    /// Registers an instance, or registers it again.
    ///
    /// A persistent instance is durable when this returns.
    pub fn register(&self, service: ServiceId, registration: &Registration) -> Result<Registered, RegisterError> {
        let service = self.inner.service(service)?;
        registration.validate()?;
        let mut session = Session::open(&self.inner, service)?;
        if let Some(floor) = session.standing().ban(&registration.address) {
            self.inner.counters.refused_registration();
            return Err(RegisterError::Banned(Box::new(floor)));
        }
        let slot = session.find_or_create(&registration.address)?;
        let outcome = session.register(slot, registration);
        session.refresh(slot);
        let (handle, effect) = (session.handle(slot), session.effect(slot, &registration.address));
        let revision = session.finish();
        let reason = outcome?;
        if !registration.ephemeral {
            self.inner.ledger.flush(&self.inner)?;
        }
        match handle {
            Some(handle) if effect.present => Ok(Registered { handle, effect, revision }),
            _ => Err(RegisterError::Refused { reason }),
        }
    }

    /// Changes what the client says of itself. Fields that are `None` stay; metadata replaces metadata.
    pub fn claim(&self, service: ServiceId, address: &Address, claim: &Claim) -> Result<Effect, ClaimError> {
        let service = self.inner.service(service)?;
        claim.validate()?;
        let mut session = Session::open(&self.inner, service)?;
        let not_present = || ClaimError::NotPresent { address: address.clone() };
        let slot = session.find(address).ok_or_else(not_present)?;
        if !session.instance(slot).is_some_and(|instance| instance.state.present) {
            return Err(not_present());
        }
        session.take_fields(slot, claim, true);
        let class = session.reclassify(slot);
        session.decide(slot, Input::Claim { enabled: claim.enabled, class }, Writer::Client);
        let effect = session.effect(slot, address);
        let persistent = session.is_persistent(slot);
        session.finish();
        if persistent {
            self.inner.ledger.flush(&self.inner)?;
        }
        Ok(effect)
    }

    /// A publisher leaves on its own account; the instance goes with the last one.
    pub fn deregister(&self, service: ServiceId, address: &Address, publisher: &Publisher) -> Result<Left, LeaveError> {
        let service = self.inner.service(service)?;
        let mut session = Session::open(&self.inner, service)?;
        let Some(slot) = session.find(address) else { return Ok(Left::Unknown) };
        let persistent = session.is_persistent(slot);
        let left = session.leave(slot, publisher, Input::Deregister);
        session.finish();
        if let Publisher::Connection(id) = publisher {
            self.inner.connections.withdraw(id, (service.index, slot));
        }
        if persistent {
            self.inner.ledger.flush(&self.inner)?;
        }
        Ok(left)
    }

    /// A connection closed: it stops publishing everything it published. Returns how many instances left.
    pub fn disconnect(&self, connection: &str) -> Result<usize, LeaveError> {
        self.inner.check_open()?;
        let left_behind = self.inner.connections.close(connection);
        let publisher = Publisher::Connection(connection.to_owned());
        let (mut gone, mut failed, mut persistent) = (0, None, false);
        for (index, slot) in left_behind {
            let service = self.inner.service_at(index);
            match service.and_then(|service| Session::open(&self.inner, service)) {
                Ok(mut session) => {
                    persistent |= session.is_persistent(slot);
                    gone += usize::from(session.leave(slot, &publisher, Input::Disconnect) == Left::Gone);
                    session.finish();
                }
                // The connection is gone for everybody else all the same.
                Err(error) => failed = Some(error),
            }
        }
        // Ephemeral instances leave whether the disk works or not.
        if persistent {
            self.inner.ledger.flush(&self.inner)?;
        }
        failed.map_or(Ok(gone), |error| Err(error.into()))
    }
}

impl Session<'_> {
    /// Whether the store keeps the instance.
    pub(crate) fn is_persistent(&self, slot: u32) -> bool {
        self.instance(slot).is_some_and(|instance| !instance.state.ephemeral)
    }

    /// Asks the policy about a registration; its reason, for whoever is refused and of whom nothing is kept.
    fn register(&mut self, slot: u32, registration: &Registration) -> Result<String, RegisterError> {
        let Some(instance) = self.instance(slot) else { return Ok(String::new()) };
        let state = instance.state;
        if state.present && state.ephemeral != registration.ephemeral {
            let (address, ephemeral) = (registration.address.clone(), state.ephemeral);
            return Err(RegisterError::Kind { address, ephemeral });
        }
        let publishes = instance.is_published_by(&registration.publisher);
        if !publishes && instance.publisher_count() >= PUBLISHERS_MAX {
            return Err(RegisterError::Full { what: "publishers of one instance", limit: PUBLISHERS_MAX });
        }
        let process = process_of(instance, registration.process.as_deref());
        let mut claim = registration.claim.clone();
        if instance.asked() {
            // It answers a question of ours, with what the SDK happens to remember: not the operator's word on
            // `enabled`, and overlays that it copied back are not its own words either.
            claim = instance.without_echoes(claim);
            if state.remembered {
                claim.enabled = None;
            }
        }
        let earlier = instance.said();
        self.take_registration(slot, registration, &claim, process);
        let class = self.reclassify(slot);
        let input = Input::Register { ephemeral: registration.ephemeral, enabled: claim.enabled, process, class };
        let reason = self.decide(slot, input, Writer::Client).map_or(0, |decision| decision.verdict.reason);
        self.attach(slot, registration);
        self.forget_refused(slot, earlier);
        Ok(self.look().policy.table.manifest().reason(reason).to_owned())
    }

    fn take_registration(&mut self, slot: u32, registration: &Registration, claim: &Claim, process: Process) {
        let index = self.service.index;
        let Some(instance) = self.instance_mut(slot) else { return };
        instance.set_asked(false);
        // Another program's words are not this one's.
        let same = process == Process::Same;
        if registration.process.is_some() || !same {
            instance.set_process(registration.process.as_deref().map(Box::from));
        }
        // An order that is on its way to the disk takes the key along that it found; this one comes after it.
        if instance.has_orders() || instance.rare().reserved > 0 {
            let key = AddressKey::new(index, &registration.address, What::Process);
            self.inner.durable_later(key);
        }
        self.take_fields(slot, claim, same);
    }

    /// See [`Instance::take_fields`].
    pub(crate) fn take_fields(&mut self, slot: u32, claim: &Claim, keep: bool) {
        if let Some(instance) = self.instance_mut(slot) {
            instance.take_fields(claim, keep);
        }
    }

    /// Somebody who was not here and was not let in leaves nothing: what was known of the address stands.
    pub(crate) fn forget_refused(&mut self, slot: u32, earlier: Said) {
        let Some(instance) = self.instance_mut(slot) else { return };
        if earlier.present || instance.state.present {
            return;
        }
        instance.unsay(earlier);
        let class = self.reclassify(slot);
        if let Some(instance) = self.instance_mut(slot) {
            instance.state.class = class;
        }
    }

    /// Adds the publisher of an accepted registration.
    fn attach(&mut self, slot: u32, registration: &Registration) {
        let (inner, index) = (self.inner, self.service.index);
        let Some(instance) = self.instance_mut(slot).filter(|instance| instance.state.present) else { return };
        match &registration.publisher {
            Publisher::Keyless => instance.attach_keyless(),
            Publisher::Connection(id) => {
                instance.attach(inner.connections.publish(id, (index, slot)), registration.liveness);
            }
        }
    }

    /// Removes one publisher; only the last one takes the instance along.
    fn leave(&mut self, slot: u32, publisher: &Publisher, input: Input) -> Left {
        let now = self.now;
        let Some(instance) = self.instance_mut(slot) else { return Left::Unknown };
        if !instance.state.present {
            return Left::Unknown;
        }
        let by_beats = instance.lives_by_beats();
        let found = instance.detach(publisher);
        let rest = instance.publisher_count();
        if !found {
            self.inner.counters.stale_disconnect();
            return Left::Stale;
        }
        if rest > 0 {
            if !by_beats && instance.lives_by_beats() {
                // Its connection kept it alive until now; from here on it must beat.
                self.inner.restart_clock(slot, now);
            }
            self.refresh(slot);
            return Left::Remaining(rest);
        }
        self.decide(slot, input, Writer::Client);
        Left::Gone
    }

    fn effect(&self, slot: u32, address: &Address) -> Effect {
        let standing = self.standing();
        self.instance(slot).map_or_else(|| standing.nothing(address), |instance| standing.effect(instance))
    }
}

/// The program behind a registration against the last one known here.
fn process_of(instance: &Instance, named: Option<&str>) -> Process {
    if !instance.is_known() {
        return Process::Same;
    }
    match (instance.process(), named) {
        (Some(last), Some(named)) if last == named => Process::Same,
        (Some(_), Some(_)) => Process::Other,
        _ if instance.asked() => Process::Same,
        _ => Process::Unknown,
    }
}

//! Why an instance is as it is: effective values, orders, the last decision.

use std::collections::BTreeMap;

use serde::Serialize;
use steadfast_policy::{
    Claim, Event, Probe, Table, Traffic,
    remedy::{Remedy, shortest},
};

use crate::{
    error::AccessError,
    floors::Floor,
    handle::{Handle, ServiceId},
    instance::Instance,
    key::Key,
    lapse::Lapse,
    metadata::Metadata,
    name::{Address, ServiceName},
    orders::{Hold, Overlay},
    registration::Publisher,
    registry::Registry,
    standing::Standing,
    time::STEP_MS,
};

/// Everything that is known about one address.
#[derive(Clone, Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts that a person reads, not a state machine")]
pub struct Explanation {
    /// The service.
    pub service: ServiceName,
    /// The address.
    pub address: Address,
    /// What beats it.
    pub handle: Handle,
    /// Whether it is there.
    pub present: bool,
    /// Whether it left and is remembered.
    pub remembered: bool,
    /// Ephemeral, or persistent.
    pub ephemeral: bool,
    /// The liveness answer.
    pub healthy: bool,
    /// What is published: the order's answer, over the floors.
    pub traffic: Traffic,
    /// The policy's own answer, before any floor.
    pub verdict: Traffic,
    /// The policy's reason, or the floor that leaves less than the policy would.
    pub reason: String,
    /// Who decided, when, at which event.
    pub decision: Decision,
    /// What the client says, and when that last changed.
    pub claim: ClaimExplained,
    /// What lookups show.
    pub effective: Effective,
    /// What would make it serve, step by step and as short as possible: empty if it serves, `None` if nothing that a
    /// client or an operator can do would help under this policy.
    pub remedy: Option<Vec<String>>,
    /// Every own hold.
    pub holds: Vec<HoldExplained>,
    /// Every hold on its cluster, its service and its ip, the narrowest first.
    pub floors: Vec<Floor>,
    /// Every overlay.
    pub overlays: Vec<Overlay>,
    /// Milliseconds of registry time since the last beat (when present) or since it left (when remembered).
    pub silent_ms: u64,
    /// The band that this time has crossed.
    pub band: u8,
    /// The last health check.
    pub probe: Probe,
    /// The class of the policy's manifest, by name.
    pub class: Option<String>,
    /// What the policy stored.
    pub memo: u8,
    /// Who keeps it present.
    pub publishers: Vec<Publisher>,
    /// The program behind it, if it named one.
    pub process: Option<String>,
    /// The service's revision.
    pub revision: u64,
}

/// A decision.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// The event; `None` where orders wait and no policy was asked since the registry opened.
    pub event: Option<Event>,
    /// Who caused it.
    pub writer: String,
    /// Wall time, in milliseconds since 1970.
    pub wall_ms: u64,
    /// The epoch of the policy that decided.
    pub epoch: u64,
    /// The policy that decides now.
    pub policy: String,
    /// Its digest.
    pub digest: String,
}

/// What the client says.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimExplained {
    /// Whether it wants traffic.
    pub enabled: Claim,
    /// Its weight, if it named one.
    pub weight: Option<f64>,
    /// Its metadata, if it named any.
    pub metadata: Option<Metadata>,
    /// Wall time of the last change of `enabled`.
    pub since_ms: u64,
    /// Who changed it.
    pub writer: String,
}

/// What lookups show.
#[derive(Clone, Debug, Serialize)]
pub struct Effective {
    /// The weight.
    pub weight: f64,
    /// The metadata.
    pub metadata: Metadata,
}

/// A hold, and whether the policy heeds it.
#[derive(Clone, Debug, Serialize)]
pub struct HoldExplained {
    /// The hold.
    #[serde(flatten)]
    pub hold: Hold,
    /// The instance takes more traffic than the hold allows: the policy overruled it.
    pub overruled: bool,
    /// It waits for an instance that is not there.
    pub pending: bool,
    /// It has grown older than the installed policy lets holds count.
    pub lapsed: bool,
}

/// An address with orders.
#[derive(Clone, Debug, Serialize)]
pub struct Ordered {
    /// The address.
    pub address: Address,
    /// Whether the instance is there.
    pub present: bool,
    /// Its holds.
    pub holds: Vec<HoldExplained>,
    /// Its overlays.
    pub overlays: Vec<Overlay>,
}

impl Registry {
    /// Why an instance is as it is; `None` when nothing is known about the address.
    pub fn explain(&self, service: ServiceId, address: &Address) -> Result<Option<Explanation>, AccessError> {
        let service = self.inner.service(service)?;
        let entry = service.inspect();
        let slot = Key::find(&self.inner.names, service.index, address).and_then(|key| self.inner.find_slot(key));
        let instance = slot.and_then(|slot| entry.roster.at(&self.inner.slots, slot));
        Ok(instance.map(|instance| explanation(Standing::of(&self.inner, service, &entry), instance)))
    }

    /// Every address of a service that has orders, present or not, in order of the addresses.
    pub fn orders(&self, service: ServiceId) -> Result<Vec<Ordered>, AccessError> {
        let service = self.inner.service(service)?;
        let entry = service.inspect();
        let standing = Standing::of(&self.inner, service, &entry);
        let lapse = standing.lapse();
        let ordered = entry.roster.iter().filter(|instance| instance.has_orders()).map(|instance| {
            let overlays = instance.rare().overlays.clone();
            let (address, present) = (standing.address(instance), instance.state.present);
            (address.clone(), Ordered { address, present, holds: holds(instance, lapse), overlays })
        });
        Ok(ordered.collect::<BTreeMap<_, _>>().into_values().collect())
    }
}

fn explanation(standing: Standing<'_>, instance: &Instance) -> Explanation {
    let Standing { inner, service, entry } = standing;
    let manifest = entry.policy.table.manifest();
    let state = &instance.state;
    let since = inner.slots.gate(instance.slot).map_or(0, |gate| inner.now().saturating_sub(gate.last_beat()));
    let address = standing.address(instance);
    let floors = standing.floors(&address);
    let decision = instance.decision();
    let (claimed_ms, claimed_by) = instance.claimed();
    Explanation {
        service: service.name().to_name(),
        address,
        handle: inner.handle(instance.slot),
        present: state.present,
        remembered: state.remembered,
        ephemeral: state.ephemeral,
        healthy: state.healthy,
        traffic: standing.traffic(instance),
        verdict: state.traffic,
        reason: standing.reason(instance),
        decision: Decision {
            event: decision.event,
            writer: instance.decided_by().to_owned(),
            wall_ms: decision.wall_ms.into(),
            epoch: decision.epoch.into(),
            policy: manifest.name.clone(),
            digest: entry.policy.digest.clone(),
        },
        claim: ClaimExplained {
            enabled: state.claim,
            weight: instance.weight(),
            metadata: instance.metadata().cloned(),
            since_ms: claimed_ms,
            writer: claimed_by.to_owned(),
        },
        effective: Effective { weight: instance.effective_weight(), metadata: instance.effective().clone() },
        remedy: remedy(&entry.policy.table, instance, &floors),
        holds: holds(instance, standing.lapse()),
        floors,
        overlays: instance.rare().overlays.clone(),
        silent_ms: u64::from(since) * STEP_MS,
        band: state.band,
        probe: state.probe,
        class: manifest.classes.get(usize::from(state.class).wrapping_sub(1)).map(|class| class.name.clone()),
        memo: state.memo,
        publishers: instance.publishers().collect(),
        process: instance.process().map(str::to_owned),
        revision: service.revision(),
    }
}

/// Floors first: while one bans it, the client could not even register.
fn remedy(table: &Table, instance: &Instance, floors: &[Floor]) -> Option<Vec<String>> {
    let release =
        |Floor { target, hold }: &Floor| format!("release {} by {} on {target}", hold.kind.name(), hold.author.owner);
    let in_words = |remedy: Remedy| match remedy {
        Remedy::Release => {
            let named = |hold: &Hold| format!("{} by {}", hold.kind.name(), hold.author.owner);
            format!("release {}", instance.rare().holds.iter().map(named).collect::<Vec<_>>().join(", "))
        }
        Remedy::Beat => "a beat".to_owned(),
        Remedy::Probe => "a health check that passes".to_owned(),
        Remedy::Enable => "the client enables itself".to_owned(),
        Remedy::Register => "the client registers, enabled".to_owned(),
        Remedy::Restart => "another program registers at the address".to_owned(),
    };
    let way = shortest(table, &instance.state)?.into_iter().map(in_words);
    Some(floors.iter().map(release).chain(way).collect())
}

fn holds(instance: &Instance, lapse: Lapse) -> Vec<HoldExplained> {
    let state = &instance.state;
    let explained = |hold: &Hold| HoldExplained {
        overruled: state.present && state.traffic < hold.kind.fact().traffic() && !lapse.has_lapsed(hold),
        pending: !state.present,
        lapsed: lapse.has_lapsed(hold),
        hold: hold.clone(),
    };
    instance.rare().holds.iter().map(explained).collect()
}

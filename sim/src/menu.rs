//! The policies of a simulation: each as the registry gets it, and as the model asks it.
//!
//! The registry decides by a table; the model asks the policy itself, so packing, indexing and loading of tables are
//! part of what is simulated.

use std::sync::{Arc, OnceLock};

use steadfast_core::{InstallError, Policy};
use steadfast_policy::{
    Claim, Condition, Event, Facts, Hold, Law, Manifest, Orders, Probe, Selector, StatePolicy, Subject, Table,
    TableError, Threshold, Traffic, Verdict,
    builtin::{
        AdminSticky, EurekaChain, HeartbeatWins, MaintenanceWindow, Nacos2x, Nacos14, RestartClears, UnknownProgram,
    },
};

/// The policies that a history chooses from, the first one first.
#[derive(Clone)]
pub struct Menu(Arc<[Choice]>);

/// One policy of a menu.
pub(crate) struct Choice {
    pub(crate) label: String,
    /// What the registry gets.
    pub(crate) policy: Policy,
    /// What the model asks.
    pub(crate) native: Box<dyn StatePolicy + Send + Sync>,
    pub(crate) manifest: Manifest,
}

impl Menu {
    /// Every policy that ships, with its default parameters and with some that make its peculiarity happen soon, and
    /// one that uses every part of a manifest. Proven once in a process.
    pub fn shipped() -> Menu {
        static SHIPPED: OnceLock<Menu> = OnceLock::new();
        let prove = || Menu::prove_shipped().unwrap_or_else(|error| unreachable!("a test proves them: {error}"));
        SHIPPED.get_or_init(prove).clone()
    }

    fn prove_shipped() -> Result<Menu, InstallError> {
        let choices = [
            proven("admin-sticky", AdminSticky)?,
            proven("heartbeat-wins", HeartbeatWins)?,
            proven("restart-clears", RestartClears::default())?,
            proven("maintenance-window", MaintenanceWindow::default())?,
            proven("nacos-1-4", Nacos14)?,
            proven("nacos-2x", Nacos2x::default())?,
            proven("eureka-chain", EurekaChain)?,
            proven("restart-clears(keep)", RestartClears { unknown: UnknownProgram::Keeps })?,
            proven("maintenance-window(30s)", MaintenanceWindow { lapse_ms: 30_000 })?,
            proven("nacos-2x(5s)", Nacos2x { forget_after_ms: 5_000 })?,
            proven("zones", Zones)?,
        ];
        Ok(Menu(choices.into()))
    }

    /// One policy that nothing has proven: its claims are the simulation's to check.
    pub fn unproven(policy: impl StatePolicy + Send + Sync + 'static) -> Result<Menu, TableError> {
        let table = Table::of(&policy)?;
        let name = table.manifest().name.clone();
        let digest = format!("unproven:{name}");
        Ok(Menu([choice(&name, Policy::new(Arc::new(table), digest), policy)].into()))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn choice(&self, number: u8) -> &Choice {
        &self.0[usize::from(number) % self.0.len()]
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|choice| choice.label.as_str())
    }
}

fn proven(label: &str, native: impl StatePolicy + Send + Sync + 'static) -> Result<Choice, InstallError> {
    Ok(choice(label, Policy::native(&native)?, native))
}

fn choice(label: &str, policy: Policy, native: impl StatePolicy + Send + Sync + 'static) -> Choice {
    Choice { label: label.into(), manifest: native.manifest(), policy, native: Box::new(native) }
}

/// Uses what no shipped policy does: three silence and two absence thresholds, classes by metadata and by cluster, and
/// a memo that a beat changes, so that gates shut for reasons of the policy's own.
#[derive(Clone, Copy, Debug)]
struct Zones;

const REASONS: [&str; 6] =
    ["in service", "drained by its zone", "ordered", "the client disabled itself", "ill", "not here"];
/// The class of instances that an overlay or a client puts into the zone that is emptied.
const EMPTIED: u8 = 1;

impl StatePolicy for Zones {
    fn manifest(&self) -> Manifest {
        let threshold = |after_ms| Threshold { after_ms, override_key: None };
        let class = |name: &str, subject, key: &str, pattern: &str| Selector {
            name: name.into(),
            conditions: [Condition { subject, key: key.into(), pattern: pattern.into() }].into(),
        };
        let first = Threshold { after_ms: 4_000, override_key: Some("preserved.heart.beat.timeout".into()) };
        Manifest {
            silence: [first, threshold(9_000), threshold(20_000)].into(),
            unhealthy_from: 2,
            absence: [threshold(3_000), threshold(8_000)].into(),
            classes: [class("emptied", Subject::Metadata, "zone", "e*"), class("blue", Subject::Cluster, "", "blue")]
                .into(),
            memo_size: 4,
            memo_layout: 7,
            reasons: REASONS.map(Into::into).into(),
            laws: [Law::Sticky, Law::Honest, Law::ClaimRespected].into(),
            ..Manifest::new("zones", "0.1.0", "Drains a zone, counts returns, forgets orders of the long absent.")
        }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let here = match facts.event {
            Event::Register | Event::Beat => facts.hold != Hold::Banned || facts.present,
            Event::Deregister | Event::Disconnect | Event::Remove => false,
            Event::Silence | Event::Swap => facts.present && facts.band < 3,
            _ => facts.present,
        };
        let memo = match facts.event {
            Event::Beat if facts.present && facts.memo > 0 => facts.memo - 1,
            Event::Register | Event::Beat if here && !facts.present => 3,
            Event::Absence if facts.band > 1 => 0,
            _ => facts.memo,
        };
        if !here {
            let (healthy, traffic, orders) = (false, Traffic::Refuse, Orders::Keep);
            return Verdict { present: false, healthy, traffic, orders, memo, reason: 6 };
        }
        let healthy = facts.silence_band() < 2 && facts.probe != Probe::Failing;
        let (traffic, reason) = match (facts.hold, facts.claim) {
            (Hold::Offline | Hold::Banned, _) => (Traffic::Refuse, 3),
            (_, Claim::Disabled) => (Traffic::Refuse, 4),
            (Hold::Drain, _) => (Traffic::Drain, 3),
            _ if facts.class == EMPTIED => (Traffic::Drain, 2),
            _ => (Traffic::Serve, if healthy { 1 } else { 5 }),
        };
        Verdict { present: true, healthy, traffic, orders: Orders::Keep, memo, reason }
    }
}

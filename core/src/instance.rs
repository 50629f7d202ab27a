//! What the registry keeps of one address, under its service's mutex.

use steadfast_policy::{Event, Manifest, Selector, State, Subject, Traffic};

use crate::{
    counters::CountedOrders,
    handle::Handle,
    key::Key,
    limits::WEIGHT_DEFAULT,
    metadata::Metadata,
    name::{Address, ServiceName},
    orders::{Field, FieldName, Hold, Overlay},
    registration::{Claim, Liveness, Publisher},
    time::Step,
};

/// One address: a present instance, a tombstone, or orders that wait for somebody to come.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) handle: Handle,
    pub(crate) key: Key,
    pub(crate) address: Address,
    /// What the kernel knows; `state.claim` is the client's word on `enabled`.
    pub(crate) state: State,
    /// The client's weight, if it ever named one.
    pub(crate) weight: Option<f64>,
    /// The client's metadata, if it ever named any.
    pub(crate) metadata: Option<Metadata>,
    pub(crate) publishers: Vec<(Publisher, Liveness)>,
    /// Whether the one publisher is only what a beat made us assume.
    pub(crate) assumed_publisher: bool,
    pub(crate) process: Option<String>,
    /// Whether a beat was answered with "register again" and no registration has come since.
    pub(crate) asked: bool,
    pub(crate) holds: Vec<Hold>,
    pub(crate) overlays: Vec<Overlay>,
    /// Client's metadata under the operator's overlays.
    pub(crate) effective: Metadata,
    pub(crate) thresholds: Thresholds,
    /// Orders on their way here; keeps the entry from being given back meanwhile.
    pub(crate) reserved: u32,
    /// What its published record shows: the verdict's traffic over the floors.
    pub(crate) shown: Traffic,
    /// Where it stands in the service's draft while present.
    pub(crate) position: Option<usize>,
    /// As what its orders were last counted.
    pub(crate) counted: CountedOrders,
    pub(crate) decision: Provenance,
    /// The last decision that changed what the client says.
    pub(crate) claimed: Provenance,
}

/// Which event led to what stands, and who caused it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Provenance {
    pub(crate) event: Option<Event>,
    pub(crate) writer: String,
    pub(crate) wall_ms: u64,
    pub(crate) epoch: u64,
    pub(crate) reason: u8,
}

/// Durations until each band, in steps, one step longer than declared so that nothing fires early.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Thresholds {
    pub(crate) silence: Vec<Step>,
    pub(crate) absence: Vec<Step>,
}

impl Instance {
    pub(crate) fn new(handle: Handle, key: Key, address: Address) -> Instance {
        Instance {
            handle,
            key,
            address,
            state: State::EMPTY,
            weight: None,
            metadata: None,
            publishers: Vec::new(),
            assumed_publisher: false,
            process: None,
            asked: false,
            holds: Vec::new(),
            overlays: Vec::new(),
            effective: Metadata::empty(),
            reserved: 0,
            thresholds: Thresholds::default(),
            shown: Traffic::Refuse,
            position: None,
            counted: CountedOrders::default(),
            decision: Provenance::default(),
            claimed: Provenance::default(),
        }
    }

    /// Whether an operator's order stands here.
    pub(crate) fn has_orders(&self) -> bool {
        !self.holds.is_empty() || !self.overlays.is_empty()
    }

    /// Whether nothing at all would be lost with this entry.
    pub(crate) fn is_nothing(&self) -> bool {
        !self.state.present && !self.state.remembered && !self.has_orders() && self.reserved == 0
    }

    /// Whether something is known that a process can be compared with.
    pub(crate) fn is_known(&self) -> bool {
        self.state.present || self.state.remembered || self.process.is_some()
    }

    /// Whether a tombstone would remember anything.
    pub(crate) fn is_worth_remembering(&self) -> bool {
        self.state.is_worth_remembering() || self.has_orders()
    }

    /// Whether silence runs: only for ephemeral instances without a living connection.
    pub(crate) fn lives_by_beats(&self) -> bool {
        self.state.ephemeral && !self.publishers.iter().any(|(_, liveness)| *liveness == Liveness::Connection)
    }

    /// The weight that lookups show.
    pub(crate) fn effective_weight(&self) -> f64 {
        let overlaid = self.overlays.iter().find_map(|overlay| match overlay.field {
            Field::Weight(weight) => Some(weight),
            Field::Metadata { .. } => None,
        });
        overlaid.or(self.weight).unwrap_or(WEIGHT_DEFAULT)
    }

    /// Recomputes what depends on metadata: the effective pairs. An overlay that would make them too large is kept
    /// as an order and left out of the view.
    pub(crate) fn refresh_effective(&mut self) {
        let client = self.metadata.clone().unwrap_or_else(Metadata::empty);
        match self.overlaid(&client) {
            Some(effective) if effective != self.effective => self.effective = effective,
            Some(_) => {}
            None if client != self.effective => self.effective = client,
            // The same words again: one block of memory stays for both, the one that views already share.
            None => self.metadata = self.metadata.is_some().then(|| self.effective.clone()),
        }
    }

    /// The client's pairs under the overlays; `None` if there are none.
    fn overlaid(&self, client: &Metadata) -> Option<Metadata> {
        let overlays = self.overlays.iter().filter_map(|overlay| match &overlay.field {
            Field::Metadata { key, value } => Some((key.as_str(), value.as_str())),
            Field::Weight(_) => None,
        });
        let mut pairs = overlays.peekable();
        pairs.peek()?;
        let pairs = client.iter().chain(pairs).collect();
        Metadata::pack(&pairs).ok()
    }

    /// The class of this instance under a manifest's selectors.
    pub(crate) fn class(&self, manifest: &Manifest, service: &ServiceName) -> u8 {
        let matching = manifest.classes.iter().position(|class| self.matches(service, class));
        matching.map_or(0, |class| class as u8 + 1)
    }

    /// Whether every condition of a selector holds for this instance.
    pub(crate) fn matches(&self, service: &ServiceName, selector: &Selector) -> bool {
        let port = self.address.port.to_string();
        selector.matches(|subject, key| match subject {
            Subject::Namespace => Some(service.namespace.as_str()),
            Subject::Group => Some(service.group.as_str()),
            Subject::Service => Some(service.name.as_str()),
            Subject::Cluster => Some(self.address.cluster.as_str()),
            Subject::Ip => Some(self.address.ip.as_str()),
            Subject::Port => Some(port.as_str()),
            Subject::Metadata => self.effective.value(key),
        })
    }

    /// Removes from a claim what merely repeats an overlay: the Java SDK copies effective values back.
    pub(crate) fn without_echoes(&self, mut claim: Claim) -> Claim {
        for overlay in &self.overlays {
            match &overlay.field {
                Field::Weight(weight) if claim.weight == Some(*weight) => claim.weight = None,
                Field::Metadata { key, value } => {
                    let echoed = claim.metadata.as_ref().is_some_and(|sent| sent.value(key) == Some(value));
                    if echoed {
                        claim.metadata = claim.metadata.map(|sent| self.with_own_value(&sent, key));
                    }
                }
                Field::Weight(_) => {}
            }
        }
        claim
    }

    /// `sent` with the client's own earlier value of `key`, or without the key.
    fn with_own_value(&self, sent: &Metadata, key: &str) -> Metadata {
        let mut pairs = sent.to_map();
        match self.metadata.as_ref().and_then(|own| own.value(key)) {
            Some(own) => pairs.insert(key, own),
            None => pairs.remove(key),
        };
        Metadata::pack(&pairs).unwrap_or_else(|_| sent.clone())
    }

    pub(crate) fn overlay_mut(&mut self, name: &FieldName) -> Option<&mut Overlay> {
        self.overlays.iter_mut().find(|overlay| overlay.field.name() == *name)
    }
}

impl Thresholds {
    /// The durations under a manifest, with the client's own overrides.
    pub(crate) fn of(manifest: &Manifest, client: Option<&Metadata>) -> Thresholds {
        let steps = |thresholds: &[steadfast_policy::Threshold]| {
            thresholds.iter().map(|threshold| threshold_steps(threshold, client)).collect()
        };
        Thresholds { silence: steps(&manifest.silence), absence: steps(&manifest.absence) }
    }

    /// The highest band that `elapsed` has crossed.
    pub(crate) fn band(thresholds: &[Step], elapsed: Step) -> u8 {
        thresholds.iter().rposition(|after| *after <= elapsed).map_or(0, |index| index as u8 + 1)
    }

    /// When the next higher band is crossed. Overridden thresholds need not be ordered.
    pub(crate) fn next(thresholds: &[Step], band: u8) -> Option<Step> {
        thresholds.get(usize::from(band)..)?.iter().copied().min()
    }
}

fn threshold_steps(threshold: &steadfast_policy::Threshold, client: Option<&Metadata>) -> Step {
    let overridden = threshold.override_key.as_deref().and_then(|key| client?.value(key)?.trim().parse::<u64>().ok());
    let after_ms = overridden.unwrap_or(threshold.after_ms).max(steadfast_policy::THRESHOLD_MS_MIN);
    // A beat is recorded at the tick before it, so one more step keeps every deadline from firing early.
    crate::time::steps(after_ms.min(steadfast_policy::DURATION_MS_MAX)) + 1
}

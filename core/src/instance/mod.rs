//! What the registry keeps of one address, under its service's mutex.
//!
//! There are millions of these, so an instance has room for what each of them has, and a pointer to what few have
//! ([`Aside`]). Who it is stands beside its slot (module `slots`), and how long it may be silent in its policy.

mod effective;
mod publishers;
mod weight;

use std::num::NonZero;

use steadfast_policy::{Event, State, Traffic};

use self::{publishers::Keyless, weight::Weight};
use crate::{
    metadata::Metadata,
    provenance::{Claimed, Provenance, Six, Writer, WriterKind},
    rare::{Aside, Rare},
    registration::Claim,
};

/// One address: a present instance, a tombstone, or orders that wait for somebody to come.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) slot: u32,
    weight: Weight,
    /// The client's metadata; empty unless `names_metadata`.
    metadata: Metadata,
    /// Invariant: what is in here says something; see [`Instance::tidy`].
    aside: Option<Box<Aside>>,
    /// Where it stands in the service's draft while present, counted from 1.
    position: Option<NonZero<u32>>,
    /// What the kernel knows; `state.claim` is the client's word on `enabled`.
    pub(crate) state: State,
    /// What its published record shows: the verdict's traffic over the floors.
    pub(crate) shown: Traffic,
    decision: Provenance,
    /// The last decision that changed what the client says.
    claimed: Claimed,
    keyless: Keyless,
    /// Whether the client ever named metadata; it may have named none at all.
    names_metadata: bool,
}

const _: () = assert!(size_of::<Instance>() <= 64, "design 6: the memory of an instance is budgeted");

/// What the client said of itself, apart from `enabled`.
pub(crate) struct Said {
    pub(crate) present: bool,
    process: Option<Box<str>>,
    weight: Option<f64>,
    metadata: Metadata,
    names_metadata: bool,
}

static NOTHING: Rare = Rare::NOTHING;

impl Instance {
    pub(crate) fn new(slot: u32) -> Instance {
        Instance {
            slot,
            weight: Weight::NONE,
            metadata: Metadata::empty(),
            aside: None,
            position: None,
            state: State::EMPTY,
            shown: Traffic::Refuse,
            decision: Provenance::default(),
            claimed: Claimed::default(),
            keyless: Keyless::No,
            names_metadata: false,
        }
    }

    /// What few instances have.
    pub(crate) fn rare(&self) -> &Rare {
        self.aside.as_deref().and_then(|aside| aside.rare.as_deref()).unwrap_or(&NOTHING)
    }

    /// The same, to be changed. Call [`Instance::tidy`] in the end.
    pub(crate) fn rare_mut(&mut self) -> &mut Rare {
        self.aside_mut().rare.get_or_insert_with(|| Box::new(Rare::NOTHING))
    }

    /// The same where there is any.
    pub(crate) fn rare_if_any(&mut self) -> Option<&mut Rare> {
        self.aside.as_deref_mut()?.rare.as_deref_mut()
    }

    fn has_rare(&self) -> bool {
        self.aside.as_ref().is_some_and(|aside| aside.rare.is_some())
    }

    fn aside_mut(&mut self) -> &mut Aside {
        self.aside.get_or_insert_default()
    }

    /// Gives back the memory of what does not say anything any more.
    pub(crate) fn tidy(&mut self) {
        if let Some(aside) = &mut self.aside {
            aside.rare.take_if(|rare| **rare == NOTHING);
        }
        self.aside.take_if(|aside| aside.connection.is_none() && aside.rare.is_none());
    }

    pub(crate) fn position(&self) -> Option<usize> {
        self.position.map(|position| position.get() as usize - 1)
    }

    pub(crate) fn set_position(&mut self, position: Option<usize>) {
        self.position = position.and_then(|at| NonZero::new(at as u32 + 1));
    }

    /// Whether an operator's order stands here.
    pub(crate) fn has_orders(&self) -> bool {
        !self.rare().holds.is_empty() || !self.rare().overlays.is_empty()
    }

    /// Whether nothing at all would be lost with this entry.
    pub(crate) fn is_nothing(&self) -> bool {
        !self.state.present && !self.state.remembered && !self.has_orders() && self.rare().reserved == 0
    }

    /// An order that was on its way has arrived, or does not come.
    pub(crate) fn unreserve(&mut self) {
        if let Some(rare) = self.rare_if_any() {
            // A release may come to an address that was not there yet when it set out.
            rare.reserved = rare.reserved.saturating_sub(1);
        }
    }

    /// Whether something is known that a process can be compared with.
    pub(crate) fn is_known(&self) -> bool {
        self.state.present || self.state.remembered || self.process().is_some()
    }

    /// Whether a tombstone would remember anything.
    pub(crate) fn is_worth_remembering(&self) -> bool {
        self.state.is_worth_remembering() || self.has_orders()
    }

    pub(crate) fn process(&self) -> Option<&str> {
        self.rare().process.as_deref()
    }

    pub(crate) fn set_process(&mut self, process: Option<Box<str>>) {
        if process.is_some() || self.has_rare() {
            self.rare_mut().process = process;
        }
    }

    /// Whether a beat was answered with "register again" and no registration has come since.
    pub(crate) fn asked(&self) -> bool {
        self.rare().asked
    }

    pub(crate) fn set_asked(&mut self, asked: bool) {
        if asked || self.has_rare() {
            self.rare_mut().asked = asked;
        }
    }
}

/// What the client says.
impl Instance {
    /// The client's weight, if it ever named one.
    pub(crate) fn weight(&self) -> Option<f64> {
        self.weight.exact().or(self.rare().odd_weight)
    }

    /// The client's metadata, if it ever named any.
    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        self.names_metadata.then_some(&self.metadata)
    }

    pub(crate) fn set_weight(&mut self, weight: Option<f64>) {
        self.weight = weight.map_or(Weight::NONE, Weight::of);
        let odd = weight.filter(|_| self.weight.is_odd());
        if odd.is_some() || self.has_rare() {
            self.rare_mut().odd_weight = odd;
        }
    }

    pub(crate) fn set_metadata(&mut self, metadata: Option<Metadata>) {
        self.names_metadata = metadata.is_some();
        let metadata = metadata.unwrap_or_else(Metadata::empty);
        // The same words again: the one block of memory stays that views already share.
        if self.metadata != metadata {
            self.metadata = metadata;
        }
    }

    /// Named fields of a claim replace; `enabled` is folded by the kernel. Of others the earlier value stays, if
    /// `keep` says so.
    pub(crate) fn take_fields(&mut self, claim: &Claim, keep: bool) {
        if claim.weight.is_some() || !keep {
            self.set_weight(claim.weight);
        }
        if claim.metadata.is_some() || !keep {
            self.set_metadata(claim.metadata.clone());
        }
    }

    pub(crate) fn said(&self) -> Said {
        Said {
            present: self.state.present,
            process: self.process().map(Box::from),
            weight: self.weight(),
            metadata: self.metadata.clone(),
            names_metadata: self.names_metadata,
        }
    }

    /// Says again what was said before.
    pub(crate) fn unsay(&mut self, said: Said) {
        self.set_process(said.process);
        self.set_weight(said.weight);
        (self.metadata, self.names_metadata) = (said.metadata, said.names_metadata);
    }
}

/// Who decided.
impl Instance {
    pub(crate) fn decision(&self) -> &Provenance {
        &self.decision
    }

    /// Who caused the last decision.
    pub(crate) fn decided_by(&self) -> &str {
        self.decision.writer.text(self.rare().decided_by.as_deref())
    }

    /// Wall time of the last change of the client's word, and who caused it.
    pub(crate) fn claimed(&self) -> (u64, &str) {
        (self.claimed.wall_ms.into(), self.claimed.writer.text(self.rare().claimed_by.as_deref()))
    }

    pub(crate) fn decided(&mut self, event: Event, reason: u8, epoch: u64, wall_ms: u64, writer: Writer<'_>) {
        let (wall_ms, epoch) = (Six::from(wall_ms), Six::from(epoch));
        self.decision = Provenance { wall_ms, epoch, event: Some(event), writer: writer.kind(), reason };
        if writer.kind() == WriterKind::Named || self.has_rare() {
            self.rare_mut().decided_by = writer.name().map(Box::from);
        }
    }

    /// What an earlier policy decided carries a number of that one's texts.
    pub(crate) fn forget_decision(&mut self) {
        self.decision = Provenance::default();
        if let Some(rare) = self.rare_if_any() {
            rare.decided_by = None;
        }
    }

    pub(crate) fn claim_changed(&mut self, wall_ms: u64, writer: Writer<'_>) {
        self.claimed = Claimed { wall_ms: wall_ms.into(), writer: writer.kind() };
        if writer.kind() == WriterKind::Named || self.has_rare() {
            self.rare_mut().claimed_by = writer.name().map(Box::from);
        }
    }
}

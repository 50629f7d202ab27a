//! Guard rails: what no verdict may say, whatever the policy wants.

use crate::{Event, Facts, Manifest, Orders, Traffic, Verdict};

/// A rule that a verdict broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rail {
    /// An absent instance takes no traffic and is not healthy.
    #[error("an instance that is not present must refuse traffic and not be healthy")]
    AbsentIsSilent,
    /// Only register, beat and recover bring an instance in.
    #[error("presence begins only at register, beat or recover")]
    Begins,
    /// A claim, an absence, a release, an overlay or a probe never takes an instance out; nor does a beat.
    #[error("presence ends only at register, deregister, disconnect, silence, hold, recover, swap or remove")]
    Ends,
    /// Who leaves is gone.
    #[error("nothing is present after deregister or remove")]
    Leaves,
    /// The operator's newest word cannot be forgotten while it is being said.
    #[error("orders cannot be cleared at the hold or overlay that brings them")]
    ClearsWhatCame,
    /// The memo is larger than the manifest declares.
    #[error("memo is beyond the declared memo size")]
    Memo,
    /// Every decision has a reason.
    #[error("reason must be the number of a text in the manifest, from 1")]
    Reason,
}

/// Checks one verdict against every guard rail.
pub fn check(manifest: &Manifest, facts: &Facts, verdict: &Verdict) -> Result<(), Rail> {
    let rules = [
        (verdict.present || (verdict.traffic == Traffic::Refuse && !verdict.healthy), Rail::AbsentIsSilent),
        (facts.present || !verdict.present || may_begin(facts.event), Rail::Begins),
        (!facts.present || verdict.present || may_end(facts.event), Rail::Ends),
        (!verdict.present || !matches!(facts.event, Event::Deregister | Event::Remove), Rail::Leaves),
        (verdict.orders == Orders::Keep || !matches!(facts.event, Event::Hold | Event::Overlay), Rail::ClearsWhatCame),
        (verdict.memo < manifest.memo_size, Rail::Memo),
        (verdict.reason > 0 && usize::from(verdict.reason) <= manifest.reasons.len(), Rail::Reason),
    ];
    rules.into_iter().find(|(kept, _)| !kept).map_or(Ok(()), |(_, rail)| Err(rail))
}

fn may_begin(event: Event) -> bool {
    matches!(event, Event::Register | Event::Beat | Event::Recover)
}

fn may_end(event: Event) -> bool {
    use Event::{Deregister, Disconnect, Hold, Recover, Register, Remove, Silence, Swap};
    matches!(event, Register | Deregister | Disconnect | Silence | Hold | Recover | Swap | Remove)
}

//! What a walk has seen: states packed into numbers, and a set of such numbers.

use crate::State;

/// A set of packed states. Nothing depends on its order, and its hashes are the same in every process.
pub(crate) type Seen = hashbrown::HashSet<u64, foldhash::fast::FixedState>;

/// Numbers given to what was seen, by its packed form.
pub(crate) type Numbers = hashbrown::HashMap<u64, u32, foldhash::fast::FixedState>;

/// Bits that a packed state takes.
pub(crate) const STATE_BITS: u32 = 21;

impl State {
    /// The state as a number below `1 << STATE_BITS`; different states, different numbers.
    pub(crate) fn packed(&self) -> u64 {
        let flags = [self.present, self.remembered, self.ephemeral, self.healthy];
        let fields = [
            (self.band, 2),
            (self.claim as u8, 2),
            (self.probe as u8, 2),
            (self.hold as u8, 2),
            (self.traffic as u8, 2),
            (self.class, 3),
            (self.memo, 4),
        ];
        let flags = flags.into_iter().fold(0, |packed, flag| packed << 1 | u64::from(flag));
        fields.into_iter().fold(flags, |packed, (value, bits)| packed << bits | u64::from(value))
    }

    /// The same with no class: registering, a claim and an overlay name a class of their own, so they make the same of
    /// two states that differ in nothing else.
    pub(crate) const fn declassed(self) -> State {
        State { class: 0, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Claim, Hold, Probe, Traffic, facts};

    #[test]
    fn the_largest_state_fits() {
        let largest = State {
            present: true,
            remembered: true,
            ephemeral: true,
            healthy: true,
            band: facts::BANDS as u8 - 1,
            claim: Claim::ALL[Claim::ALL.len() - 1],
            probe: Probe::ALL[Probe::ALL.len() - 1],
            hold: Hold::ALL[Hold::ALL.len() - 1],
            traffic: Traffic::ALL[Traffic::ALL.len() - 1],
            class: facts::CLASSES_MAX as u8 - 1,
            memo: facts::MEMOS_MAX as u8 - 1,
        };
        assert!(largest.packed() < 1 << STATE_BITS);
    }

    #[test]
    fn every_field_counts() {
        let all = [
            State::EMPTY,
            State { present: true, ..State::EMPTY },
            State { remembered: true, ..State::EMPTY },
            State { ephemeral: false, ..State::EMPTY },
            State { healthy: true, ..State::EMPTY },
            State { band: 3, ..State::EMPTY },
            State { claim: Claim::Disabled, ..State::EMPTY },
            State { probe: Probe::Failing, ..State::EMPTY },
            State { hold: Hold::Banned, ..State::EMPTY },
            State { traffic: Traffic::Serve, ..State::EMPTY },
            State { class: 7, ..State::EMPTY },
            State { memo: 15, ..State::EMPTY },
        ];
        let packed: Seen = all.iter().map(State::packed).collect();
        assert_eq!(packed.len(), all.len());
    }
}

//! State, input and verdict of a decision as bits. What is read back is what was written, or nothing.

use steadfast_core::policy::{Claim, Event, Hold, Input, Orders, Probe, Process, State, Traffic, Verdict};

/// Packs fields from the lowest bit upwards; each comes with its width.
fn pack<const N: usize>(fields: [(u8, u32); N]) -> u32 {
    fields.iter().rev().fold(0, |bits, (value, width)| bits << width | u32::from(*value))
}

/// Takes fields off the low end.
struct Bits(u32);

impl Bits {
    fn take(&mut self, width: u32) -> u8 {
        let field = self.0 & ((1 << width) - 1);
        self.0 >>= width;
        field as u8
    }

    fn flag(&mut self) -> bool {
        self.take(1) == 1
    }
}

pub(super) fn state_bits(state: &State, ordered: bool) -> u32 {
    pack([
        (state.present.into(), 1),
        (state.remembered.into(), 1),
        (state.ephemeral.into(), 1),
        (state.band, 2),
        (state.claim as u8, 2),
        (state.probe as u8, 2),
        (state.hold as u8, 2),
        (state.class, 3),
        (state.memo, 4),
        (state.healthy.into(), 1),
        (state.traffic as u8, 2),
        (ordered.into(), 1),
    ])
}

pub(super) fn state_of(bits: u32) -> Option<(State, bool)> {
    let mut bits = Bits(bits);
    let state = State {
        present: bits.flag(),
        remembered: bits.flag(),
        ephemeral: bits.flag(),
        band: bits.take(2),
        claim: Claim::from_number(bits.take(2))?,
        probe: Probe::from_number(bits.take(2))?,
        hold: Hold::from_number(bits.take(2))?,
        class: bits.take(3),
        memo: bits.take(4),
        healthy: bits.flag(),
        traffic: Traffic::from_number(bits.take(2))?,
    };
    let ordered = bits.flag();
    (bits.0 == 0).then_some((state, ordered))
}

/// What an input may carry; what an event does not have is 0.
#[derive(Clone, Copy, Debug, Default)]
struct Carried {
    ephemeral: bool,
    enabled: u8,
    process: u8,
    class: u8,
    band: u8,
    hold: u8,
    probe: u8,
    memo: u8,
}

pub(super) fn input_bits(input: Input) -> u32 {
    let nothing = Carried::default();
    let carried = match input {
        Input::Register { ephemeral, enabled, process, class } => {
            Carried { ephemeral, enabled: enabled_bits(enabled), process: process as u8, class, ..nothing }
        }
        Input::Claim { enabled, class } => Carried { enabled: enabled_bits(enabled), class, ..nothing },
        Input::Silence(band) | Input::Absence(band) => Carried { band, ..nothing },
        Input::Hold(hold) | Input::Release(hold) => Carried { hold: hold as u8, ..nothing },
        Input::Overlay { class } => Carried { class, ..nothing },
        Input::Probe(probe) => Carried { probe: probe as u8, ..nothing },
        Input::Recover(process) => Carried { process: process as u8, ..nothing },
        Input::Swap { band, class, memo } => Carried { class, band, memo, ..nothing },
        Input::Beat | Input::Deregister | Input::Disconnect | Input::Remove => nothing,
    };
    pack([
        (input.event() as u8, 4),
        (carried.ephemeral.into(), 1),
        (carried.enabled, 2),
        (carried.process, 2),
        (carried.class, 3),
        (carried.band, 2),
        (carried.hold, 2),
        (carried.probe, 2),
        (carried.memo, 4),
    ])
}

pub(super) fn input_of(packed: u32) -> Option<Input> {
    let mut bits = Bits(packed);
    let event = Event::from_number(bits.take(4))?;
    let (ephemeral, enabled) = (bits.flag(), enabled_of(bits.take(2)));
    let (process, class, band) = (Process::from_number(bits.take(2))?, bits.take(3), bits.take(2));
    let (hold, probe) = (Hold::from_number(bits.take(2))?, Probe::from_number(bits.take(2))?);
    let memo = bits.take(4);
    let input = match event {
        Event::Register => Input::Register { ephemeral, enabled, process, class },
        Event::Beat => Input::Beat,
        Event::Claim => Input::Claim { enabled, class },
        Event::Deregister => Input::Deregister,
        Event::Disconnect => Input::Disconnect,
        Event::Silence => Input::Silence(band),
        Event::Absence => Input::Absence(band),
        Event::Hold => Input::Hold(hold),
        Event::Release => Input::Release(hold),
        Event::Overlay => Input::Overlay { class },
        Event::Probe => Input::Probe(probe),
        Event::Recover => Input::Recover(process),
        Event::Swap => Input::Swap { band, class, memo },
        Event::Remove => Input::Remove,
    };
    // A bit that means nothing is a mistake of whoever wrote it.
    (input_bits(input) == packed).then_some(input)
}

fn enabled_bits(enabled: Option<bool>) -> u8 {
    match enabled {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    }
}

fn enabled_of(bits: u8) -> Option<bool> {
    match bits {
        1 => Some(true),
        2 => Some(false),
        // 3 is written by nobody; it does not survive the comparison with what was read.
        _ => None,
    }
}

pub(super) fn verdict_bits(verdict: Verdict) -> u16 {
    let Verdict { present, healthy, traffic, orders, memo, reason } = verdict;
    pack([(present.into(), 1), (healthy.into(), 1), (traffic as u8, 2), (orders as u8, 1), (memo, 4), (reason, 6)])
        as u16
}

pub(super) fn verdict_of(bits: u16) -> Option<Verdict> {
    let mut bits = Bits(bits.into());
    let verdict = Verdict {
        present: bits.flag(),
        healthy: bits.flag(),
        traffic: Traffic::from_number(bits.take(2))?,
        orders: Orders::from_number(bits.take(1))?,
        memo: bits.take(4),
        reason: bits.take(6),
    };
    (bits.0 == 0).then_some(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value of the low `width` bits: what can be read is written back as it was.
    #[test]
    fn what_can_be_read_is_written_alike_and_all_else_is_refused() {
        let (mut states, mut inputs) = (0, 0);
        for bits in 0..1 << 23 {
            if let Some((state, ordered)) = state_of(bits) {
                assert_eq!(state_bits(&state, ordered), bits);
                states += 1;
            }
            if let Some(input) = input_of(bits) {
                assert_eq!(input_bits(input), bits);
                inputs += 1;
            }
        }
        let of_states = 2 * 2 * 2 * 4 * 3 * 3 * 4 * 8 * 16 * 2 * 3 * 2;
        let of_inputs = (2 * 3 * 3 * 8) + 1 + (3 * 8) + 2 + (4 + 4) + (4 + 4) + 8 + 3 + 3 + (4 * 8 * 16) + 1;
        assert_eq!((states, inputs), (of_states, of_inputs));
        let verdicts = (0..=u16::MAX).filter(|bits| {
            let read = verdict_of(*bits);
            assert!(read.is_none_or(|verdict| verdict_bits(verdict) == *bits));
            read.is_some()
        });
        assert_eq!(verdicts.count(), 2 * 2 * 3 * 2 * 16 * 64);
    }
}

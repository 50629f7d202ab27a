//! One entry of a `.table` file: a question and its answer in six bytes.

use steadfast_policy::{Facts, Orders, Traffic, Verdict};

pub(super) const ENTRY_BYTES: usize = 6;

/// An entry that is not what stands there in a whole file.
pub(super) enum Misfit {
    /// Its facts are not those whose turn it is.
    Facts(u32),
    /// Its verdict has a value or a bit that means nothing.
    Verdict(u16),
}

pub(super) fn write(facts: &Facts, verdict: Verdict) -> [u8; ENTRY_BYTES] {
    let ([f0, f1, f2, f3], [v0, v1]) = (facts_bits(facts).to_le_bytes(), verdict_bits(verdict).to_le_bytes());
    [f0, f1, f2, f3, v0, v1]
}

/// The answer to `asked`.
pub(super) fn read(asked: &Facts, entry: &[u8]) -> Result<Verdict, Misfit> {
    let &[f0, f1, f2, f3, v0, v1] = entry else { return Err(Misfit::Facts(u32::MAX)) };
    let (facts, verdict) = (u32::from_le_bytes([f0, f1, f2, f3]), u16::from_le_bytes([v0, v1]));
    if facts != facts_bits(asked) {
        return Err(Misfit::Facts(facts));
    }
    verdict_of(verdict).ok_or(Misfit::Verdict(verdict))
}

/// Packs fields from the lowest bit upwards; each comes with its width.
fn pack<const N: usize>(fields: [(u8, u32); N]) -> u32 {
    fields.iter().rev().fold(0, |bits, (value, width)| bits << width | u32::from(*value))
}

fn facts_bits(facts: &Facts) -> u32 {
    pack([
        (facts.event as u8, 4),
        (facts.present.into(), 1),
        (facts.ephemeral.into(), 1),
        (facts.band, 2),
        (facts.claim as u8, 2),
        (facts.probe as u8, 2),
        (facts.hold as u8, 2),
        (facts.process as u8, 2),
        (facts.class, 3),
        (facts.memo, 4),
    ])
}

fn verdict_bits(verdict: Verdict) -> u16 {
    let Verdict { present, healthy, traffic, orders, memo, reason } = verdict;
    let fields =
        [(present.into(), 1), (healthy.into(), 1), (traffic as u8, 2), (orders as u8, 1), (memo, 4), (reason, 6)];
    // 15 bits in all, so the upper two bytes are 0.
    let [low, high, ..] = pack(fields).to_le_bytes();
    u16::from_le_bytes([low, high])
}

fn verdict_of(bits: u16) -> Option<Verdict> {
    let field = |from: u32, width: u32| {
        let [value, _] = (bits >> from & ((1 << width) - 1)).to_le_bytes();
        value
    };
    let verdict = Verdict {
        present: field(0, 1) == 1,
        healthy: field(1, 1) == 1,
        traffic: Traffic::from_number(field(2, 2))?,
        orders: Orders::from_number(field(4, 1))?,
        memo: field(5, 4),
        reason: field(9, 6),
    };
    // What packs to other bits had the spare one set.
    (verdict_bits(verdict) == bits).then_some(verdict)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use steadfast_policy::{Table, builtin::AdminSticky};

    use super::*;

    #[test]
    fn every_verdict_has_bits_of_its_own_and_other_bits_mean_nothing() {
        let read: Vec<u16> = (0..=u16::MAX).filter(|bits| verdict_of(*bits).is_some()).collect();
        assert!(read.iter().all(|bits| verdict_of(*bits).map(verdict_bits) == Some(*bits)));
        // Fifteen bits, of which one value in four is no traffic.
        assert_eq!(read.len(), (1 << 15) / 4 * 3);
    }

    #[test]
    fn questions_differ_in_their_bits() {
        let table = Table::of(&AdminSticky).unwrap();
        let bits: BTreeSet<u32> = table.entries().map(|(facts, _)| facts_bits(&facts)).collect();
        assert_eq!(bits.len(), table.entries().count());
    }

    #[test]
    fn an_entry_answers_its_own_question_only() {
        let table = Table::of(&AdminSticky).unwrap();
        let (facts, verdict) = table.entries().next().unwrap();
        let entry = write(&facts, verdict);
        assert!(matches!(read(&facts, &entry), Ok(found) if found == verdict));
        let other = Facts { memo: facts.memo + 1, ..facts };
        assert!(matches!(read(&other, &entry), Err(Misfit::Facts(found)) if found == facts_bits(&facts)));
    }
}

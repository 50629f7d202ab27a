//! Sets of pairs of classes: one bit for each pair.

use crate::graph::Classes;

/// Pairs of classes: the first one picks the byte, the second one the bit in it. So the lowest bit is the pair that
/// comes first in order.
pub(crate) type ClassPairs = u64;

/// The pairs in which both classes are the same.
pub(crate) const ALIKE: ClassPairs = 0x8040_2010_0804_0201;
const EVERY_BYTE: ClassPairs = 0x0101_0101_0101_0101;

/// Every pair whose first class is one of these.
pub(crate) fn first_in(classes: Classes) -> ClassPairs {
    const BYTES: [ClassPairs; 256] = {
        let mut bytes = [0; 256];
        let mut at = 0;
        while at < 256 * 8 {
            let (set, bit) = (at / 8, at % 8);
            if set >> bit & 1 == 1 {
                bytes[set] |= 0xFF << (8 * bit);
            }
            at += 1;
        }
        bytes
    };
    BYTES[usize::from(classes)]
}

/// Every pair whose second class is one of these.
pub(crate) fn second_in(classes: Classes) -> ClassPairs {
    ClassPairs::from(classes) * EVERY_BYTE
}

/// The first classes of these pairs.
pub(crate) fn firsts(pairs: ClassPairs) -> Classes {
    (0..8).fold(0, |classes, class| classes | u8::from(pairs >> (8 * class) & 0xFF != 0) << class)
}

/// The second classes of these pairs.
pub(crate) fn seconds(pairs: ClassPairs) -> Classes {
    pairs.to_le_bytes().into_iter().fold(0, |classes, byte| classes | byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_pairs_are_what_they_say() {
        for (first, second) in (0..8).flat_map(|first| (0..8).map(move |second| (first, second))) {
            let pair: ClassPairs = 1 << (8 * first + second);
            assert_eq!(pair, first_in(1 << first) & second_in(1 << second));
            assert_eq!((firsts(pair), seconds(pair)), (1 << first, 1 << second));
            assert_eq!(ALIKE & pair != 0, first == second);
        }
        assert_eq!(first_in(0b1010_0001).count_ones(), 24);
        assert_eq!(firsts(first_in(0b1010_0001)), 0b1010_0001);
        assert_eq!(seconds(second_in(0b1010_0001)), 0b1010_0001);
    }
}

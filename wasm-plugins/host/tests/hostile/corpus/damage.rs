//! A good policy that something happened to on its way.

use super::hostile;
use crate::case::{Case, Expect, series};

const FLIPPED_FILES: u64 = 200;
const TRUNCATED: &[&str] = &["empty", "malformed", "world"];

pub(crate) fn cases() -> Vec<Case> {
    vec![
        series("cut off at every percent", Expect::OneOf(TRUNCATED), || {
            let whole = hostile().component();
            (0..100).map(|percent| whole[..whole.len() * percent / 100].to_vec()).collect()
        }),
        series("bits flipped at random", Expect::FilesFault, || {
            let whole = hostile().component();
            (0..FLIPPED_FILES).map(|seed| flipped(&whole, seed)).collect()
        }),
        series("pieces exchanged at random", Expect::FilesFault, || {
            let whole = hostile().component();
            (0..FLIPPED_FILES).map(|seed| exchanged(&whole, seed)).collect()
        }),
    ]
}

/// One to eight bits, anywhere behind the header.
fn flipped(whole: &[u8], seed: u64) -> Vec<u8> {
    let (mut file, mut random) = (whole.to_vec(), Random(seed));
    for _ in 0..=random.below(8) {
        let at = 8 + random.below(file.len() - 8);
        file[at] ^= 1 << random.below(8);
    }
    file
}

/// Sixteen bytes from one place over those of another.
fn exchanged(whole: &[u8], seed: u64) -> Vec<u8> {
    let (mut file, mut random) = (whole.to_vec(), Random(seed));
    let [from, to] = [(); 2].map(|()| 8 + random.below(whole.len() - 24));
    file[to..to + 16].copy_from_slice(&whole[from..from + 16]);
    file
}

/// The same damage on every machine (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("below a usize")
    }
}

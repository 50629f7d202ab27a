//! What a load is doing, for whoever waits for it.

use steadfast_policy::{Law, Order};

/// One step of a load. It is told when it begins, so everything before it has passed; the steps come in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Size and structure, without compiling.
    Scan,
    /// The component becomes machine code; the step that takes longest.
    Compile,
    /// Imports and exports are compared with the world `policy`.
    Interface,
    /// Two fresh instances take the parameters and give their manifests.
    Configure,
    /// Facts are asked about, and each answer is held against the guard rails; told again and again as it goes on.
    Ask {
        /// The first pass is forward, the second backward.
        order: Order,
        /// Answers of this pass so far.
        asked: usize,
        /// Answers of this pass in all.
        of: usize,
    },
    /// The answers of both passes are compared.
    Compare,
    /// The claimed laws are being proven.
    Prove {
        /// How many there are.
        laws: usize,
    },
    /// One claimed law holds; one of these for each.
    Proven(Law),
    /// The policy can be installed.
    Done,
}

/// How often one pass tells how far it is.
const TOLD_PER_PASS: usize = 32;

/// Whether the answer number `asked` is worth telling.
pub(crate) fn is_worth_telling(asked: usize, of: usize) -> bool {
    asked == 0 || asked == of || asked.is_multiple_of(of.div_ceil(TOLD_PER_PASS).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_told_in_some_thirty_parts_with_its_end() {
        for of in [1, 31, 32, 33, 1910, 49_000] {
            let told = (0..=of).filter(|asked| is_worth_telling(*asked, of)).count();
            assert!((2..=TOLD_PER_PASS + 2).contains(&told), "{of}: {told}");
            assert!(is_worth_telling(of, of));
        }
    }
}

//! A client's weight in four bytes.

use crate::row::{parts, whole};

/// A weight in hundred-thousandths, as a row of a view has it. What such parts do not divide back to is odd: its value
/// stands elsewhere. The highest weight has 10⁹ parts, so the highest numbers are free for what is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight(u32);

impl Weight {
    /// The client never named one.
    pub(super) const NONE: Weight = Weight(u32::MAX);
    const ODD: Weight = Weight(u32::MAX - 1);

    pub(super) fn of(weight: f64) -> Weight {
        let (parts, _) = parts(weight);
        // Bit by bit: what comes out must be what went in, -0.0 too.
        let exact = parts < Weight::ODD.0 && whole(parts).to_bits() == weight.to_bits();
        if exact { Weight(parts) } else { Weight::ODD }
    }

    /// The weight, unless it is odd or none.
    pub(super) fn exact(self) -> Option<f64> {
        (self.0 < Weight::ODD.0).then(|| whole(self.0))
    }

    pub(super) fn is_odd(self) -> bool {
        self == Weight::ODD
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{instance::Instance, limits::WEIGHT_MAX};

    #[test]
    fn every_weight_comes_back_bit_by_bit_and_only_odd_ones_need_room() {
        let exact = [0.0, 0.00001, 0.1, 0.3, 1.0, 33.33333, WEIGHT_MAX];
        let odd = [-0.0, 1.0 / 3.0, 1e-9, f64::from_bits(1), WEIGHT_MAX - 1e-7, 42_949.672_95, f64::MAX, f64::INFINITY];
        let mut instance = Instance::new(0);
        for (weight, is_odd) in exact.map(|weight| (weight, false)).into_iter().chain(odd.map(|weight| (weight, true)))
        {
            assert_eq!(Weight::of(weight).is_odd(), is_odd, "{weight}");
            instance.set_weight(Some(weight));
            assert_eq!(instance.weight().map(f64::to_bits), Some(weight.to_bits()));
            let said = instance.said();
            instance.set_weight(None);
            assert_eq!(instance.weight(), None);
            instance.tidy();
            assert!(instance.aside.is_none(), "{weight} left something behind");
            instance.unsay(said);
            assert_eq!(instance.weight().map(f64::to_bits), Some(weight.to_bits()));
        }
    }
}

//! One published instance in 24 bytes: everything that a lookup filters by.
//!
//! Metadata and odd weights stand in columns of their own (module `draft`), so that a row is plain numbers: a flip
//! copies 256 of them as one block and touches nobody's reference count.

use steadfast_policy::Traffic;

use crate::{handle::Handle, key::Host};

/// One instance as readers walk it.
///
/// The handle is kept whole. Its generation could be read from the slot, but a slot may belong to somebody else by the
/// time an old view is read, and a reader would then beat a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) handle: Handle,
    host: u32,
    pub(crate) cluster: u32,
    /// The weight in hundred-thousandths, rounded up.
    pub(crate) weight: u32,
    pub(crate) port: u16,
    flags: u16,
}

const _: () = assert!(size_of::<Row>() == 24, "design 4.1: packed records of 24 bytes");

const HEALTHY: u16 = 1;
const EPHEMERAL: u16 = 1 << 1;
/// Two bits; all clear is `serve`.
const TRAFFIC: u16 = 0b11 << TRAFFIC_SHIFT;
const TRAFFIC_SHIFT: u32 = 2;
const NAMED: u16 = 1 << 4;
const ODD_WEIGHT: u16 = 1 << 5;
const CLASS_SHIFT: u32 = 6;

/// Parts of a weight of 1. A decimal fraction with up to five places survives as a number of them; the highest weight
/// has 10⁹, which fits 32 bits.
const WEIGHT_PARTS: f64 = 100_000.0;

/// What a row is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub(crate) handle: Handle,
    pub(crate) host: Host,
    pub(crate) cluster: u32,
    pub(crate) weight: f64,
    pub(crate) port: u16,
    pub(crate) ephemeral: bool,
    pub(crate) healthy: bool,
    pub(crate) traffic: Traffic,
    pub(crate) class: u8,
}

impl Row {
    pub(crate) fn new(fields: &Fields) -> Row {
        let (host, named) = match fields.host {
            Host::V4(ip) => (u32::from(ip), 0),
            Host::Named(number) => (number, NAMED),
        };
        let (weight, odd) = parts(fields.weight);
        let flag = |set: bool, flag: u16| if set { flag } else { 0 };
        Row {
            handle: fields.handle,
            host,
            cluster: fields.cluster,
            weight,
            port: fields.port,
            flags: flag(fields.healthy, HEALTHY)
                | flag(fields.ephemeral, EPHEMERAL)
                | (fields.traffic as u16) << TRAFFIC_SHIFT
                | named
                | flag(odd, ODD_WEIGHT)
                | u16::from(fields.class) << CLASS_SHIFT,
        }
    }

    pub(crate) fn host(&self) -> Host {
        if self.flags & NAMED == 0 { Host::V4(self.host.into()) } else { Host::Named(self.host) }
    }

    /// The weight, unless it is odd.
    pub(crate) fn exact_weight(&self) -> Option<f64> {
        (!self.has_odd_weight()).then(|| whole(self.weight))
    }

    pub(crate) fn has_odd_weight(&self) -> bool {
        self.flags & ODD_WEIGHT != 0
    }

    pub(crate) fn ephemeral(&self) -> bool {
        self.flags & EPHEMERAL != 0
    }

    #[inline]
    pub(crate) fn healthy(&self) -> bool {
        self.flags & HEALTHY != 0
    }

    pub(crate) fn traffic(&self) -> Traffic {
        match (self.flags & TRAFFIC) >> TRAFFIC_SHIFT {
            0 => Traffic::Serve,
            1 => Traffic::Drain,
            _ => Traffic::Refuse,
        }
    }

    /// Whether no order keeps traffic away.
    #[inline]
    pub(crate) fn is_serve(&self) -> bool {
        self.flags & TRAFFIC == 0
    }

    /// Whether a lookup for traffic takes it: healthy and `serve`.
    #[inline]
    pub(crate) fn serves(&self) -> bool {
        self.flags & (HEALTHY | TRAFFIC) == HEALTHY
    }

    #[inline]
    pub(crate) fn class(&self) -> u8 {
        (self.flags >> CLASS_SHIFT) as u8
    }
}

/// A weight in hundred-thousandths, rounded up so that only 0 becomes 0, and whether it is odd: not the number that
/// these parts divide back to.
#[allow(clippy::float_cmp, reason = "the very same number is what this is about")]
pub(crate) fn parts(weight: f64) -> (u32, bool) {
    let nearest = (weight * WEIGHT_PARTS).round();
    // One correctly rounded division of two exact numbers: what a decimal literal of the same value is parsed to.
    if nearest / WEIGHT_PARTS == weight {
        return (saturated(nearest), false);
    }
    (saturated((weight * WEIGHT_PARTS).ceil()).max(1), true)
}

/// The weight of so many hundred-thousandths.
pub(crate) fn whole(parts: u32) -> f64 {
    f64::from(parts) / WEIGHT_PARTS
}

#[allow(clippy::cast_sign_loss, reason = "a float that does not fit becomes the nearest number that does")]
fn saturated(parts: f64) -> u32 {
    parts as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::WEIGHT_MAX;

    fn fields(weight: f64) -> Fields {
        Fields {
            handle: Handle::new(1, 2),
            host: Host::V4([10, 0, 0, 1].into()),
            cluster: 0,
            weight,
            port: 80,
            ephemeral: true,
            healthy: true,
            traffic: Traffic::Serve,
            class: 0,
        }
    }

    #[test]
    fn every_weight_of_nacos_is_read_back_as_it_was_set() {
        for hundredths in 0..=1_000_000_u32 {
            let weight = f64::from(hundredths) / 100.0;
            assert_eq!(Row::new(&fields(weight)).exact_weight(), Some(weight));
        }
        for text in ["0.1", "0.3", "33.33333", "9999.99999", "10000", "0.00001"] {
            let weight: f64 = text.parse().unwrap();
            assert_eq!(Row::new(&fields(weight)).exact_weight(), Some(weight), "{text}");
        }
    }

    #[test]
    fn an_odd_weight_is_never_rounded_to_nothing_nor_taken_for_exact() {
        for weight in [1.0 / 3.0, 1e-9, f64::MIN_POSITIVE, f64::from_bits(1), WEIGHT_MAX - 1e-7] {
            let row = Row::new(&fields(weight));
            assert!(row.weight > 0 && row.has_odd_weight(), "{weight}");
            assert_eq!(row.exact_weight(), None);
        }
    }

    fn host() -> impl Strategy<Value = Host> {
        prop_oneof![any::<[u8; 4]>().prop_map(|ip| Host::V4(ip.into())), any::<u32>().prop_map(Host::Named)]
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(
            handle in any::<u64>(), host in host(), cluster in any::<u32>(), port in any::<u16>(),
            [ephemeral, healthy] in any::<[bool; 2]>(), traffic in 0..3_u8, class in 0..8_u8, weight in 0.0..=WEIGHT_MAX,
        ) {
            let traffic = [Traffic::Serve, Traffic::Drain, Traffic::Refuse][usize::from(traffic)];
            let handle = Handle::from_u64(handle);
            let row = Row::new(&Fields { handle, host, cluster, weight, port, ephemeral, healthy, traffic, class });
            prop_assert_eq!((row.handle, row.host(), row.cluster, row.port), (handle, host, cluster, port));
            prop_assert_eq!((row.ephemeral(), row.healthy(), row.traffic(), row.class()), (ephemeral, healthy, traffic, class));
            prop_assert_eq!(row.is_serve(), traffic == Traffic::Serve);
            prop_assert_eq!(row.serves(), healthy && traffic == Traffic::Serve);
            prop_assert!(row.exact_weight().is_none_or(|exact| exact.to_bits() == weight.to_bits()));
            prop_assert!(f64::from(row.weight) >= weight * WEIGHT_PARTS * (1.0 - f64::EPSILON));
        }
    }
}

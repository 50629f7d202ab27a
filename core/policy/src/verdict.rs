//! What a policy answers, packed into 15 bits of a table cell.

use serde::{Deserialize, Serialize};

use crate::facts::small_enum;

small_enum! {
    /// The order's side of what a lookup shows, weakest restriction first.
    Traffic {
        /// Takes traffic.
        Serve = 0 "serve",
        /// Finishes what runs.
        Drain = 1 "drain",
        /// Takes nothing.
        Refuse = 2 "refuse",
    }
}

small_enum! {
    /// What becomes of the own holds and overlays.
    Orders {
        /// They stay, whatever the traffic.
        Keep = 0 "keep",
        /// They are deleted: the policy forgets.
        Clear = 1 "clear",
    }
}

/// The decision about one instance at one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the instance is present after the event.
    pub present: bool,
    /// The liveness answer.
    pub healthy: bool,
    /// The order's answer.
    pub traffic: Traffic,
    /// What becomes of the orders.
    pub orders: Orders,
    /// What the policy wants to find in `memo` next time: 0..=15.
    pub memo: u8,
    /// The reason, counted from 1 in the manifest's list.
    pub reason: u8,
}

/// A table cell: present 1 bit, healthy 1, traffic 2, orders 1, memo 4, reason 6; the top bit is spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell(pub(crate) u16);

impl Cell {
    /// Marks facts that cannot occur: reason 0 never comes from a policy.
    pub(crate) const IMPOSSIBLE: Cell = Cell(0);

    pub(crate) fn pack(verdict: Verdict) -> Cell {
        Cell(
            u16::from(verdict.present)
                | u16::from(verdict.healthy) << 1
                | (verdict.traffic as u16) << 2
                | (verdict.orders as u16) << 4
                | u16::from(verdict.memo & 0xF) << 5
                | u16::from(verdict.reason & 0x3F) << 9,
        )
    }

    pub(crate) fn unpack(self) -> Verdict {
        let bits = self.0;
        Verdict {
            present: bits & 1 != 0,
            healthy: bits & 2 != 0,
            traffic: match bits >> 2 & 3 {
                0 => Traffic::Serve,
                1 => Traffic::Drain,
                _ => Traffic::Refuse,
            },
            orders: if bits & 0x10 == 0 { Orders::Keep } else { Orders::Clear },
            memo: (bits >> 5 & 0xF) as u8,
            reason: (bits >> 9 & 0x3F) as u8,
        }
    }
}

impl core::fmt::Display for Verdict {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let presence = if self.present { "present" } else { "absent" };
        let health = if self.healthy { "healthy" } else { "unhealthy" };
        write!(f, "{presence}, {health}, {}, orders {}, memo {}", self.traffic, self.orders, self.memo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_survives_packing() {
        for bits in 0..1_u16 << 15 {
            if bits >> 2 & 3 == 3 {
                continue; // No fourth traffic.
            }
            assert_eq!(Cell::pack(Cell(bits).unpack()), Cell(bits));
        }
    }
}

//! What a policy may see: a fixed tuple of small enums.
//!
//! Field order and numbering are part of the contract with compiled policies and with saved tables.

use serde::{Deserialize, Serialize};

/// Bands count from 0 (no threshold crossed) to 3 (the highest of three crossed).
pub const BANDS: usize = 4;
/// Classes count from 0 (no selector matched) to 7.
pub const CLASSES_MAX: usize = 8;
/// Memo values count from 0 to 15.
pub const MEMOS_MAX: usize = 16;
/// Classes times memo values; keeps the largest table below half a megabyte.
pub const CELLS_MAX: usize = 16;

/// Declares a C-like enum together with its list of values and its kebab-case names.
macro_rules! small_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $value:ident = $number:literal $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $value = $number,)+ }

        impl $name {
            /// Every value, in order of its number.
            pub const ALL: &'static [$name] = &[$($name::$value,)+];

            /// The name used in texts, files and other languages.
            pub const fn name(self) -> &'static str {
                match self { $($name::$value => $text,)+ }
            }

            /// The value of a number, if there is one.
            pub const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some($name::$value),)+ _ => None }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(crate) use small_enum;

small_enum! {
    /// What happened.
    Event {
        /// A client registered the instance.
        Register = 0 "register",
        /// A heartbeat arrived for an instance that is present or remembered.
        Beat = 1 "beat",
        /// The client changed what it says of itself.
        Claim = 2 "claim",
        /// The last publisher left on its own account.
        Deregister = 3 "deregister",
        /// The connection of the last publisher closed.
        Disconnect = 4 "disconnect",
        /// A present instance crossed a silence threshold.
        Silence = 5 "silence",
        /// An absent instance crossed an absence threshold.
        Absence = 6 "absence",
        /// An operator's own hold came or changed.
        Hold = 7 "hold",
        /// An own hold ended: by its operator, by time, by lapse, by force.
        Release = 8 "release",
        /// An overlay was set or released.
        Overlay = 9 "overlay",
        /// The host reported a health check.
        Probe = 10 "probe",
        /// The registry restarted.
        Recover = 11 "recover",
        /// First decision under a newly installed table.
        Swap = 12 "swap",
        /// An operator deleted the instance.
        Remove = 13 "remove",
    }
}

small_enum! {
    /// What the client says of its own readiness. A field that was never sent is `Unset`.
    Claim {
        /// The client never said.
        Unset = 0 "unset",
        /// The client wants traffic.
        Enabled = 1 "enabled",
        /// The client wants no traffic.
        Disabled = 2 "disabled",
    }
}

small_enum! {
    /// The last result of an outside health check.
    Probe {
        /// No check has reported.
        Unknown = 0 "unknown",
        /// The last check passed.
        Passing = 1 "passing",
        /// The last check failed.
        Failing = 2 "failing",
    }
}

small_enum! {
    /// The strongest own hold, weakest first.
    Hold {
        /// No hold.
        None = 0 "none",
        /// Finish what runs, take nothing new.
        Drain = 1 "drain",
        /// Take nothing.
        Offline = 2 "offline",
        /// Take nothing and do not register.
        Banned = 3 "banned",
    }
}

small_enum! {
    /// The program behind this event against the last one known at this address.
    Process {
        /// The same program, or nothing that says otherwise.
        Same = 0 "same",
        /// Another program.
        Other = 1 "other",
        /// A registration nobody asked for, by a client that names no process.
        Unknown = 2 "unknown",
    }
}

impl Hold {
    /// The weakest traffic that honours this hold.
    pub const fn traffic(self) -> crate::Traffic {
        match self {
            Hold::None => crate::Traffic::Serve,
            Hold::Drain => crate::Traffic::Drain,
            Hold::Offline | Hold::Banned => crate::Traffic::Refuse,
        }
    }
}

/// Everything that a policy may see about one instance at one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Facts {
    /// What happened.
    pub event: Event,
    /// Whether the instance was present before the event.
    pub present: bool,
    /// Lives by beats or a connection (true), or persistent (false).
    pub ephemeral: bool,
    /// Silence band when present before the event, absence band when absent before it: 0..=3.
    pub band: u8,
    /// The client's word, after folding the event.
    pub claim: Claim,
    /// The last health check, after folding.
    pub probe: Probe,
    /// The strongest own hold, after folding.
    pub hold: Hold,
    /// The program behind the event.
    pub process: Process,
    /// The lowest class of the manifest whose selector matches, 0 for none.
    pub class: u8,
    /// What this policy last stored here.
    pub memo: u8,
}

impl Facts {
    /// Whether these facts can occur at all.
    ///
    /// The registry never asks about impossible facts, tables do not hold them and laws do not visit them: all three
    /// use this one function.
    pub fn possible(&self) -> bool {
        let alive = !self.present || self.ephemeral || self.band == 0;
        let probed = self.present || self.probe == Probe::Unknown;
        let compared = matches!(self.event, Event::Register | Event::Recover) || self.process == Process::Same;
        alive && probed && compared && self.possible_at_event()
    }

    fn possible_at_event(&self) -> bool {
        // Where the silence clock starts anew, a present instance has crossed nothing.
        let fresh = !self.present || self.band == 0;
        match self.event {
            Event::Register | Event::Beat | Event::Recover => fresh,
            Event::Claim | Event::Disconnect | Event::Probe => self.present,
            Event::Deregister => self.present && self.claim == Claim::Unset,
            Event::Silence => self.present && self.band > 0,
            Event::Absence => !self.present && self.band > 0,
            Event::Hold => self.hold != Hold::None,
            Event::Release | Event::Overlay | Event::Swap => true,
            Event::Remove => self.claim == Claim::Unset,
        }
    }
}

impl Facts {
    /// The silence band: 0 for an instance that was absent, whose `band` speaks of something else.
    pub const fn silence_band(&self) -> u8 {
        if self.present { self.band } else { 0 }
    }

    /// The absence band: 0 for an instance that was present.
    pub const fn absence_band(&self) -> u8 {
        if self.present { 0 } else { self.band }
    }
}

impl core::fmt::Display for Facts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let presence = if self.present { "present" } else { "absent" };
        let kind = if self.ephemeral { "ephemeral" } else { "persistent" };
        write!(f, "{} on {presence} {kind}, band {}", self.event, self.band)?;
        write!(f, ", claim {}, probe {}, hold {}", self.claim, self.probe, self.hold)?;
        write!(f, ", process {}, class {}, memo {}", self.process, self.class, self.memo)
    }
}

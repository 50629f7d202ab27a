//! Write a Steadfast state policy in Rust: one `impl` and one macro line.
//!
//! A policy answers one question: *an event happened to an instance; what becomes of it?* It is asked about every
//! possible [`Facts`] once, when its file is loaded, and its answers become a table. So it must be a pure function,
//! it has no clock and no files, and it costs nothing while the registry runs.
//!
//! The types are those of the registry itself (the crate `steadfast-policy`), so a policy can be tested natively with
//! the registry's own checks: [`Table::of`] applies the guard rails and [`law::prove`] proves the laws it claims.
//!
//! # A whole policy
//!
//! A drain is only a remark; every other order is obeyed.
//!
//! ```
//! use steadfast_policy_sdk::{
//!     Claim, Configure, Event, Facts, Hold, Law, Manifest, Orders, Probe, StatePolicy, Traffic, Verdict, export,
//!     no_params,
//! };
//!
//! struct GentleDrain;
//!
//! impl StatePolicy for GentleDrain {
//!     fn manifest(&self) -> Manifest {
//!         Manifest {
//!             reasons: ["in service", "refused by an operator or by itself", "gone"].map(Into::into).into(),
//!             laws: [Law::Available, Law::Honest, Law::ClaimRespected].into(),
//!             ..Manifest::new("gentle-drain", "1.0.0", "A drain is only a remark.")
//!         }
//!     }
//!
//!     fn decide(&self, facts: &Facts) -> Verdict {
//!         let present = match facts.event {
//!             Event::Register => facts.hold != Hold::Banned,
//!             Event::Beat => facts.present || facts.hold != Hold::Banned,
//!             Event::Deregister | Event::Disconnect | Event::Remove => false,
//!             Event::Silence => facts.band < 2,
//!             _ => facts.present,
//!         };
//!         let refused = facts.hold >= Hold::Offline || facts.claim == Claim::Disabled;
//!         let (traffic, reason) = match (present, refused) {
//!             (false, _) => (Traffic::Refuse, 3),
//!             (true, true) => (Traffic::Refuse, 2),
//!             (true, false) => (Traffic::Serve, 1),
//!         };
//!         let healthy = present && facts.band == 0 && facts.probe != Probe::Failing;
//!         Verdict { present, healthy, traffic, orders: Orders::Keep, memo: 0, reason }
//!     }
//! }
//!
//! impl Configure for GentleDrain {
//!     fn configure(params: &[(String, String)]) -> Result<Self, String> {
//!         no_params(params).map(|()| GentleDrain)
//!     }
//! }
//!
//! export!(GentleDrain);
//!
//! // In a test, natively: what loading would say of it.
//! # fn test() {
//! let table = steadfast_policy_sdk::Table::of(&GentleDrain).expect("within the guard rails");
//! steadfast_policy_sdk::law::prove(&table).expect("keeps the laws it claims");
//! # }
//! # test();
//! ```
//!
//! Built for `wasm32-unknown-unknown` as a `cdylib` and turned into a component (`cargo xtask wasm` does both), this
//! is a file to drop into a registry's policies folder. The file is named after the manifest: `gentle-drain.wasm`.
//! Values of `[params]` in a `gentle-drain.toml` beside it arrive in [`Configure::configure`].

#![deny(unsafe_code)]

pub mod bindings;

mod convert;
mod slot;

pub use steadfast_policy::*;

/// Makes a policy the one that this component exports. Write it once, at the top level of the crate.
///
/// The type must be [`Configure`] and live for `'static`.
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        const _: () = {
            struct Component;

            ::std::thread_local! {
                static SLOT: $crate::Slot<$policy> = const { $crate::Slot::empty() };
            }

            impl $crate::bindings::Guest for Component {
                fn configure(
                    params: ::std::vec::Vec<(::std::string::String, ::std::string::String)>,
                ) -> ::std::result::Result<$crate::bindings::Manifest, ::std::string::String> {
                    SLOT.with(|slot| slot.configure(&params))
                }

                fn decide(facts: $crate::bindings::Facts) -> $crate::bindings::Verdict {
                    SLOT.with(|slot| slot.decide(facts))
                }
            }

    $crate::bindings::export!(Component with_types_in $crate::bindings);
        };
    };
}

#[doc(hidden)]
pub use slot::Slot;

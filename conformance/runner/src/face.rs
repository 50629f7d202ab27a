//! What a registry must let itself be told and asked, so that vectors can be run against it.

use std::collections::{BTreeMap, BTreeSet};

use steadfast_core::{
    Author, Claim, Field, FieldName, FloorTarget, FullBeat, HoldOrder, Publisher, Registration, Scope, ServiceName,
};
use steadfast_policy::{Probe, Traffic};

use crate::vector::{Answer, Chosen, Feature, Place};

/// Wall time at a vector's time 0, in milliseconds since 1970.
pub const WALL_START_MS: u64 = 1_700_000_000_000;

/// What a registry is opened with. Virtual time: the longest step of registry time is unbounded.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What decides.
    pub policy: Chosen,
    /// How long an absent instance is remembered, in milliseconds; `None` for the default.
    pub retain_ms: Option<u64>,
    /// Whether it is going to be restarted, so that its store must outlive it.
    pub restarts: bool,
}

/// The face could not do what it was told: not a wrong behaviour, but none.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(String);

impl Broken {
    /// Says what went wrong.
    #[allow(clippy::needless_pass_by_value, reason = "made for `map_err`")]
    pub fn new(why: impl ToString) -> Broken {
        Broken(why.to_string())
    }
}

/// How an instance looks from outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// What a lookup finds at the address; `None` when it is not listed.
    pub listed: Option<Listed>,
    /// The reason that `explain` gives; `None` when nothing is known about the address.
    pub reason: Option<String>,
    /// How many holds and overlays are listed for the address.
    pub orders: usize,
}

/// One instance of a lookup.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The liveness answer.
    pub healthy: bool,
    /// The order's answer.
    pub traffic: Traffic,
    /// The effective weight.
    pub weight: f64,
    /// The effective metadata.
    pub metadata: BTreeMap<String, String>,
}

/// A registry in virtual time, through one of its interfaces.
///
/// Services are created when they are first named. Every method that takes a handle takes one that
/// [`register`](Face::register) of the same run gave.
pub trait Face {
    /// Opens a registry on an empty store; what was open before is gone.
    fn open(&mut self, opening: &Opening) -> Result<(), Broken>;

    /// Ends the registry and opens it again on the same store.
    fn reopen(&mut self, opening: &Opening) -> Result<(), Broken>;

    /// Tells what time it is, in milliseconds of the vector's clock; wall time is that after [`WALL_START_MS`].
    fn tick(&mut self, at_ms: u64) -> Result<(), Broken>;

    /// A registration: accepted, with its handle, or refused by the policy.
    fn register(&mut self, service: &ServiceName, registration: &Registration) -> Result<(Answer, u64), Broken>;

    /// A beat by handle.
    fn beat(&mut self, handle: u64) -> Result<Answer, Broken>;

    /// A beat by address.
    fn beat_at(&mut self, place: &Place, full: Option<&FullBeat>) -> Result<Answer, Broken>;

    /// A client's update.
    fn claim(&mut self, place: &Place, claim: &Claim) -> Result<Answer, Broken>;

    /// A publisher leaves.
    fn deregister(&mut self, place: &Place, publisher: &Publisher) -> Result<Answer, Broken>;

    /// A connection closes: gone if any instance left with it.
    fn disconnect(&mut self, connection: &str) -> Result<Answer, Broken>;

    /// A hold; `until_ms` is wall time.
    fn hold(&mut self, place: &Place, order: &HoldOrder) -> Result<Answer, Broken>;

    /// The release of a hold.
    fn release(&mut self, place: &Place, author: &Author) -> Result<Answer, Broken>;

    /// Whether the interface has the methods for something that not all of them have.
    fn offers(&self, _feature: Feature) -> bool {
        false
    }

    /// [`Feature::Force`]: the release of another owner's hold.
    fn force_release(&mut self, _place: &Place, _owner: &str, _author: &Author) -> Result<Answer, Broken> {
        Err(Broken::new(Feature::Force))
    }

    /// [`Feature::Floors`]: a hold on many instances; `until_ms` is wall time.
    fn hold_floor(&mut self, _target: &FloorTarget, _order: &HoldOrder) -> Result<Answer, Broken> {
        Err(Broken::new(Feature::Floors))
    }

    /// [`Feature::Floors`]: its release.
    fn release_floor(&mut self, _target: &FloorTarget, _author: &Author) -> Result<Answer, Broken> {
        Err(Broken::new(Feature::Floors))
    }

    /// [`Feature::Routes`]: policies for parts of the registry, in place of those that stood before.
    fn route(&mut self, _routes: &[(Scope, Chosen)]) -> Result<Answer, Broken> {
        Err(Broken::new(Feature::Routes))
    }

    /// An overlay.
    fn overlay(&mut self, place: &Place, field: &Field, author: &Author) -> Result<Answer, Broken>;

    /// The release of an overlay.
    fn release_overlay(&mut self, place: &Place, field: &FieldName, author: &Author) -> Result<Answer, Broken>;

    /// The deletion of an instance.
    fn remove(&mut self, place: &Place, author: &Author) -> Result<Answer, Broken>;

    /// A health check's result.
    fn probe(&mut self, place: &Place, probe: Probe) -> Result<Answer, Broken>;

    /// Another policy.
    fn install(&mut self, policy: &Chosen) -> Result<Answer, Broken>;

    /// How an instance looks now.
    fn look(&mut self, place: &Place) -> Result<Seen, Broken>;

    /// The revision of a service; asking for it the first time starts watching it.
    fn revision(&mut self, service: &ServiceName) -> Result<u64, Broken>;

    /// The watched services that reported a change since this was last asked. Where a service is when watching begins
    /// is no change.
    fn changed(&mut self) -> Result<BTreeSet<ServiceName>, Broken>;
}

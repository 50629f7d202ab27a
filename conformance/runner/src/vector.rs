//! What a vector is: events in virtual time, and what must be seen after some of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use steadfast_core::{
    Address, Author, Claim, Field, FieldName, FloorTarget, FullBeat, HoldKind, Publisher, Registration, Scope,
    ServiceName,
};
use steadfast_policy::{Probe, Traffic};

/// Parameters of a policy, as its `configure` gets them.
pub type Params = BTreeMap<String, String>;

/// One story, and what each policy makes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// Unique over all files, such as `F1a`.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// Where the behaviour was seen: version and place, issue numbers.
    pub source: Option<String>,
    /// What a reader would otherwise get wrong, such as where Nacos itself does something else.
    pub note: Option<String>,
    /// The policies that it speaks of; `None` for any policy.
    pub policies: Option<Vec<String>>,
    /// Parameters of policies that do not run with their defaults.
    pub params: BTreeMap<String, Params>,
    /// How long an absent instance is remembered, in milliseconds; `None` for the registry's default.
    pub retain_ms: Option<u64>,
    /// What happens, in order.
    pub events: Vec<Timed>,
    /// The line of its file, from 1.
    pub line: usize,
}

/// One thing that happens, and what must be seen right after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// Virtual time, in milliseconds since the registry opened.
    pub at_ms: u64,
    /// The instance that it is about, and that is looked at.
    pub place: Place,
    /// What happens.
    pub action: Action,
    /// What must be seen; empty where nobody looks.
    pub expect: Vec<Expected>,
}

/// A service and an address inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The service.
    pub service: ServiceName,
    /// The address.
    pub address: Address,
}

/// What clients, operators, hosts and time do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A client registers.
    Register(Registration),
    /// A heartbeat.
    Beat(BeatBy),
    /// A client changes what it says of itself.
    Claim(Claim),
    /// A publisher leaves on its own account.
    Deregister(Publisher),
    /// A connection closes.
    Disconnect(String),
    /// An operator places a hold.
    Hold {
        /// How strong.
        kind: HoldKind,
        /// By whom.
        author: Author,
        /// Virtual time at which it ends by itself, in milliseconds.
        until_ms: Option<u64>,
    },
    /// An operator releases the hold of its owner.
    Release(Author),
    /// An operator releases the hold of another owner.
    ForceRelease {
        /// Whose hold.
        owner: String,
        /// By whom.
        author: Author,
    },
    /// An operator lays a hold as a floor under many instances.
    HoldFloor {
        /// Under whom.
        target: FloorTarget,
        /// How strong.
        kind: HoldKind,
        /// By whom.
        author: Author,
        /// Virtual time at which it ends by itself, in milliseconds.
        until_ms: Option<u64>,
    },
    /// An operator takes such a floor away.
    ReleaseFloor(FloorTarget, Author),
    /// An operator lays a value over a field.
    Overlay(Field, Author),
    /// An operator takes that value away.
    ReleaseOverlay(FieldName, Author),
    /// An operator deletes the instance.
    Remove(Author),
    /// A health check reports.
    Probe(Probe),
    /// Another policy is installed.
    Install(Chosen),
    /// From here on these parts of the registry have policies of their own, and no others.
    Route(Vec<(Scope, Chosen)>),
    /// The registry ends and opens again on the same store, `down_ms` later.
    Restart {
        /// How long it is gone, in milliseconds.
        down_ms: u64,
    },
    /// Nothing but time.
    Look,
}

/// How a heartbeat names its instance.
#[derive(Clone, Debug, PartialEq)]
pub enum BeatBy {
    /// By the handle of the last registration that was accepted here.
    Handle,
    /// By address, light (`None`) or full.
    Name(Option<FullBeat>),
}

/// A policy by name, and its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub params: Params,
}

/// What must be seen under some policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Under these policies; empty for all that no other entry names.
    pub of: Vec<String>,
    /// What the event answered, where that matters.
    pub answer: Option<Answer>,
    /// How the instance looks.
    pub picture: Picture,
    /// How many notifications there were since the service was last looked at.
    pub notifications: Option<u64>,
    /// How many orders (holds and overlays) are listed for the address.
    pub orders: Option<usize>,
}

/// How an instance looks to whoever looks it up. Fields that are `None` are not looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Whether it is listed at all.
    pub present: bool,
    /// The liveness answer; only where it is present.
    pub healthy: Option<bool>,
    /// The order's answer; only where it is present.
    pub traffic: Option<Traffic>,
    /// The policy's reason.
    pub reason: Option<String>,
    /// The effective weight; only where it is present.
    pub weight: Option<f64>,
    /// All effective metadata; only where it is present.
    pub metadata: Option<BTreeMap<String, String>>,
}

/// Declares the answers with their names.
macro_rules! answers {
    ($($(#[$doc:meta])* $answer:ident = $name:literal,)+) => {
        /// What an event answered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Answer { $($(#[$doc])* $answer,)+ }

        impl Answer {
            /// Its name in vectors.
            pub const fn name(self) -> &'static str {
                match self { $(Answer::$answer => $name,)+ }
            }
        }
    };
}

answers! {
    /// A registration or a claim counts.
    Accepted = "accepted",
    /// A registration that the policy did not let in.
    Refused = "refused",
    /// A beat counts.
    Alive = "alive",
    /// A beat of somebody who has to register first.
    RegisterAgain = "register-again",
    /// The instance left.
    Gone = "gone",
    /// Other publishers keep the instance.
    Remains = "remains",
    /// The sender does not publish the instance.
    NotPublisher = "not-publisher",
    /// Nothing is present there.
    NotPresent = "not-present",
    /// An order stands, and its instance is there.
    Stands = "stands",
    /// An order stands and waits for its instance.
    Pending = "pending",
    /// An order ended.
    Released = "released",
    /// There was nothing to change.
    Unchanged = "unchanged",
    /// A health check was taken in.
    Heard = "heard",
    /// A policy decides from here on.
    Installed = "installed",
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.address, self.service)
    }
}

impl Vector {
    /// Whether it says anything about a policy of this name.
    pub fn speaks_of(&self, policy: &str) -> bool {
        self.policies.as_ref().is_none_or(|policies| policies.iter().any(|name| name == policy))
    }

    /// The policy with the parameters that this vector runs it with.
    pub fn chosen(&self, policy: &str) -> Chosen {
        Chosen { name: policy.to_owned(), params: self.params.get(policy).cloned().unwrap_or_default() }
    }

    /// What an interface must offer to run it, beyond what all of them do.
    pub fn needs(&self) -> BTreeSet<Feature> {
        self.events.iter().filter_map(|event| event.action.needs()).collect()
    }

    /// Whether what is stored has to outlive the registry.
    pub fn restarts(&self) -> bool {
        self.events.iter().any(|event| matches!(event.action, Action::Restart { .. }))
    }
}

impl Timed {
    /// What must be seen under a policy.
    pub fn expected(&self, policy: &str) -> Option<&Expected> {
        let named = |expected: &&Expected| expected.of.iter().any(|name| name == policy);
        self.expect.iter().find(named).or_else(|| self.expect.iter().find(|expected| expected.of.is_empty()))
    }
}

/// What not every interface offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Holds on a service, a cluster or a whole ip.
    Floors,
    /// The release of another owner's hold.
    Force,
    /// Policies for parts of the registry.
    Routes,
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Feature::Floors => "holds on a service, a cluster or an ip",
            Feature::Force => "the release of another owner's hold",
            Feature::Routes => "policies for parts of the registry",
        })
    }
}

impl Action {
    /// What an interface must offer for it, beyond what all of them do.
    pub const fn needs(&self) -> Option<Feature> {
        match self {
            Action::HoldFloor { .. } | Action::ReleaseFloor(..) => Some(Feature::Floors),
            Action::ForceRelease { .. } => Some(Feature::Force),
            Action::Route(_) => Some(Feature::Routes),
            _ => None,
        }
    }

    /// Its name in vectors.
    pub const fn name(&self) -> &'static str {
        match self {
            Action::Register(_) => "register",
            Action::Beat(_) => "beat",
            Action::Claim(_) => "claim",
            Action::Deregister(_) => "deregister",
            Action::Disconnect(_) => "disconnect",
            Action::Hold { .. } | Action::HoldFloor { .. } => "hold",
            Action::Release(_) | Action::ForceRelease { .. } | Action::ReleaseFloor(..) => "release",
            Action::Overlay(..) => "overlay",
            Action::ReleaseOverlay(..) => "release-overlay",
            Action::Remove(_) => "remove",
            Action::Probe(_) => "probe",
            Action::Install(_) => "install",
            Action::Route(_) => "route",
            Action::Restart { .. } => "restart",
            Action::Look => "look",
        }
    }

    /// Every answer that it can have.
    pub const fn answers(&self) -> &'static [Answer] {
        use Answer::{
            Accepted, Alive, Gone, Heard, Installed, NotPresent, NotPublisher, Pending, Refused, RegisterAgain,
            Released, Remains, Stands, Unchanged,
        };
        match self {
            Action::Register(_) => &[Accepted, Refused],
            Action::Beat(_) => &[Alive, RegisterAgain],
            Action::Claim(_) => &[Accepted, NotPresent],
            Action::Deregister(_) => &[Gone, Remains, NotPublisher, NotPresent],
            Action::Disconnect(_) => &[Gone, Unchanged],
            Action::Hold { .. } | Action::Overlay(..) => &[Stands, Pending],
            Action::HoldFloor { .. } => &[Stands],
            Action::Release(_)
            | Action::ForceRelease { .. }
            | Action::ReleaseFloor(..)
            | Action::ReleaseOverlay(..) => &[Released, Unchanged],
            Action::Remove(_) => &[Gone, NotPresent],
            Action::Probe(_) => &[Heard, NotPresent],
            Action::Install(_) | Action::Route(_) => &[Installed, Unchanged],
            Action::Restart { .. } | Action::Look => &[],
        }
    }
}

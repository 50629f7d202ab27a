//! Runs one vector under one policy, and says what is not as it must be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use steadfast_core::{Author, HoldKind, HoldOrder, STEP_MS, ServiceName};

use crate::{
    face::{Broken, Face, Opening, Seen, WALL_START_MS},
    vector::{Action, Answer, BeatBy, Expected, Feature, Picture, Place, Timed, Vector},
};

/// A vector that does not hold.
#[derive(Debug, thiserror::Error)]
#[error("{id} under {policy}: {}{why}", event.as_ref().map(|event| format!("{event}: ")).unwrap_or_default())]
pub struct Failure {
    /// The vector.
    pub id: String,
    /// The policy.
    pub policy: String,
    /// The event, in words; `None` before the first one.
    pub event: Option<String>,
    /// What was wrong.
    pub why: Why,
}

/// What was wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Why {
    /// Something else was seen.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Different(Vec<Difference>),
    /// The watch queue and the revision disagree about whether a service changed.
    #[error("{service}: {}", if *.grew { "its revision grew and its watcher heard nothing" } else { "its watcher heard of a change and its revision is the same" })]
    Watch {
        /// The service.
        service: String,
        /// Whether the revision grew.
        grew: bool,
    },
    /// The vector needs something that this interface does not offer.
    #[error("this interface does not offer {0}")]
    NotOffered(Feature),
    /// The face could not go on.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// One thing that was expected and not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub what: &'static str,
    /// What had to be seen.
    pub expected: String,
    /// What was seen.
    pub seen: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, expected {}", self.what, self.seen, self.expected)
    }
}

/// Runs a vector under a policy that it speaks of.
pub fn run(vector: &Vector, policy: &str, face: &mut dyn Face) -> Result<(), Failure> {
    let failed = |event: Option<String>, why| Failure { id: vector.id.clone(), policy: policy.to_owned(), event, why };
    let mut run = Run::start(vector, policy, face).map_err(|why| failed(None, why))?;
    for (number, event) in vector.events.iter().enumerate() {
        let in_words = || Some(format!("events[{number}] ({} at {} ms)", event.action.name(), event.at_ms));
        run.event(event, policy).map_err(|why| failed(in_words(), why))?;
    }
    Ok(())
}

/// A registry in the middle of a vector.
struct Run<'a> {
    face: &'a mut dyn Face,
    opening: Opening,
    now_ms: u64,
    handles: BTreeMap<Place, u64>,
    /// The revision of each service after the last event, and when it was last looked at.
    revisions: BTreeMap<ServiceName, Revisions>,
}

#[derive(Clone, Copy)]
struct Revisions {
    last: u64,
    looked: u64,
}

impl<'a> Run<'a> {
    fn start(vector: &Vector, policy: &str, face: &'a mut dyn Face) -> Result<Run<'a>, Why> {
        if let Some(missing) = vector.needs().into_iter().find(|feature| !face.offers(*feature)) {
            return Err(Why::NotOffered(missing));
        }
        let (policy, restarts) = (vector.chosen(policy), vector.restarts());
        let opening = Opening { policy, retain_ms: vector.retain_ms, restarts };
        face.open(&opening)?;
        face.tick(0)?;
        let mut run = Run { face, opening, now_ms: 0, handles: BTreeMap::new(), revisions: BTreeMap::new() };
        let services: BTreeSet<&ServiceName> = vector.events.iter().map(|event| &event.place.service).collect();
        for service in services {
            let revision = run.face.revision(service)?;
            run.revisions.insert(service.clone(), Revisions { last: revision, looked: revision });
        }
        Ok(run)
    }

    fn event(&mut self, event: &Timed, policy: &str) -> Result<(), Why> {
        self.pass_until(event.at_ms)?;
        let answer = self.act(event)?;
        self.check_watch()?;
        match event.expected(policy) {
            Some(expected) => self.check(&event.place, expected, answer),
            None => Ok(()),
        }
    }

    /// Time passes in steps of registry time, so that each deadline is delivered by a tick of its own.
    fn pass_until(&mut self, at_ms: u64) -> Result<(), Broken> {
        while self.now_ms < at_ms {
            self.now_ms += STEP_MS;
            self.face.tick(self.now_ms)?;
        }
        Ok(())
    }

    fn act(&mut self, event: &Timed) -> Result<Option<Answer>, Broken> {
        let (place, face) = (&event.place, &mut *self.face);
        let answer = match &event.action {
            Action::Register(registration) => {
                let (answer, handle) = face.register(&place.service, registration)?;
                if answer == Answer::Accepted {
                    self.handles.insert(place.clone(), handle);
                }
                answer
            }
            Action::Beat(BeatBy::Handle) => match self.handles.get(place) {
                Some(handle) => face.beat(*handle)?,
                None => return Err(Broken::new("there is no handle: the registration was refused")),
            },
            Action::Beat(BeatBy::Name(full)) => face.beat_at(place, full.as_ref())?,
            Action::Claim(claim) => face.claim(place, claim)?,
            Action::Deregister(publisher) => face.deregister(place, publisher)?,
            Action::Disconnect(connection) => face.disconnect(connection)?,
            Action::Hold { kind, author, until_ms } => face.hold(place, &order(*kind, author, *until_ms))?,
            Action::HoldFloor { target, kind, author, until_ms } => {
                face.hold_floor(target, &order(*kind, author, *until_ms))?
            }
            Action::ReleaseFloor(target, author) => face.release_floor(target, author)?,
            Action::ForceRelease { owner, author } => face.force_release(place, owner, author)?,
            Action::Release(author) => face.release(place, author)?,
            Action::Overlay(field, author) => face.overlay(place, field, author)?,
            Action::ReleaseOverlay(field, author) => face.release_overlay(place, field, author)?,
            Action::Remove(author) => face.remove(place, author)?,
            Action::Probe(probe) => face.probe(place, *probe)?,
            Action::Install(policy) => {
                self.opening.policy = policy.clone();
                face.install(policy)?
            }
            Action::Route(routes) => face.route(routes)?,
            Action::Restart { down_ms } => {
                self.restart(*down_ms)?;
                return Ok(None);
            }
            Action::Look => return Ok(None),
        };
        Ok(Some(answer))
    }

    /// What is there when the registry has opened is no change; handles do not outlive the registry.
    fn restart(&mut self, down_ms: u64) -> Result<(), Broken> {
        self.face.reopen(&self.opening)?;
        self.now_ms += down_ms;
        self.face.tick(self.now_ms)?;
        self.handles.clear();
        for (service, revisions) in &mut self.revisions {
            let revision = self.face.revision(service)?;
            if revision <= revisions.last {
                let why = format!("{service}: revision {revision} after a restart is not above {}", revisions.last);
                return Err(Broken::new(why));
            }
            *revisions = Revisions { last: revision, looked: revision };
        }
        self.face.changed().map(drop)
    }

    /// A watcher hears of a service exactly when its revision grew.
    fn check_watch(&mut self) -> Result<(), Why> {
        let reported = self.face.changed()?;
        for (service, revisions) in &mut self.revisions {
            let revision = self.face.revision(service)?;
            let grew = revision > revisions.last;
            if grew != reported.contains(service) {
                return Err(Why::Watch { service: service.to_string(), grew });
            }
            revisions.last = revision;
        }
        Ok(())
    }

    fn check(&mut self, place: &Place, expected: &Expected, answer: Option<Answer>) -> Result<(), Why> {
        let seen = self.face.look(place)?;
        let mut differences = Differences::default();
        if let Some(expected) = expected.answer {
            differences.compare("answer", expected.name(), answer.map_or("none", Answer::name));
        }
        differences.picture(&expected.picture, &seen);
        if let Some(orders) = expected.orders {
            differences.compare("orders", &orders, &seen.orders);
        }
        if let Some(revisions) = self.revisions.get_mut(&place.service) {
            let notifications = revisions.last - std::mem::replace(&mut revisions.looked, revisions.last);
            if let Some(expected) = expected.notifications {
                differences.compare("notifications", &expected, &notifications);
            }
        }
        if differences.0.is_empty() { Ok(()) } else { Err(Why::Different(differences.0)) }
    }
}

/// A hold that ends at a time of the vector's clock.
fn order(kind: HoldKind, author: &Author, until_ms: Option<u64>) -> HoldOrder {
    HoldOrder { kind, author: author.clone(), until_ms: until_ms.map(|until_ms| WALL_START_MS + until_ms) }
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn compare<T: PartialEq + fmt::Debug + ?Sized>(&mut self, what: &'static str, expected: &T, seen: &T) {
        if expected != seen {
            self.0.push(Difference { what, expected: format!("{expected:?}"), seen: format!("{seen:?}") });
        }
    }

    fn picture(&mut self, expected: &Picture, seen: &Seen) {
        self.compare("present", &expected.present, &seen.listed.is_some());
        if let Some(reason) = &expected.reason {
            self.compare("reason", reason.as_str(), seen.reason.as_deref().unwrap_or("nothing is known"));
        }
        let Some(listed) = &seen.listed else { return };
        if let Some(healthy) = expected.healthy {
            self.compare("healthy", &healthy, &listed.healthy);
        }
        if let Some(traffic) = expected.traffic {
            self.compare("traffic", traffic.name(), listed.traffic.name());
        }
        if let Some(weight) = expected.weight {
            self.compare("weight", &weight, &listed.weight);
        }
        if let Some(metadata) = &expected.metadata {
            self.compare("metadata", metadata, &listed.metadata);
        }
    }
}

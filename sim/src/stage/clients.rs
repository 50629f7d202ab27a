//! What clients do, on both sides.

use steadfast_core::{
    Beat, Claim, ClaimError, FullBeat, LeaveError, Left, Liveness, Metadata, NamedBeat, RegisterError, Registration,
};

use super::{Heard, Stage, Token, Wrong};
use crate::{
    event::{Pairs, Registering, Says},
    model::{LeaveReply, Refusal, Shown},
    monitor,
    world::{self, Place},
};

/// An answer to a registration, without what the model cannot know.
#[derive(Debug, PartialEq)]
enum Answer {
    Accepted(Shown),
    Refused(Refusal),
    NotStored,
    Failed(String),
}

impl Stage {
    pub(super) fn register(&mut self, registering: &Registering) -> Result<Heard, Wrong> {
        let Registering { client, at, ephemeral, .. } = registering;
        let reply = self.registry().register(self.service(*at), &registration(registering)?);
        let expected = self.model.register(registering);
        let was_asked = !matches!(expected, Err(Refusal::Kind | Refusal::Full | Refusal::Banned(_) | Refusal::Quota));
        let is_stored = *ephemeral || !was_asked || self.flushed()?;
        let handle = reply.as_ref().ok().map(|registered| registered.handle);
        let revision = reply.as_ref().ok().map(|registered| registered.revision);
        let expected = match expected {
            _ if !is_stored => Answer::NotStored,
            Ok(shown) => Answer::Accepted(shown),
            Err(refusal) => Answer::Refused(refusal),
        };
        self.answered("register", &answer(reply), &expected)?;
        if let (Some(handle), Some(known)) = (handle, self.model.known(*at)) {
            let token = Token { handle, boot: self.boots, at: *at, incarnation: known.incarnation };
            self.tokens[usize::from(*client)] = Some(token);
        }
        if revision.is_some_and(|revision| self.registry().revision(self.service(*at)) != Ok(revision)) {
            return Err(Wrong::new("reply to register", "its revision is not the one that readers see"));
        }
        Ok(Heard::default())
    }

    pub(super) fn beat(&mut self, client: u8) -> Result<Heard, Wrong> {
        let Some(token) = self.tokens[usize::from(client)] else { return Ok(Heard::default()) };
        let reply = self.registry().beat(token.handle);
        let expected = self.expect_beat(token)?;
        self.answered("beat", &reply, &expected)?;
        Ok(Heard { register_again: expected == Beat::RegisterAgain })
    }

    pub(super) fn beat_batch(&mut self) -> Result<(), Wrong> {
        let tokens: Vec<Token> = self.tokens.iter().copied().flatten().collect();
        let handles: Vec<_> = tokens.iter().map(|token| token.handle).collect();
        let mut rejected = Vec::new();
        self.registry().beat_batch(&handles, &mut |place, beat| rejected.push((place, beat)));
        let mut expected = Vec::new();
        for (place, token) in tokens.into_iter().enumerate() {
            let beat = self.expect_beat(token)?;
            if beat != Beat::Alive {
                expected.push((place, beat));
            }
        }
        self.answered("beat-batch", &rejected, &expected)
    }

    /// A handle that outlived its entry is stale, whoever has the address now.
    fn expect_beat(&mut self, token: Token) -> Result<Beat, Wrong> {
        let entry = self.model.known(token.at).map(|known| known.incarnation);
        if token.boot != self.boots || entry != Some(token.incarnation) {
            return Ok(Beat::RegisterAgain);
        }
        self.expect_named_beat(token.at)
    }

    fn expect_named_beat(&mut self, at: Place) -> Result<Beat, Wrong> {
        let before = self.model.known(at).cloned();
        let expected = self.model.beat(at);
        if !monitor::beat_was_inert(&self.model, at, before.as_ref()) {
            return Err(Wrong::new("law inert-beat", format!("a beat of {at} changed something")));
        }
        Ok(expected)
    }

    pub(super) fn light_beat(&mut self, at: Place) -> Result<Heard, Wrong> {
        let reply = self.registry().beat_at(self.service(at), &at.address(), None).map_err(|error| error.to_string());
        let expected = self.expect_named_beat(at)?;
        self.answered("light-beat", &reply, &Ok(expected))?;
        Ok(Heard { register_again: expected == Beat::RegisterAgain })
    }

    pub(super) fn full_beat(&mut self, at: Place, ephemeral: bool, says: &Says) -> Result<Heard, Wrong> {
        let full = FullBeat { weight: says.weight, metadata: packed(says.metadata.as_ref())?, ephemeral };
        let reply = self.registry().beat_at(self.service(at), &at.address(), Some(&full));
        let expected = self.model.full_beat(at, ephemeral, says);
        self.answered("full-beat", &reply.map_err(refusal), &expected)?;
        Ok(Heard { register_again: expected == Ok(Beat::RegisterAgain) })
    }

    /// Beats by name in one batch: each as if it came alone.
    pub(super) fn named_batch(&mut self, beats: &[(Place, Option<Says>)]) -> Result<(), Wrong> {
        let full = |says: &Says| {
            Ok(FullBeat { weight: says.weight, metadata: packed(says.metadata.as_ref())?, ephemeral: true })
        };
        let fulls = beats.iter().map(|(_, says)| says.as_ref().map(full).transpose());
        let fulls: Vec<Option<FullBeat>> = fulls.collect::<Result<_, Wrong>>()?;
        let addresses: Vec<_> = beats.iter().map(|(at, _)| (self.service(*at), at.address())).collect();
        let named = addresses.iter().zip(&fulls);
        let named: Vec<NamedBeat<'_>> = named
            .map(|((service, address), full)| NamedBeat { service: *service, address, full: full.as_ref() })
            .collect();
        let mut rejected = Vec::new();
        self.registry().beat_batch_at(&named, &mut |place, beat| rejected.push((place, beat.map_err(refusal))));
        let mut expected = Vec::new();
        for (place, (at, says)) in beats.iter().enumerate() {
            let beat = match says {
                Some(says) => self.model.full_beat(*at, true, says),
                None => Ok(self.expect_named_beat(*at)?),
            };
            if beat != Ok(Beat::Alive) {
                expected.push((place, beat));
            }
        }
        self.answered("named-batch", &rejected, &expected)
    }

    pub(super) fn claim(&mut self, at: Place, says: &Says) -> Result<(), Wrong> {
        let claim = claim_of(says)?;
        let reply = self.registry().claim(self.service(at), &at.address(), &claim);
        let expected = self.model.claim(at, says);
        let persistent = self.model.known(at).is_some_and(|known| known.present && !known.ephemeral);
        let is_stored = !persistent || self.flushed()?;
        let reply = match reply {
            Ok(effect) => Ok(Some(shown(effect))),
            Err(ClaimError::NotPresent { .. }) => Ok(None),
            Err(ClaimError::Store(_)) => Err("not stored".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        self.answered("claim", &reply, &stored(expected, is_stored))
    }

    pub(super) fn deregister(&mut self, at: Place, connection: Option<u8>) -> Result<(), Wrong> {
        let reply = self.registry().deregister(self.service(at), &at.address(), &world::publisher(connection));
        let persistent = self.model.known(at).is_some_and(|known| !known.ephemeral);
        let expected = self.model.deregister(at, connection);
        let is_stored = !persistent || self.flushed()?;
        self.answered("deregister", &left(reply), &stored(left_as(expected), is_stored))
    }

    pub(super) fn disconnect(&mut self, connection: u8) -> Result<(), Wrong> {
        let reply = self.registry().disconnect(&world::connection(connection));
        let persistent = self.model.publishes_persistent(connection);
        let expected = self.model.disconnect(connection);
        let reply = reply.map_err(|error| not_stored(&error));
        // The registry may also remember that the connection once published something persistent, and flush for that.
        let flushes = persistent || self.disk.has_outcomes() || (reply.is_err() && self.model.is_in_trouble());
        let is_stored = !flushes || self.flushed()?;
        self.answered("disconnect", &reply, &stored(expected, is_stored))
    }
}

fn registration(registering: &Registering) -> Result<Registration, Wrong> {
    let Registering { at, connection, living, ephemeral, process, says, .. } = registering;
    Ok(Registration {
        ephemeral: *ephemeral,
        claim: claim_of(says)?,
        publisher: world::publisher(*connection),
        liveness: if *living { Liveness::Connection } else { Liveness::Beats },
        process: process.map(world::process),
        ..Registration::new(at.address())
    })
}

/// Why a beat that would have been a registration is refused, as far as the model knows such reasons.
fn refusal(error: RegisterError) -> Refusal {
    match error {
        RegisterError::Quota(_) => Refusal::Quota,
        other => Refusal::Policy(other.to_string()),
    }
}

fn claim_of(says: &Says) -> Result<Claim, Wrong> {
    Ok(Claim { enabled: says.enabled, weight: says.weight, metadata: packed(says.metadata.as_ref())? })
}

fn packed(metadata: Option<&Pairs>) -> Result<Option<Metadata>, Wrong> {
    let pack = |pairs: &Pairs| Metadata::new(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    metadata.map(pack).transpose().map_err(|error| Wrong::new("metadata of a client", error.to_string()))
}

fn answer(reply: Result<steadfast_core::Registered, RegisterError>) -> Answer {
    match reply {
        Ok(registered) => Answer::Accepted(shown(registered.effect)),
        Err(RegisterError::Kind { .. }) => Answer::Refused(Refusal::Kind),
        Err(RegisterError::Full { .. }) => Answer::Refused(Refusal::Full),
        Err(RegisterError::Refused { reason }) => Answer::Refused(Refusal::Policy(reason)),
        Err(RegisterError::Banned(floor)) => Answer::Refused(Refusal::Banned(floor.to_string())),
        Err(RegisterError::Quota(_)) => Answer::Refused(Refusal::Quota),
        Err(RegisterError::Store(_)) => Answer::NotStored,
        Err(error) => Answer::Failed(error.to_string()),
    }
}

/// What an effect says that the model knows, too.
pub(super) fn shown(effect: steadfast_core::Effect) -> Shown {
    let steadfast_core::Effect { present, healthy, traffic, reason, .. } = effect;
    Shown { present, healthy, traffic, reason }
}

pub(super) fn left(reply: Result<Left, LeaveError>) -> Result<Left, String> {
    reply.map_err(|error| not_stored(&error))
}

fn not_stored(error: &LeaveError) -> String {
    if let LeaveError::Store(_) = error { "not stored".to_owned() } else { error.to_string() }
}

/// Somebody who leaves has left also where that could not be stored.
pub(super) fn stored<T>(expected: T, is_stored: bool) -> Result<T, String> {
    if is_stored { Ok(expected) } else { Err("not stored".to_owned()) }
}

pub(super) fn left_as(expected: LeaveReply) -> Left {
    match expected {
        LeaveReply::Gone => Left::Gone,
        LeaveReply::Remaining(rest) => Left::Remaining(rest),
        LeaveReply::Stale => Left::Stale,
        LeaveReply::Unknown => Left::Unknown,
    }
}

//! Events in words, for whoever reads a history.

use std::fmt;

use super::{Event, Registering, Says};
use crate::world::{self, OWNERS};

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Register(registering) => registering.fmt(f),
            Event::Beat { client } => write!(f, "client {client} beats by the handle it was given last"),
            Event::BeatBatch => f.write_str("every client beats by its handle, in one batch"),
            Event::NamedBatch { beats } => {
                write!(f, "{} beats by name in one batch:", beats.len())?;
                beats.iter().try_for_each(|(at, says)| match says {
                    Some(says) => write!(f, " {at}{says};"),
                    None => write!(f, " {at};"),
                })
            }
            Event::LightBeat { at } => write!(f, "{at} beats by name"),
            Event::FullBeat { at, ephemeral, says } => write!(f, "{at} beats in full{}{says}", kind(*ephemeral)),
            Event::Claim { at, says } => write!(f, "{at} updates its claim{says}"),
            Event::Deregister { at, connection } => write!(f, "{at} is deregistered by {}", sender(*connection)),
            Event::Disconnect { connection } => write!(f, "connection {connection} closes"),
            Event::Hold { at, owner, kind, for_ms } => {
                write!(f, "{} holds {at}: {}", owned(*owner), kind.name())?;
                for_ms.map_or(Ok(()), |for_ms| write!(f, ", for {for_ms} ms"))
            }
            Event::Release { at, owner, by } => released(f, (*owner, *by), at),
            Event::HoldFloor { under, owner, kind, for_ms } => {
                write!(f, "{} holds {}: {}", owned(*owner), under.target(), kind.name())?;
                for_ms.map_or(Ok(()), |for_ms| write!(f, ", for {for_ms} ms"))
            }
            Event::ReleaseFloor { under, owner, by } => released(f, (*owner, *by), &under.target()),
            Event::Bulk { which, owner, order } => {
                write!(f, "{} orders {order:?} for everything that matches {which:?}", owned(*owner))
            }
            Event::Overlay { at, owner, field } => write!(f, "{} lays {field:?} over {at}", owned(*owner)),
            Event::ReleaseOverlay { at, owner, name } => {
                write!(f, "{} takes its overlay of {name:?} from {at}", owned(*owner))
            }
            Event::Remove { at, owner } => write!(f, "{} removes {at}", owned(*owner)),
            Event::Probe { at, probe } => write!(f, "a health check of {at} says {probe}"),
            Event::Pass { ms, step_ms } => write!(f, "{ms} ms pass, a tick each {step_ms} ms"),
            Event::Suspend { ms } => write!(f, "the host is suspended for {ms} ms"),
            Event::ClockBack { ms } => write!(f, "the monotonic clock goes back by {ms} ms"),
            Event::WallJump { ms } => write!(f, "the wall clock jumps by {ms} ms"),
            Event::Install { policy } => write!(f, "policy {policy} of the menu is installed"),
            Event::Route { routes } => {
                f.write_str("routes:")?;
                routes.iter().try_for_each(|(scope, policy)| {
                    write!(f, " {} to policy {policy} of the menu;", world::scope(*scope))
                })
            }
            Event::Quota { namespace, most } => {
                write!(f, "namespace {} may hold {most:?} instances", world::NAMESPACES[usize::from(*namespace)])
            }
            Event::LookUp { service, question } => {
                write!(f, "a reader asks {} for {question:?}", world::service_name(*service))
            }
            Event::Watch { service, on: true } => write!(f, "somebody watches {}", world::service_name(*service)),
            Event::Watch { service, on: false } => {
                write!(f, "nobody watches {} any more", world::service_name(*service))
            }
            Event::Drain { max } => write!(f, "the slow watcher reads everything, {max} events at a time"),
            Event::Storm { at } => write!(f, "{at} changes its weight more often than the ring is long"),
            Event::Twice(event) => write!(f, "twice: {event}"),
            Event::Flush => f.write_str("the host flushes"),
            Event::StoreFault { fault, commits } => write!(f, "commit {commits} from here will go wrong: {fault:?}"),
            Event::Crash { boot, start_fails } => {
                write!(f, "the process dies and starts with policy {} of the menu", boot.policy)?;
                if start_fails.is_some() { f.write_str(", the first start fails") } else { Ok(()) }
            }
            Event::Shutdown { boot } => {
                write!(f, "the host shuts down and starts with policy {} of the menu", boot.policy)
            }
            Event::Misbehave(misdeed) => write!(f, "somebody misbehaves: {misdeed:?}"),
        }
    }
}

impl fmt::Display for Registering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Registering { client, at, connection, living, ephemeral, process, says } = self;
        write!(f, "client {client} registers {at} by {}{}", sender(*connection), kind(*ephemeral))?;
        if *living {
            f.write_str(", alive while the connection is")?;
        }
        process.map_or(Ok(()), |process| write!(f, ", program {process}"))?;
        says.fmt(f)
    }
}

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Says { enabled, weight, metadata } = self;
        enabled.map_or(Ok(()), |enabled| write!(f, ", enabled={enabled}"))?;
        weight.map_or(Ok(()), |weight| write!(f, ", weight={weight}"))?;
        metadata.as_ref().map_or(Ok(()), |metadata| write!(f, ", metadata={metadata:?}"))
    }
}

fn released(f: &mut fmt::Formatter<'_>, (owner, by): (u8, u8), what: &dyn fmt::Display) -> fmt::Result {
    if owner == by {
        return write!(f, "{} releases its hold on {what}", owned(owner));
    }
    write!(f, "{} forces the release of {}'s hold on {what}", owned(by), owned(owner))
}

fn sender(connection: Option<u8>) -> String {
    connection.map_or("a keyless sender".into(), |number| format!("connection {number}"))
}

fn kind(ephemeral: bool) -> &'static str {
    if ephemeral { "" } else { ", persistent" }
}

fn owned(owner: u8) -> &'static str {
    OWNERS[usize::from(owner)]
}

//! A promise that was not kept, told so that somebody else can see it again, and as short as it gets.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    Fault, Setup,
    event::{Boot, Event},
    menu::Menu,
    stage::{Heard, Stage, Wrong},
    world,
};

/// Events that shrinking plays at most.
const SHRINK_EVENTS_MAX: usize = 100_000;

/// A promise was not kept.
#[derive(Clone, Debug, thiserror::Error)]
pub struct Violation {
    /// The seed.
    pub seed: u64,
    /// The number of the event after which it showed, from 1.
    pub event: u64,
    /// The promise, always in the same words.
    pub rule: String,
    /// What was seen instead.
    pub seen: String,
    /// The last events in words, the guilty one last.
    pub last: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { seed, event, rule, seen, last } = self;
        writeln!(f, "seed {seed}, event {event}: {rule}: {seen}")?;
        writeln!(f, "the last events:")?;
        let first = (*event + 1).saturating_sub(last.len() as u64);
        last.iter().zip(first..).try_for_each(|(event, number)| writeln!(f, "  {number:>6}  {event}"))?;
        write!(f, "again: cargo xtask sim --seed {seed} --events {event}")
    }
}

/// The shortest history that was found for a violation.
#[derive(Clone, Debug)]
pub struct Story {
    /// What the registry was first started with, and then the events, in words.
    pub events: Vec<String>,
    /// What was seen at its end.
    pub seen: String,
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the shortest history that still breaks it:")?;
        self.events.iter().zip(0_u32..).try_for_each(|(event, number)| writeln!(f, "  {number:>6}  {event}"))?;
        write!(f, "seen: {}", self.seen)
    }
}

/// Plays one event; a panic of the registry is a broken promise like any other.
pub(crate) fn play(stage: &mut Stage, event: &Event) -> Result<Heard, Wrong> {
    // The stage is thrown away after a panic, so nothing half changed is looked at.
    catch_unwind(AssertUnwindSafe(|| stage.play(event))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(Wrong::new("nothing panics", text.unwrap_or("a panic without a text")))
    })
}

/// A history that can be played without dice.
pub(crate) struct History {
    pub(crate) boot: Boot,
    pub(crate) events: Vec<Event>,
}

impl History {
    /// Drops every event that is not needed to break the same rule.
    pub(crate) fn shrink(mut self, setup: &Setup, rule: &str) -> Option<Story> {
        let mut left = SHRINK_EVENTS_MAX;
        let mut seen = self.breaks(setup, rule, &mut left)?;
        let mut chunk = self.events.len().div_ceil(2);
        while chunk > 0 {
            let before = self.events.len();
            let mut at = 0;
            while at < self.events.len() && left > 0 {
                let end = (at + chunk).min(self.events.len());
                let events = [&self.events[..at], &self.events[end..]].concat();
                let mut shorter = History { boot: self.boot, events };
                match shorter.breaks(setup, rule, &mut left) {
                    Some(wrong) => (self, seen) = (shorter, wrong),
                    None => at = end,
                }
            }
            // Single events are tried again as long as one of them can go: each may have needed another.
            if chunk > 1 || self.events.len() == before {
                chunk /= 2;
            }
        }
        let label = setup.menu.choice(self.boot.policy).label.clone();
        let Boot { retain_ms, max_step_ms, flush_in_tick, quota, .. } = self.boot;
        let options = format!(
            "retain {retain_ms} ms, steps of at most {max_step_ms} ms, flush in tick {flush_in_tick}, quota {quota:?}"
        );
        let started = format!("a registry opens with {label}, {options}");
        let told = self.events.iter().map(|event| in_words(event, &setup.menu));
        Some(Story { events: std::iter::once(started).chain(told).collect(), seen: seen.seen })
    }

    /// Whether it breaks `rule`; what comes after that is cut off.
    fn breaks(&mut self, setup: &Setup, rule: &str, left: &mut usize) -> Option<Wrong> {
        let mut stage = Stage::open(setup.menu.clone(), self.boot, setup.fault).ok()?;
        for (at, event) in self.events.iter().enumerate() {
            *left = left.checked_sub(1)?;
            if let Err(wrong) = play(&mut stage, event) {
                if wrong.rule != rule {
                    return None;
                }
                self.events.truncate(at + 1);
                return Some(wrong);
            }
        }
        None
    }
}

/// An event with the name of the policy that it is about.
pub(crate) fn in_words(event: &Event, menu: &Menu) -> String {
    match event {
        Event::Install { policy } => format!("{} is installed", menu.choice(*policy).label),
        Event::Route { routes } => {
            let route =
                |(scope, policy): (&u8, &u8)| format!("{} to {}", world::scope(*scope), menu.choice(*policy).label);
            format!("routes: {:?}", routes.iter().map(route).collect::<Vec<_>>())
        }
        Event::Crash { boot, .. } | Event::Shutdown { boot } => {
            format!("{event} ({}, retain {} ms)", menu.choice(boot.policy).label, boot.retain_ms)
        }
        other => other.to_string(),
    }
}

/// How a fault that was set on purpose reads.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Store(vice) => write!(f, "a store that breaks its contract: {vice:?}"),
            Fault::Impatience => f.write_str("a model that wants silence to be found a step early"),
            Fault::SleepyTicker => f.write_str("a ticker that tells the time once a second"),
        }
    }
}

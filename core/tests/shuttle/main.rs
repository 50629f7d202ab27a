//! The whole registry in long mixed schedules: tasks that register, beat, order, swap, watch and read, switched wherever
//! one of them touches what another can see, against an oracle. And registries with one step gone wrong, which the same
//! schedules must find out.
//!
//! Run with `RUSTFLAGS="--cfg shuttle" cargo test -p steadfast-core --no-default-features --profile
//! schedules --test shuttle`; shuttle knows no thread that it did not start, so there is no driver.
//! `STEADFAST_SCHEDULES` says how many; a schedule that fails is kept in a file and played again with
//! `STEADFAST_SCHEDULE=<file>` and the name of its test.
#![cfg(shuttle)]
#![allow(unreachable_pub, reason = "test modules")]
#![allow(clippy::print_stdout, reason = "a soak counts what was played")]

mod clients;
mod disk;
mod operators;
mod oracle;
mod play;
mod readers;
mod world;

use play::Scheduling;
use steadfast_core::faults::{self, Fault};
use world::Cast;

#[test]
fn everybody_at_once_in_random_schedules() {
    play::schedules(Scheduling::Random, || world::play(Cast::Everybody));
}

#[test]
fn everybody_at_once_where_few_switches_matter() {
    play::schedules(Scheduling::FewSwitches, || world::play(Cast::Everybody));
}

#[test]
fn a_schedule_can_be_played_again() {
    shuttle::check_uncontrolled_nondeterminism(|| world::play(Cast::Everybody), 20);
}

/// The same tasks find out a registry with a fault, at the latest in as many schedules.
fn finds(fault: Fault, cast: Cast, expected: &str) {
    let found = faults::with(Some(fault), || play::until_one_fails(move || world::play(cast)));
    let found = found.unwrap_or_else(|| panic!("no schedule found {fault:?}"));
    assert!(found.contains(expected), "{fault:?} was found out as something else: {found}");
}

#[test]
fn finds_a_beat_that_is_acknowledged_and_expired() {
    finds(Fault::BeatLooksOnce, Cast::Beats, "acknowledged");
}

#[test]
fn finds_an_order_that_is_answered_before_it_is_visible() {
    finds(Fault::AnsweredBeforePublished, Cast::Operators, "takes traffic");
}

#[test]
fn finds_a_watcher_that_sleeps_through_a_ring() {
    finds(Fault::SleepsThroughTheRing, Cast::Watchers, "deadlock");
}

#[test]
fn finds_a_service_that_is_created_twice() {
    finds(Fault::CreatedTwice, Cast::Creators, "two services of one name");
}

#[test]
fn finds_a_revision_that_is_seen_before_its_view() {
    finds(Fault::RevisionBeforeView, Cast::Readers, "was announced");
}

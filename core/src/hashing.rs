//! How maps and indexes hash: seeded at random, so that nobody can make names that collide.

/// Under shuttle alike in every run, so that a schedule that failed can be played again.
#[cfg(shuttle)]
pub(crate) type RandomState = foldhash::fast::FixedState;
#[cfg(not(shuttle))]
pub(crate) type RandomState = foldhash::fast::RandomState;

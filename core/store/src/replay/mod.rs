//! Replays: a journal through another policy, and each decision that would have differed.
//!
//! For every instance two states are kept: what the recording says, and what the other policy would have made of the
//! same events by the registry's own step. They are compared after each event.
//!
//! # What a replay knows, and what it cannot know
//!
//! - It takes clients, clocks and operators as they were. An operator who had seen other answers might have done
//!   something else, and a client that had been refused would have tried again: nothing of that is invented.
//! - An instance that is first met in the middle of its life is taken over as by an install: from the recorded state, with
//!   the memo kept under the same name and layout. The same after a part of the journal that is missing.
//! - A beat that changed nothing left no trace. So a silence is known from the first threshold on that the recorded policy
//!   saw crossed: from there on each beat is recorded, and later thresholds of the other policy are crossed exactly. One
//!   that is *shorter* is crossed, in the replay, only where and when the recorded one was.
//! - An instance that the other policy let go while the recorded one kept it is absent until the next recorded event; the
//!   beats that might have brought it back are not known.
//! - Metadata is not in a journal. Thresholds that differ from the recorded ones are taken as declared, without the
//!   clients' own values, and a class that looks at metadata matches nobody, unless both policies have the same classes.
//! - How old each order is is not in a journal. Orders lapse as recorded where both policies let them lapse alike, and not
//!   at all otherwise.
//!
//! [`Replay::notes`] says which of these matter to the two policies at hand.

// Classes, bands and numbers of instances are bounded where they enter.
#![allow(clippy::cast_possible_truncation)]

mod candidate;
mod known;
mod limits;
mod report;
mod run;
mod track;

pub use report::{Answer, Difference, Group, Replay, ReplayedPolicy};
pub use run::{Progress, ReplayOptions, replay};

//! What readers ask and watchers do, and beats in batches.

use steadfast_core::Show;

use super::Cast;
use crate::{
    event::{Event, Question},
    model::Model,
    world::{self, Place},
};

/// More than go through the stages of a batch together.
const BATCH_MAX: usize = 100;
/// A storm comes once in so many acts of readers.
const CALM: u32 = 1_500;

impl Cast {
    pub(super) fn reader_acts(&mut self, model: &Model) -> Event {
        let services: Vec<u8> = world::services().collect();
        let service = self.pick(&services);
        if self.calm == 0 {
            let present =
                Place::all().find(|at| model.known(*at).is_some_and(|known| known.present && known.ephemeral));
            if let Some(at) = present {
                self.calm = CALM;
                return Event::Storm { at };
            }
        }
        self.calm = self.calm.saturating_sub(1);
        match self.rng.u8(..8) {
            0 => Event::Watch { service, on: self.rng.u8(..4) > 0 },
            1..3 => Event::Drain { max: self.rng.usize(1..4) },
            _ => Event::LookUp { service, question: self.question() },
        }
    }

    fn question(&mut self) -> Question {
        Question {
            show: self.pick(&[Show::Serving, Show::Serving, Show::Serve, Show::Present]),
            cluster: (self.rng.u8(..3) == 0).then(|| self.rng.u8(..world::clusters())),
            class: (self.rng.u8(..3) == 0).then(|| self.rng.u8(..3)),
            zone: (self.rng.u8(..4) == 0).then(|| self.pick(&["east", "north"])),
            protect_percent: self.pick(&[0, 30, 50, 100]),
            random: self.rng.u64(..),
        }
    }

    pub(super) fn named_batch(&mut self, model: &Model) -> Event {
        let len = self.rng.usize(1..BATCH_MAX);
        let mut beat = || {
            let at = self.place();
            (at, (self.rng.u8(..4) == 0).then(|| self.echo(model, at)))
        };
        Event::NamedBatch { beats: (0..len).map(|_| beat()).collect() }
    }
}

//! Readers: questions to a view, and a watcher who reads so rarely that it falls behind.

use std::{collections::BTreeMap, time::Duration};

use steadfast_core::{Claim, Lookup, WatchError, WatchEvent, WatchQueue, limits::RING_ENTRIES};

use super::{Running, Stage, Wrong};
use crate::{
    event::{Question, Says},
    model::Found,
    world::{self, Place},
};

/// Changes in a storm between two looks of those who keep up with it.
const ATTENTION: usize = RING_ENTRIES / 4;

/// A watcher who reads seldom.
pub(super) struct Slow {
    queue: WatchQueue,
    /// What it watches, and the revision it was told last.
    told: BTreeMap<u8, Option<u64>>,
    /// Where every service was when it read everything.
    read_at: Vec<u64>,
}

impl Slow {
    pub(super) fn new(queue: WatchQueue, read_at: Vec<u64>) -> Slow {
        Slow { queue, told: BTreeMap::new(), read_at }
    }
}

impl Stage {
    /// A lookup finds whom the model names, and picks one of them that has weight.
    pub(super) fn look_up(&mut self, service: u8, question: &Question) -> Result<(), Wrong> {
        let Question { show, cluster, class, zone, protect_percent, random } = *question;
        let (cluster, zone) = (cluster.map(world::cluster), zone.map(|zone| ("zone", zone)));
        let protect = f64::from(protect_percent) / 100.0;
        let (clusters, metadata) = (cluster.as_slice(), zone.as_slice());
        let lookup = Lookup { show, clusters, class, metadata, protect };
        let Running { registry, services, .. } = self.running();
        let asked = registry.view(services[usize::from(service)], |view| {
            let place = |instance: steadfast_core::Instance<'_>| {
                Place::of(service, &instance.ip(), instance.port(), instance.cluster())
            };
            let selection = view.select(&lookup)?;
            let mut places: Vec<Option<Place>> = selection.iter().map(place).collect();
            places.sort_unstable();
            Ok::<_, steadfast_core::LookupError>((places, selection.is_protecting(), selection.pick(random).map(place)))
        });
        let Ok(Ok((places, protecting, picked))) = asked else {
            return Err(Wrong::new("lookup", format!("{question:?} is answered with {:?}", asked.map(drop))));
        };
        let expected = self.model.look_up(service, question);
        let found = Found { places: places.into_iter().flatten().collect(), protecting };
        self.answered("a lookup", &found, &expected)?;
        let weight = |at: &Place| self.model.known(*at).map_or(0.0, crate::model::Known::effective_weight);
        let is_fit = match picked {
            None => expected.places.iter().all(|at| weight(at) <= 0.0),
            Some(picked) => picked.is_some_and(|at| expected.places.contains(&at) && weight(&at) > 0.0),
        };
        if is_fit { Ok(()) } else { Err(Wrong::new("pick", format!("{picked:?} among {expected:?}"))) }
    }

    pub(super) fn watch(&mut self, service: u8, on: bool) -> Result<(), Wrong> {
        let Some(Running { services, slow, .. }) = &mut self.running else { return Ok(()) };
        let id = services[usize::from(service)];
        if on {
            slow.told.insert(service, None);
            return slow
                .queue
                .watch(id, service.into())
                .map_err(|error: WatchError| Wrong::new("watch", error.to_string()));
        }
        let (watched, expected) = (slow.queue.unwatch(id), slow.told.remove(&service).is_some());
        self.answered("unwatch", &watched, &expected)
    }

    /// The slow watcher reads everything: it hears where each service is that moved since it was told, once, and that it
    /// had fallen behind exactly if more was published than the ring holds.
    pub(super) fn drain(&mut self, max: usize) -> Result<(), Wrong> {
        let now: Vec<u64> = world::services().map(|service| self.revision(service)).collect::<Result<_, _>>()?;
        let Some(Running { slow, .. }) = &mut self.running else { return Ok(()) };
        let mut events = Vec::new();
        loop {
            let before = events.len();
            slow.queue.poll(&mut events, max, Some(Duration::ZERO));
            if events.len() == before {
                break;
            }
        }
        let resyncs = events.iter().filter(|event| **event == WatchEvent::Resync).count();
        let mut told: Vec<(u8, u64)> = events
            .iter()
            .filter_map(|event| match event {
                WatchEvent::Changed { cookie, revision, .. } => Some((*cookie as u8, *revision)),
                WatchEvent::Resync | WatchEvent::Announced { .. } => None,
            })
            .collect();
        told.sort_unstable();
        let published: u64 = now.iter().zip(&slow.read_at).map(|(now, read)| now - read).sum();
        let is_new = |(service, last): (&u8, &mut Option<u64>)| {
            let revision = now[usize::from(*service)];
            (last.replace(revision) != Some(revision)).then_some((*service, revision))
        };
        let expected: Vec<(u8, u64)> = slow.told.iter_mut().filter_map(is_new).collect();
        slow.read_at = now;
        let lost = usize::from(published > RING_ENTRIES as u64);
        self.answered("what a slow watcher hears", &(told, resyncs), &(expected, lost))
    }

    /// An instance changes its weight more often than the ring is long.
    pub(super) fn storm(&mut self, at: Place) -> Result<(), Wrong> {
        if !self.model.known(at).is_some_and(|known| known.present && known.ephemeral) {
            return Ok(());
        }
        for number in 0..=RING_ENTRIES {
            let weight = Some(if number.is_multiple_of(2) { 3.0 } else { 4.0 });
            let claim = Claim { weight, ..Claim::default() };
            let reply = self.registry().claim(self.service(at), &at.address(), &claim);
            reply.map_err(|error| Wrong::new("reply to claim", error.to_string()))?;
            self.model.claim(at, &Says { weight, ..Says::default() });
            if number + 2 < RING_ENTRIES {
                self.model.decided.clear();
                self.running().notebook.clear();
            }
            if number.is_multiple_of(ATTENTION) {
                self.check_movement()?;
            }
        }
        Ok(())
    }
}

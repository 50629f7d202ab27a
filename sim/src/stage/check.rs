//! After an event: everything that the registry shows is what the model says, and every promise about it was kept.

use std::collections::BTreeSet;

use steadfast_core::{AnnouncementKind, Counters, Poll, WatchEvent};
use steadfast_policy::Law;

use super::{Running, Stage, Wrong};
use crate::{
    compare::{self, Record},
    world::{self, Place},
};

/// More events than services can have changed between two polls.
const WATCH_EVENTS_MAX: usize = 64;

impl Stage {
    /// Compares what an event touched, or everything.
    pub(super) fn check(&mut self, about: Option<Place>, everything: bool) -> Result<(), Wrong> {
        self.check_movement()?;
        let touched = self.model.decided.iter().map(|decided| decided.at).chain(about);
        let explained: BTreeSet<Place> = if everything { Place::all().collect() } else { touched.collect() };
        for at in explained {
            self.check_explained(at)?;
        }
        if everything {
            world::services().try_for_each(|service| self.check_records(service))?;
            self.check_orders()?;
            self.check_services()?;
            self.check_namespaces()?;
        }
        self.check_journal()?;
        self.check_counters()?;
        self.check_announcements()?;
        let broken = |(law, seen): (Law, String)| Wrong::new(format!("law {law}"), seen);
        self.monitors.follow(&self.model).map_err(broken)?;
        self.monitors.check(&self.model).map_err(broken)
    }

    /// Compares the views of the services that moved, or that had to.
    pub(super) fn check_movement(&mut self) -> Result<(), Wrong> {
        if self.disk.is_dead() {
            return Ok(());
        }
        let decided: BTreeSet<u8> = self.model.decided.iter().map(|decided| decided.at.service).collect();
        let mut moved = BTreeSet::new();
        for service in world::services() {
            let revision = self.revision(service)?;
            let earlier = self.latest.get(&service).map(|(revision, _)| *revision);
            if earlier != Some(revision) {
                moved.insert((service, revision));
            } else if !decided.contains(&service) {
                continue;
            }
            self.check_records(service)?;
        }
        self.check_watch(&moved)
    }

    pub(super) fn revision(&self, service: u8) -> Result<u64, Wrong> {
        let Running { registry, services, .. } = self.running();
        registry.revision(services[usize::from(service)]).map_err(|error| Wrong::new("revision", error.to_string()))
    }

    /// A service's view is the model's, and its revision grew exactly if the view changed.
    fn check_records(&mut self, service: u8) -> Result<(), Wrong> {
        let Running { registry, services, .. } = self.running();
        let read = |view: &steadfast_core::View<'_>| {
            let records: Vec<Record> = view.iter().map(|instance| Record::of(service, &instance)).collect();
            (view.revision(), records, view.serving().count())
        };
        let seen = registry.view(services[usize::from(service)], read);
        let (revision, records, serving) = seen.map_err(|error| Wrong::new("view", error.to_string()))?;
        let differences = compare::published(&self.model, service, &records);
        if !differences.is_empty() {
            return Err(Wrong::new("what lookups show", differences.join("; ")));
        }
        let serves = |record: &&Record| record.healthy && record.traffic == steadfast_policy::Traffic::Serve;
        if serving != records.iter().filter(serves).count() {
            return Err(Wrong::new("what lookups show", format!("{serving} serve, and not as many records say so")));
        }
        self.check_handles(&records)?;
        self.check_revision(service, revision, records)
    }

    fn check_revision(&mut self, service: u8, revision: u64, records: Vec<Record>) -> Result<(), Wrong> {
        let name = world::service_name(service);
        if let Some((earlier, before)) = self.latest.get(&service) {
            let wrong = match (revision.cmp(earlier), records == *before) {
                (std::cmp::Ordering::Less, _) => Some("went back"),
                (std::cmp::Ordering::Equal, false) => Some("stood still although the records changed"),
                // Two publications in one tick may lead there and back; a single one changes something.
                (std::cmp::Ordering::Greater, true) if revision == *earlier + 1 => {
                    Some("grew although no record changed")
                }
                _ => None,
            };
            if let Some(wrong) = wrong {
                return Err(Wrong::new("revision", format!("{name}: {wrong}, from {earlier} to {revision}")));
            }
            if *earlier == revision {
                return Ok(());
            }
        }
        // Handles differ from run to run: their generations start at a random number.
        let mut shown: Vec<String> =
            records.iter().map(|record| format!("{:?}", Record { handle: 0, ..record.clone() })).collect();
        shown.sort();
        self.digest.add(&format!("{name} {revision} {shown:?}"));
        self.latest.insert(service, (revision, records));
        Ok(())
    }

    /// A handle belongs to one entry as long as the process lives, and an entry to one handle.
    fn check_handles(&mut self, records: &[Record]) -> Result<(), Wrong> {
        let Stage { running, model, .. } = self;
        let Some(Running { handles, .. }) = running else { return Ok(()) };
        for record in records {
            let Some((at, known)) = record.at.and_then(|at| Some((at, model.known(at)?))) else { continue };
            let owner = *handles.entry(record.handle).or_insert((at, known.incarnation));
            if owner != (at, known.incarnation) {
                return Err(Wrong::new("handles", format!("the handle of {at} was given to {} before", owner.0)));
            }
        }
        Ok(())
    }

    /// Watchers hear of each service that moved, once, and of no other.
    fn check_watch(&mut self, moved: &BTreeSet<(u8, u64)>) -> Result<(), Wrong> {
        let Running { watch, .. } = self.running();
        let mut events = Vec::new();
        let poll = watch.poll(&mut events, WATCH_EVENTS_MAX, Some(std::time::Duration::ZERO));
        if poll == Poll::Closed {
            return Err(Wrong::new("notifications", "the queue says that the registry is closed"));
        }
        let changed: Vec<(u8, u64)> = events
            .iter()
            .filter_map(|event| match event {
                WatchEvent::Changed { cookie, revision, .. } => Some((*cookie as u8, *revision)),
                WatchEvent::Resync | WatchEvent::Announced { .. } => None,
            })
            .collect();
        let told: BTreeSet<(u8, u64)> = changed.iter().copied().collect();
        if told != *moved || told.len() != changed.len() || events.contains(&WatchEvent::Resync) {
            return Err(Wrong::new("notifications", format!("watchers heard {events:?}; what moved is {moved:?}")));
        }
        Ok(())
    }

    fn check_explained(&self, at: Place) -> Result<(), Wrong> {
        let explained = self.registry().explain(self.service(at), &at.address());
        let explained = explained.map_err(|error| Wrong::new("explain", error.to_string()))?;
        let differences = compare::differences(&self.model, at, explained.as_ref());
        if differences.is_empty() {
            return Ok(());
        }
        Err(Wrong::new("what is known of an instance", format!("{at}: {}", differences.join("; "))))
    }

    /// The list of floors is the model's, and a service's explanation counts what there is.
    fn check_services(&self) -> Result<(), Wrong> {
        let mut floors: Vec<String> = self.listed_floors()?.iter().map(|floor| format!("{floor:?}")).collect();
        let mut expected: Vec<String> = self.model.all_floors().iter().map(|floor| format!("{floor:?}")).collect();
        floors.sort();
        expected.sort();
        if floors != expected {
            return Err(Wrong::new("floors", format!("{floors:?} are listed; {expected:?} stand")));
        }
        for service in world::services() {
            let Running { registry, services, .. } = self.running();
            let explained = registry.explain_service(services[usize::from(service)]);
            let explained = explained.map_err(|error| Wrong::new("explain-service", error.to_string()))?;
            let differences = compare::service(&self.model, service, &explained);
            if !differences.is_empty() {
                return Err(Wrong::new("what is known of a service", differences.join("; ")));
            }
        }
        Ok(())
    }

    /// The list of orders names exactly the places that have some.
    fn check_orders(&self) -> Result<(), Wrong> {
        for service in world::services() {
            let Running { registry, services, .. } = self.running();
            let listed = registry.orders(services[usize::from(service)]);
            let listed = listed.map_err(|error| Wrong::new("orders", error.to_string()))?;
            let places: Vec<Option<Place>> = listed
                .iter()
                .map(|one| Place::of(service, &one.address.ip, one.address.port, &one.address.cluster))
                .collect();
            let has_orders = |at: &Place| self.model.known(*at).is_some_and(crate::model::Known::has_orders);
            let here = Place::all().filter(|at| at.service == service);
            let expected: Vec<Option<Place>> = here.filter(has_orders).map(Some).collect();
            if places != expected {
                return Err(Wrong::new("orders", format!("{places:?} are listed; {expected:?} have some")));
            }
        }
        Ok(())
    }

    fn check_counters(&self) -> Result<(), Wrong> {
        let (counters, expected) = (self.registry().counters(), self.model.counters());
        // A connection that closes late may be stale at more places than the model can see, never at fewer.
        let stale = counters.stale_disconnects >= self.model.stale_leaves;
        let reverts = self.model.never_reverts && counters.self_reverts > 0;
        let known = Counters { stale_disconnects: 0, self_reverts: 0, ..counters };
        if known == expected && stale && !reverts {
            return Ok(());
        }
        Err(Wrong::new("counters", format!("{counters:?}; they must be {expected:?}")))
    }

    /// Everything that had to be announced was, in that order, and nothing else.
    fn check_announcements(&mut self) -> Result<(), Wrong> {
        let Some(running) = &mut self.running else { return Ok(()) };
        let fresh = running.registry.announcements(running.announced);
        running.announced = fresh.last().map_or(running.announced, |announcement| announcement.number);
        let kinds: Vec<AnnouncementKind> = fresh.iter().map(|announcement| announcement.kind).collect();
        let expected = std::mem::take(&mut self.model.announced);
        if kinds == expected {
            return Ok(());
        }
        Err(Wrong::new("announcements", format!("{kinds:?} were made; {expected:?} were due")))
    }
}

//! Things that operators should hear of: installs, refusals, clock jumps, outages. A short list of the latest.

use std::collections::VecDeque;

use serde::Serialize;

use crate::{
    limits::ANNOUNCEMENTS_MAX,
    registry::{Inner, Registry},
    report::{InstallReport, RouteReport},
    sync::Mutex,
};

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AnnouncementKind {
    /// A policy was installed.
    PolicyInstalled,
    /// A policy was refused; the one before it goes on deciding.
    PolicyRefused,
    /// The active policy's file went away; the built-in one decides.
    PolicyRemoved,
    /// Other routes hold; an announcement of its own for each pair of policies between which services moved follows.
    RoutesInstalled,
    /// Routes were refused; what decided where before goes on deciding there.
    RoutesRefused,
    /// The file with the routes went away; the default policy decides everywhere.
    RoutesRemoved,
    /// A clock stood still, jumped or went back.
    ClockJump,
    /// The store failed; orders refuse until it works again. Told once, not for each order.
    StoreFailed,
    /// The store works again.
    StoreResumed,
    /// The journal cannot be written. Decisions are missing in it; everything else goes on. Told once for each outage.
    JournalFailed,
    /// The journal is written again.
    JournalResumed,
}

/// One announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Announcement {
    /// Counts from 1 in each run of the registry.
    pub number: u64,
    /// Wall time, in milliseconds since 1970.
    pub wall_ms: u64,
    /// What kind of thing.
    pub kind: AnnouncementKind,
    /// What exactly, in one sentence.
    pub text: String,
    /// For an install, all of its report: whom it changed, and what it will answer differently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install: Option<Box<InstallReport>>,
}

#[derive(Default)]
pub(crate) struct Announcements(Mutex<Latest>);

#[derive(Default)]
struct Latest {
    last: u64,
    kept: VecDeque<Announcement>,
}

impl Announcements {
    pub(crate) fn last(&self) -> u64 {
        self.0.lock().last
    }
}

impl Registry {
    /// Tells whoever listens what happened outside the core, such as a refused file.
    pub fn announce(&self, kind: AnnouncementKind, text: impl Into<String>) {
        self.inner.announce(kind, text.into());
    }

    /// The announcements after a number, oldest first; only the latest [`ANNOUNCEMENTS_MAX`] are kept.
    pub fn announcements(&self, after: u64) -> Vec<Announcement> {
        let latest = self.inner.announcements.0.lock();
        latest.kept.iter().filter(|announcement| announcement.number > after).cloned().collect()
    }
}

impl Inner {
    pub(crate) fn announce(&self, kind: AnnouncementKind, text: String) {
        self.keep_announcement(kind, text, None);
    }

    pub(crate) fn announce_install(&self, report: &InstallReport) {
        let install = Some(Box::new(report.clone()));
        self.keep_announcement(AnnouncementKind::PolicyInstalled, report.to_string(), install);
    }

    pub(crate) fn announce_routes(&self, report: &RouteReport) {
        self.announce(AnnouncementKind::RoutesInstalled, report.to_string());
        for moved in &report.moves {
            self.announce_install(moved);
        }
    }

    fn keep_announcement(&self, kind: AnnouncementKind, text: String, install: Option<Box<InstallReport>>) {
        self.counters.announced(kind);
        let mut latest = self.announcements.0.lock();
        latest.last += 1;
        let announcement = Announcement { number: latest.last, wall_ms: self.wall_ms(), kind, text, install };
        latest.kept.push_back(announcement);
        if latest.kept.len() > ANNOUNCEMENTS_MAX {
            latest.kept.pop_front();
        }
        drop(latest);
        self.ring.notify();
    }
}

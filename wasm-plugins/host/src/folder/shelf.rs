//! What the folder holds and who decides: the state between two looks, and what each look changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use super::{
    content::Content,
    entry::{Entry, Judgement, Outcome},
    event::{FileError, FolderEvent},
    listing::{Listing, component_file, list},
    options::FolderOptions,
    routing::Routing,
    status::{FileState, FileStatus, FolderStatus, since_ms},
};
use crate::{Cancel, Digest};

/// Most policies of one folder that are looked at.
pub(crate) const FILES_MAX: usize = 64;

pub(crate) struct Shelf {
    options: FolderOptions,
    files: BTreeMap<String, Entry>,
    routing: Routing,
    deciding: Deciding,
    problem: Option<String>,
}

/// What the owner was last told to let decide.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deciding {
    /// It was told nothing yet.
    Unsaid,
    BuiltIn,
    File(Digest),
}

impl Shelf {
    pub(crate) fn new(options: FolderOptions) -> Shelf {
        let (files, routing) = (BTreeMap::new(), Routing::default());
        Shelf { options, files, routing, deciding: Deciding::Unsaid, problem: None }
    }

    pub(crate) fn select(&mut self, name: String) {
        self.options.active = name;
    }

    /// Looks at the folder once; what the owner has to hear of it.
    pub(crate) fn look(&mut self, now: Instant, cancel: &Cancel) -> Vec<FolderEvent> {
        let mut events = Vec::new();
        match list(&self.options.path) {
            Ok(listing) => {
                // First what the routes name, so that no file of theirs is left out.
                self.routing.look(&self.options, now);
                let listing = self.bounded(listing, &mut events);
                self.look_at_files(&listing, now, cancel, &mut events);
                // Before the change of the active policy: who has a policy of its own is never decided by another one
                // on the way there.
                events.extend(self.routing.change(|name| Entry::shelved(self.files.get(name))));
            }
            Err(error) => {
                let (what, reason) = (self.path(), error.to_string());
                self.complain(FileError::Unreadable { what, reason }, &mut events);
            }
        }
        events.extend(self.change_of_decider());
        events
    }

    /// When the next look is needed even if nothing happens, because a file is settling.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.files.values().filter_map(|entry| entry.settling.due()).chain(self.routing.due()).min()
    }

    /// Whether the active policy, the routes and the policies that they name are judged, or known not to be there.
    pub(crate) fn is_settled(&self) -> bool {
        let named = self.routing.names().into_iter().chain([self.options.active.as_str()]);
        let mut entries = named.filter_map(|name| self.files.get(name));
        self.routing.is_settled() && entries.all(|entry| entry.settling.is_settled())
    }

    /// The active policy and those that routes name are never the ones that are left out.
    fn bounded(&mut self, mut listing: Listing, events: &mut Vec<FolderEvent>) -> Listing {
        let found = listing.len();
        if found <= FILES_MAX {
            self.problem = None;
            return listing;
        }
        let named = [self.options.active.as_str()].into_iter().chain(self.routing.names());
        let mut kept: Listing = named.filter_map(|name| listing.remove_entry(name)).take(FILES_MAX).collect();
        let room = FILES_MAX - kept.len();
        kept.extend(listing.into_iter().take(room));
        self.complain(FileError::TooMany { found, max: FILES_MAX }, events);
        kept
    }

    /// One event for each new problem of the folder itself, not one for each look.
    fn complain(&mut self, error: FileError, events: &mut Vec<FolderEvent>) {
        let text = error.to_string();
        if self.problem.as_ref() != Some(&text) {
            self.problem = Some(text);
            events.push(FolderEvent::Refused { file: self.path(), error });
        }
    }

    fn look_at_files(&mut self, listing: &Listing, now: Instant, cancel: &Cancel, events: &mut Vec<FolderEvent>) {
        let mut names: BTreeSet<&String> = listing.keys().collect();
        let known: Vec<String> = self.files.keys().cloned().collect();
        names.extend(&known);
        // The active policy first: loading the others must not keep it waiting.
        let active = self.options.active.clone();
        let (first, others): (Vec<&String>, Vec<&String>) = names.into_iter().partition(|name| **name == active);
        for name in first.into_iter().chain(others) {
            let entry = self.files.entry(name.clone()).or_default();
            entry.retry_when_due(now);
            let (pair, max) = (listing.get(name), self.options.loader.limits().file_bytes_max);
            let read = || Content::read(&self.options.path, name, pair, max);
            let Some(content) = entry.settling.look(pair, now, self.options.settle, read) else { continue };
            match entry.judge(name, content, now, &self.options, cancel) {
                Judgement::Gone => drop(self.files.remove(name)),
                Judgement::Unchanged => {}
                Judgement::Changed => events.extend(entry.complaint(name)),
            }
        }
    }

    fn change_of_decider(&mut self) -> Option<FolderEvent> {
        match self.files.get(&self.options.active).map(|entry| &entry.outcome) {
            Some(Outcome::Ready(policy)) if self.deciding != Deciding::File(policy.digest) => {
                self.deciding = Deciding::File(policy.digest);
                Some(FolderEvent::Ready(Arc::clone(policy)))
            }
            // An unreadable folder says nothing about its files.
            None if self.deciding != Deciding::BuiltIn && self.problem.is_none() => {
                self.deciding = Deciding::BuiltIn;
                Some(FolderEvent::Removed { name: self.options.active.clone() })
            }
            _ => None,
        }
    }

    pub(crate) fn status(&self) -> FolderStatus {
        FolderStatus {
            path: self.path(),
            active: self.options.active.clone(),
            deciding: match self.deciding {
                Deciding::File(digest) => Some(digest.to_string()),
                Deciding::Unsaid | Deciding::BuiltIn => None,
            },
            files: self.files.iter().map(|(name, entry)| self.file_status(name, entry)).collect(),
            routes: self.routing.status(),
            problem: self.problem.clone(),
            watch_problem: None,
        }
    }

    fn file_status(&self, name: &str, entry: &Entry) -> FileStatus {
        let (state, digest, error) = match &entry.outcome {
            Outcome::Pending => (FileState::Settling, None, None),
            Outcome::Ready(policy) => (self.state_of(name, policy.digest), Some(policy.digest.to_string()), None),
            Outcome::Refused(error) => (FileState::Refused, None, Some(error.to_string())),
        };
        let (name, since_ms, attempts) = (name.to_owned(), since_ms(entry.since), entry.attempts);
        FileStatus { file: component_file(&name), name, digest, state, error, since_ms, attempts }
    }

    /// Whether the good file of this name decides; another file may hold the same policy.
    fn state_of(&self, name: &str, digest: Digest) -> FileState {
        if name == self.options.active && self.deciding == Deciding::File(digest) {
            FileState::Active
        } else if self.routing.decides(name, &digest.to_string()) {
            FileState::Routed
        } else {
            FileState::Ready
        }
    }

    fn path(&self) -> String {
        self.options.path.display().to_string()
    }
}

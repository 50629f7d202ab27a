//! What the folder holds and who decides: the state between two looks, and what each look changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use super::{
    content::{self, Content, Fingerprint},
    event::{FileError, FolderEvent},
    listing::{Listing, component_file, list},
    options::{ANY_POLICY, FolderOptions},
    settle::Settling,
    status::{FileState, FileStatus, FolderStatus},
};
use crate::{Cancel, Digest, LoadError, LoadedPolicy};

/// Most policies of one folder that are looked at.
pub(crate) const FILES_MAX: usize = 64;
/// Longest pause before a failure that is not the file's own is tried again.
const RETRY_MAX: Duration = Duration::from_mins(10);

pub(crate) struct Shelf {
    options: FolderOptions,
    files: BTreeMap<String, Entry>,
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

struct Entry {
    settling: Settling,
    /// Of the content that was judged last: the same content is not judged, or reported, again.
    judged: Option<Fingerprint>,
    outcome: Outcome,
    since: SystemTime,
    /// How often this content was judged; more than once only where the failure was not its own.
    attempts: u32,
    retry: Option<Instant>,
}

enum Outcome {
    Pending,
    Ready(Arc<LoadedPolicy>),
    Refused(FileError),
}

impl Shelf {
    pub(crate) fn new(options: FolderOptions) -> Shelf {
        Shelf { options, files: BTreeMap::new(), deciding: Deciding::Unsaid, problem: None }
    }

    pub(crate) fn select(&mut self, name: String) {
        self.options.active = name;
    }

    /// Looks at the folder once; what the owner has to hear of it.
    pub(crate) fn look(&mut self, now: Instant, cancel: &Cancel) -> Vec<FolderEvent> {
        let mut events = Vec::new();
        match list(&self.options.path) {
            Ok(listing) => {
                let listing = self.bounded(listing, &mut events);
                self.look_at_files(&listing, now, cancel, &mut events);
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
        self.files.values().filter_map(|entry| entry.settling.due()).min()
    }

    /// Whether the active policy is judged, or known not to be there.
    pub(crate) fn is_settled(&self) -> bool {
        self.files.get(&self.options.active).is_none_or(|entry| entry.settling.is_settled())
    }

    /// The active policy is never the one that is left out.
    fn bounded(&mut self, mut listing: Listing, events: &mut Vec<FolderEvent>) -> Listing {
        let found = listing.len();
        if found <= FILES_MAX {
            self.problem = None;
            return listing;
        }
        let active = listing.remove_entry(&self.options.active);
        let mut kept: Listing = listing.into_iter().take(FILES_MAX - usize::from(active.is_some())).collect();
        kept.extend(active);
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
            files: self.files.iter().map(|(name, entry)| entry.status(name, self.decides(name))).collect(),
            problem: self.problem.clone(),
            watch_problem: None,
        }
    }

    /// The digest that decides, if it came from the file of this name; another file may hold the same policy.
    fn decides(&self, name: &str) -> Option<Digest> {
        match self.deciding {
            Deciding::File(digest) if name == self.options.active => Some(digest),
            _ => None,
        }
    }

    fn path(&self) -> String {
        self.options.path.display().to_string()
    }
}

enum Judgement {
    Gone,
    Unchanged,
    Changed,
}

impl Default for Entry {
    fn default() -> Self {
        Entry {
            settling: Settling::default(),
            judged: None,
            outcome: Outcome::Pending,
            since: SystemTime::now(),
            attempts: 0,
            retry: None,
        }
    }
}

impl Entry {
    fn judge(
        &mut self,
        name: &str,
        content: Content,
        now: Instant,
        options: &FolderOptions,
        cancel: &Cancel,
    ) -> Judgement {
        let fingerprint = content.fingerprint();
        let again = self.judged == Some(fingerprint);
        if again && self.retry.is_none() {
            return Judgement::Unchanged;
        }
        let outcome = match content {
            Content::Gone => return Judgement::Gone,
            Content::Bad(error) => Err(error),
            Content::Whole { component, params } => load(name, &component, &params, options, cancel),
        };
        if let Err(FileError::Load(LoadError::Cancelled)) = outcome {
            return Judgement::Unchanged;
        }
        self.attempts = if again { self.attempts + 1 } else { 1 };
        self.judged = Some(fingerprint);
        self.retry = outcome.as_ref().err().filter(|error| is_passing(error)).map(|_| now + self.pause(options));
        self.change_to(outcome)
    }

    fn change_to(&mut self, outcome: Result<Arc<LoadedPolicy>, FileError>) -> Judgement {
        let outcome = outcome.map_or_else(Outcome::Refused, Outcome::Ready);
        if let (Outcome::Refused(before), Outcome::Refused(now)) = (&self.outcome, &outcome)
            && self.attempts > 1
            && before.to_string() == now.to_string()
        {
            return Judgement::Unchanged;
        }
        self.since = SystemTime::now();
        self.outcome = outcome;
        Judgement::Changed
    }

    /// Longer each time: a file that is really too slow must not keep a core busy.
    fn pause(&self, options: &FolderOptions) -> Duration {
        (options.retry * (1 << self.attempts.saturating_sub(1).min(8))).min(RETRY_MAX)
    }

    fn retry_when_due(&mut self, now: Instant) {
        if self.retry.is_some_and(|at| now >= at) {
            self.settling.forget();
        }
    }

    fn complaint(&self, name: &str) -> Option<FolderEvent> {
        let Outcome::Refused(error) = &self.outcome else { return None };
        Some(FolderEvent::Refused { file: component_file(name), error: error.clone() })
    }

    fn status(&self, name: &str, deciding: Option<Digest>) -> FileStatus {
        let (state, digest, error) = match &self.outcome {
            Outcome::Pending => (FileState::Settling, None, None),
            Outcome::Ready(policy) if deciding == Some(policy.digest) => (FileState::Active, deciding, None),
            Outcome::Ready(policy) => (FileState::Ready, Some(policy.digest), None),
            Outcome::Refused(error) => (FileState::Refused, None, Some(error.to_string())),
        };
        let since = self.since.duration_since(UNIX_EPOCH).unwrap_or_default();
        FileStatus {
            file: component_file(name),
            name: name.to_owned(),
            digest: digest.map(|digest| digest.to_string()),
            state,
            error,
            since_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            attempts: self.attempts,
        }
    }
}

/// Whether a failure may be the machine's and not the file's.
fn is_passing(error: &FileError) -> bool {
    matches!(
        error,
        FileError::Load(LoadError::TimedOut { .. } | LoadError::Internal { .. }) | FileError::Unreadable { .. }
    )
}

fn load(
    name: &str,
    component: &[u8],
    params: &[u8],
    options: &FolderOptions,
    cancel: &Cancel,
) -> Result<Arc<LoadedPolicy>, FileError> {
    let params = content::params(name, params)?;
    let policy = options.loader.load_until(component, &params, cancel)?;
    if policy.name == name || name == ANY_POLICY {
        return Ok(policy);
    }
    Err(FileError::Name { declared: policy.name.clone(), expected: name.to_owned() })
}

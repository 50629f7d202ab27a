//! One policy of the folder: its files as they were judged last, and when they are judged again.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::{
    content::{self, Content, Fingerprint},
    event::{FileError, FolderEvent},
    listing::{component_file, is_reserved},
    options::{ANY_POLICY, FolderOptions},
    routing::Shelved,
    settle::Settling,
};
use crate::{Cancel, LoadError, LoadedPolicy};

/// Longest pause before a failure that is not the file's own is tried again.
const RETRY_MAX: Duration = Duration::from_mins(10);

/// What is known of one policy's files.
pub(crate) struct Entry {
    pub(crate) settling: Settling,
    /// Of the content that was judged last: the same content is not judged, or reported, again.
    judged: Option<Fingerprint>,
    pub(crate) outcome: Outcome,
    pub(crate) since: SystemTime,
    /// How often this content was judged; more than once only where the failure was not its own.
    pub(crate) attempts: u32,
    retry: Option<Instant>,
}

/// What became of them.
pub(crate) enum Outcome {
    Pending,
    Ready(Arc<LoadedPolicy>),
    Refused(FileError),
}

/// What a look at settled files came to.
pub(crate) enum Judgement {
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
    pub(crate) fn judge(
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

    pub(crate) fn retry_when_due(&mut self, now: Instant) {
        if self.retry.is_some_and(|at| now >= at) {
            self.settling.forget();
        }
    }

    /// What routes find where they name this file.
    pub(crate) fn shelved(entry: Option<&Entry>) -> Shelved<'_> {
        match entry.map(|entry| &entry.outcome) {
            None => Shelved::Missing,
            Some(Outcome::Pending) => Shelved::Settling,
            Some(Outcome::Ready(policy)) => Shelved::Ready(policy),
            Some(Outcome::Refused(error)) => Shelved::Refused(error),
        }
    }

    pub(crate) fn complaint(&self, name: &str) -> Option<FolderEvent> {
        let Outcome::Refused(error) = &self.outcome else { return None };
        Some(FolderEvent::Refused { file: component_file(name), error: error.clone() })
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
    if is_reserved(name) {
        return Err(FileError::Reserved);
    }
    let params = content::params(name, params)?;
    let policy = options.loader.load_until(component, &params, cancel)?;
    if policy.name == name || name == ANY_POLICY {
        return Ok(policy);
    }
    Err(FileError::Name { declared: policy.name.clone(), expected: name.to_owned() })
}

//! Where `routes.toml` leads: the state of that file between two looks, and what its owner has to hear of it.
//!
//! A file with routes can become good or bad without being touched, because a policy that it names comes, goes or
//! changes. So the text is read when it has settled, and looked up on the shelf at every look.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::{Instant, SystemTime},
};

use steadfast_core::{Policy, Routes, Scope};

use super::{
    content::{Content, Fingerprint},
    event::{FileError, FolderEvent},
    listing::{Pair, mark},
    options::FolderOptions,
    routes::{Line, ROUTES_FILE, RoutesError, read_routes},
    settle::Settling,
    status::{FileState, RouteStatus, RoutesStatus, since_ms},
};
use crate::LoadedPolicy;

/// What the shelf knows of a policy file.
pub(crate) enum Shelved<'a> {
    Missing,
    /// It is still being written or read.
    Settling,
    Ready(&'a Arc<LoadedPolicy>),
    Refused(&'a FileError),
}

/// The file with the routes.
pub(crate) struct Routing {
    settling: Settling,
    judged: Option<Fingerprint>,
    /// What the file says; `None` while there is none.
    said: Option<Result<Vec<Line>, FileError>>,
    /// When a file that could not be read is read again.
    retry: Option<Instant>,
    /// What the owner was last told to let hold; `None` when it was told of no routes, or of their end.
    holding: Option<BTreeMap<Scope, RouteStatus>>,
    /// What the owner was last told to be wrong.
    refused: Option<String>,
    state: FileState,
    since: SystemTime,
    /// Proven once, when a route first names them.
    built_in: BTreeMap<String, Policy>,
}

/// What a file's routes come to with the policies that are there now.
enum Outcome {
    Waits,
    Leads(Vec<(Scope, RouteStatus, Policy)>),
    Fails(FileError),
}

impl Default for Routing {
    fn default() -> Routing {
        Routing {
            settling: Settling::absent(),
            judged: None,
            said: None,
            retry: None,
            holding: None,
            refused: None,
            state: FileState::Settling,
            since: SystemTime::now(),
            built_in: BTreeMap::new(),
        }
    }
}

impl Routing {
    /// Reads the file where it has changed and settled.
    pub(crate) fn look(&mut self, options: &FolderOptions, now: Instant) {
        if self.retry.is_some_and(|at| now >= at) {
            self.retry = None;
            self.settling.forget();
        }
        let folder: &Path = &options.path;
        let pair = mark(&folder.join(ROUTES_FILE)).map(|component| Pair { component, params: None });
        let read = || Content::read_routes(folder, pair.as_ref());
        let Some(content) = self.settling.look(pair.as_ref(), now, options.settle, read) else { return };
        let fingerprint = content.fingerprint();
        if let Content::Bad(FileError::Unreadable { .. }) = content {
            self.retry = Some(now + options.retry);
        }
        if self.judged == Some(fingerprint) {
            return;
        }
        self.judged = Some(fingerprint);
        // Another content is worth another complaint, even in the same words.
        self.refused = None;
        self.said = match content {
            Content::Gone => None,
            Content::Bad(error) => Some(Err(error)),
            Content::Whole { component, .. } => Some(read_routes(&component).map_err(FileError::from)),
        };
    }

    /// Compares what the file says with what the owner was told; what it has to hear.
    pub(crate) fn change<'a>(&mut self, find: impl Fn(&str) -> Shelved<'a>) -> Option<FolderEvent> {
        let Some(said) = &self.said else {
            return self.holding.take().map(|_| FolderEvent::Unrouted);
        };
        let outcome = match said {
            Err(error) => Outcome::Fails(error.clone()),
            Ok(lines) => outcome(lines, find, &mut self.built_in),
        };
        match outcome {
            Outcome::Waits => {
                self.turn(FileState::Settling);
                None
            }
            Outcome::Leads(found) => self.lead(found),
            Outcome::Fails(error) => self.refuse(error),
        }
    }

    fn lead(&mut self, found: Vec<(Scope, RouteStatus, Policy)>) -> Option<FolderEvent> {
        self.refused = None;
        self.turn(FileState::Active);
        let holding: BTreeMap<Scope, RouteStatus> =
            found.iter().map(|(scope, status, _)| (scope.clone(), status.clone())).collect();
        if self.holding.as_ref() == Some(&holding) {
            return None;
        }
        match Routes::new(found.into_iter().map(|(scope, _, policy)| (scope, policy))) {
            Ok(routes) => {
                self.holding = Some(holding);
                Some(FolderEvent::Routed(routes))
            }
            // The registry checks what was checked when the file was read, and more strictly at some later time.
            Err(error) => self.refuse(FileError::Internal { reason: error.to_string() }),
        }
    }

    /// One event for each new problem, not one for each look.
    fn refuse(&mut self, error: FileError) -> Option<FolderEvent> {
        let text = error.to_string();
        self.turn(FileState::Refused);
        if self.refused.as_ref() == Some(&text) {
            return None;
        }
        self.refused = Some(text);
        Some(FolderEvent::Refused { file: ROUTES_FILE.into(), error })
    }

    fn turn(&mut self, state: FileState) {
        if self.state != state {
            self.state = state;
            self.since = SystemTime::now();
        }
    }

    /// The policies that the file names.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        let lines = self.said.iter().flatten().flatten();
        lines.map(|line| line.policy.as_str()).collect()
    }

    /// When to look again, if a read waits for its confirmation.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.settling.due()
    }

    /// Whether the file as it is was read, or is known not to be there.
    pub(crate) fn is_settled(&self) -> bool {
        self.settling.is_settled()
    }

    /// Whether a route leads to the policy of this name and digest.
    pub(crate) fn decides(&self, name: &str, digest: &str) -> bool {
        let mut holding = self.holding.iter().flat_map(BTreeMap::values);
        holding.any(|route| route.policy == name && route.digest == digest)
    }

    pub(crate) fn status(&self) -> Option<RoutesStatus> {
        if self.said.is_none() && self.holding.is_none() {
            return None;
        }
        Some(RoutesStatus {
            state: self.state,
            error: self.refused.clone(),
            since_ms: since_ms(self.since),
            holding: self.holding.iter().flat_map(BTreeMap::values).cloned().collect(),
        })
    }
}

/// Looks up every route; the first that leads nowhere fails all of them.
fn outcome<'a>(lines: &[Line], find: impl Fn(&str) -> Shelved<'a>, built_in: &mut BTreeMap<String, Policy>) -> Outcome {
    let mut found = Vec::with_capacity(lines.len());
    for (Line { scope, policy: name }, route) in lines.iter().zip(1..) {
        let policy = match find(name) {
            Shelved::Settling => return Outcome::Waits,
            Shelved::Ready(loaded) => Policy::from(&**loaded),
            Shelved::Refused(error) => {
                let (policy, error) = (name.clone(), Box::new(error.clone()));
                return Outcome::Fails(RoutesError::Policy { route, policy, error }.into());
            }
            Shelved::Missing => match built_in_policy(name, built_in) {
                Some(policy) => policy,
                None => return Outcome::Fails(RoutesError::NoPolicy { route, policy: name.clone() }.into()),
            },
        };
        let status = RouteStatus { scope: scope.clone(), policy: name.clone(), digest: policy.digest.clone() };
        found.push((scope.clone(), status, policy));
    }
    Outcome::Leads(found)
}

fn built_in_policy(name: &str, known: &mut BTreeMap<String, Policy>) -> Option<Policy> {
    if !known.contains_key(name) {
        // Each of them is proven by tests; one that were not would be as good as none.
        known.insert(name.to_owned(), Policy::builtin(name)?.ok()?);
    }
    known.get(name).cloned()
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::*;

    /// A folder, and a clock that only the test moves.
    struct Desk {
        folder: tempfile::TempDir,
        options: FolderOptions,
        routing: Routing,
        now: Instant,
    }

    impl Desk {
        fn new() -> Desk {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let options = FolderOptions::new(folder.path(), "alpha");
            Desk { folder, options, routing: Routing::default(), now: Instant::now() }
        }

        fn write(&self, text: &str) {
            fs::write(self.folder.path().join(ROUTES_FILE), text).expect("the folder is there");
        }

        /// A look, `after` the one before. No policy has a file.
        fn look(&mut self, after: Duration) -> Option<FolderEvent> {
            self.now += after;
            self.routing.look(&self.options, self.now);
            self.routing.change(|_| Shelved::Missing)
        }
    }

    #[test]
    fn an_editor_that_writes_in_several_steps_is_heard_once_and_at_the_end() {
        let (mut desk, text) = (Desk::new(), "[[route]]\nnamespace = \"public\"\npolicy = \"nacos-1-4\"\n");
        let settle = desk.options.settle;
        for step in [&text[..5], &text[..30], "", text] {
            desk.write(step);
            assert!(desk.look(settle).is_none(), "{step:?} may not be all");
            assert!(desk.look(settle / 3).is_none());
        }
        assert!(matches!(desk.look(settle), Some(FolderEvent::Routed(routes)) if routes.len() == 1));
        assert!(desk.routing.is_settled() && desk.look(settle).is_none());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_tried_again_and_complained_of_once() {
        let mut desk = Desk::new();
        fs::create_dir(desk.folder.path().join(ROUTES_FILE)).expect("the folder is there");
        let (settle, retry) = (desk.options.settle, desk.options.retry);
        desk.look(settle);
        assert!(matches!(desk.look(settle), Some(FolderEvent::Refused { .. })));
        for _ in 0..3 {
            assert!(desk.look(retry).is_none(), "a new first read");
            assert_eq!(desk.routing.due(), Some(desk.now + settle));
            assert!(desk.look(settle).is_none(), "the same");
        }
    }
}

//! Changes as the operating system reports them. They only ring the bell: what changed is found by looking.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};

use super::{bell::Bell, listing::identity};

/// Watches one path, and follows it when another folder takes its place.
pub(crate) struct Watch {
    path: PathBuf,
    bell: Arc<Bell>,
    watching: Option<(Folder, RecommendedWatcher)>,
    problem: Option<String>,
}

/// Which folder a path leads to: device and inode.
type Folder = [i64; 2];

impl Watch {
    pub(crate) fn new(path: &Path, bell: &Arc<Bell>) -> Watch {
        Watch { path: path.to_owned(), bell: Arc::clone(bell), watching: None, problem: None }
    }

    /// Watches the folder that the path leads to now. Without it, changes are still found, only later.
    pub(crate) fn follow(&mut self) {
        let folder = folder(&self.path);
        if self.watching.as_ref().map(|(folder, _)| *folder) == folder && self.problem.is_none() {
            return;
        }
        self.watching = None;
        self.problem = None;
        let Some(folder) = folder else { return };
        match watcher(&self.path, &self.bell) {
            Ok(watcher) => self.watching = Some((folder, watcher)),
            Err(error) => self.problem = Some(error.to_string()),
        }
    }

    /// Why the system reports nothing.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }
}

fn folder(path: &Path) -> Option<Folder> {
    let [device, inode, ..] = identity(&fs::metadata(path).ok()?);
    Some([device, inode])
}

fn watcher(path: &Path, bell: &Arc<Bell>) -> notify::Result<RecommendedWatcher> {
    let bell = Arc::clone(bell);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.as_ref().map_or(true, is_change) {
            bell.ring(|note| note.look = true);
        }
    })?;
    watcher.watch(path, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// Our own reads are reported too, and must not wake us.
fn is_change(event: &Event) -> bool {
    match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

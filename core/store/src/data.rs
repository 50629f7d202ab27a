//! The data file: open, closed by a failure, and open again.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use redb::Database;
use steadfast_core::{Change, StoreError, StoreTable};

use crate::{
    backend::{Create, OpenFile, Suspicion, WatchedFile, write_out},
    contents::{self, CommitError},
    database,
    failure::{failed, in_doubt, unusable},
};

/// What the folder knows of its data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing: the folder is new, or its data file was put there by hand.
    Nothing,
    /// There was one.
    Something,
    /// There was that of this registry.
    Registry(u128),
}

/// The database in the file.
pub(crate) struct DataFile {
    path: PathBuf,
    open: OpenFile,
    suspicion: Suspicion,
    /// `None` after an I/O error: redb answers nothing but that error until it is opened anew.
    database: Option<Database>,
    registry_id: u128,
}

impl DataFile {
    /// Opens the file, which is there. `suspicion` says how far it is believed.
    pub(crate) fn open(
        path: PathBuf,
        open: OpenFile,
        known: Known,
        suspicion: Suspicion,
    ) -> Result<DataFile, StoreError> {
        let database = open_database(&path, &open, &suspicion)?;
        let registry_id = contents::identify(&database, &path)?.ok_or_else(|| vanished(&path))?;
        match known {
            Known::Registry(known) if known != registry_id => Err(foreign(&path)),
            _ => Ok(DataFile { path, open, suspicion, database: Some(database), registry_id }),
        }
    }

    pub(crate) fn registry_id(&self) -> u128 {
        self.registry_id
    }

    pub(crate) fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        let loaded = contents::load(self.database()?, table, visit);
        loaded.map_err(|error| failed(&format!("reading {} from", table.name()), &self.path, error))
    }

    /// Commits. A failure is tried once more on the file opened anew, so that a hiccup of the disk is nobody's business.
    /// The changes name whole records, so doing them twice is doing them once.
    pub(crate) fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let was_open = self.database.is_some();
        match self.try_commit(changes) {
            Err(first) if was_open => self.try_commit(changes).map_err(|second| doubted(&first, second)),
            answer => answer,
        }
    }

    fn try_commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let database = self.database()?;
        // A file that was damaged behind redb's back can make it panic; that is one more way to fail.
        let committed = catch_unwind(AssertUnwindSafe(|| contents::commit(database, changes)));
        let error = match committed {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(CommitError::Before(error))) => failed("writing", &self.path, error),
            Ok(Err(CommitError::During(error))) => in_doubt("writing", &self.path, error),
            Err(_) => in_doubt("writing", &self.path, io::Error::other("its structure is broken")),
        };
        self.close_database();
        Err(error)
    }

    /// The open database; opened again when an earlier failure closed it.
    fn database(&mut self) -> Result<&Database, StoreError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => self.reopen()?,
        };
        Ok(self.database.insert(database))
    }

    fn reopen(&self) -> Result<Database, StoreError> {
        let database = open_database(&self.path, &self.open, &self.suspicion)?;
        match contents::identify(&database, &self.path)? {
            Some(found) if found == self.registry_id => Ok(database),
            Some(_) => Err(foreign(&self.path)),
            None => Err(vanished(&self.path)),
        }
    }

    /// Closes the file; says whether all that it shows is durable.
    pub(crate) fn close(&mut self) -> bool {
        let was_open = self.database.is_some();
        self.close_database() && was_open && !self.suspicion.raised()
    }

    fn close_database(&mut self) -> bool {
        let Some(database) = self.database.take() else { return true };
        catch_unwind(AssertUnwindSafe(|| database.close().is_ok())).unwrap_or(false)
    }
}

impl Drop for DataFile {
    fn drop(&mut self) {
        self.close();
    }
}

/// Makes the file of a new registry, whole and durable, out of one that is missing or empty.
pub(crate) fn create(path: &Path, open: &OpenFile) -> Result<(), StoreError> {
    let file = open(path, Create::Missing).map_err(|error| failed("creating", path, error))?;
    let database = database::open(path, WatchedFile::new(file, &Suspicion::default()))?;
    contents::claim(&database, path)?;
    database.close().map_err(|error| failed("creating", path, error))
}

fn open_database(path: &Path, open: &OpenFile, suspicion: &Suspicion) -> Result<Database, StoreError> {
    let file = open(path, Create::Never).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => vanished(path),
        _ => failed("opening", path, error),
    })?;
    if file.len().map_err(|error| failed("opening", path, error))? == 0 {
        return Err(vanished(path));
    }
    write_out(file.as_ref(), suspicion).map_err(|error| failed("writing out", path, error))?;
    database::open(path, WatchedFile::new(file, suspicion))
}

/// What is said after a second failure: the doubt that the first one left remains.
fn doubted(first: &StoreError, second: StoreError) -> StoreError {
    match (first, second) {
        (StoreError::InDoubt { .. }, StoreError::Failed { doing, source }) => StoreError::InDoubt { doing, source },
        (_, second) => second,
    }
}

fn vanished(path: &Path) -> StoreError {
    unusable(
        path,
        "is missing or empty, although there was a registry; restore it from a copy, or remove the folder to begin anew",
    )
}

fn foreign(path: &Path) -> StoreError {
    let what = "belongs to another registry than its folder (see registry.id there); put the right file back";
    unusable(path, what)
}

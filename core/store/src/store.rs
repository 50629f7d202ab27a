//! The store: a locked folder, an open database, and a way to open it again.

use std::{fmt, path::Path, path::PathBuf};

use redb::{Database, DatabaseError};
use steadfast_core::{Change, Store, StoreError, StoreTable};

use crate::{
    contents,
    database::{self, failed},
    folder::Folder,
};

const DATA_FILE: &str = "registry.redb";

type Open = Box<dyn Fn(&Path) -> Result<Database, DatabaseError> + Send>;

/// Keeps everything in `registry.redb` in a folder.
///
/// ```
/// use steadfast_core::{Change, Store, StoreTable};
/// # let folder = std::env::temp_dir().join(format!("steadfast-store-doc-{}", std::process::id()));
/// let mut store = steadfast_store::RedbStore::open(&folder)?;
/// let change = Change { table: StoreTable::Settings, key: b"boot".to_vec(), value: Some(vec![1]) };
/// store.commit(&[change])?;
/// # drop(store);
/// # std::fs::remove_dir_all(&folder).ok();
/// # Ok::<(), steadfast_core::StoreError>(())
/// ```
pub struct RedbStore {
    file: PathBuf,
    open: Open,
    /// `None` after an I/O error: redb answers nothing but that error until it is opened anew.
    database: Option<Database>,
    registry_id: u128,
    /// Last, so that the folder is free only after the file is closed.
    folder: Folder,
}

impl RedbStore {
    /// Opens the store in `folder`, which is created when it is missing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] when another process has the folder, or the file in it is damaged, from another program
    /// or from a later version; [`StoreError::Failed`] when the system refuses.
    pub fn open(folder: &Path) -> Result<RedbStore, StoreError> {
        RedbStore::open_by(folder, Box::new(|file| database::builder().create(file)))
    }

    pub(crate) fn open_by(folder: &Path, open: Open) -> Result<RedbStore, StoreError> {
        let folder = Folder::lock(folder)?;
        let file = folder.path().join(DATA_FILE);
        let database = database::open(&file, || open(&file))?;
        let registry_id = contents::claim(&database, &file)?;
        folder.sync()?;
        Ok(RedbStore { file, open, database: Some(database), registry_id, folder })
    }

    /// What tells this registry's data from any other's: chosen by chance when the file was made.
    pub fn registry_id(&self) -> u128 {
        self.registry_id
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
        let database = database::open(&self.file, || (self.open)(&self.file))?;
        let found = contents::claim(&database, &self.file)?;
        if found == self.registry_id {
            return Ok(database);
        }
        Err(database::unusable(&self.file, "was replaced while it was open; restart the registry"))
    }

    fn try_commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let committed = contents::commit(self.database()?, changes);
        committed.map_err(|error| {
            self.database = None;
            failed("writing", &self.file, error)
        })
    }
}

impl Store for RedbStore {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        let loaded = contents::load(self.database()?, table, visit);
        loaded.map_err(|error| failed(&format!("reading {} from", table.name()), &self.file, error))
    }

    /// A failure is tried once more on the file opened anew, so that a registry goes on by itself when the disk does.
    /// The changes name whole records, so doing them twice is doing them once.
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let was_open = self.database.is_some();
        match self.try_commit(changes) {
            Err(_) if was_open => self.try_commit(changes),
            answer => answer,
        }
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("folder", &self.folder.path()).finish_non_exhaustive()
    }
}

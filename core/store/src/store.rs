//! The store: a locked folder and the data file in it.

use std::{fmt, fs, io, path::Path};

use steadfast_core::{Change, Store, StoreError, StoreTable};

use crate::{
    backend::{self, OpenFile, Suspicion},
    data::{self, DataFile, Known},
    failure::failed,
    folder::Folder,
};

const DATA_FILE: &str = "registry.redb";
const DATA_FILE_NEW: &str = "registry.redb.new";

/// Keeps everything in `registry.redb` in a folder.
///
/// A commit that fails is tried once more on the file opened anew. When that fails too, the store answers with the
/// error, and the next commit opens the file again: service resumes when the disk does.
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
    data: DataFile,
    /// Last, so that the folder is free only after the file is closed.
    folder: Folder,
}

impl RedbStore {
    /// Opens the store in `folder`, which is created when it is missing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] when another process has the folder, or the file in it is gone, damaged, from another
    /// program, of another registry or from a later version; [`StoreError::Failed`] when the system refuses.
    pub fn open(folder: &Path) -> Result<RedbStore, StoreError> {
        RedbStore::open_by(folder, Box::new(backend::open_file))
    }

    pub(crate) fn open_by(folder: &Path, open: OpenFile) -> Result<RedbStore, StoreError> {
        let folder = Folder::lock(folder)?;
        let suspicion = Suspicion::new(folder.was_left_open());
        let (path, known) = (folder.path().join(DATA_FILE), folder.known()?);
        if known == Known::Nothing && !path.exists() {
            create(&path, &open)?;
        }
        let data = DataFile::open(path, open, known, suspicion)?;
        folder.keep(data.registry_id())?;
        Ok(RedbStore { data, folder })
    }

    /// What tells this registry's data from any other's: chosen by chance when the file was made.
    pub fn registry_id(&self) -> u128 {
        self.data.registry_id()
    }
}

/// Makes a data file aside and moves it into its place when it is whole: a first start that is cut short leaves nothing
/// that the second one would have to call damaged.
fn create(path: &Path, open: &OpenFile) -> Result<(), StoreError> {
    let new = path.with_file_name(DATA_FILE_NEW);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("removing", &new, error)),
        _ => data::create(&new, open)?,
    }
    fs::rename(&new, path).map_err(|error| failed("creating", path, error))
}

impl Store for RedbStore {
    fn load(&mut self, table: StoreTable, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.data.load(table, visit)
    }

    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if changes.is_empty() { Ok(()) } else { self.data.commit(changes) }
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        if self.data.close() {
            self.folder.close();
        }
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("folder", &self.folder.path()).finish_non_exhaustive()
    }
}

//! The data folder: made when it is missing, and ours alone while it is open.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use steadfast_core::StoreError;

use crate::database::failed;

/// The lock lives on a file of its own, because the data file is closed and opened again after an I/O error.
const LOCK_FILE: &str = "lock";
/// What is read of the lock file: the process number of its owner.
const OWNER_BYTES_MAX: u64 = 20;

/// A folder that no other process has. The system frees it when the process ends, however that happens.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    pub(crate) fn lock(path: &Path) -> Result<Folder, StoreError> {
        fs::create_dir_all(path).map_err(|error| failed("creating data folder", path, error))?;
        let lock_path = path.join(LOCK_FILE);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(|error| failed("opening", &lock_path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(path, &mut lock)),
            Err(TryLockError::Error(error)) => return Err(failed("locking", &lock_path, error)),
        }
        name_owner(&mut lock).map_err(|error| failed("writing", &lock_path, error))?;
        Ok(Folder { path: path.to_owned(), _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the names of the files in the folder durable; a file's own sync does not cover them.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        // Only Unix opens folders as files, and only there is this needed.
        if cfg!(unix) {
            let synced = File::open(&self.path).and_then(|folder| folder.sync_all());
            synced.map_err(|error| failed("syncing data folder", &self.path, error))?;
        }
        Ok(())
    }
}

fn name_owner(lock: &mut File) -> std::io::Result<()> {
    lock.set_len(0)?;
    lock.seek(SeekFrom::Start(0))?;
    write!(lock, "{}", std::process::id())
}

fn in_use(folder: &Path, lock: &mut File) -> StoreError {
    let mut owner = String::new();
    // The number only helps whoever reads the message; the lock itself is what counts.
    let named = lock.take(OWNER_BYTES_MAX).read_to_string(&mut owner).is_ok() && !owner.is_empty();
    let owner = if named { format!("process {owner}") } else { "another process".to_owned() };
    StoreError::Unusable(format!(
        "data folder {} is in use by {owner}; stop that registry, or give this one a folder of its own",
        folder.display()
    ))
}

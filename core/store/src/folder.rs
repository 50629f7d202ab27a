//! The data folder: made when it is missing, and ours alone while it is open.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use steadfast_core::StoreError;

use crate::{data::Known, failure::failed};

/// The lock lives on a file of its own, because the data file is closed and opened again after an I/O error.
const LOCK_FILE: &str = "lock";
/// What is read of the lock file: the process number of its owner.
const OWNER_BYTES_MAX: u64 = 20;
/// Names the registry of the folder, so that a data file that is gone, empty or another's is never taken for a new one.
const IDENTITY_FILE: &str = "registry.id";
const IDENTITY_FILE_NEW: &str = "registry.id.new";
/// What is read of it: 32 hexadecimal digits and the end of the line.
const IDENTITY_BYTES_MAX: u64 = 64;

/// A folder that no other process has. The system frees it when the process ends, however that happens.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    lock: File,
    left_open: bool,
}

impl Folder {
    pub(crate) fn lock(path: &Path) -> Result<Folder, StoreError> {
        fs::create_dir_all(path).map_err(|error| failed("creating data folder", path, error))?;
        let lock_path = path.join(LOCK_FILE);
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).create(true).truncate(false).open(&lock_path);
        let mut lock = opened.map_err(|error| failed("opening", &lock_path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(path, &lock)),
            Err(TryLockError::Error(error)) => return Err(failed("locking", &lock_path, error)),
        }
        // An owner that closed its folder took its number along.
        let left_open = owner(&lock).is_none_or(|owner| !owner.is_empty());
        name_owner(&mut lock).map_err(|error| failed("writing", &lock_path, error))?;
        Ok(Folder { path: path.to_owned(), lock, left_open })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the last owner went without closing: it was killed, or its disk had failed.
    pub(crate) fn was_left_open(&self) -> bool {
        self.left_open
    }

    /// Notes that all is closed and durable.
    pub(crate) fn close(&mut self) {
        // An owner that stays on record costs the next one a look at every page.
        let _ = self.lock.set_len(0);
    }

    /// The registry that lives here, as far as the folder tells.
    pub(crate) fn known(&self) -> Result<Known, StoreError> {
        let path = self.path.join(IDENTITY_FILE);
        let mut text = String::new();
        match File::open(&path).and_then(|file| file.take(IDENTITY_BYTES_MAX).read_to_string(&mut text)) {
            // Whatever became of the text, it says that there was a registry.
            Ok(_) => Ok(u128::from_str_radix(text.trim_end(), 16).map_or(Known::Something, Known::Registry)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Known::Nothing),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Known::Something),
            Err(error) => Err(failed("reading", &path, error)),
        }
    }

    /// Writes down which registry lives here, and makes the names of all files durable: a file's own sync does not
    /// cover them.
    pub(crate) fn keep(&self, registry: u128) -> Result<(), StoreError> {
        if self.known()? != Known::Registry(registry) {
            let (new, path) = (self.path.join(IDENTITY_FILE_NEW), self.path.join(IDENTITY_FILE));
            let written = write_synced(&new, format!("{registry:032x}\n").as_bytes());
            written.and_then(|()| fs::rename(&new, &path)).map_err(|error| failed("writing", &path, error))?;
        }
        // Only Unix opens folders as files, and only there is this needed.
        if cfg!(unix) {
            let synced = File::open(&self.path).and_then(|folder| folder.sync_all());
            synced.map_err(|error| failed("syncing data folder", &self.path, error))?;
        }
        Ok(())
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn name_owner(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.seek(SeekFrom::Start(0))?;
    write!(lock, "{}", std::process::id())
}

/// What the lock file says of its owner, if that can be read.
fn owner(mut lock: &File) -> Option<String> {
    let mut owner = String::new();
    lock.seek(SeekFrom::Start(0)).ok()?;
    lock.take(OWNER_BYTES_MAX).read_to_string(&mut owner).ok()?;
    Some(owner)
}

fn in_use(folder: &Path, lock: &File) -> StoreError {
    // The number only helps whoever reads the message; the lock itself is what counts.
    let owner = owner(lock).filter(|owner| !owner.is_empty());
    let owner = owner.map_or_else(|| "another process".to_owned(), |owner| format!("process {owner}"));
    StoreError::Unusable(format!(
        "data folder {} is in use by {owner}; stop that registry, or give this one a folder of its own",
        folder.display()
    ))
}

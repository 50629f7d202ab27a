//! A disk that fails when it is told to.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use redb::StorageBackend;
use steadfast_core::{Change, Store, StoreError, StoreTable};

use crate::{
    RedbStore,
    backend::{self, Create},
};

/// How many writes and syncs from now on fail; shared by all files opened with it.
#[derive(Clone, Debug, Default)]
struct Faults(Arc<AtomicU32>);

impl Faults {
    fn fail(&self, times: u32) {
        self.0.store(times, Ordering::SeqCst);
    }

    fn strike(&self) -> io::Result<()> {
        let struck = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if struck.is_ok() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn StorageBackend>,
    faults: Faults,
}

impl StorageBackend for FaultyFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.faults.strike()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.faults.strike()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.faults.strike()?;
        self.file.write(offset, data)
    }
}

fn open(path: &Path, create: Create, faults: &Faults) -> io::Result<Box<dyn StorageBackend>> {
    Ok(Box::new(FaultyFile { file: backend::open_file(path, create)?, faults: faults.clone() }))
}

/// A folder that is gone after the test.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn faulty_store(name: &str) -> (RedbStore, Faults, Scratch) {
    let folder = std::env::temp_dir().join(format!("steadfast-faults-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let faults = Faults::default();
    let given = faults.clone();
    let store = RedbStore::open_by(&folder, Box::new(move |path, create| open(path, create, &given))).unwrap();
    (store, faults, Scratch(folder))
}

fn put(key: &str) -> [Change; 1] {
    [Change { table: StoreTable::Holds, key: key.into(), value: Some(b"held".to_vec()) }]
}

fn keys(store: &mut RedbStore) -> Vec<String> {
    let mut keys = Vec::new();
    store.load(StoreTable::Holds, &mut |key, _| keys.push(String::from_utf8(key.to_vec()).unwrap())).unwrap();
    keys
}

#[test]
fn one_failure_is_healed_by_opening_again() {
    let (mut store, faults, _scratch) = faulty_store("healed");
    store.commit(&put("before")).unwrap();
    faults.fail(1);
    store.commit(&put("during")).unwrap();
    store.commit(&put("after")).unwrap();
    assert_eq!(keys(&mut store), ["after", "before", "during"]);
}

#[test]
fn a_full_disk_is_an_error_and_service_resumes_when_there_is_room() {
    let (mut store, faults, scratch) = faulty_store("full");
    store.commit(&put("before")).unwrap();
    faults.fail(u32::MAX);
    for _ in 0..3 {
        let error = store.commit(&put("during")).unwrap_err();
        assert!(matches!(&error, StoreError::Failed { .. } | StoreError::InDoubt { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("registry.redb") && text.contains("make room on its disk"), "{text}");
    }
    faults.fail(0);
    store.commit(&put("after")).unwrap();
    drop(store);
    assert_eq!(keys(&mut RedbStore::open(&scratch.0).unwrap()), ["after", "before"]);
}

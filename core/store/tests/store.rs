//! Real files: what survives, and what is said about files that cannot be used.

use std::{
    fs,
    path::{Path, PathBuf},
};

use redb::{Database, TableDefinition};
use steadfast_core::{Change, Store, StoreError, StoreTable};
use steadfast_store::RedbStore;

/// A folder that is gone after the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("steadfast-store-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Scratch(folder)
    }

    fn open(&self) -> RedbStore {
        RedbStore::open(&self.0).unwrap()
    }

    fn file(&self) -> PathBuf {
        self.0.join("registry.redb")
    }

    fn unusable(&self) -> String {
        match RedbStore::open(&self.0) {
            Err(StoreError::Unusable(why)) => why,
            other => panic!("expected an unusable store, found {other:?}"),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn put(table: StoreTable, key: &str, value: &str) -> Change {
    Change { table, key: key.into(), value: Some(value.into()) }
}

fn records(store: &mut RedbStore, table: StoreTable) -> Vec<(String, String)> {
    let mut records = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    store.load(table, &mut |key, value| records.push((text(key), text(value)))).unwrap();
    records
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.into(), value.into())
}

#[test]
fn everything_is_back_after_reopening() {
    let scratch = Scratch::new("reopen");
    let mut store = scratch.open();
    let id = store.registry_id();
    for table in StoreTable::ALL {
        assert_eq!(records(&mut store, table), []);
        store.commit(&[put(table, "b", "2"), put(table, "a", table.name()), put(table, "c", "3")]).unwrap();
    }
    store.commit(&[Change { table: StoreTable::Holds, key: b"b".to_vec(), value: None }]).unwrap();
    store.commit(&[put(StoreTable::Overlays, "b", "two")]).unwrap();
    store.commit(&[]).unwrap();
    drop(store);

    let mut store = scratch.open();
    assert_eq!(store.registry_id(), id);
    assert_eq!(records(&mut store, StoreTable::Holds), [pair("a", "holds"), pair("c", "3")]);
    assert_eq!(records(&mut store, StoreTable::Overlays), [pair("a", "overlays"), pair("b", "two"), pair("c", "3")]);
    assert_eq!(records(&mut store, StoreTable::Audit), [pair("a", "audit"), pair("b", "2"), pair("c", "3")]);
}

#[test]
fn of_two_changes_of_a_record_in_one_commit_the_last_counts() {
    let scratch = Scratch::new("order");
    let mut store = scratch.open();
    let gone = Change { table: StoreTable::Holds, key: b"a".to_vec(), value: None };
    store.commit(&[put(StoreTable::Holds, "a", "1"), gone, put(StoreTable::Holds, "a", "2")]).unwrap();
    assert_eq!(records(&mut store, StoreTable::Holds), [pair("a", "2")]);
}

#[test]
fn folders_on_the_way_are_made() {
    let scratch = Scratch::new("nested");
    let nested = scratch.0.join("one/two");
    RedbStore::open(&nested).unwrap();
    assert!(nested.join("registry.redb").is_file());
}

#[test]
fn a_second_open_names_the_folder_and_its_owner() {
    let scratch = Scratch::new("twice");
    let first = scratch.open();
    let why = scratch.unusable();
    assert!(why.contains(&scratch.0.display().to_string()), "{why}");
    assert!(why.contains(&format!("process {}", std::process::id())), "{why}");
    drop(first);
    scratch.open();
}

#[test]
fn two_folders_are_two_registries() {
    let (one, two) = (Scratch::new("one"), Scratch::new("two"));
    assert_ne!(one.open().registry_id(), two.open().registry_id());
}

#[test]
fn a_file_in_place_of_the_folder_is_an_error_with_its_path() {
    let scratch = Scratch::new("no-folder");
    fs::create_dir_all(&scratch.0).unwrap();
    let path = scratch.0.join("file");
    fs::write(&path, "text").unwrap();
    let error = RedbStore::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Failed { .. }));
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
}

#[cfg(unix)]
#[test]
fn a_data_file_that_cannot_be_opened_is_an_error_with_its_path() {
    let scratch = Scratch::new("unopenable");
    // A folder in the file's place fails for every user; permissions would not stop root.
    fs::create_dir_all(scratch.file()).unwrap();
    let error = RedbStore::open(&scratch.0).unwrap_err();
    assert!(matches!(error, StoreError::Failed { .. }), "{error}");
    assert!(error.to_string().contains("registry.redb"), "{error}");
}

#[test]
fn garbage_is_refused_and_left_alone() {
    let scratch = Scratch::new("garbage");
    fs::create_dir_all(&scratch.0).unwrap();
    for garbage in [b"weight = 1\n".to_vec(), b"\xa5\x5a".repeat(8 * 1024)] {
        fs::write(scratch.file(), &garbage).unwrap();
        let why = scratch.unusable();
        assert!(why.contains("registry.redb is no data file of Steadfast"), "{why}");
        assert_eq!(fs::read(scratch.file()).unwrap(), garbage);
    }
}

#[test]
fn a_cut_file_is_refused() {
    let scratch = Scratch::new("cut");
    let mut store = scratch.open();
    store.commit(&[put(StoreTable::Holds, "a", &"x".repeat(100_000))]).unwrap();
    drop(store);
    let whole = fs::read(scratch.file()).unwrap();
    for length in [0, 1, 300, 4096, whole.len() / 2, whole.len() - 4096] {
        fs::write(scratch.file(), &whole[..length]).unwrap();
        let why = scratch.unusable();
        assert!(why.contains(if length == 0 { "empty" } else { "damaged" }), "cut to {length}: {why}");
    }
    fs::write(scratch.file(), whole).unwrap();
    assert_eq!(records(&mut scratch.open(), StoreTable::Holds).len(), 1);
}

#[test]
fn a_flipped_bit_never_goes_unnoticed() {
    let scratch = Scratch::new("flipped");
    let mut store = scratch.open();
    let value = "held by console".repeat(1000);
    store.commit(&[put(StoreTable::Holds, "a", &value)]).unwrap();
    drop(store);
    let mut bytes = fs::read(scratch.file()).unwrap();
    let at = position(&bytes, b"held by console").expect("the value is in the file");
    bytes[at] ^= 1;
    fs::write(scratch.file(), bytes).unwrap();
    assert!(scratch.unusable().contains("damaged"));
}

#[test]
fn a_data_file_that_is_gone_is_never_taken_for_a_new_registry() {
    let scratch = Scratch::new("gone");
    let mut store = scratch.open();
    store.commit(&[put(StoreTable::Holds, "a", "1")]).unwrap();
    drop(store);
    let copy = fs::read(scratch.file()).unwrap();
    fs::remove_file(scratch.file()).unwrap();
    for _ in 0..2 {
        let why = scratch.unusable();
        assert!(why.contains("registry.redb is missing or empty, although there was a registry"), "{why}");
        assert!(!scratch.file().exists(), "nothing is put in its place");
    }
    // Whatever became of the name of the registry, there was one.
    fs::write(scratch.0.join("registry.id"), b"\xff\xfe").unwrap();
    assert!(scratch.unusable().contains("is missing"));
    fs::write(scratch.file(), copy).unwrap();
    assert_eq!(records(&mut scratch.open(), StoreTable::Holds), [pair("a", "1")]);
}

#[test]
fn the_data_file_of_another_registry_is_refused() {
    let (mine, other) = (Scratch::new("mine"), Scratch::new("other"));
    drop((mine.open(), other.open()));
    fs::copy(other.file(), mine.file()).unwrap();
    let why = mine.unusable();
    assert!(why.contains("belongs to another registry than its folder"), "{why}");
}

#[test]
fn a_copy_of_the_data_file_alone_is_enough_for_a_new_folder() {
    let (old, new) = (Scratch::new("old"), Scratch::new("new"));
    let mut store = old.open();
    store.commit(&[put(StoreTable::Holds, "a", "1")]).unwrap();
    let id = store.registry_id();
    drop(store);
    fs::create_dir_all(&new.0).unwrap();
    fs::copy(old.file(), new.file()).unwrap();
    let mut store = new.open();
    assert_eq!(store.registry_id(), id);
    assert_eq!(records(&mut store, StoreTable::Holds), [pair("a", "1")]);
}

#[test]
fn a_first_start_that_was_cut_short_is_begun_again() {
    let scratch = Scratch::new("first-start");
    fs::create_dir_all(&scratch.0).unwrap();
    fs::write(scratch.0.join("registry.redb.new"), [0; 4096]).unwrap();
    let mut store = scratch.open();
    assert_eq!(records(&mut store, StoreTable::Holds), []);
    assert!(!scratch.0.join("registry.redb.new").exists());
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[test]
fn a_later_format_is_refused_by_its_number() {
    let scratch = Scratch::new("future");
    drop(scratch.open());
    overwrite_format(&scratch.file(), 7);
    let why = scratch.unusable();
    assert!(why.contains("has format 7, and this version knows 1"), "{why}");
}

fn overwrite_format(file: &Path, format: u32) {
    let database = Database::create(file).unwrap();
    let transaction = database.begin_write().unwrap();
    let meta: TableDefinition<&str, &[u8]> = TableDefinition::new("steadfast");
    transaction.open_table(meta).unwrap().insert("format", format.to_le_bytes().as_slice()).unwrap();
    transaction.commit().unwrap();
}

#[test]
fn a_file_of_another_program_is_refused() {
    let scratch = Scratch::new("foreign");
    fs::create_dir_all(&scratch.0).unwrap();
    let database = Database::create(scratch.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    let recipes: TableDefinition<u64, &str> = TableDefinition::new("recipes");
    transaction.open_table(recipes).unwrap().insert(1, "soup").unwrap();
    transaction.commit().unwrap();
    drop(database);
    let why = scratch.unusable();
    assert!(why.contains("belongs to another program"), "{why}");
}

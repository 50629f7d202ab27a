//! A process that is killed in the middle of commits has lost nothing that it was told is durable.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use steadfast_core::{Change, Store, StoreTable};
use steadfast_store::RedbStore;

const CHILD: &str = "STEADFAST_TEST_KILLED_FOLDER";
const ACKNOWLEDGED: &str = "acknowledged ";

/// The child: commits pairs of records for ever and says so. Without the variable it is nobody's child and does nothing.
#[test]
fn child() {
    let Some(folder) = env::var_os(CHILD) else { return };
    let mut store = RedbStore::open(Path::new(&folder)).unwrap();
    let first = numbers(&mut store, StoreTable::Holds).last().map_or(0, |last| last + 1);
    for number in first.. {
        let half = |table| Change { table, key: u64::to_be_bytes(number).to_vec(), value: Some(vec![7; 2000]) };
        store.commit(&[half(StoreTable::Holds), half(StoreTable::Audit)]).unwrap();
        // Past the capture of the test runner: the parent reads it.
        writeln!(std::io::stdout().lock(), "{ACKNOWLEDGED}{number}").unwrap();
    }
}

fn numbers(store: &mut RedbStore, table: StoreTable) -> BTreeSet<u64> {
    let mut numbers = BTreeSet::new();
    let mut visit = |key: &[u8], _: &[u8]| {
        numbers.insert(u64::from_be_bytes(key.try_into().unwrap()));
    };
    store.load(table, &mut visit).unwrap();
    numbers
}

/// Runs the child until it has acknowledged `commits`, kills it, and returns all that it acknowledged.
fn run_and_kill(folder: &Path, commits: usize) -> Vec<u64> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        // A kill can cut the last line, and then nobody was told.
        let Some(number) = line.unwrap().strip_prefix(ACKNOWLEDGED).and_then(|text| text.parse().ok()) else {
            continue;
        };
        acknowledged.push(number);
        if acknowledged.len() >= commits && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the child ended by itself after {acknowledged:?}");
    acknowledged
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_half_done() {
    let folder: PathBuf = env::temp_dir().join(format!("steadfast-store-killed-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let mut acknowledged = BTreeSet::new();
    for commits in [1, 7, 20, 33] {
        acknowledged.extend(run_and_kill(&folder, commits));
        let mut store = RedbStore::open(&folder).unwrap();
        let (holds, audit) = (numbers(&mut store, StoreTable::Holds), numbers(&mut store, StoreTable::Audit));
        assert!(holds.is_superset(&acknowledged), "lost: {:?}", acknowledged.difference(&holds));
        assert_eq!(holds, audit, "a commit was done by half");
    }
    fs::remove_dir_all(&folder).unwrap();
}

//! A process that is killed in the middle of its work has lost nothing that it was told is durable.
//!
//! A real process on a real disk: a child runs a registry under load from several threads and says over a pipe what it
//! tries and what was acknowledged. The parent kills it (`SIGKILL`) at random moments, reads the folder, and starts the
//! next child on it. `STEADFAST_KILLS=100` kills more often.

mod child;
mod disk;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use steadfast_core::{Options, Registry};
use steadfast_store::RedbStore;

const KILLS: u64 = 10;
/// The most answers that a child gives before it is killed.
const ANSWERS_MAX: u64 = 120;

/// What a record says, if it is there.
type Value = Option<String>;

/// What the children said.
#[derive(Debug, Default)]
struct Told {
    /// What was acknowledged last of each record.
    acknowledged: BTreeMap<String, Value>,
    /// What each thread was trying when the process went: that may be done or not.
    trying: BTreeMap<usize, Vec<(String, Value)>>,
    answers: u64,
}

impl Told {
    fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [child::TRIES, thread, record, value] => {
                let value = (value != child::NOTHING).then(|| value.to_owned());
                self.trying.entry(thread.parse().unwrap()).or_default().push((record.to_owned(), value));
            }
            [child::DONE, thread] => {
                self.acknowledged.extend(self.trying.remove(&thread.parse().unwrap()).unwrap());
                self.answers += 1;
            }
            // What the test runner says.
            _ => assert!(!line.contains("panicked"), "{line}"),
        }
    }

    /// Judges what is on the disk, and believes it from here on.
    fn judge(&mut self, found: &disk::Found, round: u64) {
        let known: BTreeSet<&String> = self.acknowledged.keys().chain(found.records.keys()).collect();
        for record in known {
            let (now, before) = (found.records.get(record), self.acknowledged.get(record).and_then(Option::as_ref));
            let tried = self.trying.values().flatten().any(|(trying, value)| trying == record && value.as_ref() == now);
            assert!(now == before || tried, "round {round}: {record} was {before:?} and is {now:?}; {:?}", self.trying);
        }
        self.acknowledged = found.records.iter().map(|(record, value)| (record.clone(), Some(value.clone()))).collect();
        self.trying.clear();
    }
}

/// Runs a child on the folder until it has given `answers`, kills it, and hears the rest of what it had said.
fn run_and_kill(folder: &Path, round: u64, answers: u64, told: &mut Told) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child::child", "--nocapture"])
        .env(child::FOLDER, folder)
        .env(child::ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    let enough = told.answers + answers;
    let mut killed = false;
    loop {
        if told.answers >= enough && !killed {
            child.kill().unwrap();
            killed = true;
        }
        line.clear();
        // A kill can cut the last line, and then nobody was told.
        if lines.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
            break;
        }
        told.hear(&line);
    }
    child.wait().unwrap();
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(killed, "round {round}: the child ended by itself: {errors}");
}

#[test]
fn whatever_is_killed_what_was_acknowledged_is_there_and_nothing_is_half_done() {
    let folder: PathBuf = env::temp_dir().join(format!("steadfast-store-killed-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let kills = env::var("STEADFAST_KILLS").map_or(KILLS, |kills| kills.parse().expect("STEADFAST_KILLS"));
    let mut told = Told::default();
    for round in 0..kills {
        // The first ones die at once: a start is cut short, and so is the start after that.
        let answers = if round < 2 { 0 } else { child::dice(round) % ANSWERS_MAX };
        run_and_kill(&folder, round, answers, &mut told);
        let found = disk::read(&mut RedbStore::open(&folder).unwrap());
        told.judge(&found, round);
        let lost: Vec<_> = found.ordered.difference(&found.processes).collect();
        assert!(lost.is_empty(), "round {round}: ports {lost:?} have orders and no process keys");
        let registry = Registry::open(Options::default(), Box::new(RedbStore::open(&folder).unwrap())).unwrap();
        let service = registry.service(&child::service()).unwrap();
        let in_force = registry.orders(service).unwrap();
        let ports: BTreeSet<u16> = in_force.iter().map(|ordered| ordered.address.port).collect();
        assert_eq!(ports, found.ordered, "round {round}");
    }
    assert!(told.answers >= kills * 10, "only {} answers", told.answers);
    if kills > KILLS {
        // Whoever asks for many wants to know what they were.
        let _ = writeln!(std::io::stderr(), "{kills} kills held, {} answers kept", told.answers);
    }
    fs::remove_dir_all(&folder).unwrap();
}

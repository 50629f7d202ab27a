//! `replay`, on what a registry in virtual time wrote.

use std::{fs, path::Path, sync::Arc};

use serde_json::json;
use steadfast_core::{
    Address, Author, HoldKind, HoldOrder, MemoryStore, Now, Options, Policy, Registration, Registry, ServiceName,
};
use steadfast_store::journal::{FileJournal, JournalOptions};
use tempfile::TempDir;

use crate::run::{compiled, steadfast, steadfast_in};

/// A registry runs under `admin-sticky`: an instance goes offline by an order, is silent for 20 s, and beats again.
pub(crate) fn write_journal(folder: &Path) {
    let journal = FileJournal::start(folder, JournalOptions::default()).expect("a thread can be started");
    let policy = Policy::builtin("admin-sticky").expect("it is compiled in").expect("it is proven");
    let options = Options { policy, max_step_ms: 0, journal: Some(Arc::new(journal)), ..Options::default() };
    let registry = Registry::open(options, Box::new(MemoryStore::new())).expect("memory can be opened");
    let tick = |ms| registry.tick(Now { mono_ms: ms, wall_ms: 1_700_000_000_000 + ms });
    tick(0);
    let name = ServiceName::new("public", "DEFAULT_GROUP", "orders").expect("a name");
    let service = registry.service(&name).expect("there is room");
    let address = Address::new("10.0.0.1", 8080, "DEFAULT").expect("an address");
    let registered = registry.register(service, &Registration::new(address.clone())).expect("nobody refuses it");
    let author = Author::new("console", "ann", "replacing its disk").expect("an author");
    let order = HoldOrder { kind: HoldKind::Offline, author: author.clone(), until_ms: None };
    registry.hold(service, &address, &order).expect("memory takes everything");
    tick(20_000);
    registry.beat(registered.handle);
    tick(21_000);
    registry.release(service, &address, &author).expect("memory takes everything");
    registry.shutdown();
}

fn data_folder() -> TempDir {
    let folder = TempDir::new().expect("a folder can be made");
    write_journal(&folder.path().join("journal"));
    folder
}

#[test]
fn each_decision_that_would_have_differed_is_told() {
    let data = data_folder();
    let ran = steadfast_in(data.path(), "replay . --policy heartbeat-wins");
    ran.says(
        1,
        &[
            "5 decisions about 1 instance, 1 start of the registry",
            "decided: admin-sticky 0.1.0 (epoch 1), 5 decisions\n",
            "\nbeat\n  serves (was: refuses traffic): once\n",
            "2023-11-14 22:13:40.000",
            "beat on 10.0.0.1:8080 (DEFAULT) of public@@DEFAULT_GROUP@@orders, by client",
            "was:      present, healthy, refuse, order offline, because: taken offline by an operator",
            "would be: present, healthy, serve, order offline, because: ",
            "1 answer would have differed in 5 decisions",
        ],
    );
    assert_eq!(ran.err, "", "progress is for terminals");
}

#[test]
fn a_policy_that_would_have_decided_alike_is_called_the_same() {
    let data = data_folder();
    let file = compiled("admin-sticky");
    let line = format!("replay journal --policy {}", file.display());
    steadfast_in(data.path(), &line).says(0, &["same: ", "would have decided everything in journal alike"]);
}

#[test]
fn the_json_form_has_all_of_it_within_the_limit() {
    let data = data_folder();
    let report = steadfast_in(data.path(), "replay . --policy heartbeat-wins --limit 0 --json").json();
    assert_eq!((&report["decisions"], &report["differing"], &report["listed"]), (&json!(5), &json!(1), &json!([])));
    assert_eq!(report["groups"][0]["example"]["would_be"]["traffic"], json!("serve"));
    let report = steadfast_in(data.path(), "replay . --policy heartbeat-wins --json").json();
    assert_eq!(report["listed"][0]["event"], json!("beat"));
    assert_eq!(report["recorded"][0]["at_hand"], json!(true));
}

#[test]
fn a_damaged_journal_is_replayed_as_far_as_it_goes_and_says_so() {
    let data = data_folder();
    let segment = data.path().join("journal/000001.log");
    let bytes = fs::read(&segment).expect("it was written");
    fs::write(&segment, &bytes[..bytes.len() - 7]).expect("it can be written");
    let ran = steadfast_in(data.path(), "replay . --policy admin-sticky");
    ran.says(0, &["4 decisions", "caution: 000001.log ends inside a record"]);
}

#[test]
fn where_no_journal_is_the_message_says_what_one_looks_like() {
    let empty = TempDir::new().expect("a folder can be made");
    steadfast_in(empty.path(), "replay . --policy admin-sticky").says(3, &["holds no journal", "000001.log"]);
    steadfast_in(empty.path(), "replay nowhere --policy admin-sticky").says(3, &["cannot read the journal in nowhere"]);
    steadfast("replay .").says(2, &["--policy"]);
}

//! What a folder says after its process is gone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use steadfast_core::{Store, StoreTable};
use steadfast_store::RedbStore;

/// Everything that a folder says.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// By the names that the child gives its records.
    pub(crate) records: BTreeMap<String, String>,
    /// Ports with a hold or an overlay.
    pub(crate) ordered: BTreeSet<u16>,
    /// Ports with a process key.
    pub(crate) processes: BTreeSet<u16>,
}

pub(crate) fn read(store: &mut RedbStore) -> Found {
    let mut found = Found::default();
    for json in table(store, StoreTable::Holds) {
        let (port, author) = (port(&json), &json["record"]["author"]);
        found.ordered.insert(port);
        found.records.insert(format!("hold/{port}/{}", text(&author["owner"])), text(&author["reason"]));
    }
    for json in table(store, StoreTable::Overlays) {
        let port = port(&json);
        found.ordered.insert(port);
        found.records.insert(format!("overlay/{port}"), text(&json["record"]["field"]["metadata"]["value"]));
    }
    for json in table(store, StoreTable::Floors) {
        let (cluster, author) = (text(&json["target"]["cluster"]), &json["hold"]["author"]);
        found.records.insert(format!("floor/{cluster}/{}", text(&author["owner"])), text(&author["reason"]));
    }
    for json in table(store, StoreTable::Instances) {
        found.records.insert(format!("instance/{}", port(&json)), text(&json["record"]["metadata"][0][1]));
    }
    found.processes = table(store, StoreTable::Processes).iter().map(port).collect();
    found
}

fn table(store: &mut RedbStore, table: StoreTable) -> Vec<Json> {
    let mut records = Vec::new();
    store.load(table, &mut |_, value| records.push(serde_json::from_slice(value).expect("a whole record"))).unwrap();
    records
}

fn port(json: &Json) -> u16 {
    json["address"]["port"].as_u64().and_then(|port| port.try_into().ok()).unwrap()
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_else(|| panic!("{json} is no text")).to_owned()
}

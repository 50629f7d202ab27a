//! Reading what a registry left on a disk, and what one that runs has in force.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use steadfast_core::{Field, HoldKind, Registry, ServiceId, StoreTable};

use super::{
    OWNERS, PERSISTENT, address,
    model::{Image, Record, Value},
    ports,
};
use crate::data::DataFile;

/// What is in force, as the registry tells it.
pub(super) fn in_force(registry: &Registry, service: ServiceId) -> BTreeMap<Record, Value> {
    let mut records = BTreeMap::new();
    for port in ports() {
        let Some(known) = registry.explain(service, &address(port)).unwrap() else { continue };
        for explained in &known.holds {
            records.insert(hold(port, &explained.hold.author.owner), strength(explained.hold.kind.name()));
        }
        for overlay in &known.overlays {
            let Field::Weight(weight) = overlay.field else { panic!("{overlay:?}") };
            records.insert(Record::Weight { port }, whole(weight));
        }
    }
    if let Some(known) = registry.explain(service, &address(PERSISTENT)).unwrap().filter(|known| known.present) {
        records.insert(Record::Instance { port: PERSISTENT }, whole(known.claim.weight.unwrap()));
    }
    records
}

/// Everything on a disk.
pub(super) fn on_disk(data: &mut DataFile) -> Image {
    let mut image = Image::default();
    each(data, StoreTable::Holds, |port, json| {
        let owner = json["author"]["owner"].as_str().unwrap();
        image.records.insert(hold(port, owner), strength(json["kind"].as_str().unwrap()));
    });
    each(data, StoreTable::Overlays, |port, json| {
        image.records.insert(Record::Weight { port }, whole(json["field"]["weight"].as_f64().unwrap()));
    });
    each(data, StoreTable::Instances, |port, json| {
        image.records.insert(Record::Instance { port }, whole(json["weight"].as_f64().unwrap()));
    });
    each(data, StoreTable::Processes, |port, _| {
        image.processes.insert(port);
    });
    data.load(StoreTable::Audit, &mut |_, _| image.audited += 1).unwrap();
    image
}

/// Visits the records of a table, by port.
fn each(data: &mut DataFile, table: StoreTable, mut visit: impl FnMut(u32, &Json)) {
    let mut visit = |_: &[u8], value: &[u8]| {
        let json: Json = serde_json::from_slice(value).expect("a whole record");
        visit(u32::try_from(json["address"]["port"].as_u64().unwrap()).unwrap(), &json["record"]);
    };
    data.load(table, &mut visit).unwrap();
}

fn hold(port: u32, owner: &str) -> Record {
    Record::Hold { port, owner: OWNERS.iter().position(|known| *known == owner).unwrap() }
}

fn strength(kind: &str) -> Value {
    let kinds = [HoldKind::Drain, HoldKind::Offline, HoldKind::Banned];
    Value::try_from(kinds.iter().position(|known| known.name() == kind).unwrap()).unwrap()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the runs use small whole weights")]
fn whole(weight: f64) -> Value {
    weight as Value
}

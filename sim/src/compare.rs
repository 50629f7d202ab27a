//! The registry's answers against the model's, field by field.

use std::{collections::BTreeSet, fmt::Debug};

use steadfast_core::{Explanation, Instance, Metadata, Publisher, ServiceExplanation};
use steadfast_policy::Traffic;

use crate::{
    event::Pairs,
    model::{Known, Model},
    world::{self, Place},
};

/// What differs between two answers, one text each.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn note<T: PartialEq + Debug>(&mut self, what: &str, registry: &T, model: &T) {
        if registry != model {
            self.0.push(format!("{what} is {registry:?}, it must be {model:?}"));
        }
    }
}

/// What `explain` says of a place against the model; empty when they agree.
pub(crate) fn differences(model: &Model, at: Place, explained: Option<&Explanation>) -> Vec<String> {
    match (model.known(at), explained) {
        (None, None) => Vec::new(),
        (Some(known), Some(explained)) => known_differences(model, (at, known), explained),
        (None, Some(explained)) => {
            let Explanation { present, remembered, holds, overlays, .. } = explained;
            vec![format!(
                "something is known (present {present}, remembered {remembered}, {} holds, {} overlays); \
                 nothing must be",
                holds.len(),
                overlays.len()
            )]
        }
        (Some(known), None) => vec![format!("nothing is known; it must be {known:?}")],
    }
}

fn known_differences(model: &Model, (at, known): (Place, &Known), explained: &Explanation) -> Vec<String> {
    let mut differences = Differences::default();
    let note = &mut differences;
    note.note("present", &explained.present, &known.present);
    note.note("remembered", &explained.remembered, &known.remembered);
    note.note("healthy", &explained.healthy, &known.healthy);
    note.note("the policy's traffic", &explained.verdict, &known.traffic);
    note.note("traffic", &explained.traffic, &model.traffic(at, known));
    note.note("reason", &explained.reason, &model.shown(at).reason);
    note.note("floors", &explained.floors, &model.floors(at));
    let decision = explained.decision.event.map(|event| (event, explained.decision.epoch));
    note.note("epoch of the last decision", &decision.map(|(_, epoch)| epoch), &known.decision.map(|(_, epoch)| epoch));
    note.note("claim", &explained.claim.enabled, &known.claim);
    note.note("weight", &explained.claim.weight, &known.weight);
    note.note("metadata", &explained.claim.metadata.as_ref().map(pairs), &known.metadata);
    note.note("effective weight", &explained.effective.weight, &known.effective_weight());
    note.note("effective metadata", &pairs(&explained.effective.metadata), &known.effective_metadata());
    note.note("probe", &explained.probe, &known.probe);
    note.note("memo", &explained.memo, &known.memo);
    note.note("process", &explained.process, &known.process);
    let publishers: BTreeSet<Publisher> = explained.publishers.iter().cloned().collect();
    note.note("publishers", &publishers, &known.publishers.keys().cloned().collect());
    if known.present || known.remembered {
        let class = model.policy_of(at.service).manifest.classes.get(usize::from(known.class).wrapping_sub(1));
        note.note("class", &explained.class, &class.map(|class| class.name.clone()));
        note.note("ephemeral", &explained.ephemeral, &known.ephemeral);
        note.note("band", &explained.band, &known.band);
        note.note("milliseconds of silence", &explained.silent_ms, &model.silent_ms(known));
    }
    order_differences(model, (at, known), explained, note);
    differences.0
}

fn order_differences(model: &Model, (at, known): (Place, &Known), explained: &Explanation, note: &mut Differences) {
    let holds: Vec<_> = known.holds.values().cloned().collect();
    let mut found: Vec<_> = explained.holds.iter().map(|one| one.hold.clone()).collect();
    found.sort_by(|one, other| one.author.owner.cmp(&other.author.owner));
    note.note("holds", &found, &holds);
    let mut overlays = explained.overlays.clone();
    overlays.sort_by_key(|overlay| overlay.field.name());
    note.note("overlays", &overlays, &known.overlays.values().cloned().collect());
    for one in &explained.holds {
        let lapsed = model.has_lapsed(at, &one.hold);
        let overruled = known.present && !lapsed && known.traffic < one.hold.kind.fact().traffic();
        let owner = &one.hold.author.owner;
        note.note(&format!("whether the hold of {owner} has lapsed"), &one.lapsed, &lapsed);
        note.note(&format!("whether the hold of {owner} is overruled"), &one.overruled, &overruled);
        note.note(&format!("whether the hold of {owner} is pending"), &one.pending, &!known.present);
    }
    let serves = known.present && known.healthy && model.traffic(at, known) == Traffic::Serve;
    if serves {
        note.note("remedy for somebody who serves", &explained.remedy, &Some(Vec::new()));
    }
}

/// The numbers of `explain_service` against the model; empty when they agree.
pub(crate) fn service(model: &Model, service: u8, explained: &ServiceExplanation) -> Vec<String> {
    let mut differences = Differences::default();
    let note = &mut differences;
    let places = || Place::all().filter(|at| at.service == service).filter_map(|at| model.known(at));
    let count = |is_it: fn(&Known) -> bool| places().filter(|known| is_it(known)).count() as u64;
    let sum = |of: fn(&Known) -> usize| places().map(of).sum::<usize>() as u64;
    let serving = model.serving(service).count() as u64;
    note.note("instances", &explained.instances, &count(|known| known.present));
    note.note("serving", &explained.serving, &serving);
    note.note("remembered", &explained.remembered, &count(|known| known.remembered));
    note.note("pending", &explained.pending, &count(|known| !known.present && known.has_orders()));
    note.note("holds", &explained.holds, &sum(|known| known.holds.len()));
    note.note("overlays", &explained.overlays, &sum(|known| known.overlays.len()));
    note.note("whether it says why nothing serves", &!explained.nothing_serves.is_empty(), &(serving == 0));
    differences.0
}

fn pairs(metadata: &Metadata) -> Pairs {
    metadata.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// One published record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) at: Option<Place>,
    pub(crate) handle: u64,
    pub(crate) ephemeral: bool,
    pub(crate) healthy: bool,
    pub(crate) traffic: Traffic,
    pub(crate) class: u8,
    pub(crate) weight: f64,
    pub(crate) metadata: Pairs,
}

impl Record {
    pub(crate) fn of(service: u8, instance: &Instance<'_>) -> Record {
        Record {
            at: Place::of(service, &instance.ip(), instance.port(), instance.cluster()),
            handle: instance.handle().to_u64(),
            ephemeral: instance.ephemeral(),
            healthy: instance.healthy(),
            traffic: instance.traffic(),
            class: instance.class(),
            weight: instance.weight(),
            metadata: pairs(instance.metadata()),
        }
    }
}

/// What lookups of a service show against the model; empty when they agree.
pub(crate) fn published(model: &Model, service: u8, records: &[Record]) -> Vec<String> {
    let mut differences = Differences::default();
    for at in Place::all().filter(|at| at.service == service) {
        let mut shown = records.iter().filter(|record| record.at == Some(at));
        let (first, second) = (shown.next(), shown.next());
        let known = model.known(at).filter(|known| known.present);
        match (first, known) {
            (None, None) => {}
            (Some(record), Some(known)) => {
                let published =
                    (record.ephemeral, record.healthy, record.traffic, record.class, record.weight, &record.metadata);
                let metadata = known.effective_metadata();
                let (traffic, weight) = (model.traffic(at, known), known.effective_weight());
                let expected = (known.ephemeral, known.healthy, traffic, known.class, weight, &metadata);
                differences.note(&format!("{at} in the view"), &published, &expected);
            }
            (record, known) => {
                differences.note(&format!("presence of {at} in the view"), &record.is_some(), &known.is_some());
            }
        }
        differences.note(&format!("a second record of {at}"), &second.is_some(), &false);
    }
    let strangers = records.iter().filter(|record| record.at.is_none()).count();
    differences.note(&format!("records of strangers in {}", world::service_name(service)), &strangers, &0);
    differences.0
}

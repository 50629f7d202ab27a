//! What a bulk order would do, before it does anything: the registry's own step, run beside it.

use serde::Serialize;
use steadfast_policy::{Orders, Traffic, step};

use crate::{
    bulk::{BulkError, BulkOrder, BulkTarget},
    instance::Instance,
    name::{Address, ServiceName},
    order::Order,
    orders::{Author, Effect},
    provenance::Writer,
    registry::Registry,
    selector::Selector,
    standing::Standing,
};

/// What a bulk order would do now.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BulkPlan {
    /// Every address, by service.
    pub targets: Vec<PlannedTarget>,
    /// Every service with such an address.
    pub services: Vec<PlannedService>,
}

/// What would become of one address.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedTarget {
    /// Where.
    #[serde(flatten)]
    pub target: BulkTarget,
    /// Where it stands now.
    pub before: Effect,
    /// Where it would stand.
    pub after: Effect,
    /// Whether an order of the same owner (or field) is there already and would be replaced or released.
    pub found: bool,
}

/// What would become of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedService {
    /// The service.
    pub service: ServiceName,
    /// Its addresses that match.
    pub targets: u64,
    /// Its instances that take traffic now, those that do not match included.
    pub serving: u64,
    /// Those that would stop.
    pub stop: u64,
    /// Those that would start.
    pub start: u64,
    /// Those that would be left serving.
    pub left: u64,
}

impl PlannedService {
    /// Whether it serves now, and nothing of it would be left serving.
    pub fn empties(&self) -> bool {
        self.serving > 0 && self.left == 0
    }
}

impl Registry {
    /// What [`bulk`](Registry::bulk) would do now. Changes nothing.
    ///
    /// Each service is shown at one moment, but they are not shown at one moment together, and things may have moved
    /// when the order is given.
    pub fn plan(&self, selector: &Selector, order: &BulkOrder) -> Result<BulkPlan, BulkError> {
        let (author, order) = self.checked_bulk(order)?;
        let mut plan = BulkPlan::default();
        self.for_each_selected(selector, &order, |standing, instances| {
            plan.add(standing, instances, &order, &author);
        })?;
        Ok(plan)
    }
}

impl BulkPlan {
    /// Whether some service that serves now would not any more.
    pub fn empties(&self) -> bool {
        self.services.iter().any(PlannedService::empties)
    }

    fn add(&mut self, standing: Standing<'_>, instances: &[(Address, &Instance)], order: &Order, author: &Author) {
        let service = standing.service.name().to_name();
        let serving = standing.entry.roster.iter().filter(|instance| standing.serves(instance)).count() as u64;
        let (mut stop, mut start) = (0, 0);
        for (address, instance) in instances {
            let before = standing.effect(instance);
            let (after, found) = foresee(standing, instance, order, author);
            stop += u64::from(serves(&before) && !serves(&after));
            start += u64::from(!serves(&before) && serves(&after));
            let target = BulkTarget { service: service.clone(), address: address.clone() };
            self.targets.push(PlannedTarget { target, before, after, found });
        }
        let targets = instances.len() as u64;
        self.services.push(PlannedService { service, targets, serving, stop, start, left: serving - stop + start });
    }
}

fn serves(effect: &Effect) -> bool {
    effect.present && effect.healthy && effect.traffic == Traffic::Serve
}

/// Does to a copy what the order does to the instance, with the same code, and asks the same table.
fn foresee(standing: Standing<'_>, instance: &Instance, order: &Order, author: &Author) -> (Effect, bool) {
    let (table, lapse) = (&standing.entry.policy.table, standing.lapse());
    let mut after = instance.clone();
    let found = order.change(standing.inner, author, &mut after, lapse);
    after.refresh_effective();
    let class = after.class(table.manifest(), standing.service.name(), || standing.address(instance));
    let input = order.input(found, &after, class, lapse);
    if let Some(decision) = input.and_then(|input| step(table, &instance.state, input)) {
        after.state = decision.next;
        let (event, reason) = (decision.facts.event, decision.verdict.reason);
        after.decided(event, reason, standing.entry.policy.epoch, standing.inner.wall_ms(), Writer::Client);
        if decision.verdict.orders == Orders::Clear {
            after.rare_mut().holds.clear();
            after.rare_mut().overlays.clear();
        }
        // Where nothing is left to remember, the tombstone goes with the order that kept it.
        if after.state.remembered && !after.is_worth_remembering() {
            after.state = after.state.forgotten();
        }
    }
    let effect =
        if after.is_nothing() { standing.nothing(&standing.address(instance)) } else { standing.effect(&after) };
    (effect, found)
}

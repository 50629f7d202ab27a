//! Orders about many, on both sides: floors, and one order for every address that matches.

use std::{collections::BTreeMap, ops::ControlFlow};

use steadfast_core::{
    BulkOrder, BulkOutcome, BulkPlan, BulkReport, Floor, FloorReply, HoldKind, HoldOrder, OrderError, PlannedService,
};

use super::{Running, Stage, Wrong};
use crate::{
    event::Order,
    model::FloorShown,
    world::{self, OWNERS, Place, Under, Which},
};

impl Stage {
    pub(super) fn hold_floor(
        &mut self,
        under: Under,
        owner: u8,
        kind: HoldKind,
        for_ms: Option<u64>,
    ) -> Result<(), Wrong> {
        let until_ms = for_ms.map(|for_ms| self.model.wall_ms + for_ms);
        let order = HoldOrder { kind, author: world::author(owner), until_ms };
        let reply = self.registry().hold_floor(&under.target(), &order);
        let outcome = self.order_outcome()?;
        let expected = outcome.and_then(|outcome| self.model.hold_floor(under, owner, (kind, for_ms), outcome));
        self.ordered_floor((kind.name(), under, (owner, owner)), reply, expected)
    }

    pub(super) fn release_floor(&mut self, under: Under, owner: u8, by: u8) -> Result<(), Wrong> {
        let (target, author) = (under.target(), world::author(by));
        let (what, reply) = if owner == by {
            ("release", self.registry().release_floor(&target, &author))
        } else {
            ("force-release", self.registry().force_release_floor(&target, OWNERS[usize::from(owner)], &author))
        };
        // A cluster or ip that nobody named in this life has no floors, and there is nothing to write about it.
        let nothing = reply.as_ref().is_ok_and(|reply| *reply == FloorReply::default());
        if nothing && !self.disk.has_outcomes() && !self.model.has_floor(under) {
            return Ok(());
        }
        let outcome = self.order_outcome()?;
        let expected = outcome.and_then(|outcome| self.model.release_floor(under, owner, outcome));
        self.ordered_floor((what, under, (owner, by)), reply, expected)
    }

    fn ordered_floor(
        &mut self,
        (what, under, owners): (&str, Under, (u8, u8)),
        reply: Result<FloorReply, OrderError>,
        expected: Option<FloorShown>,
    ) -> Result<(), Wrong> {
        let revision = reply.as_ref().ok().and_then(|reply| reply.revision);
        let reply = match reply {
            Ok(FloorReply { found, instances, changed, serving, refusing, .. }) => {
                Ok(FloorShown { found, instances, changed, serving, refusing })
            }
            Err(OrderError::Store(_)) => Err("not stored".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let acknowledged = expected.is_some();
        self.answered(&format!("{what} of many"), &reply, &expected.ok_or_else(|| "not stored".to_owned()))?;
        if !acknowledged || self.disk.is_dead() {
            return Ok(());
        }
        let seen = under.service().map(|service| self.revision(service)).transpose()?;
        if revision != seen {
            return Err(Wrong::new(format!("reply to {what} of many"), "its revision is not the one that readers see"));
        }
        self.check_audit(what, owners)
    }

    /// Every floor that the registry lists.
    pub(super) fn listed_floors(&self) -> Result<Vec<Floor>, Wrong> {
        let wrong = |error: steadfast_core::AccessError| Wrong::new("floors", error.to_string());
        let Running { registry, services, .. } = self.running();
        let mut floors = registry.ip_floors().map_err(wrong)?;
        for service in services {
            let above = registry.explain_service(*service).map_err(wrong)?.floors;
            floors.extend(above.into_iter().filter(|floor| floor.target.service().is_some()));
        }
        Ok(floors)
    }

    /// The plan of a bulk order says what carrying it out then does.
    pub(super) fn bulk(&mut self, which: Which, owner: u8, order: &Order) -> Result<(), Wrong> {
        let (selector, bulk) = (which.selector(), bulk_order(owner, order, self.model.wall_ms));
        let wrong = |error: steadfast_core::BulkError| Wrong::new("bulk", error.to_string());
        let plan = self.registry().plan(&selector, &bulk).map_err(wrong)?;
        let carry_on = &mut |_| ControlFlow::Continue(());
        let report = self.registry().bulk(&selector, &bulk, carry_on).map_err(wrong)?;
        let targets = self.model.selected(which, owner, order);
        check_planned_targets(&plan, &targets)?;
        let before = self.served();
        if targets.is_empty() {
            return self.answered("bulk", &(report.outcomes.len(), report.untried.len()), &(0, 0));
        }
        let outcome = self.order_outcome()?;
        let expected = outcome.and_then(|outcome| self.model.bulk(&targets, owner, order, outcome));
        let Some(expected) = expected else {
            return self.answered("bulk", &(report.done(), report.refused().count()), &(0, targets.len()));
        };
        if self.disk.is_dead() {
            return Ok(());
        }
        check_plan_held(&plan, &report)?;
        let shown: BTreeMap<Place, _> = targets.into_iter().zip(expected).collect();
        for BulkOutcome { target, result } in report.outcomes {
            let at = world::place_of(&target.service, &target.address).filter(|at| shown.contains_key(at));
            let at = at.ok_or_else(|| Wrong::new("bulk", format!("{target:?} is not what was selected")))?;
            self.ordered("bulk", at, result, shown.get(&at).cloned())?;
        }
        self.check_planned_services(&plan, &before)
    }

    /// How many serve, by service.
    fn served(&self) -> Vec<u64> {
        let count = |service| self.model.serving(service).count() as u64;
        world::services().map(count).collect()
    }

    fn check_planned_services(&self, plan: &BulkPlan, before: &[u64]) -> Result<(), Wrong> {
        let after = self.served();
        for PlannedService { service, serving, stop, start, left, .. } in &plan.services {
            let number = world::services().find(|number| world::service_name(*number) == *service);
            let number = usize::from(number.unwrap_or_default());
            let (was, is) = (before[number], after[number]);
            if (*serving, *left, serving + start) != (was, is, left + stop) {
                let seen = format!("{service}: {serving} serve and {left} will; it is {was} and {is}");
                return Err(Wrong::new("plan", seen));
            }
        }
        Ok(())
    }
}

fn check_planned_targets(plan: &BulkPlan, targets: &[Place]) -> Result<(), Wrong> {
    let planned = plan.targets.iter().map(|one| world::place_of(&one.target.service, &one.target.address));
    let mut planned: Vec<Option<Place>> = planned.collect();
    planned.sort_unstable();
    if planned.iter().copied().eq(targets.iter().copied().map(Some)) {
        return Ok(());
    }
    Err(Wrong::new("plan", format!("it is about {planned:?}; {targets:?} match")))
}

/// Target by target, what was foreseen is what the replies say.
fn check_plan_held(plan: &BulkPlan, report: &BulkReport) -> Result<(), Wrong> {
    let held = plan.targets.len() == report.outcomes.len() && report.untried.is_empty();
    let differs = plan.targets.iter().zip(&report.outcomes).find(|(planned, outcome)| {
        let foreseen = Some((&planned.target, &planned.after, planned.found));
        let came = outcome.result.as_ref().ok().map(|reply| (&outcome.target, &reply.effect, reply.found));
        came != foreseen
    });
    match differs {
        None if held => Ok(()),
        None => Err(Wrong::new("plan", format!("{plan:?} became {report:?}"))),
        Some((planned, outcome)) => Err(Wrong::new("plan", format!("{planned:?} became {outcome:?}"))),
    }
}

fn bulk_order(owner: u8, order: &Order, wall_ms: u64) -> BulkOrder {
    let author = world::author(owner);
    match order {
        Order::Hold { kind, for_ms } => {
            BulkOrder::Hold(HoldOrder { kind: *kind, author, until_ms: for_ms.map(|for_ms| wall_ms + for_ms) })
        }
        Order::Release => BulkOrder::Release(author),
        Order::Overlay(field) => BulkOrder::Overlay { field: field.clone(), author },
        Order::ReleaseOverlay(field) => BulkOrder::ReleaseOverlay { field: field.clone(), author },
    }
}

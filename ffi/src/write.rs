//! From the core's answers to the structures of C.

use steadfast_core as core;
use steadfast_policy::Traffic;

use crate::{
    text,
    types::{
        BulkEffect, Effect, FloorEffect, Plan, Routed, STEADFAST_TRAFFIC_DRAIN, STEADFAST_TRAFFIC_REFUSE,
        STEADFAST_TRAFFIC_SERVE,
    },
};

impl Effect {
    pub(crate) fn of(effect: &core::Effect, revision: u64) -> Effect {
        let mut written = Effect {
            struct_size: 0,
            present: effect.present.into(),
            healthy: effect.healthy.into(),
            traffic: traffic(effect.traffic),
            pending: 0,
            found: 0,
            cut: 0,
            reserved: 0,
            revision,
            reason: [0; 256],
            refusing: [0; 1024],
            hint: [0; 256],
        };
        let reason_cut = text::fill(&mut written.reason, &effect.reason);
        let refusing_cut = text::fill(&mut written.refusing, &effect.refusing.join("\n"));
        written.cut = u32::from(reason_cut || refusing_cut);
        written
    }

    pub(crate) fn of_order(reply: &core::OrderReply) -> Effect {
        let effect = Effect::of(&reply.effect, reply.revision);
        let mut written = Effect { pending: reply.pending.into(), found: reply.found.into(), ..effect };
        let hint_cut = text::fill(&mut written.hint, &reply.hint().unwrap_or_default());
        written.cut |= u32::from(hint_cut);
        written
    }
}

impl FloorEffect {
    pub(crate) fn of(reply: &core::FloorReply) -> FloorEffect {
        let mut written = FloorEffect {
            struct_size: 0,
            found: reply.found.into(),
            cut: 0,
            reserved: 0,
            instances: reply.instances,
            changed: reply.changed,
            serving: reply.serving,
            revision: reply.revision.unwrap_or(0),
            refusing: [0; 1024],
        };
        written.cut = text::fill(&mut written.refusing, &reply.refusing.join("\n")).into();
        written
    }
}

impl Plan {
    pub(crate) fn of(plan: &core::BulkPlan) -> Plan {
        let services = &plan.services;
        Plan {
            struct_size: 0,
            reserved: 0,
            targets: plan.targets.len() as u64,
            services: services.len() as u64,
            stop: services.iter().map(|service| service.stop).sum(),
            start: services.iter().map(|service| service.start).sum(),
            empties: services.iter().filter(|service| service.empties()).count() as u64,
        }
    }
}

impl BulkEffect {
    pub(crate) fn of(report: &core::BulkReport) -> BulkEffect {
        let (tried, done, untried) = (report.outcomes.len(), report.done(), report.untried.len());
        BulkEffect {
            struct_size: 0,
            reserved: 0,
            targets: (tried + untried) as u64,
            done: done as u64,
            refused: (tried - done) as u64,
            untried: untried as u64,
        }
    }
}

impl Routed {
    pub(crate) fn of(report: &core::RouteReport) -> Routed {
        let sum = |count: fn(&core::InstallReport) -> u64| report.moves.iter().map(count).sum();
        Routed {
            struct_size: 0,
            unchanged: report.unchanged.into(),
            routes: report.routes,
            services: sum(|moved| moved.services),
            instances: sum(|moved| moved.instances),
            changed: sum(|moved| moved.changed),
            left: sum(|moved| moved.left),
        }
    }
}

fn traffic(traffic: Traffic) -> u32 {
    match traffic {
        Traffic::Serve => STEADFAST_TRAFFIC_SERVE,
        Traffic::Drain => STEADFAST_TRAFFIC_DRAIN,
        Traffic::Refuse => STEADFAST_TRAFFIC_REFUSE,
    }
}

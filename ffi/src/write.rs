//! From the core's answers to the structures of C.

use steadfast_core as core;
use steadfast_policy::Traffic;

use crate::{
    text,
    types::{Effect, STEADFAST_TRAFFIC_DRAIN, STEADFAST_TRAFFIC_REFUSE, STEADFAST_TRAFFIC_SERVE},
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
        };
        let reason_cut = text::fill(&mut written.reason, &effect.reason);
        let refusing_cut = text::fill(&mut written.refusing, &effect.refusing.join("\n"));
        written.cut = u32::from(reason_cut || refusing_cut);
        written
    }

    pub(crate) fn of_order(reply: &core::OrderReply) -> Effect {
        Effect { pending: reply.pending.into(), found: reply.found.into(), ..Effect::of(&reply.effect, reply.revision) }
    }
}

fn traffic(traffic: Traffic) -> u32 {
    match traffic {
        Traffic::Serve => STEADFAST_TRAFFIC_SERVE,
        Traffic::Drain => STEADFAST_TRAFFIC_DRAIN,
        Traffic::Refuse => STEADFAST_TRAFFIC_REFUSE,
    }
}

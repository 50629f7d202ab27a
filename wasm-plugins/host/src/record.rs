//! Facts and verdicts between the kernel and the interface.

use steadfast_policy::{Claim, Event, Facts, Hold, Orders, Probe, Process, Traffic, Verdict};

use crate::{Halt, world::wit};

pub(crate) fn facts(facts: &Facts) -> wit::Facts {
    wit::Facts {
        event: event(facts.event),
        present: facts.present,
        ephemeral: facts.ephemeral,
        band: facts.band,
        claim: match facts.claim {
            Claim::Unset => wit::Claim::Unset,
            Claim::Enabled => wit::Claim::Enabled,
            Claim::Disabled => wit::Claim::Disabled,
        },
        probe: match facts.probe {
            Probe::Unknown => wit::Probe::Unknown,
            Probe::Passing => wit::Probe::Passing,
            Probe::Failing => wit::Probe::Failing,
        },
        hold: match facts.hold {
            Hold::None => wit::Hold::None,
            Hold::Drain => wit::Hold::Drain,
            Hold::Offline => wit::Hold::Offline,
            Hold::Banned => wit::Hold::Banned,
        },
        process: match facts.process {
            Process::Same => wit::Process::Same,
            Process::Other => wit::Process::Other,
            Process::Unknown => wit::Process::Unknown,
        },
        class: facts.class,
        memo: facts.memo,
        reserved: 0,
    }
}

fn event(event: Event) -> wit::Event {
    match event {
        Event::Register => wit::Event::Register,
        Event::Beat => wit::Event::Beat,
        Event::Claim => wit::Event::Claim,
        Event::Deregister => wit::Event::Deregister,
        Event::Disconnect => wit::Event::Disconnect,
        Event::Silence => wit::Event::Silence,
        Event::Absence => wit::Event::Absence,
        Event::Hold => wit::Event::Hold,
        Event::Release => wit::Event::Release,
        Event::Overlay => wit::Event::Overlay,
        Event::Probe => wit::Event::Probe,
        Event::Recover => wit::Event::Recover,
        Event::Swap => wit::Event::Swap,
        Event::Remove => wit::Event::Remove,
    }
}

/// The spare field must be 0, so that a later registry can give it a meaning.
pub(crate) fn verdict(verdict: &wit::Verdict) -> Result<Verdict, Halt> {
    if verdict.reserved != 0 {
        return Err(Halt::Answer { reason: format!("its `reserved` is {}, not 0", verdict.reserved) });
    }
    Ok(Verdict {
        present: verdict.present,
        healthy: verdict.healthy,
        traffic: match verdict.traffic {
            wit::Traffic::Serve => Traffic::Serve,
            wit::Traffic::Drain => Traffic::Drain,
            wit::Traffic::Refuse => Traffic::Refuse,
        },
        orders: match verdict.orders {
            wit::Orders::Keep => Orders::Keep,
            wit::Orders::Clear => Orders::Clear,
        },
        memo: verdict.memo,
        reason: verdict.reason,
    })
}

//! Policies with one seeded fault each: loading must refuse every one of them, for the law that the fault breaks.
//!
//! A mutant claims what its original claims, so the laws have to find the fault by themselves and name the right one.

mod common;

use common::events;
use steadfast_policy::{
    Claim, Event, Facts, Hold, Law, Manifest, Orders, Probe, Process, StatePolicy, Table, Traffic, Verdict,
    builtin::{AdminSticky, EurekaChain, HeartbeatWins, MaintenanceWindow, Nacos2x, Nacos14, RestartClears},
    law::{self, LawError},
};

/// The original's answers, changed by `fault`.
struct Faulty<P> {
    original: P,
    memo_size: u8,
    fault: fn(&Facts, &mut Verdict),
}

impl<P: StatePolicy> StatePolicy for Faulty<P> {
    fn manifest(&self) -> Manifest {
        let manifest = self.original.manifest();
        Manifest { memo_size: manifest.memo_size.max(self.memo_size), ..manifest }
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let mut verdict = self.original.decide(facts);
        (self.fault)(facts, &mut verdict);
        verdict
    }
}

struct Mutant {
    name: &'static str,
    original: Table,
    table: Table,
    /// The law for which it must be refused.
    law: Law,
    /// The events with which the shortest story begins.
    story: &'static str,
}

fn mutant<P: StatePolicy>(
    name: &'static str,
    original: P,
    law: Law,
    story: &'static str,
    fault: fn(&Facts, &mut Verdict),
) -> Mutant {
    remembering(1, name, original, law, story, fault)
}

/// A mutant that uses at least `memo_size` memo values.
fn remembering<P: StatePolicy>(
    memo_size: u8,
    name: &'static str,
    original: P,
    law: Law,
    story: &'static str,
    fault: fn(&Facts, &mut Verdict),
) -> Mutant {
    let unchanged = common::table(&original);
    let table = common::table(&Faulty { original, memo_size, fault });
    Mutant { name, original: unchanged, table, law, story }
}

fn mutants() -> Vec<Mutant> {
    let families = [
        sticky(),
        sticky_address(),
        no_inheritance(),
        available(),
        honest(),
        inert_beat(),
        claim_respected(),
        idempotent(),
        release_restores(),
    ];
    families.into_iter().flatten().collect()
}

fn wants_traffic(facts: &Facts, verdict: Verdict) -> bool {
    verdict.present && facts.claim != Claim::Disabled
}

/// What would be answered, and the orders cleared, if there were no hold.
fn forget_orders(facts: &Facts, verdict: &mut Verdict) {
    *verdict = Verdict { orders: Orders::Clear, ..AdminSticky.decide(&Facts { hold: Hold::None, ..*facts }) };
}

fn sticky() -> Vec<Mutant> {
    vec![
        mutant("a beat brings it online", AdminSticky, Law::Sticky, "register hold beat", |facts, verdict| {
            if facts.event == Event::Beat && facts.hold == Hold::Offline && wants_traffic(facts, *verdict) {
                verdict.traffic = Traffic::Serve;
            }
        }),
        mutant(
            "an order is forgotten in silence",
            AdminSticky,
            Law::Sticky,
            "register hold silence register",
            |facts, verdict| {
                if facts.event == Event::Silence && !verdict.present {
                    verdict.orders = Orders::Clear;
                }
            },
        ),
        mutant(
            "a drain is only a remark",
            MaintenanceWindow::default(),
            Law::Sticky,
            "register hold",
            |facts, verdict| {
                if facts.hold == Hold::Drain && verdict.traffic == Traffic::Drain {
                    verdict.traffic = Traffic::Serve;
                }
            },
        ),
        mutant(
            "registering again ends it",
            RestartClears::default(),
            Law::Sticky,
            "hold register",
            |facts, verdict| {
                if facts.event == Event::Register && facts.process == Process::Same {
                    forget_orders(facts, verdict);
                }
            },
        ),
        mutant(
            "a client that says yes is believed",
            MaintenanceWindow::default(),
            Law::Sticky,
            "register hold claim",
            |facts, verdict| {
                if facts.event == Event::Claim && facts.claim == Claim::Enabled && verdict.present {
                    verdict.traffic = Traffic::Serve;
                }
            },
        ),
    ]
}

fn sticky_address() -> Vec<Mutant> {
    vec![
        mutant("another program ends it", AdminSticky, Law::StickyAddress, "hold register", |facts, verdict| {
            if facts.process == Process::Other {
                forget_orders(facts, verdict);
            }
        }),
        mutant(
            "a program without a name serves",
            MaintenanceWindow::default(),
            Law::StickyAddress,
            "hold register",
            |facts, verdict| {
                if facts.process == Process::Unknown && wants_traffic(facts, *verdict) {
                    verdict.traffic = Traffic::Serve;
                }
            },
        ),
    ]
}

fn no_inheritance() -> Vec<Mutant> {
    vec![
        mutant("a drain is inherited", RestartClears::default(), Law::NoInheritance, "register", |facts, verdict| {
            if facts.process == Process::Other && facts.hold == Hold::Drain {
                *verdict = AdminSticky.decide(facts);
            }
        }),
        mutant(
            "a restart of the registry hides who comes",
            RestartClears::default(),
            Law::NoInheritance,
            "recover",
            |facts, verdict| {
                if facts.event == Event::Recover {
                    *verdict = AdminSticky.decide(facts);
                }
            },
        ),
    ]
}

fn available() -> Vec<Mutant> {
    vec![
        mutant("always refuse", AdminSticky, Law::Available, "register", |_, verdict| {
            verdict.traffic = Traffic::Refuse;
        }),
        mutant("nobody is admitted", HeartbeatWins, Law::Available, "register", |facts, verdict| {
            if facts.event == Event::Register {
                *verdict = Verdict { present: false, healthy: false, traffic: Traffic::Refuse, ..*verdict };
            }
        }),
        mutant(
            "a failing check takes the traffic",
            Nacos2x::default(),
            Law::Available,
            "register probe",
            |facts, verdict| {
                if facts.probe == Probe::Failing {
                    verdict.traffic = Traffic::Refuse;
                }
            },
        ),
    ]
}

fn honest() -> Vec<Mutant> {
    vec![
        mutant("healthy while silent", AdminSticky, Law::Honest, "silence", |facts, verdict| {
            if facts.event == Event::Silence && verdict.present {
                verdict.healthy = true;
            }
        }),
        mutant("a beat heals what a check found", EurekaChain, Law::Honest, "beat", |facts, verdict| {
            if facts.event == Event::Beat && verdict.present {
                verdict.healthy = true;
            }
        }),
    ]
}

fn inert_beat() -> Vec<Mutant> {
    vec![
        mutant(
            "an edit counts as a sign of illness",
            AdminSticky,
            Law::InertBeat,
            "register overlay beat",
            |facts, verdict| {
                if facts.event == Event::Overlay {
                    verdict.healthy = false;
                }
            },
        ),
        mutant(
            "a check is believed at the next beat",
            Nacos14,
            Law::InertBeat,
            "register probe beat",
            |facts, verdict| {
                if facts.event == Event::Probe && facts.probe == Probe::Passing {
                    verdict.healthy = false;
                }
            },
        ),
        mutant(
            "a beat ends the operator's record",
            Nacos2x::default(),
            Law::InertBeat,
            "register overlay beat",
            |facts, verdict| {
                if facts.event == Event::Beat && facts.claim != Claim::Disabled {
                    verdict.memo = 0;
                }
            },
        ),
    ]
}

fn claim_respected() -> Vec<Mutant> {
    vec![
        mutant(
            "an edit forgets the client's refusal",
            AdminSticky,
            Law::ClaimRespected,
            "overlay",
            |facts, verdict| {
                if facts.event == Event::Overlay && facts.hold == Hold::None && verdict.present {
                    verdict.traffic = Traffic::Serve;
                }
            },
        ),
        mutant(
            "a beat recreates with defaults",
            RestartClears::default(),
            Law::ClaimRespected,
            "beat",
            |facts, verdict| {
                if facts.event == Event::Beat && !facts.present && facts.hold == Hold::None {
                    verdict.traffic = Traffic::Serve;
                }
            },
        ),
    ]
}

fn idempotent() -> Vec<Mutant> {
    vec![
        mutant(
            "a second registration is a restart",
            AdminSticky,
            Law::Idempotent,
            "register register",
            |facts, verdict| {
                if facts.event == Event::Register && facts.present {
                    verdict.healthy = false;
                }
            },
        ),
        remembering(
            4,
            "registrations are counted",
            AdminSticky,
            Law::Idempotent,
            "register register",
            |facts, verdict| {
                let counts = facts.event == Event::Register && facts.process == Process::Same;
                verdict.memo = if counts { (facts.memo + 1).min(3) } else { facts.memo };
            },
        ),
        mutant(
            "every other beat overrules",
            HeartbeatWins,
            Law::Idempotent,
            "register hold beat beat",
            |facts, verdict| {
                let overruled = facts.memo == 1 && matches!(facts.hold, Hold::Drain | Hold::Offline);
                if facts.event == Event::Beat && overruled && wants_traffic(facts, *verdict) {
                    *verdict = Verdict { memo: 0, traffic: facts.hold.traffic(), ..*verdict };
                }
            },
        ),
    ]
}

fn release_restores() -> Vec<Mutant> {
    vec![
        mutant(
            "an order leaves a scar",
            HeartbeatWins,
            Law::ReleaseRestores,
            "register hold release",
            |facts, verdict| {
                if facts.event == Event::Release && verdict.present {
                    verdict.memo = 1;
                }
            },
        ),
        mutant(
            "an order sends away who is silent",
            AdminSticky,
            Law::ReleaseRestores,
            "register silence hold release",
            |facts, verdict| {
                if facts.event == Event::Hold && facts.silence_band() > 0 {
                    *verdict = Verdict { present: false, healthy: false, traffic: Traffic::Refuse, ..*verdict };
                }
            },
        ),
        mutant(
            "released, it is ill until it beats",
            HeartbeatWins,
            Law::ReleaseRestores,
            "register hold release",
            |facts, verdict| {
                if facts.event == Event::Release {
                    verdict.healthy = false;
                }
            },
        ),
    ]
}

#[test]
fn every_mutant_is_refused_for_its_law() {
    for Mutant { name, original, table, law, story } in mutants() {
        let origin = &original.manifest().name;
        assert!(law::prove(&original).is_ok(), "{name}: {origin} without the fault must be good");
        match law::prove(&table) {
            Err(LawError::Broken { law: broken, counterexample }) => {
                assert_eq!(broken, law, "{name}, a mutant of {origin}: {counterexample}");
                let told = events(&counterexample);
                assert!(told.starts_with(story), "{name}: {told}");
            }
            other => panic!("{name}, a mutant of {origin}, is not refused: {other:?}"),
        }
    }
}

#[test]
fn every_law_has_mutants_and_claims_to_test_them_with() {
    let all = mutants();
    for law in Law::ALL {
        let of_law: Vec<_> = all.iter().filter(|mutant| mutant.law == *law).collect();
        assert!(of_law.len() >= 2, "{law} has {} mutants", of_law.len());
        for mutant in of_law {
            assert!(
                mutant.original.manifest().laws.contains(law),
                "{}: its original does not claim {law}",
                mutant.name
            );
        }
    }
}

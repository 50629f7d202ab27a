//! Two policies, compared: every first difference, in words, with the shortest story.

use steadfast_policy::{
    Claim, Condition, Event, Facts, Hold, Manifest, Orders, Probe, Process, Selector, StatePolicy, Subject, Table,
    Threshold, Traffic, Verdict,
    builtin::{AdminSticky, HeartbeatWins, Nacos2x},
    diff::{Change, compare},
};

/// Admin-sticky with another manifest and one more rule.
struct Variant {
    manifest: fn(Manifest) -> Manifest,
    rule: fn(&Facts, &mut Verdict),
}

impl StatePolicy for Variant {
    fn manifest(&self) -> Manifest {
        (self.manifest)(Manifest { laws: Vec::new(), name: "variant".into(), ..AdminSticky.manifest() })
    }

    fn decide(&self, facts: &Facts) -> Verdict {
        let mut verdict = AdminSticky.decide(facts);
        (self.rule)(facts, &mut verdict);
        verdict
    }
}

fn sticky() -> Table {
    Table::of(&AdminSticky).unwrap()
}

#[test]
fn a_policy_does_not_differ_from_itself() {
    let diff = compare(&sticky(), &sticky()).unwrap();
    assert!(diff.is_empty() && diff.pairs > 100, "{diff}");
    assert_eq!(diff.to_string(), "admin-sticky answers like admin-sticky, whatever happens");
}

#[test]
fn a_sign_of_life_that_overrules_an_order_is_the_difference() {
    let diff = compare(&sticky(), &Table::of(&HeartbeatWins).unwrap()).unwrap();
    let events: Vec<Event> = diff.differences.iter().map(|difference| difference.event).collect();
    assert!(events.contains(&Event::Beat) && events.contains(&Event::Register), "{diff}");
    // A client that was disabled while it beat differs when it enables itself; nothing else does.
    let expected = |event: &Event| matches!(event, Event::Beat | Event::Register | Event::Claim);
    assert!(events.iter().all(expected), "{diff}");
    let beat = diff.differences.iter().find(|difference| difference.event == Event::Beat).unwrap();
    assert_eq!(beat.history.len(), 3, "register, order, beat: {:?}", beat.history);
    let refused = Change::Traffic { old: Traffic::Refuse, new: Traffic::Serve };
    assert!(diff.differences.iter().any(|difference| difference.changes == [refused]), "{diff}");
    assert!(
        diff.to_string().contains("when a beat comes, while ordered offline: serves (was: refuses traffic)"),
        "{diff}"
    );
}

#[test]
fn thresholds_are_compared_on_their_union() {
    let forgetful = Variant {
        manifest: |manifest| Manifest {
            absence: [Threshold { after_ms: 60_000, override_key: None }].into(),
            ..manifest
        },
        rule: |facts, verdict| {
            if facts.event == Event::Absence {
                verdict.orders = Orders::Clear;
            }
        },
    };
    let diff = compare(&Table::of(&forgetful).unwrap(), &sticky()).unwrap();
    assert_eq!(diff.differences.len(), 1, "said once for all kinds of orders: {diff}");
    let difference = &diff.differences[0];
    assert_eq!(difference.occurrences % 3, 0, "but each of them was found");
    assert_eq!((difference.event, difference.after_ms), (Event::Absence, Some(60_000)));
    assert_eq!(difference.text, "after 60 s of absence: keeps the order (was: forgets it)");
}

#[test]
fn an_order_that_lapses_is_a_difference() {
    let lapsing =
        Variant { manifest: |manifest| Manifest { lapse_ms: Some(8 * 3_600_000), ..manifest }, rule: |_, _| {} };
    let diff = compare(&sticky(), &Table::of(&lapsing).unwrap()).unwrap();
    let texts: Vec<&str> = diff.differences.iter().map(|difference| difference.text.as_str()).collect();
    let expected =
        "when the order is 8 h old: serves (was: refuses traffic), the order stops counting (was: it counts)";
    assert!(texts.contains(&expected), "{diff}");
    assert!(diff.differences.iter().all(|difference| difference.after_ms == Some(8 * 3_600_000)), "{diff}");
}

#[test]
fn a_later_threshold_is_a_difference_at_the_earlier_one() {
    let patient = Variant {
        manifest: |mut manifest| {
            manifest.silence[0].after_ms = 20_000;
            manifest
        },
        rule: |_, _| {},
    };
    let diff = compare(&sticky(), &Table::of(&patient).unwrap()).unwrap();
    // The other one is a check that clears while the first policy already calls it silent.
    assert_eq!(diff.differences.len(), 2, "{diff}");
    assert_eq!(diff.differences[0].text, "after 15 s of silence: healthy (was: unhealthy)");
    assert_eq!(diff.differences[0].history, ["the client registers", "15 s of silence"]);
}

#[test]
fn classes_are_compared_on_every_pair() {
    let careful = Variant {
        manifest: |manifest| Manifest {
            classes: [Selector {
                name: "canary".into(),
                conditions: [Condition { subject: Subject::Metadata, key: "canary".into(), pattern: "*".into() }]
                    .into(),
            }]
            .into(),
            ..manifest
        },
        rule: |facts, verdict| {
            if facts.class == 1 && verdict.traffic == Traffic::Serve {
                verdict.traffic = Traffic::Drain;
            }
        },
    };
    let diff = compare(&sticky(), &Table::of(&careful).unwrap()).unwrap();
    assert!(diff.differences.iter().any(|difference| difference.event == Event::Overlay), "{diff}");
    assert_eq!(diff.differences[0].history, ["the client registers"]);
}

#[test]
fn a_difference_is_machine_readable() {
    let bans = Variant {
        manifest: |manifest| manifest,
        rule: |facts, verdict| {
            if facts.event == Event::Hold && facts.hold == Hold::Offline && facts.present {
                *verdict = Verdict { present: false, healthy: false, ..*verdict };
            }
        },
    };
    let diff = compare(&sticky(), &Table::of(&bans).unwrap()).unwrap();
    assert_eq!(diff.differences.len(), 1, "{diff}");
    assert_eq!(diff.differences[0].changes, [Change::Present { old: true, new: false }]);
    assert_eq!(diff.differences[0].text, "when an operator takes it offline: leaves (was: stays)");
}

#[test]
fn what_every_history_has_in_common_is_said() {
    let forgiving = Variant {
        manifest: |manifest| manifest,
        rule: |facts, verdict| {
            if facts.event == Event::Beat && facts.claim == Claim::Disabled && facts.hold == Hold::Drain {
                verdict.traffic = Traffic::Serve;
            }
        },
    };
    let diff = compare(&sticky(), &Table::of(&forgiving).unwrap()).unwrap();
    let [difference] = diff.differences.as_slice() else { panic!("{diff}") };
    assert_eq!(
        difference.text,
        "when a beat comes, while ordered to drain and disabled by its client: serves (was: refuses traffic)"
    );
    let circumstances = &difference.circumstances;
    assert_eq!((&circumstances.holds, &circumstances.claims), (&vec![Hold::Drain], &vec![Claim::Disabled]));
    assert_eq!(circumstances.probes, Probe::ALL, "whatever its health check says");
}

#[test]
fn what_only_the_example_has_is_not_said() {
    let open = Variant {
        manifest: |manifest| manifest,
        rule: |facts, verdict| {
            if facts.event == Event::Register && verdict.present && facts.process != Process::Same {
                verdict.traffic = Traffic::Serve;
            }
        },
    };
    let diff = compare(&sticky(), &Table::of(&open).unwrap()).unwrap();
    let texts: Vec<&str> = diff.differences.iter().map(|difference| difference.text.as_str()).collect();
    let expected = [
        "when another process, or a client that names none, registers, while ordered to drain: serves (was: drains)",
        "when another process, or a client that names none, registers: serves (was: refuses traffic)",
    ];
    assert_eq!(texts, expected);
    let (second, who) = (&diff.differences[1], "another process registers");
    assert!(second.history.last().is_some_and(|event| event.starts_with(who)), "one of them: {:?}", second.history);
    assert_eq!(second.circumstances.processes, [Process::Other, Process::Unknown], "both of them");
    assert_eq!(second.circumstances.holds, [Hold::None, Hold::Drain, Hold::Offline], "with and without an order");
}

#[test]
fn an_operator_who_leaves_nacos_reads_what_will_be_different() {
    let diff = compare(&Table::of(&Nacos2x::default()).unwrap(), &sticky()).unwrap();
    let texts: Vec<&str> = diff.differences.iter().map(|difference| difference.text.as_str()).collect();
    let expected = [
        "when the client registers, while banned: is not let in (was: is let in)",
        "when the client registers, disabled: refuses traffic (was: serves)",
        "when a beat comes, while disabled by its client: refuses traffic (was: serves)",
        "when a beat comes, while banned: stays away (was: comes back)",
        "when the client updates itself, disabled: refuses traffic (was: serves)",
        "after 60 s of absence: keeps the order (was: forgets it)",
        "when the operator releases the order, while disabled by its client: refuses traffic (was: serves)",
        "when an operator overlays a field (weight or metadata), while disabled by its client: refuses traffic (was: \
         serves)",
    ];
    assert_eq!(texts, expected);
}

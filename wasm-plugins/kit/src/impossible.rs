//! Why some facts cannot occur, in words.
//!
//! Whether they can is [`Facts::possible`]'s to say; a test below compares the two on every combination.

use steadfast_policy::{Claim, Event, Facts, Hold, Manifest, Probe, Process};

/// Every reason why no registry asks about these facts; none for possible facts.
pub(crate) fn why_impossible(facts: &Facts) -> Vec<&'static str> {
    let Facts { event, present, ephemeral, band, claim, probe, hold, process, .. } = *facts;
    let starts_clock = matches!(event, Event::Register | Event::Beat | Event::Recover);
    let needs_presence =
        matches!(event, Event::Claim | Event::Disconnect | Event::Probe | Event::Deregister | Event::Silence);
    let timed = matches!(event, Event::Silence | Event::Absence);
    let ends_claim = matches!(event, Event::Deregister | Event::Remove);
    let rules = [
        (present && !ephemeral && band > 0, "a persistent instance that is present is never silent: its band is 0"),
        (!present && probe != Probe::Unknown, "nobody checks the health of an absent instance: its probe is unknown"),
        (
            process != Process::Same && !matches!(event, Event::Register | Event::Recover),
            "only at register and recover can the process be another one",
        ),
        (
            present && band > 0 && starts_clock,
            "register, beat and recover start the silence clock: a present instance is in band 0",
        ),
        (needs_presence && !present, "this event happens to present instances only"),
        (event == Event::Absence && present, "absence is counted for absent instances only"),
        (timed && band == 0, "silence and absence are events of a threshold that was crossed: the band is 1 or more"),
        (ends_claim && claim != Claim::Unset, "deregister and remove end the client's claim: it is unset"),
        (event == Event::Hold && hold == Hold::None, "a hold brings a hold: it is drain, offline or banned"),
    ];
    rules.into_iter().filter_map(|(applies, why)| applies.then_some(why)).collect()
}

/// Values that the policy's manifest does not declare.
pub(crate) fn beyond(facts: &Facts, manifest: &Manifest) -> Vec<String> {
    let mut why = Vec::new();
    let band_max = manifest.band_max(facts.present);
    if facts.band > band_max {
        let kind = if facts.present { "silence" } else { "absence" };
        let thresholds = counted(usize::from(band_max), &format!("{kind} threshold"), "s");
        why.push(format!("the policy declares {thresholds}: the band is at most {band_max}"));
    }
    let classes = manifest.classes.len();
    if usize::from(facts.class) > classes {
        why.push(format!("the policy declares {}: the class is at most {classes}", counted(classes, "class", "es")));
    }
    if facts.memo >= manifest.memo_size {
        let (values, most) = (counted(manifest.memo_size.into(), "value", "s"), manifest.memo_size - 1);
        why.push(format!("the policy declares a memo of {values}: the memo is at most {most}"));
    }
    why
}

fn counted(count: usize, noun: &str, plural: &str) -> String {
    match count {
        0 => format!("no {noun}"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}{plural}"),
    }
}

#[cfg(test)]
mod tests {
    use steadfast_policy::{StatePolicy, builtin::AdminSticky};

    use super::*;

    fn for_all_facts(mut check: impl FnMut(Facts)) {
        for &event in Event::ALL {
            for &claim in Claim::ALL {
                for &probe in Probe::ALL {
                    for &hold in Hold::ALL {
                        for &process in Process::ALL {
                            for bits in 0..16 {
                                let (present, ephemeral, band) = (bits & 1 == 1, bits & 2 == 2, bits >> 2);
                                let (class, memo) = (0, 0);
                                check(Facts {
                                    event,
                                    present,
                                    ephemeral,
                                    band,
                                    claim,
                                    probe,
                                    hold,
                                    process,
                                    class,
                                    memo,
                                });
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn exactly_the_impossible_facts_have_a_reason() {
        let (mut possible, mut impossible) = (0, 0);
        for_all_facts(|facts| {
            assert_eq!(why_impossible(&facts).is_empty(), facts.possible(), "{facts}");
            *if facts.possible() { &mut possible } else { &mut impossible } += 1;
        });
        assert!(possible > 1000 && impossible > 1000, "{possible} possible, {impossible} impossible");
    }

    #[test]
    fn what_the_manifest_does_not_declare_is_said() {
        let manifest = AdminSticky.manifest();
        let mut facts = None;
        for_all_facts(|some| facts = facts.or(some.possible().then_some(some)));
        let facts = facts.expect("some facts are possible");
        assert_eq!(beyond(&facts, &manifest), Vec::<String>::new());
        let wild = Facts { present: true, band: 3, class: 1, memo: 1, ..facts };
        let said = beyond(&wild, &manifest).join("\n");
        assert!(said.contains("2 silence thresholds"), "{said}");
        assert!(said.contains("a memo of 1 value: the memo is at most 0"), "{said}");
        assert!(said.contains("declares no class: the class is at most 0"), "{said}");
    }
}

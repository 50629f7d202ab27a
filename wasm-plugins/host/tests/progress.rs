//! Whoever waits for a load hears what it does; a policy that breaks its promise can be looked at.

mod guest;

use guest::Guest;
use steadfast_policy::{
    Law, Order,
    law::{LawError, prove_all},
};
use steadfast_wasm::{Limits, LoadError, LoadedPolicy, Params, Progress, load_telling, load_unproven};

fn heard(bytes: &[u8]) -> (Result<LoadedPolicy, LoadError>, Vec<Progress>) {
    let mut heard = Vec::new();
    let loaded = load_telling(bytes, &Params::new(), &Limits::default(), &mut |progress| heard.push(progress));
    (loaded, heard)
}

fn plain() -> Guest {
    Guest::named("plain")
}

/// The same, which honours no order and says that it does.
fn boast() -> Guest {
    plain().with(|manifest| manifest.laws = vec!["sticky".into()])
}

/// Without the answers that are counted, of which there are many.
fn steps(heard: &[Progress]) -> Vec<Progress> {
    heard.iter().copied().filter(|progress| !matches!(progress, Progress::Ask { asked: 1.., .. })).collect()
}

#[test]
fn steps_are_told_in_their_order_up_to_the_end() {
    let claims = plain().with(|manifest| manifest.laws = vec!["idempotent".into()]);
    let (loaded, heard) = heard(&claims.component());
    let policy = loaded.expect("nothing is wrong with it");
    let of = policy.facts;
    let expected = [
        Progress::Scan,
        Progress::Compile,
        Progress::Interface,
        Progress::Configure,
        Progress::Ask { order: Order::Forward, asked: 0, of },
        Progress::Ask { order: Order::Backward, asked: 0, of },
        Progress::Compare,
        Progress::Prove { laws: 1 },
        Progress::Proven(Law::Idempotent),
        Progress::Done,
    ];
    assert_eq!(steps(&heard), expected);
    for pass in [Order::Forward, Order::Backward] {
        let counted: Vec<usize> = heard.iter().filter_map(|progress| counted(*progress, pass)).collect();
        assert!(counted.is_sorted() && counted.first() == Some(&0) && counted.last() == Some(&of), "{counted:?}");
        assert!((10..50).contains(&counted.len()), "often enough to see it move: {}", counted.len());
    }
}

fn counted(progress: Progress, pass: Order) -> Option<usize> {
    match progress {
        Progress::Ask { order, asked, .. } if order == pass => Some(asked),
        _ => None,
    }
}

#[test]
fn nothing_is_told_after_the_step_that_refuses() {
    let last = |bytes: &[u8]| {
        let (loaded, heard) = heard(bytes);
        assert!(loaded.is_err());
        heard.last().copied()
    };
    assert_eq!(last(b"no policy"), Some(Progress::Scan));
    assert_eq!(last(&guest::component("(component)")), Some(Progress::Interface));
    assert_eq!(last(&plain().configure("(unreachable)").component()), Some(Progress::Configure));
    let answers = last(&plain().decide("(unreachable)").component());
    assert!(matches!(answers, Some(Progress::Ask { order: Order::Forward, asked: 0, .. })), "{answers:?}");
    assert_eq!(last(&boast().component()), Some(Progress::Prove { laws: 1 }));
}

#[test]
fn a_policy_that_breaks_its_law_can_be_looked_at() {
    let bytes = boast().component();
    let (loaded, _) = heard(&bytes);
    assert!(matches!(loaded, Err(LoadError::Law(_))), "{loaded:?}");
    let unproven = load_unproven(&bytes, &Params::new(), &Limits::default()).expect("all but its promise is good");
    assert_eq!(unproven.digest(), steadfast_wasm::digest(&bytes, &Params::new()).to_string());
    assert!(prove_all(unproven.table(), &[Law::Idempotent]).is_ok());
    assert!(matches!(unproven.prove(&mut |_| {}), Err(LawError::Broken { .. })));
}

#[test]
fn what_is_no_policy_cannot_even_be_looked_at() {
    let unproven = |bytes: &[u8]| load_unproven(bytes, &Params::new(), &Limits::default());
    assert!(matches!(unproven(b""), Err(LoadError::Empty)));
    let silent = plain().decide("(i32.store8 (i32.const 517) (i32.const 0))");
    assert!(matches!(unproven(&silent.component()), Err(LoadError::Rail { .. })));
}

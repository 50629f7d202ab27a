//! Histories of fixed seeds and of a fresh one: every promise is kept, and a seed is a history.

use std::hash::{BuildHasher, RandomState};

use steadfast_sim::{Menu, Setup, Summary, run};

/// Plays a seed. A violation is told with the command that repeats it, and with its shortest history.
fn play(setup: &Setup) -> Summary {
    run(setup, &mut |_| {}).unwrap_or_else(|violation| match setup.shrink(&violation) {
        Some(story) => panic!("{violation}\n{story}"),
        None => panic!("{violation}"),
    })
}

#[test]
fn one_seed_is_one_history() {
    let setup = Setup::new(42, 500);
    let (first, second) = (play(&setup), play(&setup));
    assert_eq!((first.digest, first.starts), (second.digest, second.starts));
    assert_ne!(first.digest, play(&Setup::new(43, 500)).digest);
}

/// Together they play every kind of event, and see nearly every kind and every decision under each policy. No policy without
/// absence thresholds decides about an absence.
#[test]
fn fixed_seeds_keep_every_promise_and_reach_nearly_everything() {
    let mut coverage = None;
    for seed in 1..=6 {
        let summary = play(&Setup::new(seed, 700));
        match &mut coverage {
            None => coverage = Some(summary.coverage),
            Some(coverage) => coverage.add(&summary.coverage),
        }
    }
    let coverage = coverage.expect("six seeds were played");
    assert!(coverage.never().is_empty(), "no policy ever saw {:?}", coverage.never());
    let never = coverage.missing();
    assert!(never.len() <= RARE_MAX, "too much never happened: {never:?}\n{coverage}");
}

/// Combinations that six short histories may miss.
const RARE_MAX: usize = 80;

#[test]
fn a_fresh_seed_keeps_every_promise() {
    play(&Setup::new(RandomState::new().hash_one("seed"), 1_500));
}

#[test]
fn a_menu_of_one_unproven_policy_is_held_to_its_claims() {
    let menu = Menu::unproven(steadfast_policy::builtin::AdminSticky).expect("within the guard rails");
    play(&Setup { menu, ..Setup::new(5, 1_000) });
}

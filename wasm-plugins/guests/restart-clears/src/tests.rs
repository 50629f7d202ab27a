//! The policy keeps its promises, natively; the host checks the built component.

use steadfast_policy_sdk::{Table, builtin, law};

use super::*;

#[test]
fn keeps_its_laws_and_equals_the_built_in_twin() {
    for params in [vec![], vec![("unknown".into(), "clear".into())], vec![("unknown".into(), "keep".into())]] {
        let table = Table::of(&RestartClears::configure(&params).unwrap()).expect("within the guard rails");
        law::prove(&table).expect("keeps the laws it claims");
        let twin = builtin::RestartClears::configure(&params).unwrap();
        assert_eq!(Table::of(&twin), Ok(table), "{params:?}");
    }
}

#[test]
fn a_parameter_it_does_not_know_is_refused() {
    for (name, value, says) in [("unknown", "maybe", "\"clear\" or \"keep\""), ("unkown", "keep", "only \"unknown\"")] {
        let refusal = RestartClears::configure(&[(name.into(), value.into())]).err().expect("it is wrong");
        assert!(refusal.contains(says), "{refusal}");
    }
}

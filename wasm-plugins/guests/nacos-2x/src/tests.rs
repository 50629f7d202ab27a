//! The policy keeps its promises, natively; the host checks the built component.

use steadfast_policy_sdk::{Table, builtin, law};

use super::*;

#[test]
fn keeps_its_laws_and_equals_the_built_in_twin() {
    for params in [vec![], vec![("forget-after".into(), "5000".into())]] {
        let table = Table::of(&Nacos2x::configure(&params).unwrap()).expect("within the guard rails");
        law::prove(&table).expect("keeps the laws it claims");
        let twin = builtin::Nacos2x::configure(&params).unwrap();
        assert_eq!(Table::of(&twin), Ok(table), "{params:?}");
    }
}

#[test]
fn a_parameter_it_cannot_use_is_refused() {
    for (name, value, says) in [
        ("forget-after", "soon", "milliseconds"),
        ("forget-after", "999", "milliseconds"),
        ("forget-afters", "5000", "only \"forget-after\""),
    ] {
        let refusal = Nacos2x::configure(&[(name.into(), value.into())]).err().expect("it is wrong");
        assert!(refusal.contains(says), "{refusal}");
    }
}

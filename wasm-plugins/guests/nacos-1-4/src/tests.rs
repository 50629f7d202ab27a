//! The policy keeps its promises, natively; the host checks the built component.

use steadfast_policy_sdk::{Table, builtin, law};

use super::*;

#[test]
fn keeps_its_laws_and_equals_the_built_in_twin() {
    let table = Table::of(&Nacos14).expect("within the guard rails");
    law::prove(&table).expect("keeps the laws it claims");
    assert_eq!(Table::of(&builtin::Nacos14), Ok(table));
}

//! The policy keeps its promises, natively; the host checks the built component.

use steadfast_policy_sdk::{Table, builtin, law};

use super::*;

#[test]
fn keeps_its_laws_and_equals_the_built_in_twin() {
    for params in [vec![], vec![("lapse".into(), "60000".into())]] {
        let table = Table::of(&MaintenanceWindow::configure(&params).unwrap()).expect("within the guard rails");
        law::prove(&table).expect("keeps the laws it claims");
        let twin = builtin::MaintenanceWindow::configure(&params).unwrap();
        assert_eq!(Table::of(&twin), Ok(table), "{params:?}");
    }
}

#[test]
fn a_parameter_it_cannot_use_is_refused() {
    for (name, value, says) in
        [("lapse", "soon", "milliseconds"), ("lapse", "999", "milliseconds"), ("lapses", "60000", "only \"lapse\"")]
    {
        let refusal = MaintenanceWindow::configure(&[(name.into(), value.into())]).err().expect("it is wrong");
        assert!(refusal.contains(says), "{refusal}");
    }
}

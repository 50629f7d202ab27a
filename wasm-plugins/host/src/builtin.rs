//! The policies that need no file.

use steadfast_policy::{
    Table, TableError,
    builtin::{AdminSticky, HeartbeatWins},
};

/// Names that [`builtin`] knows, the default first.
pub const BUILTINS: [&str; 2] = ["admin-sticky", "heartbeat-wins"];

/// The table of a policy that is compiled in; `None` for a name that is not in [`BUILTINS`].
pub fn builtin(name: &str) -> Option<Result<Table, TableError>> {
    match name {
        "admin-sticky" => Some(Table::of(&AdminSticky)),
        "heartbeat-wins" => Some(Table::of(&HeartbeatWins)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_gives_the_table_of_that_name() {
        for name in BUILTINS {
            let table = builtin(name).expect("listed").expect("within the guard rails");
            assert_eq!(table.manifest().name, name);
        }
        assert!(builtin("nobody").is_none());
    }
}

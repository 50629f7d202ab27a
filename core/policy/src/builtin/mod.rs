//! Policies in native Rust: the default, its opposite, variants that users ask for, and what other registries do.
//!
//! Each has a twin among the guests; the two give equal tables.

mod admin_sticky;
mod common;
mod eureka_chain;
mod heartbeat_wins;
mod maintenance_window;
mod nacos_1_4;
mod nacos_2x;
mod restart_clears;

pub use admin_sticky::AdminSticky;
pub use eureka_chain::EurekaChain;
pub use heartbeat_wins::HeartbeatWins;
pub use maintenance_window::MaintenanceWindow;
pub use nacos_1_4::Nacos14;
pub use nacos_2x::Nacos2x;
pub use restart_clears::{RestartClears, UnknownProgram};

use crate::{Configure, Table, TableError};

/// Names that [`table`] knows, the default first.
pub const NAMES: [&str; 7] =
    ["admin-sticky", "heartbeat-wins", "restart-clears", "maintenance-window", "nacos-1-4", "nacos-2x", "eureka-chain"];

/// The table of a policy of this module with its default parameters; `None` for a name that is not in [`NAMES`].
pub fn table(name: &str) -> Option<Result<Table, TableError>> {
    match name {
        "admin-sticky" => with_defaults::<AdminSticky>(),
        "heartbeat-wins" => with_defaults::<HeartbeatWins>(),
        "restart-clears" => with_defaults::<RestartClears>(),
        "maintenance-window" => with_defaults::<MaintenanceWindow>(),
        "nacos-1-4" => with_defaults::<Nacos14>(),
        "nacos-2x" => with_defaults::<Nacos2x>(),
        "eureka-chain" => with_defaults::<EurekaChain>(),
        _ => None,
    }
}

/// Every policy here accepts having no parameters.
fn with_defaults<P: Configure>() -> Option<Result<Table, TableError>> {
    P::configure(&[]).ok().map(|policy| Table::of(&policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_gives_the_table_of_that_name() {
        for name in NAMES {
            let table = table(name).expect("listed").expect("within the guard rails");
            assert_eq!(table.manifest().name, name);
        }
        assert!(table("nobody").is_none());
    }
}

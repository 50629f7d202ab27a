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

//! Policies in native Rust: the default, its opposite, variants that users ask for, and what other registries do.
//!
//! Each has a twin among the guests; the two give equal tables.

mod admin_sticky;
mod common;
mod heartbeat_wins;
mod restart_clears;

pub use admin_sticky::AdminSticky;
pub use heartbeat_wins::HeartbeatWins;
pub use restart_clears::{RestartClears, UnknownProgram};

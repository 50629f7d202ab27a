//! Policies in native Rust: the default, and the opposite that other users want.
//!
//! Each has a twin among the guests; the two give equal tables.

mod admin_sticky;
mod heartbeat_wins;

pub use admin_sticky::AdminSticky;
pub use heartbeat_wins::HeartbeatWins;

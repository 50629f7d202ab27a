//! A disk that is full for real, in a process of its own: refused by the system, told with what to do, resumed by itself.
#![cfg(target_os = "linux")]
#![allow(unreachable_pub, reason = "test modules")]

mod child;
mod journal;
mod store;

//! The command as people and scripts use it: what it prints, and its exit codes.

#[path = "../../../host/tests/guest/mod.rs"]
mod guest;

mod check;
mod compare;
mod explain;
mod readme;
mod replay;
mod run;
mod scaffold;
mod table;
mod usage;
mod vectors;

//! The embedded default store of Steadfast: one [redb](https://docs.rs/redb) file in a folder of its own, and the journal
//! of decisions beside it.
//!
//! A commit is on the disk when it returns. One process at a time has the folder; a process that is killed leaves it
//! free and whole. What a damaged, missing or foreign file says is never believed, and never taken for an empty registry.
//!
//! In the folder: `registry.redb` with everything, `registry.id` with the name of the registry, and `lock` with the
//! number of the process that has it open. A copy of `registry.redb`, taken while nobody has it open, is a backup.

mod backend;
mod contents;
#[cfg(test)]
mod crashes;
mod data;
mod database;
mod failure;
#[cfg(test)]
mod faults;
mod folder;
pub mod journal;
pub mod replay;
mod store;

pub use store::RedbStore;

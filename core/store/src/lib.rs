//! The embedded default store of Steadfast: one [redb](https://docs.rs/redb) file in a folder of its own.
//!
//! A commit is on the disk when it returns. One process at a time has the folder; a process that is killed leaves it
//! free and whole.

mod contents;
mod database;
#[cfg(test)]
mod faults;
mod folder;
mod store;

pub use store::RedbStore;

//! The C ABI of Steadfast. `include/steadfast.h` is made from this crate and describes it.

mod args;
mod boundary;
pub mod codes;
mod engine;
pub mod exports;
mod failure;
mod fork;
mod options;
mod queues;
mod read;
mod read_lookup;
mod read_many;
mod read_routes;
mod registry;
mod storage;
mod text;
pub mod types;
mod write;

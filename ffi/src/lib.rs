//! The C ABI of Steadfast. `include/steadfast.h` is made from this crate and describes it.

mod args;
mod boundary;
mod codes;
mod engine;
mod exports;
mod failure;
mod fork;
mod read;
mod registry;
mod text;
mod types;
mod write;

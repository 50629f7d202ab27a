//! The C ABI of Steadfast.

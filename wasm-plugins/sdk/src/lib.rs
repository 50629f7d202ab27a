//! Write a Steadfast state policy in Rust: one impl and one macro line.

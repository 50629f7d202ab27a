use clap::Parser;
#[derive(Parser)] struct A {}
fn main() { A::parse(); }

//! The superbot program.
fn main() {}

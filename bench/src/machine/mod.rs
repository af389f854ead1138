//! What the machine says of processes and of itself.

pub mod cpu;
pub mod limits;
pub mod memory;
pub mod noise;

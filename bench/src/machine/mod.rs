//! Measurements of processes and of the machine.

pub mod cpu;
pub mod limits;
pub mod memory;
pub mod noise;

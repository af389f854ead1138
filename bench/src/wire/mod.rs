//! Encoding and decoding, as pure functions.

pub mod frame;
pub mod mark;
pub mod packet;
pub mod response;

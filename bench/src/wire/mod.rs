//! What goes over the wire, as pure functions from bytes to meaning and back.

pub mod frame;
pub mod mark;
pub mod packet;
pub mod response;

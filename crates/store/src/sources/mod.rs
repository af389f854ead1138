//! Sources: configuration, health, leases and rate limits.

mod notices;
mod source;
mod turns;

pub use self::notices::Wanted;
pub use self::source::{Source, SourceChange};
pub use self::turns::Turn;

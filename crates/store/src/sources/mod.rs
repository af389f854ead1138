//! Sources: where listings are read, how each is set up, and how it fares.

mod notices;
mod source;
mod turns;

pub use self::notices::Wanted;
pub use self::source::{Source, SourceChange};
pub use self::turns::Turn;

//! Sources: where listings are read, how each is set up, and how it fares.

mod notices;
mod source;
mod turns;

pub use self::notices::WantedSearch;
pub use self::source::{SourceChange, StoredSource};
pub use self::turns::SiteTurn;

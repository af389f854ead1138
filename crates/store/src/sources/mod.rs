//! Sources: configuration, health, leases and rate limits.

mod notices;
mod source;
mod turns;

pub use self::notices::WantedSearch;
pub use self::source::{SourceChange, StoredSource};
pub use self::turns::SiteTurn;

//! Addresses of stores.

use crate::error::{Result, StoreError};

/// Location of a store.
pub enum StoreAddress<'u> {
    /// An SQLite file, by its path.
    Sqlite(&'u str),
    /// A Postgres database, by its URL.
    Postgres(&'u str),
}

impl<'u> StoreAddress<'u> {
    /// Parses an address: `sqlite:PATH` or `postgres://USER@HOST/DATABASE`.
    ///
    /// # Errors
    /// [`StoreError::BadUrl`] for anything else.
    pub fn parse(url: &'u str) -> Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url));
        }
        let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        // With `:memory:`, each pooled connection would get a database of its own; `?` would start URI parameters.
        let path = path.filter(|path| !path.is_empty() && !path.contains(":memory:") && !path.contains('?'));
        path.map(Self::Sqlite).ok_or_else(|| StoreError::BadUrl(url.to_owned()))
    }
}

//! Addresses of stores.

use crate::error::{Result, StoreError};

/// Where a store is.
pub enum StoreAddress<'u> {
    /// A file, by its path.
    Sqlite(&'u str),
    /// A database of a server, by its URL.
    Postgres(&'u str),
}

impl<'u> StoreAddress<'u> {
    /// Reads an address: `sqlite:PATH` or `postgres://USER@HOST/DATABASE`.
    ///
    /// # Errors
    /// [`StoreError::BadUrl`] for anything else.
    pub fn parse(url: &'u str) -> Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url));
        }
        let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        // An in-memory database would be another one for each connection.
        let path = path.filter(|path| !path.is_empty() && !path.contains(":memory:") && !path.contains('?'));
        path.map(Self::Sqlite).ok_or_else(|| StoreError::BadUrl(url.to_owned()))
    }
}

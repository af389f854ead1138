//! Addresses of stores.

use crate::error::{Result, StoreError};

/// Where a store is.
pub(crate) enum Address<'u> {
    Sqlite(&'u str),
    Postgres(&'u str),
}

impl<'u> Address<'u> {
    pub(crate) fn parse(url: &'u str) -> Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url));
        }
        let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        // An in-memory database would be another one for each connection.
        let path = path.filter(|path| !path.is_empty() && !path.contains(":memory:") && !path.contains('?'));
        path.map(Self::Sqlite).ok_or_else(|| StoreError::BadUrl(url.to_owned()))
    }
}

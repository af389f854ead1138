//! Connections to stores that must exist already.

use std::io::ErrorKind;
use std::path::Path;

use superbot_db::{postgres, sqlite};

use crate::address::StoreAddress;
use crate::error::{Result, StoreError};
use crate::sql::SqlConn;

/// Connects to a file or database that must exist; it need not contain a store yet.
pub async fn connect_existing(url: &str) -> Result<SqlConn> {
    match StoreAddress::parse(url)? {
        StoreAddress::Sqlite(path) => {
            // Checked without opening: SQLite would create a missing file, and treats an empty one as a new database.
            let path = Path::new(path);
            let is_empty = sqlite::check_access(path).and_then(|()| path.metadata()).map(|file| file.len() == 0);
            match is_empty {
                Ok(false) => Ok(sqlite::OpenOptions::new(path).connect().await?.into()),
                Ok(true) => Err(no_store(url)),
                Err(error) if error.kind() == ErrorKind::NotFound => Err(no_store(url)),
                Err(error) => Err(sqlite::file_error(path, error).into()),
            }
        }
        StoreAddress::Postgres(url) => Ok(postgres::PostgresServer::at(url)?.connect_writer().await?.into()),
    }
}

/// Returns the error for a missing store, without the URL's password.
pub fn no_store(url: &str) -> StoreError {
    let place = match StoreAddress::parse(url) {
        Ok(StoreAddress::Sqlite(path)) => path.to_owned(),
        Ok(StoreAddress::Postgres(url)) => {
            postgres::PostgresServer::at(url).map_or_else(|_| "that address".to_owned(), |server| server.place())
        }
        Err(error) => return error,
    };
    StoreError::NoStore(place)
}

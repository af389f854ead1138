//! A store as left by the first version of the program.

use std::path::Path;

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha384};

/// Creates it, with rows in every table.
pub fn first_version(path: &Path) {
    // The table as created and filled by sqlx 0.9.
    const TABLE: &str = "
CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
                ";
    const NOTE: &str = "INSERT INTO _sqlx_migrations ( version, description, success, checksum, execution_time ) \
                        VALUES ( ?1, ?2, TRUE, ?3, -1 )";
    let first = include_str!("../../migrations/0001_initial.sqlite.sql");
    let file = Connection::open(path).unwrap();
    file.execute_batch(TABLE).unwrap();
    file.execute_batch(first).unwrap();
    file.execute(NOTE, params![1, "0001_initial", Sha384::digest(first).as_slice()]).unwrap();
    file.execute_batch(include_str!("0001.sql")).unwrap();
    file.close().unwrap();
}

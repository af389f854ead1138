//! The schema, change by change, for both databases.
//!
//! A change is never edited once it has been released; another one follows. Where the databases agree it is one text.

use std::collections::BTreeMap;
use std::time::Instant;

use sha2::{Digest as _, Sha384};

use crate::error::MigrationError;
use crate::error::{Result, StoreError};
use crate::meta;
use crate::options::StoreOptions;
use crate::sql::{self, Conn};

/// A change: its number, its name, and its text for each database that it concerns.
struct Change {
    version: i64,
    name: &'static str,
    sqlite: Option<&'static str>,
    postgres: Option<&'static str>,
}

macro_rules! changes {
    ($($version:literal $name:literal: $($dialect:ident)+;)+) => {
        &[$(changes!(@ $version $name $($dialect)+)),+]
    };
    (@ $version:literal $name:literal sqlite) => {
        Change { sqlite: Some(changes!(@ $name ".sqlite.sql")), ..Change::new($version, $name) }
    };
    (@ $version:literal $name:literal sqlite postgres) => {
        Change {
            sqlite: Some(changes!(@ $name ".sqlite.sql")),
            postgres: Some(changes!(@ $name ".postgres.sql")),
            ..Change::new($version, $name)
        }
    };
    (@ $version:literal $name:literal both) => {
        Change {
            sqlite: Some(changes!(@ $name ".sql")),
            postgres: Some(changes!(@ $name ".sql")),
            ..Change::new($version, $name)
        }
    };
    (@ $name:literal $end:literal) => {
        include_str!(concat!("../migrations/", $name, $end))
    };
}

/// All of them, in their order. Postgres begins where SQLite has come to with the eleventh.
const CHANGES: &[Change] = changes! {
    1 "0001_initial": sqlite;
    2 "0002_listings_by_source": sqlite;
    3 "0003_standing_queries": sqlite;
    4 "0004_listing_words": sqlite;
    5 "0005_workers": sqlite;
    6 "0006_fewer_pages": sqlite;
    7 "0007_sources": sqlite;
    8 "0008_identity": sqlite;
    10 "0010_dashboard": sqlite;
    11 "0011_numbers": sqlite postgres;
    12 "0012_nodes": both;
    13 "0013_listing_numbers": sqlite postgres;
    14 "0014_metrics_scope": sqlite postgres;
    15 "0015_listing_sorts": sqlite postgres;
};

impl Change {
    const fn new(version: i64, name: &'static str) -> Self {
        Self { version, name, sqlite: None, postgres: None }
    }

    /// Makes it, and notes that it was made.
    async fn make(&self, text: &'static str, conn: &mut Conn) -> Result<()> {
        let begun = Instant::now();
        let failed = |error| StoreError::Migration(MigrationError::Failed(self.version, Box::new(error)));
        sql::execute_all(text, conn).await.map_err(failed)?;
        let took_nanos = i64::try_from(begun.elapsed().as_nanos()).unwrap_or(i64::MAX);
        let note = sql::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES ($1, $2, TRUE, $3, $4)",
        );
        let note = note.bind(self.version).bind(self.name).bind(checksum(text)).bind(took_nanos);
        note.execute(conn).await.map(drop)
    }
}

/// Where it is noted which changes were made, in the form that the library sqlx gives it.
const TABLE: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
     installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, \
     execution_time BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
     installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, \
     execution_time BIGINT NOT NULL)",
];

/// Brings the schema up to date in one transaction, and gives a new store its name; of several programs that start at once,
/// one does it.
///
/// # Errors
/// A schema that is newer than this program, or that was changed by somebody else.
pub(crate) async fn migrate(conn: &mut Conn, options: &StoreOptions) -> Result<()> {
    begin(conn).await?;
    make_missing(conn).await?;
    sql::query("COMMIT").execute(conn).await?;
    meta::write_first(conn, options).await
}

/// Begins a transaction that keeps others from doing the same.
async fn begin(conn: &mut Conn) -> Result<()> {
    let statements: &[&str] = conn.dialect().pick(
        &["BEGIN IMMEDIATE"],
        &[
            "BEGIN",
            // A change of a large table takes as long as it takes, and other nodes wait for it.
            "SET LOCAL statement_timeout = 0",
            "SET LOCAL lock_timeout = 0",
            // "superb", as a number that no other program's lock has.
            "SELECT pg_advisory_xact_lock(x'737570657262'::bigint)",
        ],
    );
    for statement in statements {
        sql::query(*statement).execute(conn).await?;
    }
    Ok(())
}

/// Makes the changes that a database has not seen, inside an open transaction.
async fn make_missing(conn: &mut Conn) -> Result<()> {
    let dialect = conn.dialect();
    sql::query(dialect.pick(TABLE[0], TABLE[1])).execute(conn).await?;
    let made: Vec<(i64, bool, Vec<u8>)> =
        sql::query_as("SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version")
            .fetch_all(conn)
            .await?;
    if let Some((version, ..)) = made.iter().find(|(_, success, _)| !success) {
        return Err(StoreError::Migration(MigrationError::Unfinished(*version)));
    }
    let made: BTreeMap<i64, Vec<u8>> = made.into_iter().map(|(version, _, checksum)| (version, checksum)).collect();
    let texts = CHANGES.iter().filter_map(|change| Some((change, dialect.pick(change.sqlite, change.postgres)?)));
    let is_known = |version: &i64| texts.clone().any(|(change, _)| change.version == *version);
    if let Some(found) = made.keys().copied().find(|version| !is_known(version)) {
        return Err(StoreError::NewerSchema { found, known: latest() });
    }
    for (change, text) in texts.clone() {
        match made.get(&change.version) {
            None => change.make(text, conn).await?,
            Some(found) if *found == checksum(text) => {}
            Some(_) => return Err(StoreError::Migration(MigrationError::Altered(change.version))),
        }
    }
    Ok(())
}

fn checksum(text: &str) -> Vec<u8> {
    Sha384::digest(text).to_vec()
}

/// The newest change that a database has seen; `None` where it is no store at all.
pub(crate) async fn applied(conn: &mut Conn) -> Result<Option<i64>> {
    let exists = conn.dialect().pick(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')",
        "SELECT to_regclass('_sqlx_migrations') IS NOT NULL",
    );
    if !sql::query_scalar::<bool>(exists).fetch_one(conn).await? {
        return Ok(None);
    }
    sql::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(conn).await
}

/// The newest change that there is.
pub(crate) fn latest() -> i64 {
    CHANGES.iter().map(|change| change.version).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_belongs_to_a_change() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let texts = |change: &Change| {
            let name = change.name;
            if change.sqlite == change.postgres {
                return [Some(format!("{name}.sql")), None];
            }
            let postgres = change.postgres.map(|_| format!("{name}.postgres.sql"));
            [postgres, change.sqlite.map(|_| format!("{name}.sqlite.sql"))]
        };
        assert_eq!(files, CHANGES.iter().flat_map(texts).flatten().collect::<Vec<_>>());
        assert!(CHANGES.is_sorted_by(|a, b| a.version < b.version));
        assert!(CHANGES.iter().all(|change| change.name.starts_with(&format!("{:04}_", change.version))));
    }
}

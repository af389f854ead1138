//! The schema, change by change, for both databases.
//!
//! A change is never edited once it has been released; another one follows. Where the databases agree it is one text.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

use crate::sql::{self, Conn, Dialect};
use crate::{Result, StoreError};

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
};

impl Change {
    const fn new(version: i64, name: &'static str) -> Self {
        Self { version, name, sqlite: None, postgres: None }
    }

    fn migration(&self, dialect: Dialect) -> Option<Migration> {
        let text = dialect.pick(self.sqlite, self.postgres)?.into_sql_str();
        Some(Migration::new(self.version, Cow::Borrowed(self.name), MigrationType::Simple, text, false))
    }
}

/// Brings the schema up to date, inside an open transaction that keeps others from doing the same.
///
/// # Errors
/// A schema that is newer than this program, or that was changed by somebody else.
pub(crate) async fn run<C: Migrate>(conn: &mut C, dialect: Dialect) -> Result<()> {
    let mut migrator =
        Migrator::with_migrations(CHANGES.iter().filter_map(|change| change.migration(dialect)).collect());
    migrator.set_locking(false);
    migrator.run_direct(None, conn, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) => StoreError::NewerSchema { found, known: latest() },
        MigrateError::Execute(error) => error.into(),
        other => StoreError::Migration(Arc::new(other)),
    })
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

//! Schema migrations for both databases.
//!
//! A released migration is never edited; changes are made by further migrations. `both` means that one text serves both
//! databases.

pub use superbot_db::migrations::applied;
use superbot_db::migrations::{self, SchemaMigration};

use crate::error::Result;
use crate::meta;
use crate::options::StoreOptions;
use crate::sql::SqlConn;

macro_rules! migrations {
    ($($version:literal $name:literal: $($dialect:ident)+;)+) => {
        &[$(migrations!(@ $version $name $($dialect)+)),+]
    };
    (@ $version:literal $name:literal sqlite) => {
        SchemaMigration { version: $version, name: $name, sqlite: Some(migrations!(@ $name ".sqlite.sql")), postgres: None }
    };
    (@ $version:literal $name:literal sqlite postgres) => {
        SchemaMigration {
            version: $version,
            name: $name,
            sqlite: Some(migrations!(@ $name ".sqlite.sql")),
            postgres: Some(migrations!(@ $name ".postgres.sql")),
        }
    };
    (@ $version:literal $name:literal both) => {
        SchemaMigration {
            version: $version,
            name: $name,
            sqlite: Some(migrations!(@ $name ".sql")),
            postgres: Some(migrations!(@ $name ".sql")),
        }
    };
    (@ $name:literal $end:literal) => {
        include_str!(concat!("../migrations/", $name, $end))
    };
}

/// All migrations in ascending order. The first one for Postgres creates the schema that SQLite has after version 11.
const MIGRATIONS: &[SchemaMigration] = migrations! {
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
    16 "0016_listing_condition": both;
    17 "0017_recurring_prices": sqlite postgres;
    18 "0018_merged_listings": both;
    20 "0020_price_readers": sqlite postgres;
};

/// Applies pending migrations, and initializes a new store.
pub async fn migrate(conn: &mut SqlConn, options: &StoreOptions) -> Result<()> {
    migrations::migrate(conn, MIGRATIONS).await?;
    meta::write_first(conn, options).await
}

/// Returns the version of the newest migration.
pub fn latest() -> i64 {
    migrations::latest(MIGRATIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_belongs_to_a_migration() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        let texts = |migration: &SchemaMigration| {
            let name = migration.name;
            if migration.sqlite == migration.postgres {
                return [Some(format!("{name}.sql")), None];
            }
            let postgres = migration.postgres.map(|_| format!("{name}.postgres.sql"));
            [postgres, migration.sqlite.map(|_| format!("{name}.sqlite.sql"))]
        };
        assert_eq!(files, MIGRATIONS.iter().flat_map(texts).flatten().collect::<Vec<_>>());
        assert!(MIGRATIONS.is_sorted_by(|a, b| a.version < b.version));
        assert!(MIGRATIONS.iter().all(|migration| migration.name.starts_with(&format!("{:04}_", migration.version))));
    }
}

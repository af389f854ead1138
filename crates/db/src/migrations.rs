//! Schema migrations for both databases.
//!
//! A released migration is never edited; changes are made by further migrations.

use std::collections::BTreeMap;
use std::time::Instant;

use sha2::{Digest as _, Sha384};

use crate::error::{DbError, MigrationError, Result};
use crate::sql::{self, SqlConn};

/// One step of the schema's history.
#[derive(Clone, Copy, Debug)]
pub struct SchemaMigration {
    /// Sequence number; migrations are applied in ascending order.
    pub version: i64,
    /// Short description, stored in the table of applied migrations.
    pub name: &'static str,
    /// Statements for SQLite; `None` if the migration does not concern it.
    pub sqlite: Option<&'static str>,
    /// Statements for Postgres; `None` if the migration does not concern it.
    pub postgres: Option<&'static str>,
}

impl SchemaMigration {
    /// Executes the statements and records the migration as applied.
    async fn apply(&self, text: &'static str, conn: &mut SqlConn) -> Result<()> {
        let begun = Instant::now();
        let failed = |error| DbError::Migration(MigrationError::Failed(self.version, Box::new(error)));
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

/// Table of applied migrations for SQLite and Postgres, in the format of sqlx.
const TABLE: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
     installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, \
     execution_time BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
     installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, \
     execution_time BIGINT NOT NULL)",
];

/// Applies all pending migrations in a single transaction. If several processes start at once, one migrates and the
/// others wait.
///
/// # Errors
/// [`DbError::NewerSchema`] if the database has an unknown migration; [`DbError::Migration`] if an applied migration
/// was modified or one fails.
pub async fn migrate(conn: &mut SqlConn, migrations: &[SchemaMigration]) -> Result<()> {
    begin(conn).await?;
    apply_missing(conn, migrations).await?;
    sql::query("COMMIT").execute(conn).await.map(drop)
}

/// Begins a transaction that excludes other migrating processes.
async fn begin(conn: &mut SqlConn) -> Result<()> {
    let statements: &[&str] = conn.dialect().pick(
        &["BEGIN IMMEDIATE"],
        &[
            "BEGIN",
            // Rewriting a large table may take minutes, and other nodes wait that long for the lock.
            "SET LOCAL statement_timeout = 0",
            "SET LOCAL lock_timeout = 0",
            // An arbitrary key ("superb" in ASCII) that other programs are unlikely to use.
            "SELECT pg_advisory_xact_lock(x'737570657262'::bigint)",
        ],
    );
    for statement in statements {
        sql::query(*statement).execute(conn).await?;
    }
    Ok(())
}

/// Applies the pending migrations within an open transaction.
async fn apply_missing(conn: &mut SqlConn, migrations: &[SchemaMigration]) -> Result<()> {
    let dialect = conn.dialect();
    sql::query(dialect.pick(TABLE[0], TABLE[1])).execute(conn).await?;
    let applied: Vec<(i64, bool, Vec<u8>)> =
        sql::query_as("SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version")
            .fetch_all(conn)
            .await?;
    // Checked before anything is applied: a half-applied step leaves the schema in an unknown state.
    if let Some((version, ..)) = applied.iter().find(|(_, success, _)| !success) {
        return Err(DbError::Migration(MigrationError::Unfinished(*version)));
    }
    let applied: BTreeMap<i64, Vec<u8>> =
        applied.into_iter().map(|(version, _, checksum)| (version, checksum)).collect();
    let texts = migrations
        .iter()
        .filter_map(|migration| Some((migration, dialect.pick(migration.sqlite, migration.postgres)?)));
    let is_known = |version: &i64| texts.clone().any(|(migration, _)| migration.version == *version);
    // An unknown version means that a newer program has used this database; older code could corrupt its data.
    if let Some(found) = applied.keys().copied().find(|version| !is_known(version)) {
        return Err(DbError::NewerSchema { found, known: latest(migrations) });
    }
    for (migration, text) in texts.clone() {
        match applied.get(&migration.version) {
            None => migration.apply(text, conn).await?,
            Some(found) if *found == checksum(text) => {}
            Some(_) => return Err(DbError::Migration(MigrationError::Altered(migration.version))),
        }
    }
    Ok(())
}

fn checksum(text: &str) -> Vec<u8> {
    Sha384::digest(text).to_vec()
}

/// Returns the newest applied migration; `None` if the database is empty.
pub async fn applied(conn: &mut SqlConn) -> Result<Option<i64>> {
    let exists = conn.dialect().pick(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')",
        "SELECT to_regclass('_sqlx_migrations') IS NOT NULL",
    );
    if !sql::query_scalar::<bool>(exists).fetch_one(conn).await? {
        return Ok(None);
    }
    sql::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(conn).await
}

/// Returns the highest version in the list; 0 if it is empty.
pub fn latest(migrations: &[SchemaMigration]) -> i64 {
    migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}

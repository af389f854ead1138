//! Key-value pairs about the store itself.

use serde::Serialize;
use serde::de::DeserializeOwned;
use superbot_domain::Timestamp;

use crate::error::{Result, StoreError};
use crate::options::StoreOptions;
use crate::sql::{self, SqlConn};

/// Key of the epoch, the identifier of the log's history.
pub const EPOCH: &str = "epoch";
pub(crate) const MADE_AT: &str = "made_at";
/// Key that names the source of a copy while the copy is incomplete.
pub const COPY_OF: &str = "copy_of";
/// Key that is written to probe whether the store is writable.
const PROBED_AT: &str = "probed_at";

/// Returns the value of a key.
pub async fn read(conn: &mut SqlConn, key: &str) -> Result<Option<String>> {
    Ok(sql::query_scalar("SELECT value FROM meta WHERE key = $1").bind(key).fetch_optional(conn).await?)
}

/// Writes the initial values of a new store: epoch and creation time.
pub(crate) async fn write_first(conn: &mut SqlConn, options: &StoreOptions) -> Result<()> {
    write_new(conn, EPOCH, &new_epoch(options)).await?;
    write_new(conn, MADE_AT, &options.clock.now().as_microsecond().to_string()).await
}

/// Generates an identifier for a new history.
pub fn new_epoch(options: &StoreOptions) -> String {
    format!("{:016x}", u64::from_be_bytes(options.epoch_seed))
}

/// Returns the value of a key that is stored as JSON.
pub(crate) async fn read_json<T: DeserializeOwned>(conn: &mut SqlConn, key: &str) -> Result<Option<T>> {
    let value = read(conn, key).await?;
    value.map(|value| serde_json::from_str(&value).map_err(StoreError::corrupt)).transpose()
}

/// Inserts or replaces a value, stored as JSON.
pub(crate) async fn replace_json(conn: &mut SqlConn, key: &str, value: &impl Serialize) -> Result<()> {
    replace(conn, key, &serde_json::to_string(value).map_err(StoreError::corrupt)?).await
}

/// Fails with [`StoreError::Unfinished`] if the store is an incomplete copy.
pub(crate) async fn refuse_unfinished(conn: &mut SqlConn) -> Result<()> {
    match read(conn, COPY_OF).await? {
        None => Ok(()),
        Some(_) => Err(StoreError::Unfinished),
    }
}

/// Inserts a value unless the key exists.
pub(crate) async fn write_new(conn: &mut SqlConn, key: &str, value: &str) -> Result<()> {
    let insert = sql::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");
    insert.bind(key).bind(value).execute(conn).await?;
    Ok(())
}

/// Inserts or replaces a value.
pub async fn replace(conn: &mut SqlConn, key: &str, value: &str) -> Result<()> {
    let upsert = sql::query(
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    upsert.bind(key).bind(value).execute(conn).await?;
    Ok(())
}

/// Size of a probe: more than a listing with a long description and its indexed words. A small write fits into existing
/// pages and would report recovery while the store still rejects every listing.
const PROBE_BYTES: usize = 64 << 10;

/// Writes a large value, to find out whether the store is writable.
pub(crate) async fn probe(conn: &mut SqlConn, now: Timestamp) -> Result<()> {
    replace(conn, PROBED_AT, &probe_text(now)).await
}

/// Generates a text that differs from earlier ones in all pages and does not compress: SQLite skips unchanged pages,
/// and Postgres compresses repetitions. Uses the `SplitMix64` generator.
fn probe_text(now: Timestamp) -> String {
    let seed = now.as_microsecond().cast_unsigned();
    let words = (1..=PROBE_BYTES as u64 / 16).map(|step| {
        let state = seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).to_be_bytes()
    });
    hex::encode(words.flatten().collect::<Vec<u8>>())
}

pub(crate) async fn remove(conn: &mut SqlConn, key: &str) -> Result<()> {
    sql::query("DELETE FROM meta WHERE key = $1").bind(key).execute(conn).await?;
    Ok(())
}

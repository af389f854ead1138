//! Single values about the store itself.

use superbot_domain::Timestamp;

use crate::error::{Result, StoreError};
use crate::options::StoreOptions;
use crate::sql::{self, SqlConn};

/// The key of the name of the store's history.
pub const EPOCH: &str = "epoch";
pub(crate) const MADE_AT: &str = "made_at";
/// Names the store that this one is to become a copy of, for as long as it is none.
pub const COPY_OF: &str = "copy_of";
/// When the store was last written to only to see whether it can be.
const PROBED_AT: &str = "probed_at";

/// The value of a key.
pub async fn read(conn: &mut SqlConn, key: &str) -> Result<Option<String>> {
    Ok(sql::query_scalar("SELECT value FROM meta WHERE key = $1").bind(key).fetch_optional(conn).await?)
}

/// What a store is given when it is made: its name, and the time.
pub(crate) async fn write_first(conn: &mut SqlConn, options: &StoreOptions) -> Result<()> {
    write_new(conn, EPOCH, &new_epoch(options)).await?;
    write_new(conn, MADE_AT, &options.clock.now().as_microsecond().to_string()).await
}

/// The name of a history that begins now.
pub fn new_epoch(options: &StoreOptions) -> String {
    format!("{:016x}", u64::from_be_bytes(options.epoch_seed))
}

/// Nobody may work on what is not a whole store.
pub async fn refuse_unfinished(conn: &mut SqlConn) -> Result<()> {
    match read(conn, COPY_OF).await? {
        None => Ok(()),
        Some(_) => Err(StoreError::Unfinished),
    }
}

/// Writes a value where there is none.
pub(crate) async fn write_new(conn: &mut SqlConn, key: &str, value: &str) -> Result<()> {
    let insert = sql::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");
    insert.bind(key).bind(value).execute(conn).await?;
    Ok(())
}

/// Writes the value of a key.
pub async fn replace(conn: &mut SqlConn, key: &str, value: &str) -> Result<()> {
    let upsert = sql::query(
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    upsert.bind(key).bind(value).execute(conn).await?;
    Ok(())
}

/// Bytes that a probe writes: more than a listing with a long description and its words. A few bytes find room in the
/// pages that are there, and the store would count as mended while it refuses every listing.
const PROBE_BYTES: usize = 64 << 10;

/// Writes something, to see whether the store can be written to.
pub(crate) async fn probe(conn: &mut SqlConn, now: Timestamp) -> Result<()> {
    replace(conn, PROBED_AT, &probe_text(now)).await
}

/// A text that differs everywhere from that of any other moment: pages that stay the same are not written, and what repeats is
/// compressed by Postgres. The steps are those of the generator `SplitMix64`.
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

//! Single values about the store itself.

use std::fmt::Write as _;

use crate::error::{Result, StoreError};
use crate::options::StoreOptions;
use crate::rows::micros;
use crate::sql::{self, Conn};
use crate::store::Store;
use crate::writer::Tx;

pub(crate) const EPOCH: &str = "epoch";
pub(crate) const MADE_AT: &str = "made_at";
/// Names the store that this one is to become a copy of, for as long as it is none.
pub(crate) const COPY_OF: &str = "copy_of";
/// When the store was last written to only to see whether it can be.
const PROBED_AT: &str = "probed_at";
pub(crate) const SETUP_TOKEN_HASH: &str = "setup_token_hash";
/// Signs the cookies of browsers that have signed in before.
const BROWSER_KEY: &str = "browser_key";

impl Store {
    /// The hash of the secret that lets its bearer make the first admin.
    pub async fn setup_token_hash(&self) -> Result<Option<[u8; 32]>> {
        let text = read(&mut self.reader().await?, SETUP_TOKEN_HASH).await?;
        text.as_deref().map(bytes).transpose()
    }

    /// Replaces the secret that lets its bearer make the first admin; `None` takes it away.
    pub async fn set_setup_token_hash(&self, hash: Option<[u8; 32]>) -> Result<()> {
        let text = hash.map(|hash| digits(&hash));
        self.write(move |tx| {
            Box::pin(async move {
                match text {
                    Some(text) => replace(&mut tx.conn, SETUP_TOKEN_HASH, &text).await,
                    None => remove(&mut tx.conn, SETUP_TOKEN_HASH).await,
                }
            })
        })
        .await
    }

    /// The key that signs the cookies of browsers that have signed in before: `new`, where the store has none yet.
    pub async fn browser_key(&self, new: [u8; 32]) -> Result<[u8; 32]> {
        if let Some(text) = read(&mut self.reader().await?, BROWSER_KEY).await? {
            return bytes(&text);
        }
        self.write(move |tx| {
            Box::pin(async move {
                write_new(&mut tx.conn, BROWSER_KEY, &digits(&new)).await?;
                // Another process may have been first.
                let text = read(&mut tx.conn, BROWSER_KEY).await?;
                text.as_deref().map_or(Ok(new), bytes)
            })
        })
        .await
    }
}

/// A secret or a hash as it is written here.
fn digits(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(digits: &str) -> Result<[u8; 32]> {
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(pair).collect();
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| StoreError::Corrupt("a key or hash about the store itself".to_owned()))
}

pub(crate) async fn read(conn: &mut Conn, key: &str) -> Result<Option<String>> {
    sql::query_scalar("SELECT value FROM meta WHERE key = $1").bind(key).fetch_optional(conn).await
}

/// What a store is given when it is made: its name, and the time.
pub(crate) async fn write_first(conn: &mut Conn, options: &StoreOptions) -> Result<()> {
    write_new(conn, EPOCH, &new_epoch(options)).await?;
    write_new(conn, MADE_AT, &micros(options.clock.now()).to_string()).await
}

/// The name of a history that begins now.
pub(crate) fn new_epoch(options: &StoreOptions) -> String {
    format!("{:016x}", u64::from_be_bytes(options.epoch_seed))
}

/// Nobody may work on what is not a whole store.
pub(crate) async fn refuse_unfinished(conn: &mut Conn) -> Result<()> {
    match read(conn, COPY_OF).await? {
        None => Ok(()),
        Some(_) => Err(StoreError::Unfinished),
    }
}

async fn write_new(conn: &mut Conn, key: &str, value: &str) -> Result<()> {
    let insert = sql::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");
    insert.bind(key).bind(value).execute(conn).await?;
    Ok(())
}

pub(crate) async fn replace(conn: &mut Conn, key: &str, value: &str) -> Result<()> {
    let upsert = sql::query(
        "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    upsert.bind(key).bind(value).execute(conn).await?;
    Ok(())
}

/// Writes something, to see whether the store can be written to.
pub(crate) async fn probe(tx: &mut Tx) -> Result<()> {
    let now = micros(tx.now).to_string();
    replace(&mut tx.conn, PROBED_AT, &now).await
}

pub(crate) async fn remove(conn: &mut Conn, key: &str) -> Result<()> {
    sql::query("DELETE FROM meta WHERE key = $1").bind(key).execute(conn).await?;
    Ok(())
}

//! Single values about the store itself.

use crate::rows::micros;
use crate::sql::{self, Conn};
use crate::store::Store;
use crate::{Result, StoreError, StoreOptions};

pub(crate) const EPOCH: &str = "epoch";
pub(crate) const MADE_AT: &str = "made_at";
/// Names the store that this one is to become a copy of, for as long as it is none.
pub(crate) const COPY_OF: &str = "copy_of";
pub(crate) const SETUP_TOKEN_HASH: &str = "setup_token_hash";

impl Store {
    /// The hash of the secret that lets its bearer make the first admin.
    pub async fn setup_token_hash(&self) -> Result<Option<[u8; 32]>> {
        let Some(text) = read(&mut self.reader().await?, SETUP_TOKEN_HASH).await? else { return Ok(None) };
        let bytes: Option<Vec<u8>> = (0..text.len())
            .step_by(2)
            .map(|at| text.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()))
            .collect();
        let hash = bytes.and_then(|bytes| bytes.try_into().ok());
        hash.map(Some).ok_or_else(|| StoreError::Corrupt("the hash of the set-up secret".to_owned()))
    }

    /// Replaces the secret that lets its bearer make the first admin; `None` takes it away.
    pub async fn set_setup_token_hash(&self, hash: Option<[u8; 32]>) -> Result<()> {
        use std::fmt::Write;
        let text = hash.map(|hash| {
            hash.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
        });
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

pub(crate) async fn remove(conn: &mut Conn, key: &str) -> Result<()> {
    sql::query("DELETE FROM meta WHERE key = $1").bind(key).execute(conn).await?;
    Ok(())
}

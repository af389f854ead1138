//! Secrets that belong to the store itself.

use std::fmt::Write as _;

use crate::error::{Result, StoreError};
use crate::meta;
use crate::store::Store;

/// The hash of the secret that lets its bearer make the first admin.
pub(crate) const SETUP_TOKEN_HASH: &str = "setup_token_hash";
/// Signs the cookies of browsers that have signed in before.
const BROWSER_KEY: &str = "browser_key";

impl Store {
    /// The hash of the secret that lets its bearer make the first admin.
    pub async fn setup_token_hash(&self) -> Result<Option<[u8; 32]>> {
        let text = meta::read(&mut self.reader().await?, SETUP_TOKEN_HASH).await?;
        text.as_deref().map(bytes).transpose()
    }

    /// Replaces the secret that lets its bearer make the first admin; `None` takes it away.
    pub async fn set_setup_token_hash(&self, hash: Option<[u8; 32]>) -> Result<()> {
        let text = hash.map(|hash| digits(&hash));
        self.write(move |tx| {
            Box::pin(async move {
                match text {
                    Some(text) => meta::replace(&mut tx.conn, SETUP_TOKEN_HASH, &text).await,
                    None => meta::remove(&mut tx.conn, SETUP_TOKEN_HASH).await,
                }
            })
        })
        .await
    }

    /// The key that signs the cookies of browsers that have signed in before: `new`, where the store has none yet.
    pub async fn browser_key(&self, new: [u8; 32]) -> Result<[u8; 32]> {
        if let Some(text) = meta::read(&mut self.reader().await?, BROWSER_KEY).await? {
            return bytes(&text);
        }
        self.write(move |tx| {
            Box::pin(async move {
                meta::write_new(&mut tx.conn, BROWSER_KEY, &digits(&new)).await?;
                // Another process may have been first.
                let text = meta::read(&mut tx.conn, BROWSER_KEY).await?;
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

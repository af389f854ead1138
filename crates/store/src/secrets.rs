//! Secrets that belong to the store itself.

use crate::error::{Result, StoreError};
use crate::handles::SecretStore;
use crate::meta;

/// The hash of the secret that lets its bearer make the first admin.
pub(crate) const SETUP_TOKEN_HASH: &str = "setup_token_hash";
/// Signs the cookies of browsers that have signed in before.
const BROWSER_KEY: &str = "browser_key";

impl SecretStore<'_> {
    /// The hash of the secret that lets its bearer make the first admin.
    pub async fn setup_token_hash(self) -> Result<Option<[u8; 32]>> {
        let text = meta::read(&mut self.store.reader().await?, SETUP_TOKEN_HASH).await?;
        text.as_deref().map(bytes).transpose()
    }

    /// Replaces the secret that lets its bearer make the first admin; `None` takes it away.
    pub async fn set_setup_token_hash(self, hash: Option<[u8; 32]>) -> Result<()> {
        let text = hash.map(hex::encode);
        self.store
            .write(async move |tx| match text {
                Some(text) => meta::replace(&mut tx.conn, SETUP_TOKEN_HASH, &text).await,
                None => meta::remove(&mut tx.conn, SETUP_TOKEN_HASH).await,
            })
            .await
    }

    /// The key that signs the cookies of browsers that have signed in before: `new`, where the store has none yet.
    pub async fn browser_key(self, new: [u8; 32]) -> Result<[u8; 32]> {
        if let Some(text) = meta::read(&mut self.store.reader().await?, BROWSER_KEY).await? {
            return bytes(&text);
        }
        self.store
            .write(async move |tx| {
                meta::write_new(&mut tx.conn, BROWSER_KEY, &hex::encode(new)).await?;
                // Another process may have been first.
                let text = meta::read(&mut tx.conn, BROWSER_KEY).await?;
                text.as_deref().map_or(Ok(new), bytes)
            })
            .await
    }
}

/// Reads a secret or a hash, which are written here as hexadecimal digits.
fn bytes(digits: &str) -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    let corrupt = |_| StoreError::corrupt("a key or hash about the store itself");
    hex::decode_to_slice(digits, &mut bytes).map_err(corrupt)?;
    Ok(bytes)
}

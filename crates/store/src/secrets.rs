//! Secrets of this installation.

use crate::error::{Result, StoreError};
use crate::handles::SecretStore;
use crate::meta;

/// Key of the hash of the setup secret, which authorizes creating the first admin.
pub(crate) const SETUP_TOKEN_HASH: &str = "setup_token_hash";
/// Key of the secret that signs the cookies of known browsers.
const BROWSER_KEY: &str = "browser_key";

impl SecretStore<'_> {
    /// Returns the hash of the setup secret, if there is one.
    pub async fn setup_token_hash(self) -> Result<Option<[u8; 32]>> {
        let text = meta::read(&mut self.store.reader().await?, SETUP_TOKEN_HASH).await?;
        text.as_deref().map(bytes).transpose()
    }

    /// Replaces the setup secret; `None` removes it.
    pub async fn set_setup_token_hash(self, hash: Option<[u8; 32]>) -> Result<()> {
        let text = hash.map(hex::encode);
        self.store
            .write(async move |tx| match text {
                Some(text) => meta::replace(&mut tx.conn, SETUP_TOKEN_HASH, &text).await,
                None => meta::remove(&mut tx.conn, SETUP_TOKEN_HASH).await,
            })
            .await
    }

    /// Returns the key that signs the cookies of known browsers; stores `new` as the key if there is none yet.
    pub async fn browser_key(self, new: [u8; 32]) -> Result<[u8; 32]> {
        if let Some(text) = meta::read(&mut self.store.reader().await?, BROWSER_KEY).await? {
            return bytes(&text);
        }
        self.store
            .write(async move |tx| {
                meta::write_new(&mut tx.conn, BROWSER_KEY, &hex::encode(new)).await?;
                // If another process was first, its key is used.
                let text = meta::read(&mut tx.conn, BROWSER_KEY).await?;
                text.as_deref().map_or(Ok(new), bytes)
            })
            .await
    }
}

/// Decodes a secret or hash from hexadecimal digits.
fn bytes(digits: &str) -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    let corrupt = |_| StoreError::corrupt("a key or hash about the store itself");
    hex::decode_to_slice(digits, &mut bytes).map_err(corrupt)?;
    Ok(bytes)
}

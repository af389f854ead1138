//! Passwords: argon2id, off the async threads, a few at a time.

use std::sync::Arc;

use anyhow::Context as _;
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use tokio::sync::Semaphore;

/// Hashes and checks passwords.
///
/// Each hash takes 19 MiB and tens of milliseconds of a core: the semaphore keeps a flood of
/// sign-ins from taking the machine.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    /// Checked against where there is no such user, so that both answers take as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// A hasher that runs at most `at_once` hashes side by side.
    pub fn new(at_once: usize) -> anyhow::Result<Self> {
        let nobody = hash_now(b"nobody has this password")?;
        Ok(Self { at_once: Arc::new(Semaphore::new(at_once.max(1))), nobody: nobody.into() })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: String) -> anyhow::Result<String> {
        let _permit = self.at_once.acquire().await?;
        tokio::task::spawn_blocking(move || hash_now(password.as_bytes())).await?
    }

    /// Whether the password is the one that was hashed; with no hash, `false`, as slowly.
    pub async fn verify(&self, password: String, hash: Option<&str>) -> anyhow::Result<bool> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        let _permit = self.at_once.acquire().await?;
        let matches = tokio::task::spawn_blocking(move || -> anyhow::Result<bool> {
            let parsed = PasswordHash::new(&hash).context("a stored password hash is not a PHC string")?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
        })
        .await??;
        Ok(matches && known)
    }
}

fn hash_now(password: &[u8]) -> anyhow::Result<String> {
    let hash = Argon2::default().hash_password(password).context("hashing a password")?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_is_right() {
        let passwords = Passwords::new(1).unwrap();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse".into(), Some(&hash)).await.unwrap());
        assert!(!passwords.verify("wrong horse".into(), Some(&hash)).await.unwrap());
        assert!(!passwords.verify("nobody has this password".into(), None).await.unwrap());
    }
}

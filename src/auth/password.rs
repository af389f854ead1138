//! Passwords: argon2id, off the async threads, a few at a time.

use std::sync::Arc;

use anyhow::Context as _;
use argon2::Argon2;
use argon2::password_hash::PasswordHasher as _;
use tokio::sync::Semaphore;

use super::foreign::Foreign;

/// Hashes and checks passwords.
///
/// Each hash takes 19 MiB and tens of milliseconds of a core, those of other programs somewhat more: the semaphore keeps a
/// flood of sign-ins from taking the machine.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    /// Checked against where there is no such user, so that both answers take as long.
    nobody: Arc<str>,
}

/// What a check of a password came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is another one.
    Wrong,
    /// It is the right one.
    Right,
    /// It is the right one, and its hash is to be replaced by one of ours.
    RightButForeign,
}

impl Verdict {
    /// Whether the password is the right one.
    pub fn is_right(self) -> bool {
        self != Self::Wrong
    }
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

    /// Whether the password is the one that was hashed; with no hash, or one that nobody can check, it is wrong, as slowly.
    pub async fn verify(&self, password: String, hash: Option<&str>) -> anyhow::Result<Verdict> {
        let hash = hash.filter(|hash| can_check(hash));
        let right = match hash {
            None => Verdict::Wrong,
            Some(hash) if settings(hash) == settings(&self.nobody) => Verdict::Right,
            Some(_) => Verdict::RightButForeign,
        };
        let hash = hash.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        let _permit = self.at_once.acquire().await?;
        let check = move || Foreign::parse(&hash).is_some_and(|hash| hash.matches(password.as_bytes()));
        let matches = tokio::task::spawn_blocking(check).await?;
        Ok(if matches { right } else { Verdict::Wrong })
    }
}

/// Whether passwords can be checked against that hash, be it another program's.
pub fn can_check(hash: &str) -> bool {
    Foreign::parse(hash).is_some()
}

/// What stands before the salt of a PHC string: the algorithm, its version, and what it costs.
fn settings(hash: &str) -> Option<&str> {
    hash.match_indices('$').nth(3).map(|(at, _)| &hash[..at])
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
        let verdict = async |password: &str, hash| passwords.verify(password.into(), hash).await.unwrap();
        assert_eq!(verdict("correct horse", Some(hash.as_str())).await, Verdict::Right);
        assert_eq!(verdict("wrong horse", Some(hash.as_str())).await, Verdict::Wrong);
        assert_eq!(verdict("nobody has this password", None).await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn what_another_program_hashed_is_right_and_to_be_replaced() {
        let passwords = Passwords::new(1).unwrap();
        for hash in [
            "$2b$05$bZoQzQDQ7aYHCON7rLAZq.iWfJyc.PHvAa04GzzIbU7j.v60uyZcC",
            "$argon2id$v=19$m=1024,t=1,p=2$evJMMXt9iXwadSj2uadcMQ$vY0NYGJ7ziabujIAiUwPORqMB4+85JgBr898mp0MK9I",
        ] {
            let verdict = passwords.verify("correct horse".into(), Some(hash)).await.unwrap();
            assert_eq!(verdict, Verdict::RightButForeign, "{hash}");
            assert_eq!(passwords.verify("hunter2".into(), Some(hash)).await.unwrap(), Verdict::Wrong, "{hash}");
        }
    }

    #[tokio::test]
    async fn a_hash_that_nobody_can_check_lets_nobody_in() {
        let passwords = Passwords::new(1).unwrap();
        for hash in ["", "!", "hunter2", "sha1$salt$aa"] {
            for password in [hash, "nobody has this password"] {
                assert_eq!(passwords.verify(password.into(), Some(hash)).await.unwrap(), Verdict::Wrong, "{hash}");
            }
        }
    }
}

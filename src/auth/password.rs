//! Hashing and verification of passwords with argon2id, on separate threads with a bounded queue.

use std::sync::Arc;

use anyhow::Context as _;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Argon2, Params, Version};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::hashing::{HashMemory, HashingThreads};
use super::legacy_hash::LegacyHash;

/// Hashes and verifies passwords. Clones share the threads and the queue.
///
/// A flood of sign-ins costs the memory and cores of [`HashingThreads`] and no more. It must not delay legitimate sign-ins by
/// minutes either, so the queue is bounded, and requests are refused at once while it is full.
#[derive(Clone)]
pub struct PasswordHasher(Arc<HasherState>);

struct HasherState {
    threads: HashingThreads,
    recognized: Arc<Semaphore>,
    anonymous: Arc<Semaphore>,
    /// Serializes verifications that allocate memory of their own, up to 128 MiB each.
    foreign: Arc<Mutex<()>>,
}

/// Who requests a hash. Each kind has its own share of the queue, so that strangers cannot exclude known users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashRequester {
    /// A signed-in user, or a browser that has signed in before.
    Recognized,
    /// Anyone else.
    Anonymous,
}

/// A place in the queue, held until the last hash requested with it is done or skipped.
pub struct HashingSlot {
    passwords: PasswordHasher,
    permit: Arc<OwnedSemaphorePermit>,
}

/// Maximum number of hashing threads. Each keeps 19 MiB, and 4 verify over 100 passwords a second.
const MAX_THREADS: usize = 4;
/// Queue places of [`HashRequester::Anonymous`]: with two cores the last one waits for about a second.
const ANONYMOUS_SLOTS: usize = 48;
/// Queue places of [`HashRequester::Recognized`].
const RECOGNIZED_SLOTS: usize = 16;

/// Verified for unknown users, so that the response takes as long as for known ones. It is the hash of random bytes that were
/// not kept. Imported accounts take as long as their foreign hash until their first sign-in replaces it; slowing all unknown
/// names down to the slowest of those would cost an attacked server more than the difference reveals.
const UNKNOWN_USER_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$kP9nA41MzqMkMjxldEJOyA$R3KpMQ4hh6pTjFF+UBOcuTu9ATTZg973qtYzsDI1y74";

/// Result of verifying a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    /// The password does not match.
    Wrong,
    /// The password matches.
    Right,
    /// The password matches, and its hash was created with other parameters and has to be replaced.
    RightButForeign,
}

impl PasswordCheck {
    /// Returns whether the password matches.
    pub fn is_right(self) -> bool {
        self != Self::Wrong
    }
}

impl PasswordHasher {
    /// Starts one hashing thread per core, at most [`MAX_THREADS`].
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn for_this_machine() -> anyhow::Result<Self> {
        Self::new(std::thread::available_parallelism().map_or(2, usize::from))
    }

    /// Starts one hashing thread per core of `cores`, at least 1 and at most [`MAX_THREADS`].
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn new(cores: usize) -> anyhow::Result<Self> {
        let threads = HashingThreads::start(cores.clamp(1, MAX_THREADS)).context("starting threads for passwords")?;
        Ok(Self(Arc::new(HasherState {
            threads,
            recognized: Arc::new(Semaphore::new(RECOGNIZED_SLOTS)),
            anonymous: Arc::new(Semaphore::new(ANONYMOUS_SLOTS)),
            foreign: Arc::default(),
        })))
    }

    /// Returns the PHC string of one password, for commands, which have no queue to share.
    ///
    /// # Errors
    /// When hashing fails, which is a bug.
    pub async fn hash_one(&self, password: String) -> anyhow::Result<String> {
        self.reserve(HashRequester::Recognized).context("the queue of passwords is full")?.hash(password).await
    }

    /// Reserves a place in the queue; `None` while it is full.
    pub fn reserve(&self, requester: HashRequester) -> Option<HashingSlot> {
        let slots = match requester {
            HashRequester::Recognized => &self.0.recognized,
            HashRequester::Anonymous => &self.0.anonymous,
        };
        let permit = Arc::clone(slots).try_acquire_owned().ok()?;
        Some(HashingSlot { passwords: self.clone(), permit: Arc::new(permit) })
    }
}

impl HashingSlot {
    /// Returns the PHC string of a new password, with a random salt.
    ///
    /// # Errors
    /// When hashing fails, which is a bug.
    pub async fn hash(&self, password: String) -> anyhow::Result<String> {
        let permit = Arc::clone(&self.permit);
        let hash = move |memory: &mut HashMemory| {
            let _permit = permit;
            hash_with(password.as_bytes(), memory)
        };
        self.passwords.0.threads.run(hash).await?
    }

    /// Verifies a password. Without a hash, or with one that is not supported, it never matches and takes as long.
    ///
    /// # Errors
    /// When the check panicked.
    pub async fn verify(&self, password: String, hash: Option<&str>) -> anyhow::Result<PasswordCheck> {
        let hash = hash.filter(|hash| can_check(hash));
        let right = match hash {
            None => PasswordCheck::Wrong,
            Some(hash) if settings(hash) == settings(UNKNOWN_USER_HASH) => PasswordCheck::Right,
            Some(_) => PasswordCheck::RightButForeign,
        };
        // Verified in any case, so that the response time does not reveal whether the user exists.
        let hash = hash.unwrap_or(UNKNOWN_USER_HASH).to_owned();
        let permit = Arc::clone(&self.permit);
        let foreign = Arc::clone(&self.passwords.0.foreign);
        let check = move |memory: &mut HashMemory| {
            // Moved into the job, so that a client that disconnects keeps its place until the job has run.
            let _permit = permit;
            let Some(hash) = LegacyHash::parse(&hash) else { return false };
            let _alone = hash.needs_own_memory().then(|| foreign.lock());
            hash.matches(password.as_bytes(), memory)
        };
        let matches = self.passwords.0.threads.run(check).await?;
        Ok(if matches { right } else { PasswordCheck::Wrong })
    }
}

/// Returns whether passwords can be verified against `hash`, which another program may have created.
pub fn can_check(hash: &str) -> bool {
    LegacyHash::parse(hash).is_some()
}

/// Returns the prefix of a PHC string before its salt: algorithm, version and cost parameters.
fn settings(hash: &str) -> Option<&str> {
    hash.match_indices('$').nth(3).map(|(at, _)| &hash[..at])
}

fn hash_with(password: &[u8], memory: &mut HashMemory) -> anyhow::Result<String> {
    let argon2 = Argon2::default();
    let salt: [u8; Salt::RECOMMENDED_LENGTH] = rand::random();
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let blocks = memory.blocks(argon2.params().block_count());
    argon2.hash_password_into_with_memory(password, &salt, &mut output, blocks).context("hashing a password")?;
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params()).context("writing a password's hash")?,
        salt: Some(Salt::new(&salt).context("writing a password's hash")?),
        hash: Some(Output::new(&output).context("writing a password's hash")?),
    };
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn slot() -> HashingSlot {
        PasswordHasher::new(1).unwrap().reserve(HashRequester::Anonymous).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_is_right() {
        let slot = slot();
        let hash = slot.hash("correct horse".into()).await.unwrap();
        assert_eq!(settings(&hash), settings(UNKNOWN_USER_HASH), "unknown names take as long");
        let verdict = async |password: &str, hash| slot.verify(password.into(), hash).await.unwrap();
        assert_eq!(verdict("correct horse", Some(hash.as_str())).await, PasswordCheck::Right);
        assert_eq!(verdict("wrong horse", Some(hash.as_str())).await, PasswordCheck::Wrong);
        assert_eq!(verdict("correct horse", None).await, PasswordCheck::Wrong);
        assert_ne!(slot.hash("correct horse".into()).await.unwrap(), hash, "each has a salt of its own");
    }

    #[tokio::test]
    async fn hashes_of_other_programs_match_and_are_to_be_replaced() {
        let slot = slot();
        for hash in [
            "$2b$05$bZoQzQDQ7aYHCON7rLAZq.iWfJyc.PHvAa04GzzIbU7j.v60uyZcC",
            "$argon2id$v=19$m=1024,t=1,p=2$evJMMXt9iXwadSj2uadcMQ$vY0NYGJ7ziabujIAiUwPORqMB4+85JgBr898mp0MK9I",
        ] {
            let verdict = slot.verify("correct horse".into(), Some(hash)).await.unwrap();
            assert_eq!(verdict, PasswordCheck::RightButForeign, "{hash}");
            assert_eq!(slot.verify("hunter2".into(), Some(hash)).await.unwrap(), PasswordCheck::Wrong, "{hash}");
        }
    }

    #[tokio::test]
    async fn a_hash_that_cannot_be_checked_matches_no_password() {
        let slot = slot();
        for hash in ["", "!", "hunter2", "sha1$salt$aa"] {
            assert_eq!(slot.verify(hash.into(), Some(hash)).await.unwrap(), PasswordCheck::Wrong, "{hash}");
        }
    }

    #[tokio::test]
    async fn strangers_fill_their_own_share_of_the_queue_only() {
        let passwords = PasswordHasher::new(1).unwrap();
        let slots: Vec<_> =
            (0..ANONYMOUS_SLOTS).map(|_| passwords.reserve(HashRequester::Anonymous).unwrap()).collect();
        assert!(passwords.reserve(HashRequester::Anonymous).is_none());
        let recognized = passwords.reserve(HashRequester::Recognized).unwrap();
        assert_eq!(recognized.verify("x".into(), None).await.unwrap(), PasswordCheck::Wrong);
        drop(slots);
        assert!(passwords.reserve(HashRequester::Anonymous).is_some());
    }

    #[tokio::test]
    async fn a_client_that_hangs_up_keeps_its_slot_until_its_hash_is_skipped() {
        let passwords = PasswordHasher::new(1).unwrap();
        let recognized = passwords.reserve(HashRequester::Recognized).unwrap();
        let mut busy = Box::pin(recognized.verify("x".into(), None));
        assert!(busy.as_mut().now_or_never().is_none(), "the only thread hashes");
        for _ in 0..ANONYMOUS_SLOTS {
            let slot = passwords.reserve(HashRequester::Anonymous).unwrap();
            assert!(slot.verify("x".into(), None).now_or_never().is_none(), "it is queued");
        }
        assert!(passwords.reserve(HashRequester::Anonymous).is_none(), "hanging up makes no room for another hash");
        busy.await.unwrap();
        // The queue is first in, first out: when this one is done, the others have been skipped.
        recognized.verify("x".into(), None).await.unwrap();
        assert_eq!(passwords.0.anonymous.available_permits(), ANONYMOUS_SLOTS);
    }
}

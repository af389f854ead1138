//! Passwords: argon2id, on threads of its own, a few at a time.

use std::sync::Arc;

use anyhow::Context as _;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Argon2, Params, Version};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::hashing::{HashMemory, HashingThreads};
use super::legacy_hash::LegacyHash;

/// Hashes and checks passwords.
///
/// A flood of sign-ins costs the memory and the cores of [`HashingThreads`], and no more. It must not make an honest sign-in
/// wait for minutes either: the queue is bounded, and what finds it full is refused at once.
#[derive(Clone)]
pub struct PasswordHasher(Arc<HasherState>);

struct HasherState {
    threads: HashingThreads,
    recognized: Arc<Semaphore>,
    anonymous: Arc<Semaphore>,
    /// One hash that needs memory of its own is checked at a time: it may take up to 128 MiB.
    foreign: Arc<Mutex<()>>,
}

/// Who wants a password hashed or checked. Each kind has a share of the queue of its own, so that strangers cannot keep out
/// those who have been here before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashRequester {
    /// A signed-in user, or a browser that has signed in before.
    Recognized,
    /// Anyone else.
    Anonymous,
}

/// A place in the queue of hashes, kept until the last hash asked for with it is done or skipped.
pub struct HashingSlot {
    passwords: PasswordHasher,
    permit: Arc<OwnedSemaphorePermit>,
}

/// Hashing threads at most: more would keep 19 MiB each, and 4 check over 100 passwords a second.
const MAX_THREADS: usize = 4;
/// Places of [`HashRequester::Anonymous`]: on two cores the last of them waits for about a second.
const ANONYMOUS_SLOTS: usize = 48;
/// Places of [`HashRequester::Recognized`].
const RECOGNIZED_SLOTS: usize = 16;

/// Checked where there is no such user, so that the answer takes as long as for one who exists. It is the hash of random bytes
/// that were not kept. Accounts taken over from another program take as long as that program's hash until their first
/// sign-in replaces it; making every unknown name as slow as the slowest of those would cost an attacked server more than
/// the difference gives away.
const UNKNOWN_USER_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$kP9nA41MzqMkMjxldEJOyA$R3KpMQ4hh6pTjFF+UBOcuTu9ATTZg973qtYzsDI1y74";

/// What a check of a password came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It is another one.
    Wrong,
    /// It is the right one.
    Right,
    /// It is the right one, and its hash is to be replaced by one of ours.
    RightButForeign,
}

impl PasswordCheck {
    /// Whether the password is the right one.
    pub fn is_right(self) -> bool {
        self != Self::Wrong
    }
}

impl PasswordHasher {
    /// A hasher that runs as many hashes at once as the machine has cores, within bounds.
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn for_this_machine() -> anyhow::Result<Self> {
        Self::new(std::thread::available_parallelism().map_or(2, usize::from))
    }

    /// A hasher that runs as many hashes at once as there are `cores`, within bounds.
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

    /// The PHC string of a single password, for commands.
    ///
    /// # Errors
    /// When hashing fails, which is a fault of this program.
    pub async fn hash_one(&self, password: String) -> anyhow::Result<String> {
        self.reserve(HashRequester::Recognized).context("the queue of passwords is full")?.hash(password).await
    }

    /// A place in the queue; `None` while it is full.
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
    /// The PHC string of a new password.
    ///
    /// # Errors
    /// When hashing fails, which is a fault of this program.
    pub async fn hash(&self, password: String) -> anyhow::Result<String> {
        let permit = Arc::clone(&self.permit);
        let hash = move |memory: &mut HashMemory| {
            let _permit = permit;
            hash_with(password.as_bytes(), memory)
        };
        self.passwords.0.threads.run(hash).await?
    }

    /// Whether the password is the one that was hashed; with no hash, or one that cannot be checked, it is wrong, as slowly.
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
        let hash = hash.unwrap_or(UNKNOWN_USER_HASH).to_owned();
        let permit = Arc::clone(&self.permit);
        let foreign = Arc::clone(&self.passwords.0.foreign);
        let check = move |memory: &mut HashMemory| {
            let _permit = permit;
            let Some(hash) = LegacyHash::parse(&hash) else { return false };
            let _alone = hash.needs_own_memory().then(|| foreign.lock());
            hash.matches(password.as_bytes(), memory)
        };
        let matches = self.passwords.0.threads.run(check).await?;
        Ok(if matches { right } else { PasswordCheck::Wrong })
    }
}

/// Whether passwords can be checked against that hash, which may be another program's.
pub fn can_check(hash: &str) -> bool {
    LegacyHash::parse(hash).is_some()
}

/// What stands before the salt of a PHC string: the algorithm, its version, and what it costs.
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

//! Cache of valid credentials, so that thousands of clients that reconnect at once, or one that reconnects repeatedly, do not
//! cause a query each.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;
use superbot_domain::Timestamp;
use superbot_store::{SessionAuth, TokenAuth};

use super::{Principal, Revocation};

/// Valid credentials by the hash of their secret; revoked ones are removed when this process reads their events from the log.
#[derive(Clone, Default)]
pub struct CredentialCache(Arc<Mutex<CachedCredentials>>);

#[derive(Default)]
struct CachedCredentials {
    found: HashMap<[u8; 32], CacheEntry>,
    /// Number of revocations so far; a lookup that began before the current one is not cached.
    revocations: u64,
    /// Sessions that were ended while the store could not be written; refused until the process restarts.
    ended: HashSet<[u8; 32]>,
}

struct CacheEntry {
    found: CredentialRecord,
    as_of: Option<u64>,
}

/// A valid credential as stored.
#[derive(Clone)]
pub struct CredentialRecord {
    /// Identity and rights of the credential.
    pub principal: Arc<Principal>,
    /// When it expires; `None` if it does not.
    pub ends: Option<Timestamp>,
    /// When its use was last recorded; `None` if never.
    pub used_at: Option<Timestamp>,
}

impl From<SessionAuth> for CredentialRecord {
    fn from(SessionAuth { id, user, expires_at, last_seen_at }: SessionAuth) -> Self {
        let principal = Arc::new(Principal::Session { id, user });
        Self { principal, ends: Some(expires_at), used_at: Some(last_seen_at) }
    }
}

impl From<TokenAuth> for CredentialRecord {
    fn from(TokenAuth { id, name, scope, user, last_used_at }: TokenAuth) -> Self {
        let principal = Arc::new(Principal::Token { id, name, scope, user });
        Self { principal, ends: None, used_at: last_used_at }
    }
}

/// A pending lookup in the store; its result is cached only if nothing has been revoked since.
#[derive(Clone, Copy)]
pub struct PendingLookup {
    revocations: u64,
    as_of: Option<u64>,
}

/// Maximum number of entries; about 20 MB.
const MOST: usize = 65_536;
/// Maximum number of entries in `ended`; 64 KB of hashes.
const MAX_ENDED: usize = 2_048;

impl CredentialCache {
    /// Returns the cached credential, unless it has expired.
    pub fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<CredentialRecord> {
        self.0.lock().find(hash, now).map(|entry| entry.found.clone())
    }

    /// Like [`CredentialCache::get`], but only if the entry was read in this version of the store.
    pub fn get_as_of(&self, version: u64, hash: &[u8; 32], now: Timestamp) -> Option<CredentialRecord> {
        let credentials = self.0.lock();
        let entry = credentials.find(hash, now).filter(|entry| entry.as_of == Some(version));
        entry.map(|entry| entry.found.clone())
    }

    /// Begins a lookup; `version` is the store's control version, where it is known.
    pub fn look_up(&self, version: Option<u64>) -> PendingLookup {
        PendingLookup { revocations: self.0.lock().revocations, as_of: version }
    }

    /// Caches results, unless something has been revoked since the lookup began: it may have been one of these.
    pub fn put(&self, lookup: PendingLookup, found: impl IntoIterator<Item = ([u8; 32], CredentialRecord)>) {
        let mut credentials = self.0.lock();
        if credentials.revocations != lookup.revocations {
            return;
        }
        for (hash, found) in found {
            // Clearing is cheaper than tracking the order of use: active credentials are cached again by one batched query.
            if credentials.found.len() >= MOST && !credentials.found.contains_key(&hash) {
                credentials.found.clear();
            }
            // A recorded use reaches the store with a delay; a result read in between must not undo it.
            let noted = credentials.found.get(&hash).and_then(|entry| entry.found.used_at);
            let found = CredentialRecord { used_at: found.used_at.max(noted), ..found };
            credentials.found.insert(hash, CacheEntry { found, as_of: lookup.as_of });
        }
    }

    /// Records a use, and returns the time of the previous one that is known here.
    pub fn note(&self, hash: &[u8; 32], now: Timestamp) -> Option<Timestamp> {
        self.0.lock().found.get_mut(hash)?.found.used_at.replace(now)
    }

    /// Removes the credentials that a revocation covers.
    pub fn forget(&self, revocation: &Revocation) {
        let mut credentials = self.0.lock();
        credentials.revocations += 1;
        credentials.found.retain(|_, entry| !revocation.covers(&entry.found.principal));
    }

    /// Refuses a session from now on, whatever the store contains.
    pub fn end(&self, hash: [u8; 32]) {
        let mut credentials = self.0.lock();
        credentials.revocations += 1;
        credentials.found.remove(&hash);
        // Bounded, because entries are never removed.
        if credentials.ended.len() < MAX_ENDED {
            credentials.ended.insert(hash);
        }
    }

    /// Returns whether a session was ended although the store may still contain it.
    pub fn has_ended(&self, hash: &[u8; 32]) -> bool {
        self.0.lock().ended.contains(hash)
    }
}

impl CachedCredentials {
    fn find(&self, hash: &[u8; 32], now: Timestamp) -> Option<&CacheEntry> {
        self.found.get(hash).filter(|entry| entry.found.ends.is_none_or(|ends| ends > now))
    }
}

#[cfg(test)]
mod tests {
    use superbot_domain::TokenScope;

    use super::*;

    const ONE: [u8; 32] = [1; 32];
    const TWO: [u8; 32] = [2; 32];

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn token(id: i64, ends: Option<Timestamp>) -> CredentialRecord {
        let principal =
            Principal::Token { id: id.into(), name: "t".to_owned(), scope: TokenScope::Publish, user: None };
        CredentialRecord { principal: Arc::new(principal), ends, used_at: None }
    }

    fn is_known(known: &CredentialCache, hash: [u8; 32], second: i64) -> bool {
        known.get(&hash, at(second)).is_some()
    }

    #[test]
    fn what_was_found_is_known_for_as_long_as_it_is_good() {
        let known = CredentialCache::default();
        known.put(known.look_up(None), [(ONE, token(1, None)), (TWO, token(2, Some(at(10))))]);
        assert!(is_known(&known, ONE, 1_000_000) && !is_known(&known, [3; 32], 0));
        assert!(is_known(&known, TWO, 9) && !is_known(&known, TWO, 10));
        known.note(&ONE, at(5));
        assert_eq!(known.get(&ONE, at(6)).unwrap().used_at, Some(at(5)));
    }

    #[test]
    fn what_was_revoked_is_forgotten_and_nothing_else() {
        let known = CredentialCache::default();
        known.put(known.look_up(None), [(ONE, token(1, None)), (TWO, token(2, None))]);
        known.forget(&Revocation::Token(1.into()));
        assert!(!is_known(&known, ONE, 0) && is_known(&known, TWO, 0));
    }

    #[test]
    fn what_was_looked_up_before_a_revocation_is_not_kept_after_it() {
        let known = CredentialCache::default();
        let lookup = known.look_up(None);
        known.forget(&Revocation::Token(1.into()));
        known.put(lookup, [(ONE, token(1, None))]);
        assert!(!is_known(&known, ONE, 0), "it may be the one that was revoked");
    }

    #[test]
    fn there_are_not_too_many_and_one_that_is_there_makes_no_more() {
        let known = CredentialCache::default();
        let hash = |number: usize| std::array::from_fn(|at| number.to_le_bytes().get(at).copied().unwrap_or_default());
        known.put(known.look_up(None), (0..MOST).map(|number| (hash(number), token(1, None))));
        known.put(known.look_up(None), [(hash(0), token(1, None))]);
        assert!(is_known(&known, hash(MOST - 1), 0), "there was room for it");
        known.put(known.look_up(None), [(hash(MOST), token(1, None))]);
        assert!(is_known(&known, hash(MOST), 0) && !is_known(&known, hash(0), 0), "there was none");
    }

    #[test]
    fn what_is_to_be_exact_was_found_in_the_same_version() {
        let known = CredentialCache::default();
        known.put(known.look_up(Some(7)), [(ONE, token(1, None))]);
        known.put(known.look_up(None), [(TWO, token(2, None))]);
        assert!(known.get_as_of(7, &ONE, at(0)).is_some());
        assert!(known.get_as_of(8, &ONE, at(0)).is_none());
        assert!(known.get_as_of(7, &TWO, at(0)).is_none());
    }
}

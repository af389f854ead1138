//! Credentials that were looked up a moment ago: thousands of clients that come back all at once, or one that does so again
//! and again, are not thousands of questions to the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use superbot_domain::Timestamp;

use super::Principal;

/// What was found for the hashes of secrets; nothing of it is older than the last revocation that was heard of.
#[derive(Clone, Default)]
pub struct Recent(Arc<Mutex<Found>>);

#[derive(Default)]
struct Found {
    principals: HashMap<[u8; 32], (Principal, Timestamp)>,
    /// How often everything was forgotten.
    generation: u64,
}

/// A place for what is looked up now; it holds only if nothing was revoked meanwhile.
pub struct Lookup(u64);

/// Then it is looked up again, which also notes that it is in use.
const KEPT: Duration = Duration::from_mins(1);
/// About 20 MB of them.
const MOST: usize = 65_536;

impl Recent {
    /// What was found for that hash, or what to come back with when it has been looked up.
    pub fn get(&self, hash: &[u8; 32], now: Timestamp) -> Result<Principal, Lookup> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match found.principals.get(hash) {
            Some((principal, until)) if *until > now => Ok(principal.clone()),
            _ => Err(Lookup(found.generation)),
        }
    }

    /// A place for what is looked up whether it is known or not.
    pub fn lookup(&self) -> Lookup {
        Lookup(self.0.lock().unwrap_or_else(PoisonError::into_inner).generation)
    }

    /// Keeps what was found for a while, until its own end at most.
    pub fn put(&self, lookup: &Lookup, hash: [u8; 32], principal: Principal, now: Timestamp, ends: Option<Timestamp>) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if found.generation != lookup.0 {
            return;
        }
        if found.principals.len() >= MOST {
            found.principals.clear();
        }
        let until = ends.map_or(now + KEPT, |ends| ends.min(now + KEPT));
        found.principals.insert(hash, (principal, until));
    }

    /// Forgets everything: something was revoked.
    pub fn forget(&self) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.generation += 1;
        found.principals.clear();
    }
}

#[cfg(test)]
mod tests {
    use superbot_domain::Scope;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn token(id: i64) -> Principal {
        Principal::Token { id: id.into(), name: "t".to_owned(), scope: Scope::Publish, user: None }
    }

    fn is_known(recent: &Recent, second: i64) -> bool {
        recent.get(&[1; 32], at(second)).is_ok()
    }

    #[test]
    fn what_was_found_is_known_for_a_while_and_no_longer_than_it_is_good() {
        let recent = Recent::default();
        let lookup = recent.get(&[1; 32], at(0)).err().unwrap();
        recent.put(&lookup, [1; 32], token(1), at(0), None);
        assert!(is_known(&recent, 59) && !is_known(&recent, 60));
        assert!(recent.get(&[2; 32], at(0)).is_err());
        recent.put(&lookup, [1; 32], token(1), at(0), Some(at(10)));
        assert!(is_known(&recent, 9) && !is_known(&recent, 10));
    }

    #[test]
    fn what_was_looked_up_before_a_revocation_is_not_kept_after_it() {
        let recent = Recent::default();
        let lookup = recent.get(&[1; 32], at(0)).err().unwrap();
        recent.put(&lookup, [1; 32], token(1), at(0), None);
        recent.forget();
        assert!(!is_known(&recent, 0));
        recent.put(&lookup, [1; 32], token(1), at(0), None);
        assert!(!is_known(&recent, 0), "it may be the one that was revoked");
    }
}

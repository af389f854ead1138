//! The cookie that identifies a browser in which a user has signed in before.
//!
//! It proves no identity and grants nothing. It exempts its browser from the limit of failed sign-ins per name, so that
//! attackers who exhaust that limit cannot lock the user out. It expires, and a change of the password invalidates it, which
//! limits the use of a stolen one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::digest::Key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use superbot_domain::{Timestamp, UserId};

/// Name of the cookie for the user who signed in last; over HTTPS it is prefixed with `__Host-`.
pub const BROWSER_COOKIE: &str = "superbot_browser";
/// Lifetime of the cookie, counted from the last sign-in.
pub const RECOGNIZED_FOR: Duration = Duration::from_hours(90 * 24);

/// Length of a [`PasswordMark`], in bytes.
const MARK_BYTES: usize = 16;

/// The store's HMAC key for [`BROWSER_COOKIE`], shared by all processes on the store.
#[derive(Clone, Copy)]
pub struct BrowserKey([u8; 32]);

/// Changes with the password and reveals nothing about it: a truncated HMAC-SHA256 of the stored password hash.
#[derive(Clone, Copy)]
struct PasswordMark([u8; MARK_BYTES]);

/// A valid [`BROWSER_COOKIE`] that has not expired.
pub struct RecognizedBrowser {
    user: UserId,
    mark: PasswordMark,
    key: BrowserKey,
}

impl From<[u8; 32]> for BrowserKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl BrowserKey {
    /// Returns the cookie's value, `user.issued_at.mark.signature`: the user's id, Unix seconds, the password's mark, and the
    /// HMAC-SHA256 of these, the last two in base64url.
    pub fn sign(self, user: UserId, password_hash: &str, now: Timestamp) -> String {
        let issued_at = now.as_second();
        let mark = self.mark(password_hash);
        let signature = self.signature(user, issued_at, mark).finalize().into_bytes();
        let [mark, signature] = [&mark.0[..], &signature[..]].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        format!("{user}.{issued_at}.{mark}.{signature}")
    }

    /// Verifies a cookie; `None` if its form, its signature or its age is wrong.
    pub fn recognize(self, cookie: &str, now: Timestamp) -> Option<RecognizedBrowser> {
        let mut parts = cookie.split('.');
        let [user, issued_at, mark, signature] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        if parts.next().is_some() {
            return None;
        }
        let user = UserId::from(user.parse::<i64>().ok()?);
        let issued_at: i64 = issued_at.parse().ok()?;
        let mark = PasswordMark(URL_SAFE_NO_PAD.decode(mark).ok()?.try_into().ok()?);
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.signature(user, issued_at, mark).verify_slice(&signature).ok()?;
        // A time in the future, after the clock was set back, counts as new.
        let age = u64::try_from(now.as_second().saturating_sub(issued_at)).unwrap_or_default();
        (age < RECOGNIZED_FOR.as_secs()).then_some(RecognizedBrowser { user, mark, key: self })
    }

    fn signature(self, user: UserId, issued_at: i64, PasswordMark(mark): PasswordMark) -> Hmac<Sha256> {
        let mut mac = self.mac();
        // The fields have fixed lengths, so no separator is needed to keep them apart.
        mac.update(BROWSER_COOKIE.as_bytes());
        mac.update(&user.get().to_be_bytes());
        mac.update(&issued_at.to_be_bytes());
        mac.update(&mark);
        mac
    }

    fn mark(self, password_hash: &str) -> PasswordMark {
        let mut mac = self.mac();
        // Domain separation from `signature`, which starts with the cookie's name.
        mac.update(b"password");
        mac.update(password_hash.as_bytes());
        let mut mark = [0; MARK_BYTES];
        mark.copy_from_slice(&mac.finalize().into_bytes()[..MARK_BYTES]);
        PasswordMark(mark)
    }

    fn mac(self) -> Hmac<Sha256> {
        // HMAC pads keys that are shorter than the hash's block with zeros (RFC 2104, section 2).
        let mut key = Key::<Hmac<Sha256>>::default();
        key[..self.0.len()].copy_from_slice(&self.0);
        Hmac::<Sha256>::new(&key)
    }
}

impl RecognizedBrowser {
    /// Returns whether `user` signed in with this browser and has not changed the password since.
    pub fn is_of(&self, user: UserId, password_hash: &str) -> bool {
        self.user == user && bool::from(self.key.mark(password_hash).0.ct_eq(&self.mark.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_cookie_recognizes_its_own_user_in_its_own_store_only() {
        let key = BrowserKey::from([1; 32]);
        let cookie = key.sign(7.into(), "hash", START);
        let is_of = |user: i64, hash: &str| key.recognize(&cookie, START).unwrap().is_of(user.into(), hash);
        assert!(is_of(7, "hash"));
        assert!(!is_of(8, "hash"));
        assert!(!is_of(7, "hash of a new password"));
        assert!(key.recognize(&cookie.replacen('7', "8", 1), START).is_none());
        assert!(BrowserKey::from([2; 32]).recognize(&cookie, START).is_none());
        let longer = format!("{cookie}.x");
        for text in ["", ".", "7", "7.", "7.0.AAAA.AAAA", "x.AAAA", &cookie[..cookie.len() - 1], &longer] {
            assert!(key.recognize(text, START).is_none(), "{text}");
        }
    }

    #[test]
    fn a_cookie_is_good_for_ninety_days() {
        let key = BrowserKey::from([1; 32]);
        let cookie = key.sign(7.into(), "hash", START);
        let last = START + RECOGNIZED_FOR - Duration::from_secs(1);
        assert!(key.recognize(&cookie, last).is_some());
        assert!(key.recognize(&cookie, START + RECOGNIZED_FOR).is_none());
        assert!(key.recognize(&cookie.replacen(".0.", ".9.", 1), START).is_none(), "the time is signed, too");
    }
}

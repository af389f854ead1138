//! The cookie by which a browser is recognized that has signed in before.
//!
//! It proves no identity and opens nothing. It exempts its browser from the limit of failed sign-ins per name, so that
//! strangers who exhaust that limit do not lock the user out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::digest::Key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use superbot_domain::UserId;

/// The cookie that names the user who last signed in; over https its name begins with `__Host-`.
pub const BROWSER_COOKIE: &str = "superbot_browser";

/// The key of the store that signs [`BROWSER_COOKIE`]; all processes on the store share it.
#[derive(Clone, Copy)]
pub struct BrowserKey([u8; 32]);

impl From<[u8; 32]> for BrowserKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl BrowserKey {
    /// The cookie's value for a browser in which that user signed in: the user's id and its HMAC-SHA256.
    pub fn sign(&self, user: UserId) -> String {
        let signature = self.mac(user).finalize().into_bytes();
        format!("{user}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The user for whom the cookie was signed.
    pub fn recognize(&self, cookie: &str) -> Option<UserId> {
        let (id, signature) = cookie.split_once('.')?;
        let user = UserId::from(id.parse::<i64>().ok()?);
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(user).verify_slice(&signature).is_ok().then_some(user)
    }

    fn mac(&self, user: UserId) -> Hmac<Sha256> {
        // A key shorter than the hash's block is padded with zeros (RFC 2104).
        let mut key = Key::<Hmac<Sha256>>::default();
        key[..self.0.len()].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&key);
        mac.update(BROWSER_COOKIE.as_bytes());
        mac.update(&user.get().to_be_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_recognizes_its_own_user_in_its_own_store_only() {
        let key = BrowserKey::from([1; 32]);
        let cookie = key.sign(7.into());
        assert_eq!(key.recognize(&cookie), Some(7.into()));
        assert_eq!(key.recognize(&cookie.replacen('7', "8", 1)), None);
        assert_eq!(BrowserKey::from([2; 32]).recognize(&cookie), None);
        for text in ["", ".", "7", "7.", "7.AAAA", "x.AAAA", &cookie[..cookie.len() - 1]] {
            assert_eq!(key.recognize(text), None, "{text}");
        }
    }
}

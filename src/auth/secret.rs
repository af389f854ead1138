//! Secrets handed out: session cookies, API tokens, invites, the links for the first admin and for new passwords.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What a secret is for; its prefix tells a person who finds one in a log or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// The value of the session cookie.
    Session,
    /// An API token.
    ApiToken,
    /// An invitation to register.
    Invite,
    /// The link that makes the first admin.
    SetUp,
    /// The link with which a user chooses a new password.
    PasswordReset,
}

/// How long a link for a new password is good.
pub const PASSWORD_RESET_LASTS: Duration = Duration::from_hours(24);

/// 256 random bits as text. Only its hash is ever stored.
pub struct RandomSecret(String);

impl SecretKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Session => "sbs_",
            Self::ApiToken => "sbt_",
            Self::Invite => "sbi_",
            Self::SetUp => "sbu_",
            Self::PasswordReset => "sbr_",
        }
    }
}

impl RandomSecret {
    /// A new secret from the operating system's randomness.
    pub fn generate(kind: SecretKind) -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// A secret as it came from outside, if it has the form of one of this kind.
    pub fn parse(kind: SecretKind, text: &str) -> Option<Self> {
        let body = text.strip_prefix(kind.prefix())?;
        let ours =
            body.len() == 43 && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        ours.then(|| Self(text.to_owned()))
    }

    /// The secret itself, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The first characters, by which its owner can tell it from others in a list.
    pub fn hint(&self) -> &str {
        &self.0[..12]
    }

    /// SHA-256, which is what the store keeps and looks up: with 256 bits of entropy no salt
    /// or slow hash is needed, and a lookup by hash leaks nothing through its timing.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_the_round_trip_and_only_as_its_own_kind() {
        let secret = RandomSecret::generate(SecretKind::ApiToken);
        let parsed = RandomSecret::parse(SecretKind::ApiToken, secret.reveal()).unwrap();
        assert_eq!(parsed.hash(), secret.hash());
        assert!(RandomSecret::parse(SecretKind::Session, secret.reveal()).is_none());
        assert_ne!(RandomSecret::generate(SecretKind::ApiToken).hash(), secret.hash());
    }

    #[test]
    fn other_texts_are_no_secrets() {
        for text in ["", "sbt_", "sbt_ä", "sbt_0123456789012345678901234567890123456789'--", "x"] {
            assert!(RandomSecret::parse(SecretKind::ApiToken, text).is_none(), "{text}");
        }
    }
}

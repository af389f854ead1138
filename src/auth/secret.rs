//! Random secrets: session cookies, API tokens, invitations, and the links for the first admin and for a new password.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Purpose of a secret, recognizable by its prefix, by people and by secret scanners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// The value of the session cookie.
    Session,
    /// An API token.
    ApiToken,
    /// A link for registering with an invitation.
    Invite,
    /// The link for registering the first admin.
    SetUp,
    /// The link for setting a new password.
    PasswordReset,
}

/// Validity of a password reset link.
pub const PASSWORD_RESET_LASTS: Duration = Duration::from_hours(24);

/// 256 random bits in base64url, with the prefix of their purpose. Only the hash is stored.
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
    /// Creates a secret from the operating system's random number generator.
    pub fn generate(kind: SecretKind) -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Parses untrusted text; `None` if it does not have the format of this kind.
    pub fn parse(kind: SecretKind, text: &str) -> Option<Self> {
        let body = text.strip_prefix(kind.prefix())?;
        // 32 bytes are 43 characters of unpadded base64.
        let ours =
            body.len() == 43 && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        ours.then(|| Self(text.to_owned()))
    }

    /// Returns the secret's text, which is shown once and never logged.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the first 12 characters, by which its owner can recognize it in a list: the prefix and 48 of the 256 bits.
    pub fn hint(&self) -> &str {
        &self.0[..12]
    }

    /// Returns the SHA-256 that the store keeps and looks up. With 256 bits of entropy neither salt nor a slow hash is
    /// necessary, and a lookup by hash reveals nothing through its timing.
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

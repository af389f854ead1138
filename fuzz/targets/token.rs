#![no_main]
//! Fuzzes the parser of secrets: sessions, API tokens, invitations and links.

use libfuzzer_sys::fuzz_target;
use superbot::auth::{RandomSecret, SecretKind};

const KINDS: [SecretKind; 5] =
    [SecretKind::Session, SecretKind::ApiToken, SecretKind::Invite, SecretKind::SetUp, SecretKind::PasswordReset];

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fuzz_target!(|text: &str| {
    check(text);
    // The input's characters in the form of a secret of each kind, one of them replaced.
    let mut body = text.bytes().map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
    let body: String = body.by_ref().chain(std::iter::repeat('x')).take(43).collect();
    for kind in KINDS {
        let prefix = RandomSecret::generate(kind).reveal()[..4].to_owned();
        let whole = format!("{prefix}{body}");
        assert!(RandomSecret::parse(kind, &whole).is_some(), "{whole}");
        check(&whole);
        let Some(replacement) =
            text.chars().next().filter(|char| !char.is_ascii_alphanumeric() && !"-_".contains(*char))
        else {
            continue;
        };
        assert!(RandomSecret::parse(kind, &format!("{prefix}{replacement}{}", &body[1..])).is_none());
    }
});

fn check(text: &str) {
    let accepted: Vec<RandomSecret> = KINDS.into_iter().filter_map(|kind| RandomSecret::parse(kind, text)).collect();
    assert!(accepted.len() <= 1, "{text:?} is of two kinds");
    for secret in accepted {
        assert_eq!(secret.reveal(), text);
        assert!(text.starts_with(secret.hint()) && secret.hint().len() < text.len() / 2);
        assert_ne!(secret.hash(), [0; 32]);
    }
}

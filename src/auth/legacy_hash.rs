//! Verification of password hashes that were created by other programs, for imported accounts.
//!
//! Supports the formats of Werkzeug, bcrypt, and argon2 with parameters other than ours. Each is replaced by one of ours when
//! its user next signs in. A hash's text determines the cost of verifying it and is not trustworthy, so hashes beyond the
//! bounds below are treated like unknown ones.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use pbkdf2::pbkdf2_hmac;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::hashing::HashMemory;

/// Maximum length of a hash's text, in bytes; all supported formats are shorter.
const MAX_CHARS: usize = 512;
/// Maximum iterations of PBKDF2; Werkzeug's default is 1,000,000.
const MAX_ITERATIONS: u32 = 4_000_000;
/// Maximum memory for one verification, in bytes; Werkzeug's scrypt takes 32 MiB, our argon2 19 MiB.
const MAX_BYTES: u64 = 128 << 20;
/// Maximum passes over that memory (argon2's `t`, scrypt's `p`), which bounds the time.
const MAX_PASSES: u64 = 8;
/// Maximum cost of bcrypt, a power of two; 12 is usual, and 14 takes four times as long.
const MAX_BCRYPT_COST: u32 = 14;

/// A supported hash whose cost is within the bounds.
pub(super) enum LegacyHash<'a> {
    Pbkdf2 { digest: DigestKind, iterations: u32, salt: &'a str, hash: Vec<u8> },
    Scrypt { params: scrypt::Params, salt: &'a str, hash: Vec<u8> },
    Bcrypt(&'a str),
    Argon2(Box<Argon2Hash>),
}

/// An argon2 hash with any permitted parameters.
pub(super) struct Argon2Hash {
    hasher: Argon2<'static>,
    text: PasswordHash,
}

pub(super) enum DigestKind {
    Sha256,
    Sha512,
}

impl<'a> LegacyHash<'a> {
    /// Parses a hash; `None` if its format is unknown, it is malformed, or its cost exceeds the bounds.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if text.len() > MAX_CHARS {
            return None;
        }
        if text.starts_with("$2") {
            return bcrypt(text);
        }
        if text.starts_with("$argon2") {
            return argon2(text);
        }
        let (method, rest) = text.split_once('$')?;
        let (salt, hash) = rest.split_once('$')?;
        let hash = bytes(hash)?;
        let mut parts = method.split(':');
        match (parts.next()?, parts.next()?, parts.next()?, parts.next(), parts.next()) {
            ("pbkdf2", digest, iterations, None, None) => pbkdf2(digest, iterations.parse().ok()?, salt, hash),
            ("scrypt", n, r, Some(p), None) => scrypt_of(n.parse().ok()?, r.parse().ok()?, p.parse().ok()?, salt, hash),
            _ => None,
        }
    }

    /// Returns whether verification allocates more than the thread's own [`HashMemory`].
    pub(super) fn needs_own_memory(&self) -> bool {
        match self {
            Self::Scrypt { .. } => true,
            Self::Argon2(hash) => hash.hasher.params().block_count() > Params::DEFAULT.block_count(),
            Self::Pbkdf2 { .. } | Self::Bcrypt(_) => false,
        }
    }

    /// Returns whether `password` has this hash; takes constant time for a given hash.
    pub(super) fn matches(&self, password: &[u8], memory: &mut HashMemory) -> bool {
        match self {
            Self::Pbkdf2 { digest, iterations, salt, hash } => {
                let mut made = vec![0; hash.len()];
                match digest {
                    DigestKind::Sha256 => pbkdf2_hmac::<Sha256>(password, salt.as_bytes(), *iterations, &mut made),
                    DigestKind::Sha512 => pbkdf2_hmac::<Sha512>(password, salt.as_bytes(), *iterations, &mut made),
                }
                made.ct_eq(hash).into()
            }
            Self::Scrypt { params, salt, hash } => {
                let mut made = vec![0; hash.len()];
                let done = scrypt::scrypt(password, salt.as_bytes(), params, &mut made);
                done.is_ok() && made.ct_eq(hash).into()
            }
            Self::Bcrypt(hash) => bcrypt::verify(password, hash).unwrap_or(false),
            Self::Argon2(hash) => hash.matches(password, memory),
        }
    }
}

impl Argon2Hash {
    fn matches(&self, password: &[u8], memory: &mut HashMemory) -> bool {
        let (Some(salt), Some(hash)) = (&self.text.salt, &self.text.hash) else { return false };
        let mut made = vec![0; hash.len()];
        let blocks = memory.blocks(self.hasher.params().block_count());
        let done = self.hasher.hash_password_into_with_memory(password, salt, &mut made, blocks);
        done.is_ok() && made.ct_eq(hash.as_bytes()).into()
    }
}

fn pbkdf2<'a>(digest: &str, iterations: u32, salt: &'a str, hash: Vec<u8>) -> Option<LegacyHash<'a>> {
    let (digest, length) = match digest {
        "sha256" => (DigestKind::Sha256, 32),
        "sha512" => (DigestKind::Sha512, 64),
        _ => return None,
    };
    // A shorter one would be easier to guess; werkzeug writes as many bytes as the digest has.
    let is_sound = (1..=MAX_ITERATIONS).contains(&iterations) && hash.len() == length;
    is_sound.then_some(LegacyHash::Pbkdf2 { digest, iterations, salt, hash })
}

fn scrypt_of(n: u64, r: u32, p: u32, salt: &str, hash: Vec<u8>) -> Option<LegacyHash<'_>> {
    // scrypt allocates 128 * r * n bytes for its table and 128 * r * p for its blocks (RFC 7914, section 6).
    let memory = n.checked_add(u64::from(p))?.checked_mul(u64::from(r))?.checked_mul(128)?;
    let is_sound =
        n.is_power_of_two() && n > 1 && memory <= MAX_BYTES && u64::from(p) <= MAX_PASSES && hash.len() == 64;
    let log_n = u8::try_from(n.checked_ilog2()?).ok().filter(|_| is_sound)?;
    Some(LegacyHash::Scrypt { params: scrypt::Params::new(log_n, r, p).ok()?, salt, hash })
}

fn bcrypt(text: &str) -> Option<LegacyHash<'_>> {
    // `$2b$12$...`: the cost is two decimal digits at offset 4.
    let cost = text.get(4..6)?.parse::<u32>().ok()?;
    let is_known = ["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|kind| text.starts_with(kind));
    (is_known && text.len() == 60 && (4..=MAX_BCRYPT_COST).contains(&cost)).then_some(LegacyHash::Bcrypt(text))
}

fn argon2(text: &str) -> Option<LegacyHash<'_>> {
    let hash = PasswordHash::new(text).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let memory = u64::from(params.m_cost()) * 1024;
    let is_sound = memory <= MAX_BYTES && u64::from(params.t_cost()) <= MAX_PASSES && params.p_cost() <= 16;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map(Version::try_from).transpose().ok()?.unwrap_or_default();
    let hasher = Argon2::new(algorithm, version, params);
    (is_sound && hash.hash.is_some()).then(|| LegacyHash::Argon2(Box::new(Argon2Hash { hasher, text: hash })))
}
fn bytes(digits: &str) -> Option<Vec<u8>> {
    // Checked beforehand, because `from_str_radix` accepts a sign.
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let is_hex =
        !digits.is_empty() && digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| (0..digits.len()).step_by(2).map(pair).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes of "correct horse", created by the programs themselves.
    const REAL: [&str; 7] = [
        "pbkdf2:sha256:1000$Q9GC0JGOKmj2DMsn$b6a8cb75e91c8b2b96876087a01352501f1796ef7dc56e2b97a1dd688cdda419",
        "pbkdf2:sha512:1000$Bc5J9WxN$e32735f8021ee268bdb1d5c6011e2fe63b8e721a60b03b990d1cbfaa41296d7c\
         93126f164ba3e4a56672f553b122e8a99fb2e29c466899bfad9e4ee7013b055a",
        "scrypt:32768:8:1$mega9xE0ELFhUUR9$f3d15faef3e423dd526d0e509050e740455a4152df4e77ab1d822a57abb32972\
         5a6581c55f91ebf043bb30d748a3df8d3442d67f4306986a2dd2ed6b11168455",
        "scrypt:1024:4:2$YrHmQ5kvfalZxcC2$a9fd6aa3b174c076295b804c5349b1bfb14b8a239374047970204693d5f4cd0c\
         395e795a4d6e932aa6cb36a1af179c3a31a1dc97e0c0cdb49e62d496f3aaf1a3",
        "$2b$05$bZoQzQDQ7aYHCON7rLAZq.iWfJyc.PHvAa04GzzIbU7j.v60uyZcC",
        "$argon2id$v=19$m=1024,t=1,p=2$evJMMXt9iXwadSj2uadcMQ$vY0NYGJ7ziabujIAiUwPORqMB4+85JgBr898mp0MK9I",
        "$2y$05$bZoQzQDQ7aYHCON7rLAZq.iWfJyc.PHvAa04GzzIbU7j.v60uyZcC",
    ];

    #[test]
    fn what_other_programs_hashed_is_recognized() {
        for text in REAL {
            let foreign = LegacyHash::parse(text).expect(text);
            assert!(foreign.matches(b"correct horse", &mut HashMemory::default()), "{text}");
            assert!(!foreign.matches(b"correct horsf", &mut HashMemory::default()), "{text}");
        }
        let umlauts = "pbkdf2:sha256:1000$RwGrcxR1e0JKTHkB$\
             2fe622a4e71dda1ee06b29d4f6f14825ae45f8a228a32ad1861fe39aed63e93f";
        assert!(LegacyHash::parse(umlauts).unwrap().matches("pässwörd ✓".as_bytes(), &mut HashMemory::default()));
        assert!(LegacyHash::parse(&umlauts.replace(":1000$", ":1000000$")).is_some(), "what werkzeug writes today");
    }

    #[test]
    fn what_is_unknown_damaged_or_too_costly_is_none() {
        let hex = "ab".repeat(64);
        let short = "ab".repeat(32);
        for text in [
            "",
            "$",
            "!",
            "hunter2",
            "$2b$",
            "$2b$05$short",
            "$2é$05$",
            "$argon2id$",
            "$1$salt$hash",
            "pbkdf2:sha256$salt$abab",
            "sha256$salt$abab",
            "pbkdf2:sha256:1000$salt$",
            "pbkdf2:sha256:1000$salt$zz",
            "scrypt:1024:8$salt$abab",
            "$2b$31$bZoQzQDQ7aYHCON7rLAZq.iWfJyc.PHvAa04GzzIbU7j.v60uyZcC",
            "$argon2id$v=19$m=4194304,t=1,p=2$evJMMXt9iXwadSj2uadcMQ$vY0NYGJ7ziabujIAiUwPORqMB4+85JgBr898mp0MK9I",
            "$argon2id$v=19$m=1024,t=100000,p=2$evJMMXt9iXwadSj2uadcMQ$vY0NYGJ7ziabujIAiUwPORqMB4+85JgBr898mp0MK9I",
        ] {
            assert!(LegacyHash::parse(text).is_none(), "{text}");
        }
        for method in [
            "scrypt:1048576:8:1",
            "scrypt:32768:8:1000",
            "scrypt:1000:8:1",
            "scrypt:2:524288:8",
            "scrypt:0:8:1",
            "scrypt:1:8:1",
            "scrypt:18446744073709551615:8:1",
            "scrypt:32768:4294967295:1",
            "scrypt:32768:0:1",
            "scrypt:32768:8:0",
            "scrypt:32768:8:1:1",
            "md5:1:2:3",
        ] {
            assert!(LegacyHash::parse(&format!("{method}$salt${hex}")).is_none(), "{method}");
        }
        for method in ["pbkdf2:sha256:4000000000", "pbkdf2:sha256:0", "pbkdf2:sha256:-1", "pbkdf2:md5:1000"] {
            assert!(LegacyHash::parse(&format!("{method}$salt${short}")).is_none(), "{method}");
        }
        assert!(LegacyHash::parse(&format!("pbkdf2:sha256:1${}${short}", "s".repeat(500))).is_none());
    }
}

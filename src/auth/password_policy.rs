//! Rules for new passwords.

use superbot_domain::Username;

/// The most common passwords of leaked lists that the other rules do not cover, in lower case, sorted.
const COMMON: &str = include_str!("common_passwords.txt");
/// Maximum length of a password in bytes, because hashing reads all of it.
const MAX_BYTES: usize = 1024;

/// Returns what is wrong with a new password, phrased for its user; `None` if it is acceptable. Passwords chosen before these
/// rules remain valid.
pub fn password_fault(password: &str, user: &Username, min_chars: usize) -> Option<String> {
    let length = password.chars().count();
    if length < min_chars {
        return Some(format!("has {length} characters; at least {min_chars} are needed"));
    }
    if password.len() > MAX_BYTES {
        return Some(format!("is longer than {MAX_BYTES} bytes"));
    }
    // Variants in case are as easy to guess, and the list is in lower case.
    let lower = password.to_lowercase();
    let why = if is_monotone(&lower) {
        "is a repeated character or a sequence"
    } else if lower.trim() == user.key() {
        "is the username"
    } else if COMMON.lines().any(|common| common == lower) {
        "is a common password"
    } else {
        return None;
    };
    Some(format!("{why}; choose another one, such as several unrelated words"))
}

/// Returns whether all code points differ from their predecessor by the same step of -1, 0 or 1: `aaaaaaaa`, `12345678`,
/// `hgfedcba`.
fn is_monotone(text: &str) -> bool {
    let chars: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let mut steps = chars.windows(2).map(|pair| pair[1] - pair[0]);
    let Some(first) = steps.next() else { return true };
    first.abs() <= 1 && steps.all(|step| step == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(password: &str) -> Option<String> {
        password_fault(password, &Username::parse("Margarete").unwrap(), 8)
    }

    #[test]
    fn weak_passwords_are_refused() {
        for password in [
            "short",
            "password",
            "PassWord",
            "12345678",
            "123456789",
            "87654321",
            "        ",
            "aaaaaaaa",
            "abcdefgh",
            "margarete",
            "MARGARETE",
            " Margarete ",
            "qwertyuiop",
            "iloveyou",
            "1q2w3e4r",
            "ПППППППП",
            "Password123",
        ] {
            assert!(fault(password).is_some(), "{password:?}");
        }
        assert!(fault(&"x".repeat(1_025)).is_some());
    }

    #[test]
    fn others_are_not() {
        for password in
            ["correct horse", "battery staple", "12345679", "aaaaaaab", "margarete likes tea", "猫は犬より静かだ"]
        {
            assert_eq!(fault(password), None, "{password:?}");
        }
    }

    #[test]
    fn the_list_is_in_the_form_it_is_searched_in() {
        assert!(COMMON.lines().all(|line| !line.is_empty() && line == line.to_lowercase() && line == line.trim()));
        assert!(COMMON.lines().is_sorted());
    }
}

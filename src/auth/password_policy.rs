//! Which passwords are too weak to be chosen.

use superbot_domain::Username;

/// The passwords that leaked lists are full of and that the rules below do not cover, in lower case.
const COMMON: &str = include_str!("common_passwords.txt");
/// Hashing reads the whole password.
const MAX_BYTES: usize = 1024;

/// What is wrong with a new password of that user, in words for them; `None` where nothing is. Passwords chosen before these
/// rules stay valid.
pub fn password_fault(password: &str, user: &Username, min_chars: usize) -> Option<String> {
    let length = password.chars().count();
    if length < min_chars {
        return Some(format!("has {length} characters; at least {min_chars} are needed"));
    }
    if password.len() > MAX_BYTES {
        return Some(format!("is longer than {MAX_BYTES} bytes"));
    }
    let lower = password.to_lowercase();
    let why = if is_monotone(&lower) {
        "is one character repeated, or characters in their order"
    } else if lower.trim() == user.key() {
        "is the username"
    } else if COMMON.lines().any(|common| common == lower) {
        "is one of the passwords that are tried first"
    } else {
        return None;
    };
    Some(format!("{why}; choose another one, such as several unrelated words"))
}

/// Whether each character follows from the one before by the same step: `        `, `aaaaaaaa`, `12345678`, `hgfedcba`.
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

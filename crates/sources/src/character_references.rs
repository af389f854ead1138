//! Character references, such as `&amp;` and `&#233;`.

use std::borrow::Cow;

use web_atoms::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// The longest name is `CounterClockwiseContourIntegral`.
const MAX_NAME_BYTES: usize = 31;

/// A text with its character references replaced, those of HTML among them.
///
/// An `&` that begins no complete reference stays as it is: addresses with parameters are written like that, and `&copy=1` is one
/// of them.
pub(crate) fn decode_references(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return text.into() };
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(length) = push_reference(&mut decoded, &rest[1..]) {
            rest = &rest[1 + length..];
        } else {
            decoded.push('&');
            rest = &rest[1..];
        }
    }
    decoded.push_str(rest);
    decoded.into()
}

/// Whether a text has a complete character reference.
pub(crate) fn has_reference(text: &str) -> bool {
    let mut ignored = String::new();
    text.match_indices('&').any(|(at, _)| push_reference(&mut ignored, &text[at + 1..]).is_some())
}

/// Appends the character that a reference stands for, and returns its length; `after` follows the `&`.
fn push_reference(decoded: &mut String, after: &str) -> Option<usize> {
    if let Some(number) = after.strip_prefix('#') {
        return push_number(decoded, number).map(|length| length + 1);
    }
    let length = after.bytes().take(MAX_NAME_BYTES).take_while(u8::is_ascii_alphanumeric).count();
    if length == 0 || after.as_bytes().get(length) != Some(&b';') {
        return None;
    }
    let (first, second) = NAMED_ENTITIES.get(&after[..=length])?;
    let first = char::from_u32(*first).filter(|c| *c != '\0')?;
    decoded.push(first);
    decoded.extend(char::from_u32(*second).filter(|c| *c != '\0'));
    Some(length + 1)
}

fn push_number(decoded: &mut String, number: &str) -> Option<usize> {
    let (digits, radix) = number.strip_prefix(['x', 'X']).map_or((number, 10), |hex| (hex, 16));
    let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    if length == 0 {
        return None;
    }
    let code = u32::from_str_radix(&digits[..length], radix).unwrap_or(u32::MAX);
    // Numbers of the C1 controls mean characters of windows-1252, as in HTML.
    let in_windows_1252 = (0x80..0xa0).contains(&code).then(|| C1_REPLACEMENTS[(code - 0x80) as usize]).flatten();
    let plain = char::from_u32(code).filter(|c| *c != '\0');
    decoded.push(in_windows_1252.or(plain).unwrap_or(char::REPLACEMENT_CHARACTER));
    let semicolon = usize::from(digits.as_bytes().get(length) == Some(&b';'));
    Some(number.len() - digits.len() + length + semicolon)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_are_replaced_where_there_are_some() {
        for (text, expected) in [
            ("Salt & pepper", "Salt & pepper"),
            ("AT&amp;T", "AT&T"),
            ("&#233;&#xE9;&#Xe9;&eacute;&nbsp;", "éééé\u{a0}"),
            ("a?b=1&copy=2&lt=3", "a?b=1&copy=2&lt=3"),
            ("&nosuch; &; &#; &#x; &", "&nosuch; &; &#; &#x; &"),
            ("&#xFFFFFFFFF; &#0; &#xD800;", "\u{fffd} \u{fffd} \u{fffd}"),
            ("&lt;b&gt;&quot;&apos;", "<b>\"'"),
            ("&#146;&#8217&euro;", "’’€"),
            ("&amp;amp;", "&amp;"),
            ("&NotEqualTilde;", "≂̸"),
            ("é&é;", "é&é;"),
        ] {
            assert_eq!(decode_references(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_without_references_stays(text in "[^&]{0,40}") {
            prop_assert_eq!(decode_references(&text), &*text);
            prop_assert!(!has_reference(&text));
        }

        #[test]
        fn any_text_is_read(text in "[&#xX0-9a-z;é ]{0,40}") {
            let decoded = decode_references(&text);
            prop_assert!(has_reference(&text) || decoded == text);
        }
    }
}

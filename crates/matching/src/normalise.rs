//! Texts as both sides see them: queries and listings are cut into the same tokens.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The words of a text, folded: NFKD, no marks, lower case, `ß` as `ss`.
///
/// Whatever is neither letter nor digit separates, and so does the place where letters meet digits.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    each_token(text, |token| tokens.push(token.to_owned()));
    tokens
}

/// The tokens of a text with one space between each two.
pub fn normalised(text: &str) -> String {
    let mut normalised = String::with_capacity(text.len());
    each_token(text, |token| {
        if !normalised.is_empty() {
            normalised.push(' ');
        }
        normalised.push_str(token);
    });
    normalised
}

/// Hands on each token, in order.
pub(crate) fn each_token(text: &str, emit: impl FnMut(&str)) {
    let mut splitter = Splitter { token: String::with_capacity(16), class: Class::Separator, emit };
    if text.is_ascii() {
        text.bytes().for_each(|byte| splitter.push(byte.to_ascii_lowercase().into()));
    } else {
        for folded in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
            match folded {
                'ß' => ['s', 's'].into_iter().for_each(|c| splitter.push(c)),
                'ς' => splitter.push('σ'),
                mark if is_combining_mark(mark) => {}
                c => splitter.push(c),
            }
        }
    }
    splitter.finish();
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Letter,
    Digit,
    Separator,
}

struct Splitter<F> {
    token: String,
    class: Class,
    emit: F,
}

impl<F: FnMut(&str)> Splitter<F> {
    fn push(&mut self, c: char) {
        let class = match c {
            _ if c.is_numeric() => Class::Digit,
            _ if c.is_alphanumeric() => Class::Letter,
            _ => Class::Separator,
        };
        if class != self.class {
            self.finish();
            self.class = class;
        }
        if class != Class::Separator {
            self.token.push(c);
        }
    }

    fn finish(&mut self) {
        if !self.token.is_empty() {
            (self.emit)(&self.token);
            self.token.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_thing_written_in_many_ways_is_one_thing() {
        for (text, expected) in [
            ("F-150", "f 150"),
            ("F150", "f 150"),
            ("f 150", "f 150"),
            ("Straße, STRASSE", "strasse strasse"),
            ("Cafe\u{301} café CAFÉ", "cafe cafe cafe"),
            ("ﬁne", "fine"),
            ("İstanbul", "istanbul"),
            ("Ｆ１５０", "f 150"),
            ("ΟΔΟΣ οδος", "οδοσ οδοσ"),
            ("don't", "don t"),
            ("東京 bike🚲bike", "東京 bike bike"),
            ("$1,200.50", "1 200 50"),
            ("½ price", "1 2 price"),
            ("  --  ", ""),
        ] {
            assert_eq!(normalised(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = normalised(&text);
            prop_assert_eq!(normalised(&once), once);
        }

        #[test]
        fn the_short_way_for_ascii_is_no_other_way(text in "[ -~\\t\\n]{0,40}") {
            // A character that folds away takes the text the long way.
            prop_assert_eq!(tokens(&format!("{text}\u{301}")), tokens(&text));
        }
    }
}

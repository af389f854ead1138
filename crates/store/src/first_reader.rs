//! How the first version of the program read texts.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

#[derive(Clone, Copy, PartialEq)]
enum CharClass {
    Letter,
    Digit,
    Separator,
}

/// A text as the first version of the program cut it into words: without accents, in lower case, with one space between words,
/// which end where letters and digits meet.
///
/// It must never change: it says what is kept of texts that are gone.
pub(crate) fn first_normalised(text: &str) -> String {
    let mut normalised = String::with_capacity(text.len());
    let mut before = CharClass::Separator;
    let letters = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    for c in letters.filter(|c| !is_combining_mark(*c)) {
        let class = match c {
            _ if c.is_numeric() => CharClass::Digit,
            _ if c.is_alphanumeric() => CharClass::Letter,
            _ => CharClass::Separator,
        };
        if class != CharClass::Separator {
            if class != before && !normalised.is_empty() {
                normalised.push(' ');
            }
            match c {
                'ß' => normalised.push_str("ss"),
                'ς' => normalised.push('σ'),
                c => normalised.push(c),
            }
        }
        before = class;
    }
    normalised
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_as_the_first_version_did() {
        for (text, expected) in [
            ("F-150", "f 150"),
            ("F150", "f 150"),
            ("Straße, STRASSE", "strasse strasse"),
            ("Cafe\u{301} café CAFÉ", "cafe cafe cafe"),
            ("ﬁne", "fine"),
            ("İstanbul", "istanbul"),
            ("Ｆ１５０", "f 150"),
            ("ΟΔΟΣ οδος", "οδοσ οδοσ"),
            ("don't e-bikes", "don t e bikes"),
            ("東京 bike🚲bike", "東京 bike bike"),
            ("$1,200.50", "1 200 50"),
            ("½ price", "1 2 price"),
            ("Łódź Ka\u{ad}yak", "łodz ka yak"),
            ("  --  ", ""),
        ] {
            assert_eq!(first_normalised(text), expected, "{text}");
        }
    }
}

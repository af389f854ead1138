//! Folds texts: format characters, accents and case go, and each letter is written in one way only.
//!
//! The umlauts and `ø` stay, because they have two plain forms (`mobel` and `moebel`); see [`super::forms`].

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::scripts::{MarkRule, ascii_digit, folded_letter, is_ignorable, makes_letter, mark_rule, plain_punctuation};

/// Replaces `folded` by the folded text.
pub(super) fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else if !fold_by_table(text, folded) {
        folded.clear();
        folded.extend(folded_chars(text));
    }
}

/// Folds with normalization forms and marks: NFKD, NFC for what is left.
fn folded_chars(text: &str) -> impl Iterator<Item = char> {
    let plain = text.chars().filter(|c| !is_ignorable(*c)).map(|c| if c == '´' { '\'' } else { c });
    let mut base = ' ';
    // Presentation forms decompose into characters that are ignored as well.
    let unmarked = plain.nfkd().filter(|c| !is_ignorable(*c)).filter(move |c| {
        if !is_combining_mark(*c) {
            base = *c;
            return true;
        }
        let is_kept = makes_letter(base, *c) || mark_rule(base) == Some(MarkRule::Kept);
        if mark_rule(base) == Some(MarkRule::Dropped) {
            // Only one of several marks makes a letter.
            base = '\u{1e9f}';
        }
        is_kept
    });
    let lower = unmarked.flat_map(char::to_lowercase);
    // Lower-casing yields marks of its own: `İ` has been decomposed before, but a few others have not.
    lower.flat_map(Folding::of).nfc()
}

/// What one character becomes.
enum Folding {
    Letters(std::str::Chars<'static>),
    One(std::option::IntoIter<char>),
}

impl Folding {
    fn of(c: char) -> Self {
        if c.is_ascii() {
            return Self::One(Some(c).into_iter());
        }
        match folded_letter(c) {
            Some(letters) => Self::Letters(letters.chars()),
            None => Self::One(Some(ascii_digit(c).unwrap_or_else(|| plain_punctuation(c))).into_iter()),
        }
    }
}

impl Iterator for Folding {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::Letters(letters) => letters.next(),
            Self::One(one) => one.next(),
        }
    }
}

const TABLE_START: usize = 0x80;
const TABLE_END: usize = 0x3400;
/// Bytes of a folded character that the table has room for.
const ROOM: usize = 6;
/// Instead of a length: the character depends on its neighbours, or becomes too long for the table.
const BY_CONTEXT: u8 = u8::MAX;

#[derive(Clone, Copy)]
struct Entry {
    length: u8,
    bytes: [u8; ROOM],
}

/// Each character by itself, for texts without combining characters, in which it does not depend on its neighbours.
static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |code: usize| u32::try_from(code).ok().and_then(char::from_u32).map_or(Entry::UNKNOWN, Entry::of);
    (TABLE_START..TABLE_END).map(entry).collect()
});

impl Entry {
    const UNKNOWN: Self = Self { length: BY_CONTEXT, bytes: [0; ROOM] };

    fn of(c: char) -> Self {
        let first = std::iter::once(c).nfkd().next().unwrap_or(c);
        let is_jamo = matches!(first, '\u{1100}'..='\u{11ff}');
        if !is_ignorable(c) && (is_combining_mark(first) || is_jamo) {
            return Self::UNKNOWN;
        }
        let text: String = folded_chars(c.encode_utf8(&mut [0; 4])).collect();
        let mut bytes = [0; ROOM];
        let Some(room) = bytes.get_mut(..text.len()) else { return Self::UNKNOWN };
        room.copy_from_slice(text.as_bytes());
        Self { length: u8::try_from(text.len()).unwrap_or(BY_CONTEXT), bytes }
    }

    fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes.get(..usize::from(self.length))?).ok()
    }
}

/// Folds character by character, about ten times as fast; false where that cannot be done.
fn fold_by_table(text: &str, folded: &mut String) -> bool {
    let table = &*TABLE;
    let mut rest = text;
    while !rest.is_empty() {
        let ascii = rest.bytes().take_while(u8::is_ascii).count();
        let (plain, others) = rest.split_at(ascii);
        let start = folded.len();
        folded.push_str(plain);
        folded[start..].make_ascii_lowercase();
        let mut chars = others.chars();
        while let Some(c) = chars.next() {
            match u32::from(c) as usize {
                code @ TABLE_START..TABLE_END => match table[code - TABLE_START].text() {
                    Some(text) => folded.push_str(text),
                    None => return false,
                },
                // Han, Hangul syllables and pictographs.
                0x3400..=0x9fff | 0xac00..=0xd7a3 | 0x1f300..=0x1faff => folded.push(c),
                0xfe00..=0xfe0f => {}
                _ => return false,
            }
            if chars.as_str().as_bytes().first().is_none_or(u8::is_ascii) {
                break;
            }
        }
        rest = chars.as_str();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        let mut folded = String::new();
        fold_into(text, &mut folded);
        folded
    }

    #[test]
    fn one_thing_written_in_many_ways_is_one_thing() {
        for (text, expected) in [
            ("Straße STRASSE ẞ", "strasse strasse ss"),
            ("Cafe\u{301} café CAFÉ", "cafe cafe cafe"),
            ("ﬁne", "fine"),
            ("İstanbul DIŞ ı", "istanbul dis i"),
            ("Ｆ１５０", "f150"),
            ("ΟΔΟΣ οδος ό", "οδοσ οδοσ ο"),
            ("½", "1⁄2"),
            ("Łódź", "lodz"),
            ("København cœur ÆØÅ", "københavn coeur aeøå"),
            ("Mo\u{308}bel MÖBEL", "möbel möbel"),
            ("ǖ ǻ ậ", "ü å a"),
            ("й Й и\u{306} ё Ї ў", "й й й е і у"),
            ("דִּבּוּר שלום", "דבור שלום"),
            ("مُحَمَّد أحمد", "محمد احمد"),
            ("दिल दाल", "दिल दाल"),
            ("ガ か\u{3099} ｶﾞ", "ガ が ガ"),
            ("한국 \u{1112}\u{1161}\u{11ab}", "한국 한"),
            ("ก็ น้ำ", "ก็ น้ํา"),
            ("Ka\u{ad}yak Ka\u{200b}yak \u{feff}x", "kayak kayak x"),
            ("١٢٣ ४", "123 4"),
            ("4×4 E–Bike Levi´s Levi’s 5″", "4x4 e-bike levi's levi's 5''"),
            ("❤\u{fe0f} 🚲", "❤ 🚲"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    /// Pairs of spellings, written as code points: most pairs look alike in an editor.
    #[test]
    fn arabic_and_persian_spellings_fold_alike() {
        for (one, other) in [
            ("\u{6a9}\u{62a}\u{627}\u{628}", "\u{643}\u{62a}\u{627}\u{628}"),
            ("\u{6cc}\u{62e}", "\u{64a}\u{62e}"),
            ("\u{649}\u{62e}", "\u{64a}\u{62e}"),
            ("\u{639}\u{644}\u{649}", "\u{639}\u{644}\u{6cc}"),
            ("\u{623}\u{62d}", "\u{627}\u{62d}"),
            ("\u{625}\u{62d}", "\u{627}\u{62d}"),
            ("\u{622}\u{62d}", "\u{627}\u{62d}"),
            ("\u{633}\u{64a}\u{627}\u{631}\u{629}", "\u{633}\u{64a}\u{627}\u{631}\u{647}"),
            ("\u{62e}\u{627}\u{646}\u{6c0}", "\u{62e}\u{627}\u{646}\u{647}"),
            ("\u{6c1}\u{627}", "\u{647}\u{627}"),
            ("\u{6d2}\u{627}", "\u{64a}\u{627}"),
            ("\u{633}\u{640}\u{640}\u{631}", "\u{633}\u{631}"),
            ("\u{633}\u{64e}\u{651}\u{631}\u{64f}", "\u{633}\u{631}"),
            ("\u{6f1}\u{6f2}\u{6f9}", "\u{661}\u{662}\u{669}"),
            ("\u{fb8e}\u{fbfc}", "\u{643}\u{64a}"),
        ] {
            assert_eq!(folded(one), folded(other), "{} and {}", one.escape_unicode(), other.escape_unicode());
        }
        assert_ne!(folded("\u{6af}"), folded("\u{643}"), "gaf is another letter than kaf");
    }

    proptest! {
        #[test]
        fn the_table_folds_as_the_long_way_does(text in prop_oneof![
            "\\PC{0,30}", "[a-zÀ-ɏ -~]{0,30}", "[一-龥ぁ-ヿ가-힣 a]{0,20}", "[Ͱ-ӿ؀-ۿ๐-๙฀-๿]{0,20}",
            "[ऀ-ॿ\u{300}-\u{310}aouи]{0,20}", "[\u{2000}-\u{206f}ㄱ-ㆎ！-￮]{0,20}",
        ]) {
            prop_assert_eq!(folded(&text), folded_chars(&text).map(|c| c.to_ascii_lowercase()).collect::<String>());
        }

        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }
    }

    #[test]
    fn every_character_is_folded_by_the_table_as_the_long_way_does() {
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            assert_eq!(folded(&text), folded_chars(&text).collect::<String>(), "{c:?}");
        }
    }
}

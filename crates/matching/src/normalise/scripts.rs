//! Which characters are dropped, folded and kept together, by script.

/// How the marks behind a letter are treated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkRule {
    /// Accents, points and vowel signs that people leave out.
    Dropped,
    /// Marks without which it is another letter, such as the vowel signs of Devanagari.
    Kept,
}

/// Characters without width or meaning of their own: format characters (category Cf), fillers and variation selectors.
pub(crate) const fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{640}' | '\u{6dd}' | '\u{70f}'
        | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}'
        | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// The rule for marks behind that character; `None` behind what is no letter, where a mark belongs to nothing.
pub(super) fn mark_rule(base: char) -> Option<MarkRule> {
    if !base.is_alphanumeric() {
        return None;
    }
    let is_dropped = base.is_numeric()
        || matches!(base,
        // Latin, Greek and Cyrillic, ...
        '\0'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1fff}'
        | '\u{2c60}'..='\u{2c7f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' | '\u{a720}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}'
        // ... Hebrew and Arabic.
        | '\u{590}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}');
    Some(if is_dropped { MarkRule::Dropped } else { MarkRule::Kept })
}

/// Whether a mark makes another letter of its base even in a script whose marks are dropped: `й`, and the umlauts, which are
/// also written as two letters.
pub(super) const fn makes_letter(base: char, mark: char) -> bool {
    matches!(
        (base, mark),
        ('и' | 'И', '\u{306}') | ('a' | 'o' | 'u' | 'A' | 'O' | 'U', '\u{308}') | ('a' | 'A', '\u{30a}')
    )
}

/// Letters and marks of the scripts that are written without spaces: Han, kana, Hangul, Thai, Lao, Burmese and Khmer.
pub(crate) const fn is_run_letter(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}' | '\u{3041}'..='\u{309a}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{ac00}'..='\u{d7a3}' | '\u{3400}'..='\u{4dbf}' | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303b}' | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}' | '\u{2e80}'..='\u{2fd5}' | '\u{f900}'..='\u{faff}'
        | '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}'
        | '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' | '\u{e81}'..='\u{ecf}' | '\u{edc}'..='\u{edf}'
        | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' | '\u{109a}'..='\u{109d}' | '\u{a9e0}'..='\u{a9ef}'
        | '\u{a9fa}'..='\u{a9fe}' | '\u{aa60}'..='\u{aa76}' | '\u{aa7a}'..='\u{aa7f}'
        | '\u{1780}'..='\u{17d3}' | '\u{17d7}' | '\u{17dc}' | '\u{17dd}'
        | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{323af}')
}

/// The zeros of the decimal digits of other scripts; nine digits follow each.
const ZEROS: [char; 18] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}', '\u{c66}',
    '\u{ce6}', '\u{d66}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}', '\u{1090}', '\u{17e0}',
];

/// A decimal digit of any script as one of ASCII's.
pub(super) fn ascii_digit(c: char) -> Option<char> {
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= c)].last()?;
    let value = u32::from(c) - u32::from(*zero);
    char::from_digit(value, 10)
}

/// Lower-case letters that Unicode does not decompose, as Lucene's `ASCIIFoldingFilter` folds them. `ø` is not among them: it
/// has a short and a long form. Arabic and Persian letters that keyboards interchange are folded as by Lucene's
/// `ArabicNormalizer` and `PersianNormalizer`; U+06D5 because U+06C0 decomposes into it.
const LETTERS: [(char, &str); 74] = [
    ('ß', "ss"),
    ('æ', "ae"),
    ('ð', "d"),
    ('þ', "th"),
    ('đ', "d"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ĸ', "q"),
    ('ł', "l"),
    ('ŋ', "n"),
    ('œ', "oe"),
    ('ŧ', "t"),
    ('ƀ', "b"),
    ('ƃ', "b"),
    ('ƈ', "c"),
    ('ƌ', "d"),
    ('ƒ', "f"),
    ('ƕ', "hv"),
    ('ƙ', "k"),
    ('ƚ', "l"),
    ('ƞ', "n"),
    ('ƥ', "p"),
    ('ƫ', "t"),
    ('ƭ', "t"),
    ('ƴ', "y"),
    ('ƶ', "z"),
    ('ǝ', "e"),
    ('ǥ', "g"),
    ('ȡ', "d"),
    ('ȣ', "ou"),
    ('ȥ', "z"),
    ('ȴ', "l"),
    ('ȵ', "n"),
    ('ȶ', "t"),
    ('ȷ', "j"),
    ('ȼ', "c"),
    ('ȿ', "s"),
    ('ɀ', "z"),
    ('ɇ', "e"),
    ('ɉ', "j"),
    ('ɋ', "q"),
    ('ɍ', "r"),
    ('ɏ', "y"),
    ('ɓ', "b"),
    ('ɔ', "o"),
    ('ɖ', "d"),
    ('ɗ', "d"),
    ('ə', "a"),
    ('ɛ', "e"),
    ('ɠ', "g"),
    ('ɨ', "i"),
    ('ɫ', "l"),
    ('ɯ', "m"),
    ('ɲ', "n"),
    ('ɵ', "o"),
    ('ɽ', "r"),
    ('ʈ', "t"),
    ('ʉ', "u"),
    ('ʋ', "v"),
    ('ς', "σ"),
    ('\u{629}', "\u{647}"),
    ('\u{649}', "\u{64a}"),
    ('\u{6a9}', "\u{643}"),
    ('\u{6c1}', "\u{647}"),
    ('\u{6cc}', "\u{64a}"),
    ('\u{6d2}', "\u{64a}"),
    ('\u{6d5}', "\u{647}"),
    ('ᵽ', "p"),
    ('ẟ', "d"),
    ('ⱥ', "a"),
    ('ⱦ', "t"),
    ('ⱨ', "h"),
    ('ⱪ', "k"),
    ('ⱬ', "z"),
];

/// What a lower-case letter is folded into, if it is one that Unicode does not decompose.
pub(super) fn folded_letter(c: char) -> Option<&'static str> {
    let place = LETTERS.binary_search_by_key(&c, |(letter, _)| *letter).ok()?;
    Some(LETTERS[place].1)
}

/// One character for each kind of punctuation that has a meaning within words.
pub(super) const fn plain_punctuation(c: char) -> char {
    match c {
        '‐' | '‑' | '‒' | '–' | '−' | '﹣' => '-',
        '’' | '‘' | '‛' | 'ʼ' | 'ʻ' | 'ʹ' | '′' | '`' | '´' | '·' => '\'',
        '“' | '”' | '„' | '‟' => '"',
        '٬' => ',',
        '×' | '✕' | '⨯' => 'x',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order() {
        assert!(LETTERS.is_sorted_by_key(|(letter, _)| *letter));
        assert!(ZEROS.is_sorted());
    }

    #[test]
    fn digits_of_all_scripts_are_digits() {
        for (digits, expected) in [("٣٥٠", "350"), ("۹۸۷", "987"), ("१२३", "123"), ("๑๒๓", "123"), ("a٪", "")]
        {
            assert_eq!(digits.chars().filter_map(ascii_digit).collect::<String>(), expected, "{digits}");
        }
        assert_eq!(ascii_digit('7'), None, "it is one already");
    }
}

//! Folds what is written differently and means the same: widths, digits of other scripts, accents, dashes, spaces.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// A text folded for reading, with lower case beside it.
pub(super) struct FoldedText {
    /// Characters with their case.
    pub(super) chars: Vec<char>,
    /// The same in lower case, and all white space as plain spaces.
    lower: String,
    /// Where each character begins in `lower`, and where that ends.
    starts: Vec<u32>,
}

/// The decimal digits of Unicode: where the zero of each script is.
#[derive(Default)]
pub(super) struct Digits {
    pub(super) zeros: Vec<u32>,
}

impl Digits {
    /// The ASCII digit of the same value.
    pub(super) fn ascii(&self, c: char) -> Option<char> {
        let code = u32::from(c);
        let zero = self.zeros[..self.zeros.partition_point(|zero| *zero <= code)].last()?;
        char::from_digit(code - zero, 10)
    }
}

impl FoldedText {
    pub(super) fn new(text: &str, digits: &Digits) -> Self {
        let mut folded = Self {
            chars: Vec::with_capacity(text.len()),
            lower: String::with_capacity(text.len()),
            starts: Vec::with_capacity(text.len() + 1),
        };
        for c in text.chars() {
            if c.is_ascii() {
                folded.push(c);
            } else {
                folded.push_folded(c, digits);
            }
        }
        folded.starts.push(u32::try_from(folded.lower.len()).unwrap_or(u32::MAX));
        folded
    }

    /// A range of characters in lower case.
    pub(super) fn lower(&self, start: usize, end: usize) -> &str {
        &self.lower[self.starts[start] as usize..self.starts[end] as usize]
    }

    fn push(&mut self, c: char) {
        self.starts.push(u32::try_from(self.lower.len()).unwrap_or(u32::MAX));
        self.chars.push(c);
        self.lower.push(if c.is_whitespace() { ' ' } else { lower_case(c) });
    }

    fn push_folded(&mut self, c: char, digits: &Digits) {
        if let Some(digit) = digits.ascii(c) {
            return self.push(digit);
        }
        match c {
            c if is_invisible(c) => {}
            '\u{ff01}'..='\u{ff5e}' => self.push(char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)),
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | 'ｰ' => self.push('-'),
            '’' | '‘' | 'ʼ' | 'ʻ' | '′' | '´' => self.push('\''),
            '“' | '”' | '„' | '״' | '″' => self.push('"'),
            '،' => self.push(','),
            '。' => self.push(';'),
            '〜' => self.push('~'),
            '·' => self.push('.'),
            '²' => self.push('2'),
            '￠' => self.push('¢'),
            '￡' => self.push('£'),
            '￥' => self.push('¥'),
            '￦' => self.push('₩'),
            '﹩' => self.push('$'),
            '㎡' => ['m', '2'].into_iter().for_each(|c| self.push(c)),
            '€'.. | '\u{a1}'..='\u{bf}' => self.push(c),
            _ => self.push(base_letter(c)),
        }
    }
}

/// The letter without its accents; marks of scripts in which they are letters stay.
fn base_letter(c: char) -> char {
    match c {
        'ł' => 'l',
        'Ł' => 'L',
        'ø' => 'o',
        'Ø' => 'O',
        'ı' => 'i',
        'ی' | 'ى' => 'ي',
        'ک' => 'ك',
        '\u{c0}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}' => {
            let mut base = None;
            decompose_canonical(c, |part| base = base.or(Some(part)));
            base.unwrap_or(c)
        }
        _ => c,
    }
}

fn lower_case(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

/// Format characters, and marks above letters that [`base_letter`] drops where they are composed.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{61c}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Whether a character belongs to a word.
pub(super) fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { c.is_alphabetic() || is_combining_mark(c) }
}

/// Whether words of the character's script follow one another without spaces.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3130}'..='\u{318f}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
        && c != '฿'
        && c != '៛'
}

/// The runs of letters and the single marks of a key, which are what phrases are counted in.
pub(super) fn count_words(key: &str) -> usize {
    let mut count = 0;
    let mut in_word = false;
    for c in key.chars() {
        let letter = is_letter(c);
        count += usize::from(!(c.is_whitespace() || letter && in_word));
        in_word = letter;
    }
    count
}

/// The first run of letters of a key, or its first mark.
pub(super) fn first_word(key: &str) -> &str {
    let mut chars = key.char_indices();
    let Some((_, first)) = chars.next() else { return key };
    let end = if is_letter(first) {
        chars.find(|(_, c)| !is_letter(*c)).map_or(key.len(), |(end, _)| end)
    } else {
        first.len_utf8()
    };
    &key[..end]
}

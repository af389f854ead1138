//! Cuts folded texts into tokens.

use super::scripts::is_run_letter;
use super::token::{Token, TokenKind, TokenRole};
use unicode_normalization::char::is_combining_mark;

/// Words of units that mean inch behind a number, as the marks `"` and `''` do.
const INCH: [&str; 4] = ["inch", "in", "inches", "zoll"];
/// Words connected by hyphens that are joined into one; of more, only the first ones.
const MAX_CONNECTED: usize = 8;
/// So many neighbours are also joined where more are connected.
const MAX_JOINED: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    /// A letter of a script without spaces.
    Run,
    Separator,
}

/// A word that was cut off.
#[derive(Clone, Copy)]
struct Atom {
    class: Class,
    start: usize,
    end: usize,
    position: u32,
}

pub(super) struct Cutter<'t, F> {
    text: &'t str,
    emit: F,
    position: u32,
    previous: Option<Atom>,
    /// The last words that are connected by hyphens or apostrophes.
    connected: [Option<Atom>; MAX_CONNECTED],
    connected_count: usize,
    /// Where the number ends to which the next groups of digits belong.
    number_end: usize,
    /// Whether a quotation mark was opened, so that the next one closes and is no inch.
    is_quoting: bool,
    scratch: String,
}

impl<'t, F: FnMut(Token<'_>)> Cutter<'t, F> {
    pub(super) fn new(text: &'t str, emit: F) -> Self {
        let connected = [None; MAX_CONNECTED];
        let scratch = String::new();
        Self {
            text,
            emit,
            position: 0,
            previous: None,
            connected,
            connected_count: 0,
            number_end: 0,
            is_quoting: false,
            scratch,
        }
    }

    /// Emits every token; returns the number of positions.
    pub(super) fn cut(mut self) -> u32 {
        let mut at = 0;
        while let Some((class, length)) = class_at(self.text, at) {
            at = match class {
                Class::Separator => self.separator(at, length),
                Class::Letter => self.letters(at),
                Class::Digit => self.digits(at),
                Class::Run => self.run_letters(at),
            };
        }
        self.position
    }

    fn separator(&mut self, at: usize, length: usize) -> usize {
        let end = at + length;
        let touches_word = self.previous.is_some_and(|previous| previous.end == at);
        match self.text.as_bytes()[at] {
            b'"' if self.is_quoting => self.is_quoting = false,
            b'"' => self.is_quoting = !touches_word && !self.is_separated(end),
            b'\n' => self.is_quoting = false,
            b'.' if !touches_word && self.text[end..].starts_with("net") && !self.is_letter(end + 3) => {
                self.push_atom(Class::Letter, at, end + 3);
                return end + 3;
            }
            _ => {}
        }
        end
    }

    fn letters(&mut self, at: usize) -> usize {
        let mut end = self.end_of(Class::Letter, at);
        let touches_word = self.previous.is_some_and(|previous| previous.end == at);
        if end == at + 1 && !touches_word {
            end += self.sign_behind_letter(end);
        }
        let gap =
            self.previous.filter(|previous| previous.class == Class::Digit).map(|number| &self.text[number.end..at]);
        self.push_atom(Class::Letter, at, end);
        if matches!(gap, Some("" | " " | "-")) && INCH.contains(&&self.text[at..end]) {
            self.push_inch_names(&self.text[at..end], self.position - 1);
        }
        end
    }

    /// The length of what makes another word of a single letter: `c++`, `c#`, `f#`.
    fn sign_behind_letter(&self, at: usize) -> usize {
        let rest = &self.text.as_bytes()[at..];
        let length = if rest.starts_with(b"++") { 2 } else { usize::from(rest.starts_with(b"#")) };
        let is_more = matches!(rest.get(length), Some(b'+' | b'#'));
        if is_more || self.is_letter(at + length) { 0 } else { length }
    }

    fn digits(&mut self, at: usize) -> usize {
        let end = self.end_of(Class::Digit, at);
        let number_end = self.grouped_end(at, end);
        if number_end > end {
            self.push_number(at, number_end);
        } else {
            self.push_atom(Class::Digit, at, end);
            self.push_loose_number(at, end);
        }
        let rest = &self.text[number_end..];
        let mark = if rest.starts_with("''") { 2 } else { usize::from(rest.starts_with('"') && !self.is_quoting) };
        if mark > 0 {
            let position = self.position;
            self.push_word(INCH[0], position, position + 1, TokenRole::Primary);
            self.position += 1;
            self.push_inch_names(INCH[0], position);
            self.previous = None;
        }
        number_end + mark
    }

    fn run_letters(&mut self, at: usize) -> usize {
        let end = self.end_of(Class::Run, at);
        let text = &self.text[at..end];
        let start = self.position;
        self.position += u32::try_from(text.chars().count()).unwrap_or(1);
        self.previous = Some(Atom { class: Class::Run, start: at, end, position: start });
        let role = TokenRole::Primary;
        let kind = TokenKind::Run;
        (self.emit)(Token { text, start, end: self.position, kind, role });
        end
    }

    /// The end of a number whose thousands are set off by commas or apostrophes, or `end` where there are none.
    fn grouped_end(&self, at: usize, end: usize) -> usize {
        let bytes = self.text.as_bytes();
        let separator = bytes.get(end).copied().unwrap_or_default();
        let is_inside = at >= 2 && bytes[at - 1] == separator && bytes[at - 2].is_ascii_digit();
        if !matches!(separator, b',' | b'\'') || is_inside || end - at > 3 || bytes[at] == b'0' {
            return end;
        }
        let mut number_end = end;
        let mut lengths_fit = true;
        while bytes.get(number_end) == Some(&separator) {
            let digits = bytes[number_end + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                break;
            }
            number_end += 1 + digits;
            let is_last =
                bytes.get(number_end) != Some(&separator) || !bytes.get(number_end + 1).is_some_and(u8::is_ascii_digit);
            // In India, all groups but the last one have two digits.
            lengths_fit &= digits == 3 || (digits == 2 && !is_last && end - at <= 2);
        }
        if lengths_fit { number_end } else { end }
    }

    /// Emits a number without the signs between its digits.
    fn push_number(&mut self, at: usize, end: usize) {
        let mut digits = std::mem::take(&mut self.scratch);
        digits.clear();
        digits.extend(self.text[at..end].chars().filter(char::is_ascii_digit));
        let position = self.position;
        self.position += 1;
        self.push_word(&digits, position, position + 1, TokenRole::Primary);
        self.scratch = digits;
        self.connected_count = 0;
        self.previous = Some(Atom { class: Class::Digit, start: at, end, position });
    }

    /// Emits the numbers that digits make up with the groups of three behind them, where spaces or dots are in between: that
    /// may be one number, or several.
    fn push_loose_number(&mut self, at: usize, end: usize) {
        let bytes = self.text.as_bytes();
        let separator = bytes.get(end).copied().unwrap_or_default();
        if !matches!(separator, b' ' | b'.') || end - at > 3 || bytes[at] == b'0' {
            return;
        }
        let mut digits = std::mem::take(&mut self.scratch);
        digits.clear();
        digits.push_str(&self.text[at..end]);
        let mut group_start = end;
        let start = self.position - 1;
        for groups in 1..=3 {
            let group = bytes.get(group_start + 1..group_start + 4);
            let is_group = bytes.get(group_start) == Some(&separator)
                && group.is_some_and(|group| group.iter().all(u8::is_ascii_digit))
                && !bytes.get(group_start + 4).is_some_and(u8::is_ascii_digit);
            if !is_group {
                break;
            }
            digits.push_str(&self.text[group_start + 1..group_start + 4]);
            group_start += 4;
            self.push_word(&digits, start, start + 1 + groups, TokenRole::Alternative);
            self.number_end = group_start;
        }
        self.scratch = digits;
    }

    fn push_inch_names(&mut self, written: &str, position: u32) {
        for name in INCH.into_iter().filter(|name| *name != written) {
            self.push_word(name, position, position + 1, TokenRole::Alternative);
        }
    }

    /// Emits a word, and what it is joined into with those that it is connected with.
    fn push_atom(&mut self, class: Class, start: usize, end: usize) {
        let atom = Atom { class, start, end, position: self.position };
        self.position += 1;
        let previous = self.previous.replace(atom).filter(|previous| previous.class == class);
        let gap = previous.map(|previous| &self.text[previous.end..start]);
        let is_connected = match gap {
            Some("-") => true,
            Some("'" | "`" | "'-" | "-'") => class == Class::Letter,
            _ => false,
        };
        let is_of_number = class == Class::Digit && start < self.number_end && gap.is_some();
        let role = if is_connected || is_of_number { TokenRole::Connected } else { TokenRole::Primary };
        self.push_word(&self.text[start..end], atom.position, self.position, role);
        if !is_connected {
            self.connected_count = 0;
        }
        if let Some(place) = self.connected.get_mut(self.connected_count) {
            *place = Some(atom);
            self.connected_count += 1;
            if is_connected {
                self.push_joined();
            }
        }
    }

    /// Emits what the last connected word is joined into with those before it.
    fn push_joined(&mut self) {
        let count = self.connected_count;
        let nearest = count.saturating_sub(MAX_JOINED);
        let first = (nearest > 0).then_some(0);
        let mut joined = std::mem::take(&mut self.scratch);
        for from in first.into_iter().chain(nearest..count - 1) {
            joined.clear();
            let parts = self.connected[from..count].iter().flatten();
            let start = parts.clone().map(|part| part.position).min().unwrap_or_default();
            joined.extend(parts.map(|part| &self.text[part.start..part.end]));
            self.push_word(&joined, start, self.position, TokenRole::Alternative);
        }
        self.scratch = joined;
    }

    fn push_word(&mut self, text: &str, start: u32, end: u32, role: TokenRole) {
        (self.emit)(Token { text, start, end, kind: TokenKind::Word, role });
    }

    fn end_of(&self, class: Class, at: usize) -> usize {
        let mut end = at;
        while let Some((found, length)) = class_at(self.text, end) {
            if found != class {
                break;
            }
            end += length;
        }
        end
    }

    fn is_letter(&self, at: usize) -> bool {
        class_at(self.text, at).is_some_and(|(class, _)| class == Class::Letter)
    }

    fn is_separated(&self, at: usize) -> bool {
        class_at(self.text, at).is_none_or(|(class, _)| class == Class::Separator)
    }
}

/// The class of the character that begins there and its bytes; `None` at the end.
fn class_at(text: &str, at: usize) -> Option<(Class, usize)> {
    let byte = *text.as_bytes().get(at)?;
    if byte.is_ascii() {
        let class = match byte {
            b'a'..=b'z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            _ => Class::Separator,
        };
        return Some((class, 1));
    }
    let c = text[at..].chars().next()?;
    let class = if is_run_letter(c) {
        Class::Run
    } else if c.is_alphanumeric() || is_combining_mark(c) {
        Class::Letter
    } else {
        Class::Separator
    };
    Some((class, c.len_utf8()))
}

//! Cuts a folded text into numbers, words and marks, each with what the lexicon says of it.

use super::fold::{FoldedText, is_letter, is_unspaced};
use super::lexicon::{Entry, Lexicon};
use super::number::DigitGroups;
use crate::money::Currency;

/// A piece of text.
#[derive(Clone, Debug)]
pub(super) struct Token<'l> {
    pub(super) kind: TokenKind,
    /// Where it stands: characters of the folded text.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether white space precedes it.
    pub(super) has_gap: bool,
    /// What the lexicon says of the word or mark.
    pub(super) entry: Option<&'l Entry>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum TokenKind {
    Number(NumberToken),
    Word {
        /// Whether all its letters are capitals.
        is_upper: bool,
        /// Whether its first letter is one.
        is_title: bool,
    },
    /// A currency sign or punctuation; `'\n'` for an end of line.
    Mark(char),
}

/// A number, and whether `,-` or the like marks it as an amount.
#[derive(Clone, Copy, Debug)]
pub(super) struct NumberToken {
    pub(super) groups: DigitGroups,
    pub(super) is_marked: bool,
}

impl<'l> Token<'l> {
    pub(super) fn number(&self) -> Option<NumberToken> {
        match self.kind {
            TokenKind::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn mark(&self) -> Option<char> {
        match self.kind {
            TokenKind::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    pub(super) fn is_word(&self) -> bool {
        matches!(self.kind, TokenKind::Word { .. })
    }

    pub(super) fn is_upper(&self) -> bool {
        matches!(self.kind, TokenKind::Word { is_upper: true, .. })
    }

    /// The currency that it means as a sign in an ad of a source with that currency.
    pub(super) fn sign_currency(&self, own: Currency, is_alone: bool) -> Option<Currency> {
        let entry = self.entry?;
        let sign = entry.sign_for(own)?;
        if sign.needs_to_be_alone() && !is_alone {
            return None;
        }
        sign.currency(own, self.is_upper(), is_alone && entry.roles.is_empty())
    }

    pub(super) fn entry(&self) -> Option<&'l Entry> {
        self.entry
    }
}

/// The tokens of a text.
pub(super) fn lex<'l>(text: &FoldedText, lexicon: &'l Lexicon) -> Vec<Token<'l>> {
    let mut lexer = Lexer { text, lexicon, at: 0, has_gap: false, tokens: Vec::with_capacity(16) };
    while lexer.at < text.chars.len() {
        lexer.step();
    }
    lexer.tokens
}

struct Lexer<'t, 'l> {
    text: &'t FoldedText,
    lexicon: &'l Lexicon,
    at: usize,
    has_gap: bool,
    tokens: Vec<Token<'l>>,
}

impl<'l> Lexer<'_, 'l> {
    fn peek(&self, at: usize) -> Option<char> {
        self.text.chars.get(at).copied()
    }

    fn is_digit(&self, at: usize) -> bool {
        self.peek(at).is_some_and(|c| c.is_ascii_digit())
    }

    fn step(&mut self) {
        let Some(c) = self.peek(self.at) else { return };
        if c == '\n' {
            self.push(TokenKind::Mark('\n'), self.at + 1, None);
            self.has_gap = true;
        } else if c.is_whitespace() || c.is_control() {
            self.at += 1;
            self.has_gap = true;
        } else if c.is_ascii_digit() || (matches!(c, '.' | ',') && self.is_digit(self.at + 1) && !self.follows_text()) {
            self.number();
        } else if is_unspaced(c) {
            self.unspaced();
        } else if is_letter(c) {
            self.word();
        } else {
            self.symbol(c);
        }
    }

    /// Whether a number or a word ends right here, so that a point is none of decimals.
    fn follows_text(&self) -> bool {
        !self.has_gap && self.tokens.last().is_some_and(|token| token.number().is_some() || token.is_word())
    }

    fn push(&mut self, kind: TokenKind, end: usize, entry: Option<&'l Entry>) {
        self.tokens.push(Token { kind, start: self.at, end, has_gap: self.has_gap, entry });
        self.at = end;
        self.has_gap = false;
    }

    fn number(&mut self) {
        let mut groups = DigitGroups::new();
        let mut at = self.at;
        loop {
            while let Some(digit) = self.peek(at).filter(char::is_ascii_digit) {
                groups.push_digit(digit);
                at += 1;
            }
            let Some(separator) = self.peek(at).and_then(group_separator).filter(|_| self.is_digit(at + 1)) else {
                break;
            };
            groups.push_separator(separator);
            at += 1;
        }
        let end = self.price_mark(at);
        self.push(TokenKind::Number(NumberToken { groups, is_marked: end > at }), end, None);
    }

    /// The end of the `,-`, `.-`, `:-` or `/-` behind a number, or `at`.
    fn price_mark(&self, at: usize) -> usize {
        let mut end = match self.peek(at) {
            Some('.' | ',' | ':' | '/') if matches!(self.peek(at + 1), Some('-')) => at + 1,
            Some('/') if self.peek(at + 1) == Some('=') => return at + 2,
            _ => return at,
        };
        while self.peek(end) == Some('-') {
            end += 1;
        }
        if self.is_digit(end) { at } else { end }
    }

    /// Words of scripts without spaces: the longest ones that are known, and runs of what is not.
    fn unspaced(&mut self) {
        let Some(first) = self.peek(self.at) else { return };
        let longest = self.lexicon.longest_unspaced(lower(first));
        let last = (self.at + longest).min(self.text.chars.len());
        for end in (self.at + 1..=last).rev() {
            if let Some(entry) = self.lexicon.entry(self.text.lower(self.at, end)) {
                return self.push(TokenKind::Word { is_upper: false, is_title: false }, end, Some(entry));
            }
        }
        let end = self.at + 1;
        match self.tokens.last_mut() {
            Some(last) if !self.has_gap && last.entry.is_none() && last.is_word() => {
                last.end = end;
                self.at = end;
            }
            _ => self.push(TokenKind::Word { is_upper: false, is_title: false }, end, None),
        }
    }

    fn word(&mut self) {
        let end = self.word_end(self.at);
        let first = self.text.lower(self.at, end);
        let phrase = self.phrase(end, self.lexicon.phrase_words(first));
        let (mut end, entry) = match phrase {
            Some((end, entry)) => (end, Some(entry)),
            None => (end, self.lexicon.entry(first)),
        };
        // The dot of an abbreviation, so that `Rs.500` is no decimal; it may have a meaning of its own, as in `mil.`.
        let dotted =
            (self.peek(end) == Some('.')).then(|| self.lexicon.entry(self.text.lower(self.at, end + 1))).flatten();
        let is_abbreviation = entry.is_some_and(|entry| entry.sign.is_some() || !entry.scales.is_empty());
        if self.peek(end) == Some('.') && (dotted.is_some() || is_abbreviation) && !self.is_price_mark(end) {
            end += 1;
        }
        let letters = &self.text.chars[self.at..end];
        let is_upper = letters.iter().all(|c| !c.is_lowercase());
        let is_title = letters.first().is_some_and(|c| c.is_uppercase());
        self.push(TokenKind::Word { is_upper, is_title }, end, dotted.or(entry));
    }

    fn is_price_mark(&self, at: usize) -> bool {
        self.peek(at + 1) == Some('-')
    }

    fn word_end(&self, start: usize) -> usize {
        let mut end = start;
        while self.peek(end).is_some_and(|c| is_letter(c) && !is_unspaced(c)) {
            end += 1;
        }
        end
    }

    /// The longest known phrase that begins here; its first word or mark ends at `end`.
    fn phrase(&self, end: usize, most_words: usize) -> Option<(usize, &'l Entry)> {
        let mut ends = [0; MAX_PHRASE_WORDS];
        let mut count = 0;
        let mut at = end;
        while count + 1 < most_words.min(MAX_PHRASE_WORDS) {
            at += usize::from(self.peek(at).is_some_and(char::is_whitespace));
            let Some(c) = self.peek(at) else { break };
            if c.is_whitespace() {
                break;
            }
            at = if is_letter(c) { self.word_end(at).max(at + 1) } else { at + 1 };
            ends[count] = at;
            count += 1;
        }
        // "C $60" is Canadian where eBay writes it, but not in "USB C $60".
        let is_single = end == self.at + 1 && self.tokens.last().is_some_and(Token::is_word);
        let spans_gap =
            |end: &usize| is_single && self.peek(*end - 1) == Some('$') && self.peek(self.at + 1) == Some(' ');
        let known = |end: &usize| self.lexicon.entry(self.text.lower(self.at, *end)).map(|entry| (*end, entry));
        ends[..count]
            .iter()
            .rev()
            .filter(|end| !(spans_gap(end) || self.is_digit(**end - 1) && self.is_digit(**end)))
            .find_map(known)
    }

    fn symbol(&mut self, c: char) {
        let end = self.at + 1;
        let key = self.text.lower(self.at, end);
        let (end, entry) = match self.phrase(end, self.lexicon.phrase_words(key)) {
            Some((end, entry)) => (end, Some(entry)),
            None => (end, self.lexicon.entry(key)),
        };
        self.push(TokenKind::Mark(c), end, entry);
    }
}

const MAX_PHRASE_WORDS: usize = 8;

fn lower(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

/// The separator of digits, with every white space as `' '`; a plain space is none, as it separates numbers as well.
const fn group_separator(c: char) -> Option<char> {
    match c {
        '.' | ',' | '\'' | '\u{66b}' | '\u{66c}' => Some(c),
        '\u{a0}' | '\u{2007}' | '\u{2008}' | '\u{2009}' | '\u{200a}' | '\u{202f}' => Some(' '),
        _ => None,
    }
}

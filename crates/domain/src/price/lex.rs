//! Cuts an ad's text into numbers, currency signs, words and the rest.

use crate::money::{Currency, Money};

/// A piece of text, and whether it follows the one before without a gap.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) glued: bool,
}

#[derive(Debug, PartialEq)]
pub(super) enum Kind {
    /// A number; `None` when its groups of digits make no sense.
    Number(Option<Number>),
    /// A currency's sign or code; one that leaves open which dollars or crowns it means is of the default currency.
    Sign(Currency),
    /// A run of letters, in lower case.
    Word(String),
    /// Anything else.
    Other(char),
}

/// A decimal number: `mantissa / 10^scale`.
#[derive(Debug, PartialEq)]
pub(super) struct Number {
    mantissa: u128,
    scale: u32,
}

/// The pieces of a text; a plain space groups digits when it is told to.
pub(super) fn lex(text: &str, default: Currency, spaces_group: bool) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut lexer = Lexer { chars: &chars, at: 0, default, spaces_group, tokens: Vec::new() };
    let mut glued = false;
    while let Some(&c) = chars.get(lexer.at) {
        if c.is_whitespace() {
            lexer.at += 1;
            glued = false;
            continue;
        }
        let kind = lexer.next(c);
        lexer.tokens.push(Token { kind, glued });
        glued = true;
    }
    lexer.tokens
}

impl Number {
    /// So many units of a currency, rounded to its minor unit; `None` when absurd.
    pub(super) fn money(&self, currency: Currency) -> Option<Money> {
        let scaled = self.mantissa.checked_mul(u128::from(currency.minor_per_unit().unsigned_abs()))?;
        let divisor = 10_u128.checked_pow(self.scale)?;
        let minor = i64::try_from((scaled + divisor / 2) / divisor).ok()?;
        (minor / currency.minor_per_unit() < Money::MAX_UNITS).then_some(Money { minor, currency })
    }
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    default: Currency,
    spaces_group: bool,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self, c: char) -> Kind {
        let digit_next = self.peek(1).is_some_and(|c| c.is_ascii_digit());
        if c.is_ascii_digit() || (c == '.' && digit_next) {
            return Kind::Number(self.number());
        }
        if c.is_alphabetic() {
            return self.word();
        }
        self.at += 1;
        match sign(c, self.default) {
            Some(currency) => Kind::Sign(currency),
            None => Kind::Other(c),
        }
    }

    fn word(&mut self) -> Kind {
        let start = self.at;
        while self.peek(0).is_some_and(char::is_alphabetic) {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        // `US$` and the like say which dollars are meant.
        if self.peek(0) == Some('$')
            && let Some(currency) = dollars(&word)
        {
            self.at += 1;
            return Kind::Sign(currency);
        }
        let lower = word.to_lowercase();
        if let Some(currency) = currency_word(&lower, self.default) {
            return Kind::Sign(currency);
        }
        let is_code = CODES.contains(&word.as_str()) || lower.eq_ignore_ascii_case(self.default.as_str());
        match Currency::parse(&word) {
            Ok(currency) if is_code => Kind::Sign(currency),
            _ => Kind::Word(lower),
        }
    }

    fn number(&mut self) -> Option<Number> {
        let mut groups = vec![self.digits()];
        let mut separators = Vec::new();
        while let Some(separator) = self.peek(0).and_then(|c| self.separator(c)) {
            if !self.peek(1).is_some_and(|c| c.is_ascii_digit()) {
                break;
            }
            self.at += 1;
            separators.push(separator);
            groups.push(self.digits());
        }
        let zeros = self.multiplier();
        let decimals = decimals(&groups, &separators, zeros > 0, self.default.exponent());
        let whole = groups.len() - usize::from(decimals);
        if !are_thousands(&groups[..whole], &separators[..whole - 1]) {
            return None;
        }
        let digits = groups.concat();
        let scale = if decimals { u32::try_from(groups[whole].len()).ok()? } else { 0 };
        if digits.len() > 18 {
            return None;
        }
        Some(Number { mantissa: digits.parse::<u128>().ok()? * 10_u128.pow(zeros), scale })
    }

    /// A run of digits; empty before the point of `.99`.
    fn digits(&mut self) -> String {
        let start = self.at;
        while self.peek(0).is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn separator(&self, c: char) -> Option<char> {
        match c {
            '.' | ',' => Some(c),
            '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '\u{2019}' => Some(' '),
            ' ' if self.spaces_group => Some(' '),
            _ => None,
        }
    }

    /// How many zeros the `k` or `m` right behind a number stands for.
    fn multiplier(&mut self) -> u32 {
        let zeros = match self.peek(0) {
            Some('k' | 'K') => 3,
            Some('m' | 'M') => 6,
            _ => return 0,
        };
        if self.peek(1).is_some_and(char::is_alphanumeric) {
            return 0;
        }
        self.at += 1;
        zeros
    }
}

/// Whether the last group of digits is a fraction: `1.400,00` and `28,5` have one, `1.400` and `28,000` do not.
fn decimals(groups: &[String], separators: &[char], multiplied: bool, exponent: u32) -> bool {
    let (Some(&last), Some(fraction)) = (separators.last(), groups.last()) else { return false };
    if last == ' ' || separators.iter().filter(|&&separator| separator == last).count() > 1 {
        return false;
    }
    if separators.len() > 1 {
        return true;
    }
    match fraction.len() {
        1 | 2 => true,
        3 => last == '.' && (multiplied || exponent == 3 || !(1..=3).contains(&groups[0].len()) || groups[0] == "0"),
        _ => last == '.',
    }
}

/// Whether groups of digits are one whole number: `1,234,567`, or `12,34,567` as written in India.
fn are_thousands(groups: &[String], separators: &[char]) -> bool {
    let [first, middle @ .., last] = groups else { return true };
    (1..=3).contains(&first.len())
        && last.len() == 3
        && middle.iter().all(|group| (2..=3).contains(&group.len()))
        && separators.iter().all(|separator| *separator == separators[0])
}

fn sign(c: char, default: Currency) -> Option<Currency> {
    let code = match c {
        '$' | '¤' => return Some(default),
        '€' => b"EUR",
        '£' => b"GBP",
        '¥' => b"JPY",
        '₹' => b"INR",
        '₩' => b"KRW",
        '₺' => b"TRY",
        '₴' => b"UAH",
        '₫' => b"VND",
        '₱' => b"PHP",
        '₪' => b"ILS",
        '฿' => b"THB",
        _ => return None,
    };
    Some(Currency::literal(*code))
}

fn dollars(prefix: &str) -> Option<Currency> {
    let code = match prefix {
        "US" | "USD" => b"USD",
        "C" | "CA" | "CAD" => b"CAD",
        "A" | "AU" | "AUD" => b"AUD",
        "NZ" | "NZD" => b"NZD",
        "HK" => b"HKD",
        "S" => b"SGD",
        "R" => b"BRL",
        _ => return None,
    };
    Some(Currency::literal(*code))
}

fn currency_word(lower: &str, default: Currency) -> Option<Currency> {
    match lower {
        "dollar" | "dollars" | "bucks" | "kr" => Some(default),
        "euro" | "euros" => Some(Currency::literal(*b"EUR")),
        "zł" => Some(Currency::literal(*b"PLN")),
        "rs" => Some(Currency::literal(*b"INR")),
        _ => None,
    }
}

/// Codes that are read as such in capitals, wherever they stand; codes that are also words are not among them.
const CODES: [&str; 27] = [
    "USD", "CAD", "AUD", "NZD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "KRW", "SEK", "NOK", "DKK", "PLN", "CZK",
    "HUF", "RON", "BRL", "MXN", "ZAR", "AED", "SGD", "HKD", "KWD", "BHD", "UAH",
];

//! Splits the text of a date into numbers, times and words.

/// A piece of a date's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DateToken {
    /// A number that stands alone, and how many digits it has.
    Number(i32, usize),
    /// Two or three numbers with the same sign between them, and the digits of the first: `13.10.2025`.
    Numeric { parts: Vec<i32>, separator: char, first_digits: usize, ends_in_separator: bool },
    /// A time of day, in seconds.
    Time(i32),
    /// The distance from UTC in seconds, east of Greenwich.
    Offset(i32),
    /// A word in lower case, without a dot at its end, and whether it was written in capitals.
    Word(String, bool),
    /// A plus behind a number: "30+ days" is no span of time.
    Plus,
}

/// Words between the parts of a date that mean nothing by themselves.
const FILLERS: [&str; 26] = [
    "alle", "am", "at", "da", "de", "del", "den", "der", "die", "el", "kl", "klo", "las", "le", "o", "of", "om", "on",
    "the", "uhr", "um", "à", "às", "в", "г", "года",
];

/// Zones by the names that dates use, in minutes east of Greenwich. Names of several zones, such as IST, are left out.
const ZONES: [(&str, i32); 45] = [
    ("acdt", 630),
    ("acst", 570),
    ("aedt", 660),
    ("aest", 600),
    ("akdt", -480),
    ("akst", -540),
    ("art", -180),
    ("awst", 480),
    ("brt", -180),
    ("bst", 60),
    ("cat", 120),
    ("cdt", -300),
    ("cest", 120),
    ("cet", 60),
    ("cst", -360),
    ("eat", 180),
    ("edt", -240),
    ("eest", 180),
    ("eet", 120),
    ("est", -300),
    ("gmt", 0),
    ("hkt", 480),
    ("hst", -600),
    ("jst", 540),
    ("kst", 540),
    ("mdt", -360),
    ("mesz", 120),
    ("mez", 60),
    ("msk", 180),
    ("mst", -420),
    ("nzdt", 780),
    ("nzst", 720),
    ("pdt", -420),
    ("pht", 480),
    ("pkt", 300),
    ("pst", -480),
    ("sast", 120),
    ("sgt", 480),
    ("ut", 0),
    ("utc", 0),
    ("wat", 60),
    ("west", 60),
    ("wet", 0),
    ("wib", 420),
    ("z", 0),
];

/// The offset of a zone's name.
pub(crate) fn zone_offset(name: &str) -> Option<i32> {
    let at = ZONES.binary_search_by_key(&name, |(zone, _)| zone).ok()?;
    Some(ZONES[at].1 * 60)
}

struct Scanner<'a> {
    rest: &'a str,
    tokens: Vec<DateToken>,
}

/// The pieces of a text, without words that mean nothing.
pub(crate) fn date_tokens(text: &str) -> Vec<DateToken> {
    let mut scanner = Scanner { rest: text, tokens: Vec::new() };
    while let Some(c) = scanner.rest.chars().next() {
        if c.is_ascii_digit() {
            scanner.number();
        } else if c.is_alphabetic() {
            scanner.word();
        } else if matches!(c, '+' | '-' | '−') {
            scanner.sign(c);
        } else {
            scanner.skip(c);
        }
    }
    scanner.tokens
}

impl Scanner<'_> {
    fn skip(&mut self, c: char) {
        self.rest = &self.rest[c.len_utf8()..];
    }

    /// The digits that the rest begins with; none where they are too many for a number in a date.
    fn digits(&mut self) -> Option<(i32, usize)> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        if length > 9 {
            return None;
        }
        digits.parse().ok().map(|number| (number, length))
    }

    /// Digits behind `separator`, if that is what follows.
    fn digits_after(&mut self, separator: char) -> Option<(i32, usize)> {
        let after = self.rest.strip_prefix(separator)?;
        if !after.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.rest = after;
        self.digits()
    }

    fn number(&mut self) {
        let Some((first, first_digits)) = self.digits() else { return };
        let separator = self.rest.chars().next().unwrap_or_default();
        match separator {
            ':' | 'h' | 'H' if first < 24 => {
                if let Some((minute, 2)) = self.digits_after(separator) {
                    self.time(first, minute);
                    return;
                }
            }
            '-' | '.' | '/' | '年' | '년' if self.numeric(first, first_digits, separator) => return,
            _ => {}
        }
        self.tokens.push(DateToken::Number(first, first_digits));
        for ordinal in ["st", "nd", "rd", "th", "er", "re", "º", "ª", "°", "."] {
            let ends = |rest: &str| !rest.starts_with(char::is_alphabetic);
            if let Some(rest) = self.rest.strip_prefix(ordinal).filter(|rest| ends(rest)) {
                self.rest = rest;
                return;
            }
        }
    }

    /// What follows the hour and the minute of a time.
    fn time(&mut self, hour: i32, minute: i32) {
        let second = self.digits_after(':').map_or(0, |(second, _)| second);
        if self.rest.starts_with(['.', ',']) {
            let fraction = self.rest[1..].bytes().take_while(u8::is_ascii_digit).count();
            self.rest = &self.rest[usize::from(fraction > 0) + fraction..];
        }
        if minute < 60 && second <= 60 {
            self.tokens.push(DateToken::Time(hour * 3_600 + minute * 60 + second.min(59)));
        }
    }

    /// Numbers with the same separator; East Asian dates have one of their own behind each number.
    fn numeric(&mut self, first: i32, first_digits: usize, separator: char) -> bool {
        let is_east_asian = matches!(separator, '年' | '년');
        let mut parts = vec![first];
        let mut seek = separator;
        while parts.len() < 3 {
            if is_east_asian && let Some(after) = self.rest.strip_prefix(seek) {
                // Korean has spaces behind them.
                let after = after.trim_start();
                if after.starts_with(|c: char| c.is_ascii_digit()) {
                    self.rest = after;
                    parts.extend(self.digits().map(|(number, _)| number));
                    seek = if seek == '年' { '月' } else { '월' };
                    continue;
                }
            }
            // Dates in central Europe have a space behind the dot: `13. 10. 2025`.
            if separator == '.'
                && let Some(after) = self.rest.strip_prefix(". ")
            {
                let digits = after.bytes().take_while(u8::is_ascii_digit).count();
                let is_date = digits > 0 && (parts.len() == 2 || after[digits..].starts_with('.'));
                if is_date {
                    self.rest = after;
                    parts.extend(self.digits().map(|(number, _)| number));
                    continue;
                }
            }
            let Some((number, _)) = self.digits_after(separator) else { break };
            parts.push(number);
        }
        if parts.len() == 1 {
            return false;
        }
        let end = if is_east_asian { ['日', '일'] } else { [separator, separator] };
        let ends_in_separator = self.rest.starts_with(end);
        self.rest = self.rest.strip_prefix(end).unwrap_or(self.rest);
        let separator = if is_east_asian { '-' } else { separator };
        self.tokens.push(DateToken::Numeric { parts, separator, first_digits, ends_in_separator });
        true
    }

    fn word(&mut self) {
        let is_inner = |c: char| c.is_alphabetic() || matches!(c, '\'' | '’') || is_mark(c);
        let length = self.rest.find(|c: char| !is_inner(c)).unwrap_or(self.rest.len());
        let (written, rest) = self.rest.split_at(length);
        self.rest = rest.strip_prefix('.').unwrap_or(rest);
        // "a.m." and "p.m." are cut at their dots.
        if matches!(written, "a" | "p" | "A" | "P") && rest.starts_with('.') {
            for half in ["m.", "M.", "m", "M"] {
                if let Some(after) = self.rest.strip_prefix(half) {
                    self.rest = after;
                    self.half_day(written.eq_ignore_ascii_case("p"));
                    return;
                }
            }
        }
        let word = written.to_lowercase();
        match &*word {
            "am" | "pm" if self.can_take_half_day() => self.half_day(word == "pm"),
            _ if FILLERS.binary_search(&&*word).is_ok() => {}
            _ => {
                let is_capital = written.len() <= 5 && written.bytes().all(|byte| byte.is_ascii_uppercase());
                self.tokens.push(DateToken::Word(word, is_capital));
            }
        }
    }

    fn can_take_half_day(&self) -> bool {
        matches!(self.tokens.last(), Some(DateToken::Time(..46_800) | DateToken::Number(1..=12, _)))
    }

    /// Makes the time before it, or the hour, one of the morning or the afternoon.
    fn half_day(&mut self, is_afternoon: bool) {
        let seconds = match self.tokens.last() {
            Some(DateToken::Time(seconds)) => *seconds,
            Some(DateToken::Number(hour @ 1..=12, _)) => hour * 3_600,
            _ => return,
        };
        let seconds = seconds % 43_200 + if is_afternoon { 43_200 } else { 0 };
        self.tokens.pop();
        self.tokens.push(DateToken::Time(seconds));
    }

    /// A sign that begins an offset from UTC, or follows a number.
    fn sign(&mut self, sign: char) {
        self.skip(sign);
        let is_zone = |token: &DateToken| match token {
            DateToken::Time(_) => true,
            DateToken::Word(word, _) => zone_offset(word).is_some(),
            _ => false,
        };
        let follows_time = self.tokens.last().is_some_and(is_zone);
        if !follows_time || !self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            if sign == '+' && matches!(self.tokens.last(), Some(DateToken::Number(..))) {
                self.tokens.push(DateToken::Plus);
            }
            return;
        }
        let Some((number, length)) = self.digits() else { return };
        let minutes = match length {
            1 | 2 => number * 60 + self.digits_after(':').map_or(0, |(minutes, _)| minutes),
            4 => number / 100 * 60 + number % 100,
            _ => return,
        };
        if minutes <= 14 * 60 {
            self.tokens.push(DateToken::Offset(if sign == '+' { minutes * 60 } else { minutes * -60 }));
        }
    }
}

/// Combining marks, of which letters may consist.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order() {
        assert!(FILLERS.is_sorted() && ZONES.is_sorted());
    }
}

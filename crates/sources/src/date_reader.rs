//! Moments as pages write them: for machines, as in mail, and as people do.
//!
//! What may mean two moments is left out: `10/11/2025` where both orders are in use, or a time in a zone that nobody knows.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use superbot_domain::{Timestamp, parse_timestamp};

use crate::date_tokens::{DateToken, date_tokens, zone_offset};
use crate::date_words::{DATE_WORDS, DateUnit, DateWord, DateWords, find_date_words};

/// No date is longer; what is longer is a text with a date somewhere in it.
const MAX_BYTES: usize = 120;

/// The language that dates are written in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DateLanguage(Option<&'static DateWords>);

/// Reads moments of one page.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DateReader {
    pub(crate) language: DateLanguage,
    /// What "today" and "2 hours ago" refer to; without it they are left out.
    pub(crate) read_at: Option<Timestamp>,
}

impl DateLanguage {
    /// The language of a tag such as `de` or `pt-BR`.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        find_date_words(tag).map(|words| Self(Some(words)))
    }

    /// This language, or that of a tag where none is set.
    #[must_use]
    pub(crate) fn or_of_tag(self, tag: &str) -> Self {
        if self.0.is_some() { self } else { Self(find_date_words(tag)) }
    }

    /// The tags of all languages.
    pub(crate) fn tags() -> impl Iterator<Item = &'static str> {
        DATE_WORDS.iter().map(|words| words.language)
    }

    fn words(self) -> &'static DateWords {
        self.0.unwrap_or(&DATE_WORDS[0])
    }
}

impl DateReader {
    /// A moment as text, or as seconds, milliseconds or microseconds since 1970.
    pub(crate) fn read(&self, text: &str) -> Option<Timestamp> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_BYTES {
            return None;
        }
        read_epoch(text).or_else(|| parse_timestamp(text).ok()).or_else(|| self.read_words(&date_tokens(text)))
    }

    fn read_words(&self, tokens: &[DateToken]) -> Option<Timestamp> {
        let parts = DateParts::of(tokens, self.language.words())?;
        // Machines write English months whatever the language of the page, as in mail.
        let english = || DateParts::of(tokens, &DATE_WORDS[0])?.absolute(self.read_at);
        if let Some(at) = parts.absolute(self.read_at).or_else(english) {
            return Some(at);
        }
        let now = self.read_at?;
        match parts.days_ago {
            Some(days) => {
                let day = now.to_zoned(TimeZone::UTC).date().checked_sub(days.days()).ok()?;
                // The zone is the site's, which may be ahead of UTC; nothing is posted after it was read.
                parts.at(day).map(|at| at.min(now))
            }
            None if parts.is_ago => parts.span.and_then(|span| before(now, span)),
            None => parts.is_now.then_some(now),
        }
    }
}

/// Seconds since 1970, or milliseconds or microseconds where they would be in a distant future otherwise.
fn read_epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // A number with fewer digits may be a year, or a date without separators.
    if !(9..=17).contains(&whole.len()) || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let number = whole.parse().ok()?;
    match number {
        0 => None,
        1..100_000_000_000 => Timestamp::from_second(number).ok(),
        100_000_000_000..100_000_000_000_000 => Timestamp::from_millisecond(number).ok(),
        _ => Timestamp::from_microsecond(number).ok(),
    }
}

fn before(now: Timestamp, span: Span) -> Option<Timestamp> {
    now.to_zoned(TimeZone::UTC).checked_sub(span).ok().map(|zoned| zoned.timestamp())
}

/// What the words of a date say.
#[derive(Debug, Default)]
struct DateParts {
    year: Option<i32>,
    month: Option<i32>,
    day: Option<i32>,
    /// Seconds since midnight.
    time: Option<i32>,
    /// Seconds east of Greenwich.
    offset: Option<i32>,
    days_ago: Option<i32>,
    span: Option<Span>,
    is_ago: bool,
    is_now: bool,
}

impl DateParts {
    /// What the tokens say; none where they may mean different moments.
    fn of(tokens: &[DateToken], words: &DateWords) -> Option<Self> {
        let mut parts = Self::default();
        let meanings = meanings(tokens, words);
        let month_place = month_place(tokens, &meanings);
        for (place, token) in tokens.iter().enumerate() {
            match (token, meanings[place]) {
                (DateToken::Plus, _) => return None,
                (DateToken::Numeric { .. }, _) => parts.take_numeric(token, words)?,
                (DateToken::Time(seconds), _) => parts.time = Some(*seconds),
                (DateToken::Offset(seconds), _) => parts.offset = Some(parts.offset.unwrap_or(0) + seconds),
                (_, Some(DateWord::Today)) => parts.days_ago = Some(0),
                (_, Some(DateWord::Yesterday)) => parts.days_ago = Some(1),
                (_, Some(DateWord::Now)) => parts.is_now = true,
                (_, Some(DateWord::Ago)) => parts.is_ago = true,
                (_, Some(DateWord::Unit(unit))) => {
                    let count = match (token, place.checked_sub(1).map(|before| (&tokens[before], meanings[before]))) {
                        // "un'ora" is two words.
                        (DateToken::Word(word, _), _) if word.contains(['\'', '’']) => 1,
                        (_, Some((DateToken::Number(count, _), _))) => *count,
                        (_, Some((_, Some(DateWord::One)))) => 1,
                        _ => continue,
                    };
                    parts.take_span(count, unit)?;
                    parts.is_ago |= words.ago.ends_with('*');
                }
                (_, Some(DateWord::Month(month))) if Some(place) == month_place => {
                    parts.take_month(month.into(), place, tokens);
                }
                (DateToken::Word(word, is_capital), None) if parts.time.is_some() => match zone_offset(word) {
                    Some(offset) => parts.offset = Some(offset),
                    // A zone that nobody knows.
                    None if *is_capital && word.len() >= 2 => return None,
                    None => {}
                },
                _ => {}
            }
        }
        Some(parts)
    }

    /// A date of numbers alone; none where the order of day and month is unknown.
    fn take_numeric(&mut self, token: &DateToken, words: &DateWords) -> Option<()> {
        let DateToken::Numeric { parts, separator, first_digits, ends_in_separator } = token else { return None };
        let is_day_first = match (*separator, words.is_day_first) {
            ('.', _) => true,
            (_, Some(is_day_first)) => is_day_first,
            _ => match parts[..] {
                [(13..), ..] => true,
                [_, (13..), ..] => false,
                [first, second, ..] if first == second => true,
                _ if *first_digits == 4 => false,
                _ => return None,
            },
        };
        let (year, month, day) = match parts[..] {
            [year, month, day] if *first_digits == 4 => (Some(year), month, day),
            [day, month, year] if is_day_first => (Some(year), month, day),
            [month, day, year] => (Some(year), month, day),
            // A version, a time with a dot, or a range, unless it is written as a date.
            [day, month] if *separator == '.' && *ends_in_separator => (None, month, day),
            [day, month] if *separator == '/' && is_day_first => (None, month, day),
            _ => return Some(()),
        };
        (self.year, self.month, self.day) = (year.map(full_year), Some(month), Some(day));
        Some(())
    }

    fn take_month(&mut self, month: i32, place: usize, tokens: &[DateToken]) {
        let number = |at: Option<usize>| match at.and_then(|at| tokens.get(at)) {
            Some(DateToken::Number(number, digits)) => Some((*number, *digits)),
            _ => None,
        };
        let before = number(place.checked_sub(1));
        let after = number(Some(place + 1));
        self.month = Some(month);
        match (before, after) {
            (Some((day, 1 | 2)), year) => {
                self.day = Some(day);
                self.year = year.map(|(year, _)| full_year(year)).or(self.year);
            }
            (year, Some((day, 1 | 2))) => {
                self.day = Some(day);
                self.year = year.filter(|(_, digits)| *digits == 4).map(|(year, _)| year).or(self.year);
            }
            _ => {}
        }
        // "Tue Oct 9 08:53:20 2025", "October 9th, 2025"
        let later = tokens[place + 1..].iter().find_map(|token| match token {
            DateToken::Number(year @ 1970..2100, 4) => Some(*year),
            _ => None,
        });
        self.year = self.year.or(later);
    }

    fn take_span(&mut self, count: i32, unit: DateUnit) -> Option<()> {
        let span = self.span.unwrap_or_default();
        let sum = match unit {
            DateUnit::Second => span.try_seconds(count),
            DateUnit::Minute => span.try_minutes(count),
            DateUnit::Hour => span.try_hours(count),
            DateUnit::Day => span.try_days(count),
            DateUnit::Week => span.try_weeks(count),
            DateUnit::Month => span.try_months(count),
            DateUnit::Year => span.try_years(count),
        };
        self.span = Some(sum.ok()?);
        Some(())
    }

    /// The moment of a date; without a year it is the last such day before `now`.
    fn absolute(&self, now: Option<Timestamp>) -> Option<Timestamp> {
        let month = i8::try_from(self.month?).ok()?;
        let day = i8::try_from(self.day?).ok()?;
        let on = |year: i16| Date::new(year, month, day).ok();
        if let Some(year) = self.year {
            return self.at(on(i16::try_from(year).ok()?)?);
        }
        // A day may have begun already in the site's zone.
        let tomorrow = now?.to_zoned(TimeZone::UTC).date().tomorrow().ok()?;
        let this_year = on(tomorrow.year()).filter(|date| *date <= tomorrow);
        self.at(this_year.or_else(|| on(tomorrow.year() - 1))?)
    }

    fn at(&self, date: Date) -> Option<Timestamp> {
        let midnight = DateTime::from_parts(date, Time::midnight());
        let seconds = self.time.unwrap_or(0) - self.offset.filter(|_| self.time.is_some()).unwrap_or(0);
        TimeZone::UTC.to_timestamp(midnight).ok()?.checked_add(seconds.seconds()).ok()
    }
}

/// Years of two digits are those of RFC 2822, section 4.3.
const fn full_year(year: i32) -> i32 {
    match year {
        0..50 => 2_000 + year,
        50..100 => 1_900 + year,
        _ => year,
    }
}

/// The meaning of each token; that of a phrase stands at its last word.
fn meanings(tokens: &[DateToken], words: &DateWords) -> Vec<Option<DateWord>> {
    let word = |at: usize| match tokens.get(at) {
        Some(DateToken::Word(word, _)) => Some(word.as_str()),
        _ => None,
    };
    let mut meanings = vec![None; tokens.len()];
    let mut place = 0;
    while place < tokens.len() {
        let phrase = |length: usize| (place..place + length).map(word).collect::<Option<Vec<_>>>();
        let found = (1..=3).rev().find_map(|length| Some((length, words.find(&phrase(length)?.join("_"))?)));
        // "un'ora" is two words.
        let elided = || word(place)?.rsplit_once(['\'', '’']).and_then(|(_, last)| words.find(last));
        let (length, meaning) = found.map_or_else(|| (1, elided()), |(length, meaning)| (length, Some(meaning)));
        meanings[place + length - 1] = meaning;
        place += length;
    }
    meanings
}

/// The month of a date: of several words that may be one, that behind a number. "mar" is also a Tuesday.
fn month_place(tokens: &[DateToken], meanings: &[Option<DateWord>]) -> Option<usize> {
    let is_number = |at: Option<usize>| matches!(at.and_then(|at| tokens.get(at)), Some(DateToken::Number(..)));
    let months = || (0..tokens.len()).filter(|at| matches!(meanings[*at], Some(DateWord::Month(_))));
    let behind = months().rfind(|at| is_number(at.checked_sub(1)));
    behind.or_else(|| months().find(|at| is_number(Some(at + 1))))
}

#[cfg(test)]
mod tests;

//! Moments as pages write them: for machines, as in mail, and as people do.
//!
//! What may mean two moments is left out: `10/11/2025` where both orders are in use, or a time in an unknown zone.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use superbot_domain::{Timestamp, parse_timestamp};

use crate::date_tokens::{DateToken, date_tokens, zone_offset};
use crate::date_words::{DATE_WORDS, DateUnit, DateWord, DateWords, find_date_words};

/// No date is longer; what is longer is a text with a date somewhere in it.
const MAX_BYTES: usize = 120;
/// 1971-01-01: databases and programs write the first moment that they know for a date that is absent.
const EARLIEST_SECOND: i64 = 31_536_000;

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
        let at = read_epoch(text).or_else(|| parse_timestamp(text).ok());
        at.or_else(|| self.read_words(&date_tokens(text))).filter(|at| at.as_second() >= EARLIEST_SECOND)
    }

    fn read_words(&self, tokens: &[DateToken]) -> Option<Timestamp> {
        let parts = DateParts::of(tokens, self.language.words())?;
        if parts.month.is_some() {
            return parts.absolute(self.read_at);
        }
        // Machines write English months whatever the language of the page, as in mail.
        let english = DateParts::of(tokens, &DATE_WORDS[0]).and_then(|parts| parts.absolute(self.read_at));
        if english.is_some() {
            return english;
        }
        parts.relative(self.read_at?)
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
    /// From 1 for Monday.
    weekday: Option<i8>,
    days_ago: Option<i32>,
    /// How long ago something was, where the text says that it was.
    ages: Vec<Span>,
    /// A span of which the text may still say so.
    open_age: Option<Span>,
    /// Whether "ago" stands before its span, as in "vor 3 Tagen".
    has_leading_ago: bool,
    is_now: bool,
}

impl DateParts {
    /// What the tokens say; none where they may mean different moments.
    fn of(tokens: &[DateToken], words: &DateWords) -> Option<Self> {
        let mut parts = Self::default();
        let meanings = meanings(tokens, words);
        if has_several_days(tokens, &meanings) {
            return None;
        }
        let month_place = month_place(tokens, &meanings);
        for (place, token) in tokens.iter().enumerate() {
            match (token, meanings[place]) {
                (DateToken::Plus, _) | (_, Some(DateWord::OtherEvent)) => return None,
                (DateToken::Numeric { .. }, _) => parts.take_numeric(token, words)?,
                // Opening hours, or an offset without its sign.
                (DateToken::Time(seconds), _) if parts.time.is_some_and(|before| before != *seconds) => return None,
                (DateToken::Time(seconds), _) => parts.time = Some(*seconds),
                (DateToken::Offset(seconds), _) => parts.offset = Some(parts.offset.unwrap_or(0) + seconds),
                (_, Some(DateWord::DaysAgo(days))) => parts.days_ago = parts.days_ago.max(Some(days)),
                (_, Some(DateWord::Now)) => parts.is_now = true,
                (_, Some(DateWord::Ago)) => parts.close_age(),
                (_, Some(DateWord::Unit(unit))) => {
                    let count = match (token, place.checked_sub(1).map(|before| (&tokens[before], meanings[before]))) {
                        // "un'ora" is two words.
                        (DateToken::Word(word, _), _) if word.contains(['\'', '’']) => 1,
                        (_, Some((DateToken::Number(count, _), _))) => *count,
                        (_, Some((_, Some(DateWord::One)))) => 1,
                        _ => continue,
                    };
                    parts.take_span(count, unit)?;
                }
                (_, Some(DateWord::Month(month))) if Some(place) == month_place => {
                    parts.take_month(month.into(), place, tokens);
                }
                (DateToken::Word(word, is_capital), _) => parts.take_word(word, *is_capital, words)?,
                _ => {}
            }
        }
        if parts.has_leading_ago || words.ago.ends_with('*') {
            parts.ages.extend(parts.open_age.take());
        }
        Some(parts)
    }

    /// A word without a meaning in a date: a zone, a weekday, or anything else.
    fn take_word(&mut self, word: &str, is_capital: bool, words: &DateWords) -> Option<()> {
        if let Some(offset) = zone_offset(word).filter(|_| self.time.is_some()) {
            self.offset = Some(offset);
            return Some(());
        }
        // Pages in any language have dates that machines write in English.
        let english = &DATE_WORDS[0];
        if let Some(weekday) = words.find_weekday(word).or_else(|| english.find_weekday(word)) {
            self.weekday = Some(weekday);
            return Some(());
        }
        let is_unknown_zone = self.time.is_some() && is_capital && word.len() >= 2;
        if is_unknown_zone || english.find(word) == Some(DateWord::OtherEvent) {
            return None;
        }
        if words.ago.ends_with('*') {
            self.close_age();
        }
        Some(())
    }

    /// Ends a span at a word that says that it lies in the past. Where there is none before the word, one follows.
    fn close_age(&mut self) {
        match self.open_age.take() {
            Some(age) => self.ages.push(age),
            None => self.has_leading_ago |= self.ages.is_empty(),
        }
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
        // Of two dates one is that of something else.
        let is_other = self.day.is_some_and(|before| before != day) || self.month.is_some_and(|before| before != month);
        if is_other {
            return None;
        }
        self.year = year.map(full_year);
        self.month = Some(month);
        self.day = Some(day);
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
        let span = self.open_age.unwrap_or_default();
        let sum = match unit {
            DateUnit::Second => span.try_seconds(count),
            DateUnit::Minute => span.try_minutes(count),
            DateUnit::Hour => span.try_hours(count),
            DateUnit::Day => span.try_days(count),
            DateUnit::Week => span.try_weeks(count),
            DateUnit::Month => span.try_months(count),
            DateUnit::Year => span.try_years(count),
        };
        self.open_age = Some(sum.ok()?);
        Some(())
    }

    /// The moment of a date; without a year it is the last such day before `now`. A weekday has to agree with it.
    fn absolute(&self, now: Option<Timestamp>) -> Option<Timestamp> {
        let month = i8::try_from(self.month?).ok()?;
        let day = i8::try_from(self.day?).ok()?;
        let agrees = |date: &Date| self.weekday.is_none_or(|weekday| weekday == date.weekday().to_monday_one_offset());
        let on = |year: i16| Date::new(year, month, day).ok().filter(agrees);
        if let Some(year) = self.year {
            return self.at(on(i16::try_from(year).ok()?)?);
        }
        // A day may have begun already in the site's zone.
        let tomorrow = now?.to_zoned(TimeZone::UTC).date().tomorrow().ok()?;
        let this_year = on(tomorrow.year()).filter(|date| *date <= tomorrow);
        self.at(this_year.or_else(|| on(tomorrow.year() - 1))?)
    }

    /// The moment that lies as long before `now` as the text says. Of several the first counts: a posting comes before its changes.
    fn relative(&self, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let day = self.days_ago.and_then(|days| today.checked_sub(days.days()).ok());
        // The zone is the site's, which may be ahead of UTC; a posting is older than its page.
        let by_day = day.and_then(|day| self.at(day)).map(|at| at.min(now));
        let by_age = self.ages.iter().filter_map(|age| before(now, *age));
        let is_now = self.is_now.then_some(now);
        by_day.into_iter().chain(by_age).min().or(is_now)
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

/// Whether a text names two days by their months: one of them is not that of posting.
fn has_several_days(tokens: &[DateToken], meanings: &[Option<DateWord>]) -> bool {
    let is_day = |at: &usize| matches!(tokens.get(*at), Some(DateToken::Number(_, 1 | 2)));
    let months = (0..tokens.len()).filter(|at| matches!(meanings[*at], Some(DateWord::Month(_))));
    let day_beside = |month: usize| month.checked_sub(1).filter(is_day).or_else(|| Some(month + 1).filter(is_day));
    let mut days: Vec<usize> = months.filter_map(day_beside).collect();
    // "mar, 14 oct": both words are beside the same day.
    days.dedup();
    days.len() > 1
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

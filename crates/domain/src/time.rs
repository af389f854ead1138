//! Timestamps and the clock.

use std::time::Duration;

pub use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

use crate::field::{InvalidField, quoted};

/// Maximum difference between the clocks of processes on one store. A stored time further in the future was written
/// before the clock was set back; nothing may wait until the clock has caught up.
pub const CLOCK_SKEW: Duration = Duration::from_mins(1);

/// Source of the current time; passed as a parameter, so that tests can control it.
pub trait Clock: Send + Sync + 'static {
    /// Returns the current time.
    fn now(&self) -> Timestamp;
}

/// The system clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may ask the machine for the time")]
    fn now(&self) -> Timestamp {
        whole_microseconds(Timestamp::now())
    }
}

/// Formats a time as RFC 3339 in UTC with `Z`, with microseconds if they are not zero.
pub fn rfc3339(t: Timestamp) -> String {
    whole_microseconds(t).to_string()
}

/// Maximum length of a time; no form that is read is longer.
const MAX_TIME_BYTES: usize = 64;

/// Parses RFC 3339; a time without an offset, or a date alone, is taken as UTC.
pub fn parse_timestamp(text: &str) -> Result<Timestamp, InvalidField> {
    let text = text.trim();
    let refused =
        || InvalidField::new(format!("{} is not a time; give RFC 3339, as in 2025-10-09T10:30:00Z", quoted(text)));
    // A time zone in brackets would be ignored silently below, and the time be off by hours.
    if text.len() > MAX_TIME_BYTES || text.contains('[') {
        return Err(refused());
    }
    let parsed = match text.parse::<Timestamp>() {
        Ok(t) => t,
        Err(_) => {
            text.parse::<DateTime>().and_then(|naive| TimeZone::UTC.to_timestamp(naive)).map_err(|_| refused())?
        }
    };
    // RFC 3339 has no years before 0, so such a time could not be formatted again.
    if parsed.to_zoned(TimeZone::UTC).year() < 0 { Err(refused()) } else { Ok(whole_microseconds(parsed)) }
}

/// Parses the forms other than RFC 3339 in which programs state times: Unix time in seconds, milliseconds or
/// microseconds, and RFC 2822, as feeds and mails do.
pub(crate) fn parse_other_timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > MAX_TIME_BYTES {
        return None;
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_number { unix_timestamp(text.parse().ok()?) } else { mail_timestamp(text) }
}

/// Reads a Unix time from 2000 to 2100: numbers in other units, and those that are not times, are outside that range.
fn unix_timestamp(number: f64) -> Option<Timestamp> {
    const SECONDS: std::ops::Range<f64> = 946_684_800.0..4_102_444_800.0;
    let seconds = [1.0, 1e3, 1e6].map(|per_second| number / per_second).into_iter().find(|at| SECONDS.contains(at))?;
    #[expect(clippy::cast_possible_truncation, reason = "in range, and far below 2^53 microseconds")]
    Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
}

/// Reads a time as in mails (RFC 2822), unless the name of its zone is none of RFC 2822: such a name would count as UTC.
fn mail_timestamp(text: &str) -> Option<Timestamp> {
    const ZONES: [&str; 11] = ["UT", "GMT", "UTC", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"];
    let zone = text.split('(').next()?.split_whitespace().next_back()?;
    if zone.starts_with(char::is_alphabetic) && !ZONES.iter().any(|name| name.eq_ignore_ascii_case(zone)) {
        return None;
    }
    rfc2822::parse(text).ok().map(|zoned| whole_microseconds(zoned.timestamp()))
}

/// Truncates to microseconds, the precision of stores, so that storing a time does not change it.
pub fn whole_microseconds(t: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(t.as_microsecond()).unwrap_or(t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naive_times_are_utc() {
        for (text, expected) in [
            ("2025-10-09T10:30:00", "2025-10-09T10:30:00Z"),
            ("2025-10-09 10:30:00", "2025-10-09T10:30:00Z"),
            ("2025-10-09T10:30:00.123456", "2025-10-09T10:30:00.123456Z"),
            ("2025-10-09", "2025-10-09T00:00:00Z"),
            ("2025-10-09T10:30:00+02:00", "2025-10-09T08:30:00Z"),
            ("2025-10-09T10:30:00.123456789Z", "2025-10-09T10:30:00.123456Z"),
            (" 2025-10-09T10:30:00.500Z ", "2025-10-09T10:30:00.5Z"),
        ] {
            assert_eq!(rfc3339(parse_timestamp(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_and_named() {
        for text in [
            "",
            "yesterday",
            "2025-13-01",
            "10:30",
            "1760000000",
            "2025-10-09T10:30:00[Europe/Paris]",
            "-000001-01-01T00:00:00Z",
        ] {
            let error = parse_timestamp(text).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}

//! Timestamps and the clock.

use std::time::Duration;

pub use jiff::Timestamp;
use jiff::civil::DateTime;
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

/// Parses RFC 3339; a time without an offset, or a date alone, is taken as UTC.
pub fn parse_timestamp(text: &str) -> Result<Timestamp, InvalidField> {
    const MAX_BYTES: usize = 64;
    let text = text.trim();
    let refused =
        || InvalidField::new(format!("{} is not a time; give RFC 3339, as in 2025-10-09T10:30:00Z", quoted(text)));
    // A time zone in brackets would be ignored silently below, and the time be off by hours.
    if text.len() > MAX_BYTES || text.contains('[') {
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

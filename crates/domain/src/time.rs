//! Points in time, and the clock that tells them.

use std::time::Duration;

pub use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::field::{InvalidField, quoted};

/// How far the clocks of processes on one store may differ. A stored moment that is further ahead was written before the clock
/// was set back, and must not make anything wait until the clock has caught up.
pub const CLOCK_SKEW: Duration = Duration::from_mins(1);

/// Tells the time; a parameter everywhere, so that tests can set it.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may ask the machine for the time")]
    fn now(&self) -> Timestamp {
        whole_microseconds(Timestamp::now())
    }
}

/// The moment as clients read it: RFC 3339 in UTC with `Z`, to the microsecond, without needless zeros.
pub fn rfc3339(t: Timestamp) -> String {
    whole_microseconds(t).to_string()
}

/// Reads RFC 3339; a time without an offset, or a date alone, is taken as UTC.
pub fn parse_timestamp(text: &str) -> Result<Timestamp, InvalidField> {
    const MAX_BYTES: usize = 64;
    let text = text.trim();
    let refused =
        || InvalidField::new(format!("{} is no time; give RFC 3339, as in 2025-10-09T10:30:00Z", quoted(text)));
    // A zone in brackets would be dropped silently below, and the time be wrong by hours.
    if text.len() > MAX_BYTES || text.contains('[') {
        return Err(refused());
    }
    let parsed = match text.parse::<Timestamp>() {
        Ok(t) => t,
        Err(_) => {
            text.parse::<DateTime>().and_then(|naive| TimeZone::UTC.to_timestamp(naive)).map_err(|_| refused())?
        }
    };
    // RFC 3339 knows no years before 0, and what cannot be written must not be read.
    if parsed.to_zoned(TimeZone::UTC).year() < 0 { Err(refused()) } else { Ok(whole_microseconds(parsed)) }
}

/// The moment to the microsecond: stores keep no more, and a moment must not change by being stored.
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

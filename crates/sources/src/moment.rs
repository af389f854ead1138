//! Moments as pages write them.

use serde_json::Value;
use superbot_domain::{Timestamp, parse_timestamp};

/// A moment as machines write it, or as mail does.
pub(crate) fn parse_moment(text: &str) -> Option<Timestamp> {
    let by_mail = || jiff::fmt::rfc2822::parse(text.trim()).ok().map(|zoned| zoned.timestamp());
    parse_timestamp(text).ok().or_else(by_mail)
}

/// A moment as text, or as seconds or milliseconds since 1970.
pub(crate) fn read_moment(value: &Value) -> Option<Timestamp> {
    const MILLISECONDS: i64 = 100_000_000_000;
    match value {
        Value::String(text) => parse_moment(text),
        other => match other.as_i64()? {
            0 => None,
            millis if millis.abs() >= MILLISECONDS => Timestamp::from_millisecond(millis).ok(),
            seconds => Timestamp::from_second(seconds).ok(),
        },
    }
}

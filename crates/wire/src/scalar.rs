//! Scalar values with a special JSON format.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use superbot_domain::{Money, Price, Timestamp, whole_microseconds};

/// A time in RFC 3339 format, in UTC with `Z`, with microsecond precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rfc3339(Timestamp);

/// A price in units of its currency: `28000`, `24.99`, `0` if free, `null` if not stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PriceUnits(Value);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Rfc3339 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::deserialize(deserializer).map(Self::from)
    }
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl From<Timestamp> for Rfc3339 {
    fn from(timestamp: Timestamp) -> Self {
        Self(whole_microseconds(timestamp))
    }
}

impl PriceUnits {
    /// No price, which serializes as `null`.
    pub const NONE: Self = Self(Value::Null);
}

impl From<Price> for PriceUnits {
    fn from(price: Price) -> Self {
        Self(price.to_json())
    }
}

impl From<Money> for PriceUnits {
    fn from(money: Money) -> Self {
        Self(Value::Number(money.to_json()))
    }
}

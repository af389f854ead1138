//! The condition of an item for sale.

use serde::Serialize;

use crate::field::{InvalidField, quoted};

/// The condition of an item for sale.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_ty = InvalidField, parse_err_fn = unknown_condition)]
pub enum ItemCondition {
    /// Unused.
    New,
    /// Used, without visible signs of use.
    LikeNew,
    /// Used, with minor signs of use.
    Good,
    /// Used, with defects that do not affect its function.
    Fair,
    /// Broken or incomplete: for repair or spare parts.
    Parts,
}

impl ItemCondition {
    /// Names of all conditions.
    pub const NAMES: &[&str] = <Self as strum::VariantNames>::VARIANTS;

    /// Returns the name used in the store and in the API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a condition as sites word it: `Like new`, or `https://schema.org/NewCondition`.
    pub fn from_words(text: &str) -> Option<Self> {
        let word = text.rsplit('/').next().unwrap_or_default().trim().to_lowercase().replace([' ', '-'], "_");
        match &*word {
            "newcondition" | "brand_new" => Some(Self::New),
            "damagedcondition" | "for_parts" | "broken" => Some(Self::Parts),
            "very_good" | "excellent" => Some(Self::LikeNew),
            other => other.parse().ok(),
        }
    }
}

fn unknown_condition(text: &str) -> InvalidField {
    InvalidField::new(format!("{} is not a condition; give {}, or null", quoted(text), ItemCondition::NAMES.join(", ")))
}

//! Sort orders of listings, and cursors.

use std::str::FromStr;

use superbot_domain::{InvalidField, PricePeriod};

use super::known::StoredListing;
use crate::error::{Result, StoreError};
use crate::rows::{micros, recurring_units, units};
use crate::sql::QueryBuilder;

/// Sort order of a list of listings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListingSort {
    /// By discovery, newest first.
    #[default]
    Found,
    /// By time of posting, newest first.
    Posted,
    /// By price, lowest first, without currency conversion; excludes listings without a price of the kind asked for.
    PriceAscending,
    /// By price, highest first, without currency conversion; excludes listings without a price of the kind asked for.
    PriceDescending,
    /// By relative price drop, largest first; excludes listings whose last price change was not a drop.
    Drop,
}

/// Sort orders with their names in requests.
const NAMES: [(&str, ListingSort); 5] = [
    ("found", ListingSort::Found),
    ("posted", ListingSort::Posted),
    ("price_asc", ListingSort::PriceAscending),
    ("price_desc", ListingSort::PriceDescending),
    ("drop", ListingSort::Drop),
];

impl ListingSort {
    /// Returns all sort orders.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        NAMES.into_iter().map(|(_, sort)| sort)
    }

    /// Returns the name used in requests.
    pub fn name(self) -> &'static str {
        NAMES.into_iter().find_map(|(name, sort)| (sort == self).then_some(name)).unwrap_or_default()
    }

    /// Returns the columns and index that implement the order, for listings with a price for a period or for all.
    pub(super) fn order(self, per: Option<PricePeriod>) -> SortOrder {
        let order = |key, is_nullable, index| SortOrder {
            key,
            is_nullable,
            is_ascending: self == Self::PriceAscending,
            index,
            begins_with_period: false,
        };
        let of_period = |key, index| SortOrder { begins_with_period: true, ..order(key, false, index) };
        match (self, per) {
            (Self::Found, None) => order(None, false, "listings_facts"),
            (Self::Found, Some(_)) => of_period(None, "listings_by_period"),
            (Self::Posted, _) => order(Some("created_at"), false, "listings_by_posted"),
            (Self::PriceAscending | Self::PriceDescending, None) => {
                order(Some("price_units"), true, "listings_by_price")
            }
            (Self::PriceAscending | Self::PriceDescending, Some(_)) => {
                of_period(Some("recurring_units"), "listings_by_recurring_price")
            }
            (Self::Drop, _) => order(Some("price_fall"), true, "listings_by_fall"),
        }
    }

    /// Returns the first character of its cursors, which prevents use with another order; none for the default order.
    fn mark(self) -> Option<char> {
        match self {
            Self::Found => None,
            Self::Posted => Some('p'),
            Self::PriceAscending => Some('l'),
            Self::PriceDescending => Some('h'),
            Self::Drop => Some('r'),
        }
    }
}

impl FromStr for ListingSort {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        let found = NAMES.into_iter().find_map(|(name, sort)| (name == text).then_some(sort));
        let names = NAMES.map(|(name, _)| name).join(", ");
        found.ok_or_else(|| InvalidField::new(format!("must be one of {names}")))
    }
}

/// Implementation of a sort order: by a key column, then by id.
#[derive(Clone, Copy)]
pub(super) struct SortOrder {
    /// The key column; `None` for the id alone.
    key: Option<&'static str>,
    /// Whether the key can be NULL; such listings are excluded.
    is_nullable: bool,
    is_ascending: bool,
    /// A covering index for the filter columns. For the order by id, it exists in SQLite only.
    pub(super) index: &'static str,
    /// Whether the index holds the listings of each period of prices by themselves.
    pub(super) begins_with_period: bool,
}

impl SortOrder {
    /// Returns whether listings without the key are excluded.
    pub(super) fn leaves_out(self) -> bool {
        self.is_nullable
    }

    /// Appends the condition that the key is present.
    pub(super) fn push_presence(self, select: &mut QueryBuilder) {
        if let (Some(key), true) = (self.key, self.is_nullable) {
            select.push(format!(" AND {key} IS NOT NULL"));
        }
    }

    /// Appends the condition that a listing follows the cursor.
    pub(super) fn push_after(self, cursor: Option<&ListCursor>, select: &mut QueryBuilder) {
        let Some(cursor) = cursor else { return };
        let sign = if self.is_ascending { ">" } else { "<" };
        match (self.key, cursor.key) {
            (Some(key), Some(after)) => {
                // A row comparison, which both databases answer with an index range scan.
                select.push(format!(" AND ({key}, id) {sign} ("));
                match after {
                    SortKey::Micros(at) => select.push_bind(at),
                    SortKey::Number(number) => select.push_bind(number),
                };
                select.push(", ").push_bind(cursor.id).push(")");
            }
            _ => {
                select.push(format!(" AND id {sign} ")).push_bind(cursor.id);
            }
        }
    }

    /// Appends the `ORDER BY` clause.
    pub(super) fn push_order(self, select: &mut QueryBuilder) {
        let direction = if self.is_ascending { "ASC" } else { "DESC" };
        select.push(" ORDER BY ");
        if let Some(key) = self.key {
            select.push(format!("{key} {direction}, "));
        }
        select.push(format!("id {direction}"));
    }

    /// Appends an `ORDER BY` clause that Postgres can only implement by sorting, since `+ 0` rules out an index scan.
    pub(super) fn push_order_by_sorting(self, select: &mut QueryBuilder) {
        let direction = if self.is_ascending { "ASC" } else { "DESC" };
        select.push(format!(" ORDER BY {} + 0 {direction}, id {direction}", self.key.unwrap_or("id")));
    }

    pub(super) fn key(self) -> Option<&'static str> {
        self.key
    }
}

/// Position in a list after which a page begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ListCursor {
    key: Option<SortKey>,
    pub(super) id: i64,
}

/// Value of the key column at that position.
#[derive(Clone, Copy, Debug, PartialEq)]
enum SortKey {
    Micros(i64),
    Number(f64),
}

impl ListCursor {
    /// Returns the cursor after a listing.
    pub(super) fn behind(known: &StoredListing, sort: ListingSort) -> Self {
        let listing = &known.listing;
        let key = match sort {
            ListingSort::Found => None,
            ListingSort::Posted => Some(SortKey::Micros(micros(listing.created_at))),
            ListingSort::PriceAscending | ListingSort::PriceDescending => {
                units(listing.price).or(recurring_units(listing.price)).map(SortKey::Number)
            }
            ListingSort::Drop => known.price_fall.map(SortKey::Number),
        };
        Self { key, id: listing.id.get() }
    }

    /// Serializes the cursor: the order's mark and the key in hexadecimal digits, a hyphen, and the id; or the id
    /// alone.
    pub(super) fn write(self, sort: ListingSort) -> String {
        let key = match self.key {
            Some(SortKey::Micros(at)) => format!("{:x}-", at.cast_unsigned()),
            // The exact bits: a rounded key would skip or repeat listings.
            Some(SortKey::Number(number)) => format!("{:x}-", number.to_bits()),
            None => String::new(),
        };
        format!("{}{key}{:x}", sort.mark().map(String::from).unwrap_or_default(), self.id)
    }

    /// # Errors
    /// [`StoreError::BadCursor`] if it is malformed or belongs to another order.
    pub(super) fn read(text: &str, sort: ListingSort) -> Result<Self> {
        Self::parse(text, sort).ok_or(StoreError::BadCursor)
    }

    fn parse(text: &str, sort: ListingSort) -> Option<Self> {
        // Cursors of other orders have other marks, so they are rejected here.
        let Some(mark) = sort.mark() else { return Some(Self { key: None, id: id(text)? }) };
        let (key, after) = text.strip_prefix(mark)?.split_once('-')?;
        let bits = digits(key)?;
        let key = match sort {
            ListingSort::Posted => SortKey::Micros(bits.cast_signed()),
            _ => SortKey::Number(Some(f64::from_bits(bits)).filter(|number| number.is_finite())?),
        };
        Some(Self { key: Some(key), id: id(after)? })
    }
}

fn id(text: &str) -> Option<i64> {
    digits(text).and_then(|id| i64::try_from(id).ok()).filter(|id| *id > 0)
}

/// Parses a hexadecimal number. `from_str_radix` accepts a leading plus sign, which no cursor has.
fn digits(text: &str) -> Option<u64> {
    (!text.starts_with('+')).then(|| u64::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_by_its_own_sort_only() {
        let keys = [
            None,
            Some(SortKey::Micros(-5)),
            Some(SortKey::Number(24.99)),
            Some(SortKey::Number(0.0)),
            Some(SortKey::Number(0.25)),
        ];
        for ((sort, key), other) in ListingSort::all().zip(keys).zip(ListingSort::all().cycle().skip(1)) {
            let cursor = ListCursor { key, id: 77 };
            let written = cursor.write(sort);
            assert_eq!(ListCursor::read(&written, sort).unwrap(), cursor, "{written}");
            assert!(matches!(ListCursor::read(&written, other), Err(StoreError::BadCursor)), "{written} {other:?}");
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        assert!(ListingSort::all().all(|sort| sort.name().parse() == Ok(sort)));
        let refused = "newest".parse::<ListingSort>().unwrap_err().to_string();
        assert!(refused.contains("found, posted, price_asc, price_desc, drop"), "{refused}");
    }
}

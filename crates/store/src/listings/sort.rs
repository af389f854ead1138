//! The orders in which lists of listings are read, and the cursors into them.

use std::str::FromStr;

use superbot_domain::{InvalidField, PricePeriod};

use super::known::Known;
use crate::error::{Result, StoreError};
use crate::rows::{micros, recurring_units, units};
use crate::sql::QueryBuilder;

/// The order of a list of listings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListingSort {
    /// The last found first.
    #[default]
    Found,
    /// The last posted first.
    Posted,
    /// The lowest price first; listings without a price of the kind that is asked for are left out. Currencies are not converted.
    PriceAscending,
    /// The highest price first; listings without a price of the kind that is asked for are left out. Currencies are not converted.
    PriceDescending,
    /// The largest relative fall first; listings whose latest price change was no fall are left out.
    Drop,
}

/// The sorts with the names that they have in requests.
const NAMES: [(&str, ListingSort); 5] = [
    ("found", ListingSort::Found),
    ("posted", ListingSort::Posted),
    ("price_asc", ListingSort::PriceAscending),
    ("price_desc", ListingSort::PriceDescending),
    ("drop", ListingSort::Drop),
];

impl ListingSort {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        NAMES.into_iter().map(|(_, sort)| sort)
    }

    /// Its name in requests.
    pub fn name(self) -> &'static str {
        NAMES.into_iter().find_map(|(name, sort)| (sort == self).then_some(name)).unwrap_or_default()
    }

    /// How it is kept in the store, for listings with a price for that period or for all.
    pub(super) fn order(self, per: Option<PricePeriod>) -> Order {
        let order = |key, is_nullable, index| Order {
            key,
            is_nullable,
            is_ascending: self == Self::PriceAscending,
            index,
            begins_with_period: false,
        };
        let of_period = |key, index| Order { begins_with_period: true, ..order(key, false, index) };
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

    /// The first character of its cursors; those of the default order are plain numbers.
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

/// How an order is kept in the store: by a key and then by the id.
#[derive(Clone, Copy)]
pub(super) struct Order {
    /// The column of the key; `None` where it is the id alone.
    key: Option<&'static str>,
    /// Whether listings without the key are left out.
    is_nullable: bool,
    is_ascending: bool,
    /// The index that has it, with the columns that lists are filtered by. For the ids that is so in SQLite only.
    pub(super) index: &'static str,
    /// Whether the index holds the listings of each period of prices by themselves.
    pub(super) begins_with_period: bool,
}

impl Order {
    /// Whether listings without the key are left out.
    pub(super) fn leaves_out(self) -> bool {
        self.is_nullable
    }

    /// The condition that a listing is part of the list, wherever it begins.
    pub(super) fn push_presence(self, select: &mut QueryBuilder) {
        if let (Some(key), true) = (self.key, self.is_nullable) {
            select.push(format!(" AND {key} IS NOT NULL"));
        }
    }

    /// The condition that a listing comes after the cursor.
    pub(super) fn push_after(self, cursor: Option<&Cursor>, select: &mut QueryBuilder) {
        let Some(cursor) = cursor else { return };
        let sign = if self.is_ascending { ">" } else { "<" };
        match (self.key, cursor.key) {
            (Some(key), Some(after)) => {
                select.push(format!(" AND ({key}, id) {sign} ("));
                match after {
                    Key::Micros(at) => select.push_bind(at),
                    Key::Number(number) => select.push_bind(number),
                };
                select.push(", ").push_bind(cursor.id).push(")");
            }
            _ => {
                select.push(format!(" AND id {sign} ")).push_bind(cursor.id);
            }
        }
    }

    /// The order itself.
    pub(super) fn push_order(self, select: &mut QueryBuilder) {
        let direction = if self.is_ascending { "ASC" } else { "DESC" };
        select.push(" ORDER BY ");
        if let Some(key) = self.key {
            select.push(format!("{key} {direction}, "));
        }
        select.push(format!("id {direction}"));
    }

    /// The order itself, in a form that Postgres answers by sorting what it has found rather than by walking an index.
    pub(super) fn push_order_by_sorting(self, select: &mut QueryBuilder) {
        let direction = if self.is_ascending { "ASC" } else { "DESC" };
        select.push(format!(" ORDER BY {} + 0 {direction}, id {direction}", self.key.unwrap_or("id")));
    }

    pub(super) fn key(self) -> Option<&'static str> {
        self.key
    }
}

/// The place in a list after which a page begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cursor {
    key: Option<Key>,
    pub(super) id: i64,
}

/// The value that a list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Key {
    Micros(i64),
    Number(f64),
}

impl Cursor {
    /// The cursor behind a listing.
    pub(super) fn behind(known: &Known, sort: ListingSort) -> Self {
        let listing = &known.listing;
        let key = match sort {
            ListingSort::Found => None,
            ListingSort::Posted => Some(Key::Micros(micros(listing.created_at))),
            ListingSort::PriceAscending | ListingSort::PriceDescending => {
                units(listing.price).or(recurring_units(listing.price)).map(Key::Number)
            }
            ListingSort::Drop => known.price_fall.map(Key::Number),
        };
        Self { key, id: listing.id.get() }
    }

    /// As clients see it: the sort's mark and the key in hexadecimal digits, a hyphen, and the id; or the id alone.
    pub(super) fn write(self, sort: ListingSort) -> String {
        let key = match self.key {
            Some(Key::Micros(at)) => format!("{:x}-", at.cast_unsigned()),
            Some(Key::Number(number)) => format!("{:x}-", number.to_bits()),
            None => String::new(),
        };
        format!("{}{key}{:x}", sort.mark().map(String::from).unwrap_or_default(), self.id)
    }

    /// # Errors
    /// [`StoreError::BadCursor`] for what is no cursor, and for a cursor of another sort.
    pub(super) fn read(text: &str, sort: ListingSort) -> Result<Self> {
        Self::parse(text, sort).ok_or(StoreError::BadCursor)
    }

    fn parse(text: &str, sort: ListingSort) -> Option<Self> {
        let Some(mark) = sort.mark() else { return Some(Self { key: None, id: id(text)? }) };
        let (key, after) = text.strip_prefix(mark)?.split_once('-')?;
        let bits = digits(key)?;
        let key = match sort {
            ListingSort::Posted => Key::Micros(bits.cast_signed()),
            _ => Key::Number(Some(f64::from_bits(bits)).filter(|number| number.is_finite())?),
        };
        Some(Self { key: Some(key), id: id(after)? })
    }
}

fn id(text: &str) -> Option<i64> {
    digits(text).and_then(|id| i64::try_from(id).ok()).filter(|id| *id > 0)
}

/// A number in hexadecimal digits. The standard library's parser also takes signs, which no cursor has.
fn digits(text: &str) -> Option<u64> {
    (!text.starts_with('+')).then(|| u64::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_by_its_own_sort_only() {
        let keys =
            [None, Some(Key::Micros(-5)), Some(Key::Number(24.99)), Some(Key::Number(0.0)), Some(Key::Number(0.25))];
        for ((sort, key), other) in ListingSort::all().zip(keys).zip(ListingSort::all().cycle().skip(1)) {
            let cursor = Cursor { key, id: 77 };
            let written = cursor.write(sort);
            assert_eq!(Cursor::read(&written, sort).unwrap(), cursor, "{written}");
            assert!(matches!(Cursor::read(&written, other), Err(StoreError::BadCursor)), "{written} {other:?}");
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        assert!(ListingSort::all().all(|sort| sort.name().parse() == Ok(sort)));
        let refused = "newest".parse::<ListingSort>().unwrap_err().to_string();
        assert!(refused.contains("found, posted, price_asc, price_desc, drop"), "{refused}");
    }
}

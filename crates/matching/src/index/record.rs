//! What the index keeps of each query, in as little room as possible: there may be millions, and waiting for memory is
//! where the time goes.

use std::collections::HashMap;

use superbot_domain::{Currency, PricePeriod};

use super::posting::{NONE, QueryId, ceiling};
use super::program::Plain;
use crate::criteria::PriceRange;

/// What a query asks of the words.
#[derive(Clone, Copy)]
pub(super) enum Asked {
    Nothing,
    /// Kept in the record itself, so that most queries are decided where they are found.
    Plain(Plain),
    /// The place of its program.
    Program(u32),
}

/// A query's record, unpacked.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) asked: Asked,
    pub(super) price: PriceRange,
    pub(super) has_place: bool,
}

/// Records by the queries' own numbers.
#[derive(Default)]
pub(super) struct Records {
    packed: Vec<Packed>,
    count: usize,
    currencies: Vec<Currency>,
    /// Limits that are too high for their four bytes.
    high: HashMap<u32, (Option<i64>, Option<i64>)>,
}

#[derive(Clone, Copy)]
struct Packed {
    asked: Option<Asked>,
    /// Limits in minor units, `NONE` where there is none.
    min: u32,
    max: u32,
    /// Which of the currencies there are.
    currency: u16,
    flags: u8,
}

const INCLUDE_FREE: u8 = 1;
const HAS_PLACE: u8 = 2;
const IS_HIGH: u8 = 4;
/// Above these flags is the period: 0 for none, else its place among all plus one.
const PERIOD_SHIFT: u32 = 3;

impl Record {
    /// The highest price that the query admits, as its postings have it.
    pub(super) fn ceiling(&self) -> u32 {
        ceiling(self.price.max.unwrap_or(i64::MAX))
    }
}

impl Records {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn get(&self, id: u32) -> Option<Record> {
        let packed = self.packed.get(id as usize)?;
        let limit = |narrow| Some(narrow).filter(|narrow| *narrow != NONE).map(i64::from);
        let (min, max) = if packed.flags & IS_HIGH == 0 {
            (limit(packed.min), limit(packed.max))
        } else {
            self.high.get(&id).copied().unwrap_or_default()
        };
        let currency = *self.currencies.get(usize::from(packed.currency))?;
        let per = usize::from(packed.flags >> PERIOD_SHIFT).checked_sub(1);
        let per = per.and_then(|place| PricePeriod::ALL.get(place).copied());
        let price = PriceRange { currency, min, max, per, include_free: packed.flags & INCLUDE_FREE != 0 };
        Some(Record { asked: packed.asked?, price, has_place: packed.flags & HAS_PLACE != 0 })
    }

    /// Puts a record where there is none.
    pub(super) fn put(&mut self, id: u32, record: Record) {
        let Record { asked, price, has_place } = record;
        let narrow = |limit: Option<i64>| match limit {
            None => Some(NONE),
            Some(minor) => u32::try_from(minor).ok().filter(|narrow| *narrow != NONE),
        };
        let limits = narrow(price.min).zip(narrow(price.max));
        if limits.is_none() {
            self.high.insert(id, (price.min, price.max));
        }
        let (min, max) = limits.unwrap_or((NONE, NONE));
        let flags = [(price.include_free, INCLUDE_FREE), (has_place, HAS_PLACE), (limits.is_none(), IS_HIGH)];
        let flags = flags.into_iter().filter(|(is_set, _)| *is_set).fold(0, |flags, (_, flag)| flags | flag);
        let flags = flags | price.per.map_or(0, |per| (per as u8 + 1) << PERIOD_SHIFT);
        let packed = Packed { asked: Some(asked), min, max, currency: self.currency(price.currency), flags };
        let vacant = Packed { asked: None, min: NONE, max: NONE, currency: 0, flags: 0 };
        if self.packed.len() <= id as usize {
            self.packed.resize(id as usize + 1, vacant);
        }
        self.packed[id as usize] = packed;
        self.count += 1;
    }

    pub(super) fn take(&mut self, id: QueryId) -> Option<Record> {
        let record = self.get(id.0)?;
        self.packed[id.0 as usize].asked = None;
        self.high.remove(&id.0);
        self.count -= 1;
        Some(record)
    }

    /// Something of each of these records, so that they are near when they are looked at.
    pub(super) fn touch(&self, ids: &[u32]) -> u32 {
        ids.iter().filter_map(|id| self.packed.get(*id as usize)).fold(0, |near, packed| near ^ packed.max)
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.packed.shrink_to_fit();
    }

    pub(super) fn bytes(&self) -> usize {
        self.packed.capacity() * size_of::<Packed>() + self.high.capacity() * size_of::<(u32, [Option<i64>; 2])>()
    }

    fn currency(&mut self, currency: Currency) -> u16 {
        let known = self.currencies.iter().position(|known| *known == currency);
        let place = known.unwrap_or_else(|| {
            self.currencies.push(currency);
            self.currencies.len() - 1
        });
        // There are 17,576 codes of three letters.
        u16::try_from(place).unwrap_or(u16::MAX)
    }
}

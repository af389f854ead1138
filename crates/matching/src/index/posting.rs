//! Lists of the queries under one key, ordered by the highest price that each admits.

/// A standing query's number; its owner gives it, from 0 upward and without large gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(pub u32);

/// Where a query is found under one of its keys.
#[derive(Clone, Copy)]
pub(super) struct Posting {
    /// The highest price that it admits, as [`ceiling`] writes it.
    pub(super) max: u32,
    /// A word that must be there too, or `NONE`.
    pub(super) second: u32,
    pub(super) sources: u32,
    pub(super) id: u32,
}

/// No word, no set of sources, or no limit.
pub(super) const NONE: u32 = u32::MAX;

/// A price in half the room, so that a lower one never becomes the higher; two that are close may become the same.
pub(super) fn ceiling(minor: i64) -> u32 {
    #[expect(clippy::cast_precision_loss, reason = "the exact price is looked at afterwards")]
    let rounded = minor.max(0) as f32;
    // The bits of floats that are not negative are in the order of their values.
    if minor == i64::MAX { u32::MAX } else { rounded.to_bits() }
}

pub(super) fn insert_ordered(list: &mut Vec<Posting>, posting: Posting) {
    let at = list.partition_point(|other| other.max > posting.max);
    list.insert(at, posting);
}

pub(super) fn remove_ordered(list: &mut Vec<Posting>, max: u32, id: u32) {
    let start = list.partition_point(|other| other.max > max);
    if let Some(offset) = list[start..].iter().position(|other| other.id == id) {
        list.remove(start + offset);
    }
}

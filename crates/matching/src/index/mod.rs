//! All standing queries at once: which of them does a listing match?
//!
//! Each query is listed under the rarest word that it cannot do without, so that a listing looks at few of them. Lists are
//! ordered by the highest price that a query admits, and a listing stops reading where its own price is higher.

mod program;
mod words;

use std::collections::HashMap;

use superbot_domain::{Currency, Price, SourceName};

use self::program::{Key, Program};
use self::words::{View, Words};
use crate::criteria::{Criteria, Facts, PriceRange};
use crate::normalise::tokens;

/// A standing query's number; its owner gives it, from 0 upward and without large gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(pub u32);

/// Standing queries, ordered so that those a listing matches are found quickly.
#[derive(Default)]
pub struct Index {
    words: Words,
    by_word: Vec<Vec<Posting>>,
    by_prefix: Vec<Vec<Posting>>,
    /// Those without words.
    wordless: Vec<Posting>,
    records: Vec<Option<Record>>,
    free: Vec<u32>,
    slots: Vec<u32>,
    source_sets: Interner<Vec<SourceName>>,
    places: Interner<Vec<String>>,
    view: View,
    candidates: Vec<u32>,
}

/// The bytes that an index takes, about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryUse {
    /// For the queries.
    pub queries: usize,
    /// For the words that they use.
    pub words: usize,
}

/// Where a query is found under one of its keys.
#[derive(Clone, Copy)]
struct Posting {
    max: i64,
    /// A word that must be there too, or `NONE`.
    second: u32,
    slot: u32,
}

struct Record {
    program: Program,
    min: i64,
    max: i64,
    id: u32,
    sources: u32,
    place: u32,
    currency: Currency,
    include_free: bool,
}

const NONE: u32 = u32::MAX;

impl Index {
    /// An index without queries.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many queries there are.
    pub fn len(&self) -> usize {
        self.records.len() - self.free.len()
    }

    /// Whether there is no query.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a query, in place of what its number stood for.
    pub fn insert(&mut self, id: QueryId, criteria: &Criteria) {
        self.remove(id);
        let (program, second) = match &criteria.query {
            Some(query) => Program::compile(query.expr(), &mut self.words),
            None => (Program::always(), None),
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.records.push(None);
            u32::try_from(self.records.len() - 1).unwrap_or(NONE)
        });
        let posting = Posting { max: criteria.price.max.unwrap_or(i64::MAX), second: second.unwrap_or(NONE), slot };
        if criteria.query.is_none() {
            insert_ordered(&mut self.wordless, posting);
        }
        for key in program.keys() {
            insert_ordered(self.list(key), posting);
        }
        let place = criteria.location.as_deref().map(tokens).filter(|words| !words.is_empty());
        let mut sources = criteria.sources.clone();
        sources.sort_unstable();
        let record = Record {
            program,
            min: criteria.price.min.unwrap_or(i64::MIN),
            max: posting.max,
            id: id.0,
            sources: if sources.is_empty() { NONE } else { self.source_sets.number(sources) },
            place: place.map_or(NONE, |place| self.places.number(place)),
            currency: criteria.price.currency,
            include_free: criteria.price.include_free,
        };
        self.records[slot as usize] = Some(record);
        if self.slots.len() <= id.0 as usize {
            self.slots.resize(id.0 as usize + 1, NONE);
        }
        self.slots[id.0 as usize] = slot;
    }

    /// Takes a query away; false when there is none of that number.
    pub fn remove(&mut self, id: QueryId) -> bool {
        let Some(slot) = self.slots.get_mut(id.0 as usize).filter(|slot| **slot != NONE) else { return false };
        let slot = std::mem::replace(slot, NONE);
        let Some(record) = self.records[slot as usize].take() else { return false };
        let mut keys = record.program.keys().peekable();
        if keys.peek().is_none() {
            remove_ordered(&mut self.wordless, record.max, slot);
        }
        for key in keys {
            remove_ordered(self.list(key), record.max, slot);
        }
        self.free.push(slot);
        true
    }

    /// Replaces `found` by the queries that a listing matches, in ascending order.
    pub fn matches(&mut self, facts: &Facts<'_>, found: &mut Vec<QueryId>) {
        found.clear();
        self.words.view(facts, &mut self.view);
        self.gather(facts);
        let place = std::cell::OnceCell::new();
        let place = || place.get_or_init(|| tokens(facts.location));
        for slot in &self.candidates {
            let Some(record) = &self.records[*slot as usize] else { continue };
            let source_fits = self.source_sets.get(record.sources).is_none_or(|set| set.contains(facts.source));
            let place_fits =
                || self.places.get(record.place).is_none_or(|words| words.iter().all(|word| place().contains(word)));
            if source_fits
                && record.range().admits(&facts.price)
                && record.program.is_met_by(&self.view)
                && place_fits()
            {
                found.push(QueryId(record.id));
            }
        }
        // Alternatives of one query may each have found it.
        found.sort_unstable();
        found.dedup();
    }

    /// The bytes that the index takes, about.
    pub fn memory(&self) -> MemoryUse {
        let postings = |lists: &[Vec<Posting>]| lists.iter().map(Vec::capacity).sum::<usize>();
        let postings = postings(&self.by_word) + postings(&self.by_prefix) + self.wordless.capacity();
        let programs: usize = self.records.iter().flatten().map(|record| record.program.bytes()).sum();
        let queries = postings * size_of::<Posting>()
            + self.records.capacity() * size_of::<Option<Record>>()
            + self.slots.capacity() * size_of::<u32>()
            + programs;
        MemoryUse { queries, words: self.words.bytes() + self.by_word.capacity() * size_of::<Vec<Posting>>() }
    }

    /// Gathers the queries that might match.
    fn gather(&mut self, facts: &Facts<'_>) {
        // What has no amount is within no upper limit, save that a gift may be.
        let price = match facts.price {
            Price::Amount(money) => money.minor,
            Price::Free => i64::MIN,
            Price::Recurring | Price::Unstated => i64::MAX,
        };
        let (view, candidates) = (&self.view, &mut self.candidates);
        candidates.clear();
        let words = view.words.iter().filter_map(|word| self.by_word.get(*word as usize));
        let prefixes = view.prefixes.iter().filter_map(|(prefix, _)| self.by_prefix.get(*prefix as usize));
        for list in words.chain(prefixes).chain(std::iter::once(&self.wordless)) {
            let affordable = list.iter().take_while(|posting| posting.max >= price);
            let likely = affordable.filter(|posting| posting.second == NONE || view.has(posting.second));
            candidates.extend(likely.map(|posting| posting.slot));
        }
    }

    fn list(&mut self, key: Key) -> &mut Vec<Posting> {
        let (lists, number) = match key {
            Key::Word(word) => (&mut self.by_word, word as usize),
            Key::Prefix(prefix) => (&mut self.by_prefix, prefix as usize),
        };
        if lists.len() <= number {
            lists.resize_with(number + 1, Vec::new);
        }
        &mut lists[number]
    }
}

impl Record {
    fn range(&self) -> PriceRange {
        PriceRange {
            currency: self.currency,
            min: Some(self.min).filter(|min| *min != i64::MIN),
            max: Some(self.max).filter(|max| *max != i64::MAX),
            include_free: self.include_free,
        }
    }
}

fn insert_ordered(list: &mut Vec<Posting>, posting: Posting) {
    let at = list.partition_point(|other| other.max > posting.max);
    list.insert(at, posting);
}

fn remove_ordered(list: &mut Vec<Posting>, max: i64, slot: u32) {
    let start = list.partition_point(|other| other.max > max);
    if let Some(offset) = list[start..].iter().position(|other| other.slot == slot) {
        list.remove(start + offset);
    }
}

/// Values that many queries share, each kept once.
struct Interner<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Interner<T> {
    fn number(&mut self, value: T) -> u32 {
        let next = u32::try_from(self.values.len()).unwrap_or(NONE);
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        self.values.push(value.clone());
        self.numbers.insert(value, next);
        next
    }

    fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)
    }
}

#[cfg(test)]
mod tests;

//! All standing queries at once: which of them does a listing match?
//!
//! Each query is listed under the rarest word that it cannot do without, so that a listing looks at few of them. Lists are
//! ordered by the highest price that a query admits, and a listing stops reading where its own price is higher.

mod posting;
mod program;
mod record;
mod trie;
mod view;
mod words;

use std::collections::HashMap;

use slab::Slab;
use superbot_domain::{Price, SourceName};

pub use self::posting::QueryId;
use self::posting::{NONE, Posting, ceiling, insert_ordered, remove_ordered};
use self::program::{Plain, Program};
use self::record::{Asked, Record, Records};
use self::view::View;
use self::words::Words;
use crate::criteria::{Criteria, Facts};
use crate::query::WordPattern;
use crate::text::TextWords;

/// Standing queries, ordered so that those a listing matches are found quickly.
#[derive(Default)]
pub struct Index {
    words: Words,
    by_word: Vec<Vec<Posting>>,
    /// Those without words.
    wordless: Vec<Posting>,
    records: Records,
    programs: Slab<Program>,
    source_sets: SourceSets,
    /// Which of the sets each source is in.
    set_fits: HashMap<SourceName, Vec<bool>>,
    /// Words of the places that some queries ask for.
    places: HashMap<u32, Vec<WordPattern>>,
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

/// Sources' names come from outside; what is known of so many is kept.
const MAX_KNOWN_SOURCES: usize = 1000;

impl Index {
    /// An index without queries.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many queries there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no query.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a query, in place of what its number stood for.
    pub fn insert(&mut self, id: QueryId, criteria: &Criteria) {
        self.remove(id);
        self.add(id, criteria, insert_ordered);
    }

    /// Takes a query away; false when there is none of that number.
    pub fn remove(&mut self, id: QueryId) -> bool {
        let Some(record) = self.records.take(id) else { return false };
        self.each_list(&record.asked, |list| remove_ordered(list, record.ceiling(), id.0));
        self.places.remove(&id.0);
        if let Asked::Program(place) = record.asked {
            self.programs.try_remove(place as usize);
        }
        true
    }

    /// Adds a query that is not there yet.
    fn add(&mut self, id: QueryId, criteria: &Criteria, put: fn(&mut Vec<Posting>, Posting)) {
        let (asked, second) = self.ask(criteria);
        let place = criteria.location.as_deref().map(WordPattern::of_place).filter(|words| !words.is_empty());
        let record = Record { asked, price: criteria.price, has_place: place.is_some() };
        let sources = self.source_sets.number(&criteria.sources);
        let posting = Posting { max: record.ceiling(), second: second.unwrap_or(NONE), sources, id: id.0 };
        self.each_list(&asked, |list| put(list, posting));
        self.places.extend(place.map(|place| (id.0, place)));
        self.records.put(id.0, record);
    }

    /// Puts every list in order, and gives back most of the room that grew with them.
    fn settle(&mut self) {
        let lists = self.by_word.iter_mut().chain(std::iter::once(&mut self.wordless));
        for list in lists {
            list.sort_by_key(|posting| std::cmp::Reverse(posting.max));
            // A little room is left, or the next query would have its list copied.
            list.shrink_to(list.len() + list.len() / 16);
        }
        self.records.shrink_to_fit();
        self.programs.shrink_to_fit();
    }

    /// Replaces `found` by the queries that a listing matches, in ascending order.
    pub fn matches(&mut self, facts: &Facts<'_>, found: &mut Vec<QueryId>) {
        found.clear();
        self.words.view(facts, &mut self.view);
        self.gather(facts);
        // Records lie all over the memory. Asking for all of them first lets their ways from there overlap.
        std::hint::black_box(self.records.touch(&self.candidates));
        let place = std::cell::OnceCell::new();
        let place = || place.get_or_init(|| TextWords::of(facts.location));
        let place_fits = |id| self.places.get(id).is_none_or(|words| words.iter().all(|word| place().has_word(word)));
        for id in &self.candidates {
            let Some(record) = self.records.get(*id) else { continue };
            if record.price.admits(&facts.price) && self.is_met(&record.asked) && (!record.has_place || place_fits(id))
            {
                found.push(QueryId(*id));
            }
        }
        // Alternatives of one query may each have found it.
        found.sort_unstable();
        found.dedup();
    }

    /// The bytes that the index takes, about.
    pub fn memory(&self) -> MemoryUse {
        let postings = self.by_word.iter().map(Vec::capacity).sum::<usize>() + self.wordless.capacity();
        let programs: usize = self.programs.iter().map(|(_, program)| program.bytes()).sum();
        // A slab keeps free places in a list of its own, so a place takes at least as much as an option.
        let places = self.programs.capacity() * size_of::<Option<Program>>();
        let queries = postings * size_of::<Posting>() + self.records.bytes() + places + programs;
        MemoryUse { queries, words: self.words.bytes() + self.by_word.capacity() * size_of::<Vec<Posting>>() }
    }

    /// Gathers the queries that might match.
    fn gather(&mut self, facts: &Facts<'_>) {
        // What has no amount is within no upper limit, save that a gift may be.
        let price = match facts.price {
            Price::Amount(money) | Price::Recurring(money, _) => ceiling(money.minor),
            Price::Free => 0,
            Price::Unstated => ceiling(i64::MAX),
        };
        let sets = &self.source_sets.sets;
        if self.set_fits.len() > MAX_KNOWN_SOURCES {
            self.set_fits.clear();
        }
        let fits = self.set_fits.entry(facts.source.clone()).or_default();
        fits.extend(sets[fits.len()..].iter().map(|set| set.contains(facts.source)));
        let source_fits = |set: u32| set == NONE || fits.get(set as usize) == Some(&true);
        let view = &self.view;
        let candidates = &mut self.candidates;
        candidates.clear();
        let words = view.words.iter().filter_map(|word| self.by_word.get(*word as usize));
        for list in words.chain(std::iter::once(&self.wordless)) {
            let affordable = list.iter().take_while(|posting| posting.max >= price);
            let likely = affordable
                .filter(|posting| (posting.second == NONE || view.has(posting.second)) && source_fits(posting.sources));
            candidates.extend(likely.map(|posting| posting.id));
        }
    }

    /// Reads what a query asks of the words, and a word that must be there beside its key.
    fn ask(&mut self, criteria: &Criteria) -> (Asked, Option<u32>) {
        let Some(query) = &criteria.query else { return (Asked::Nothing, None) };
        if let Some(plain) = Plain::read(query.expr(), &mut self.words) {
            return (Asked::Plain(plain), plain.second());
        }
        let (program, second) = Program::compile(query.expr(), &mut self.words);
        // The records would not fit in memory long before there are as many programs.
        let place = u32::try_from(self.programs.insert(program)).unwrap_or(NONE);
        (Asked::Program(place), second)
    }

    fn is_met(&self, asked: &Asked) -> bool {
        match asked {
            Asked::Nothing => true,
            Asked::Plain(plain) => plain.is_met_by(&self.view),
            Asked::Program(place) => {
                self.programs.get(*place as usize).is_some_and(|program| program.is_met_by(&self.view))
            }
        }
    }

    /// Does something to every list that a query is in.
    fn each_list(&mut self, asked: &Asked, change: impl Fn(&mut Vec<Posting>)) {
        match asked {
            Asked::Nothing => change(&mut self.wordless),
            Asked::Plain(plain) => change(grown(&mut self.by_word, plain.key() as usize)),
            Asked::Program(place) => {
                let keys = self.programs.get(*place as usize).map(Program::keys).unwrap_or_default();
                for key in keys {
                    change(grown(&mut self.by_word, *key as usize));
                }
            }
        }
    }
}

impl FromIterator<(QueryId, Criteria)> for Index {
    /// Many queries at once; of those with the same number the last one counts.
    fn from_iter<I: IntoIterator<Item = (QueryId, Criteria)>>(queries: I) -> Self {
        let mut index = Self::new();
        for (id, criteria) in queries {
            if index.records.get(id.0).is_some() {
                index.settle();
                index.remove(id);
            }
            index.add(id, &criteria, Vec::push);
        }
        index.settle();
        index
    }
}

fn grown(lists: &mut Vec<Vec<Posting>>, number: usize) -> &mut Vec<Posting> {
    if lists.len() <= number {
        lists.resize_with(number + 1, Vec::new);
    }
    &mut lists[number]
}

/// Sets of sources, each kept once however many queries share it.
#[derive(Default)]
struct SourceSets {
    numbers: HashMap<Vec<SourceName>, u32>,
    sets: Vec<Vec<SourceName>>,
}

impl SourceSets {
    /// The number of the set, `NONE` for no source, which means all.
    fn number(&mut self, sources: &[SourceName]) -> u32 {
        if sources.is_empty() {
            return NONE;
        }
        let mut set = sources.to_vec();
        set.sort_unstable();
        let next = u32::try_from(self.sets.len()).unwrap_or(NONE);
        *self.numbers.entry(set).or_insert_with_key(|set| {
            self.sets.push(set.clone());
            next
        })
    }
}

#[cfg(test)]
mod tests;

//! Many listings at once: which of them does a query match?
//!
//! The other way round than [`crate::Index`], and independent of it: each finds what the other should have found.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use crate::criteria::{Criteria, Facts};
use crate::explain::ListingTokens;
use crate::query::{Expr, PatternKind, WordPattern};
use crate::text::{TextWords, run_keys};

/// Listings, cut up once for all the queries that they are compared with.
pub struct Batch<'a> {
    listings: Vec<Listing<'a>>,
    /// The listings that each key finds, in ascending order; see [`TextWords::keys`].
    places: BTreeMap<String, Vec<usize>>,
}

struct Listing<'a> {
    facts: Facts<'a>,
    words: ListingTokens,
    location: TextWords,
}

impl<'a> Batch<'a> {
    /// Cuts listings up.
    pub fn new(listings: impl IntoIterator<Item = Facts<'a>>) -> Self {
        let mut batch = Self { listings: Vec::new(), places: BTreeMap::new() };
        for facts in listings {
            let place = batch.listings.len();
            let words = ListingTokens::of(&facts);
            for key in words.keys() {
                if let Some(places) = batch.places.get_mut(key) {
                    if places.last() != Some(&place) {
                        places.push(place);
                    }
                } else {
                    batch.places.insert(key.to_owned(), vec![place]);
                }
            }
            batch.listings.push(Listing { facts, words, location: TextWords::of(facts.location) });
        }
        batch
    }

    /// The places of the listings that meet all of it, in ascending order.
    pub fn matching(&self, criteria: &Criteria) -> impl Iterator<Item = usize> {
        let expr = criteria.query.as_ref().map(crate::Query::expr);
        let candidates = expr.map_or_else(|| (0..self.listings.len()).collect(), |expr| self.candidates(expr));
        let wanted = criteria.location.as_deref().filter(|_| !candidates.is_empty());
        let wanted = wanted.map(WordPattern::of_place).unwrap_or_default();
        let matches = move |place: &usize| {
            let Listing { facts, words, location } = &self.listings[*place];
            criteria.price.admits(&facts.price)
                && (criteria.sources.is_empty() || criteria.sources.contains(facts.source))
                && wanted.iter().all(|word| location.has_word(word))
                && expr.is_none_or(|expr| words.meets(expr))
        };
        let candidates = candidates.into_owned();
        candidates.into_iter().filter(matches)
    }

    /// Listings that might meet an expression; those that are left out do not.
    fn candidates(&self, expr: &Expr) -> Cow<'_, [usize]> {
        match expr {
            Expr::Term(term) => match term.plain() {
                Some(word) => Cow::Borrowed(self.with_key(word.text)),
                None => union(term.readings().iter().map(|reading| self.with_words(reading))),
            },
            Expr::Numbers(range) => union(range.words().map(|number| Cow::Borrowed(self.with_key(&number)))),
            Expr::All(parts) => {
                let wanted = parts.iter().filter(|part| !matches!(part, Expr::Not(_)));
                wanted.map(|part| self.candidates(part)).min_by_key(|found| found.len()).unwrap_or_default()
            }
            Expr::Any(branches) => union(branches.iter().map(|branch| self.candidates(branch))),
            // What lacks something is found by what else it must have.
            Expr::Not(_) => (0..self.listings.len()).collect(),
        }
    }

    /// Listings that may have all of these words: those with the rarest of them.
    fn with_words(&self, reading: &[WordPattern]) -> Cow<'_, [usize]> {
        let is_looked_up = |word: &&WordPattern| {
            matches!(word.kind, PatternKind::Exact | PatternKind::Stem | PatternKind::Start) || word.is_run()
        };
        let looked_up = reading.iter().filter(is_looked_up).map(|word| self.with_word(word));
        let rarest = looked_up.min_by_key(|places| places.len());
        rarest.or_else(|| reading.first().map(|word| self.with_word(word))).unwrap_or_default()
    }

    fn with_word(&self, word: &WordPattern) -> Cow<'_, [usize]> {
        let each = |form: &str| match word.kind {
            _ if word.is_run() => {
                let keys = run_keys(form).filter(|key| form.chars().nth(1).is_none() || key.chars().nth(1).is_some());
                let rarest = keys.map(|key| self.with_key(key)).min_by_key(|places| places.len());
                rarest.map(Cow::Borrowed).unwrap_or_default()
            }
            PatternKind::Exact | PatternKind::Stem => Cow::Borrowed(self.with_key(form)),
            PatternKind::Start => {
                let from_here = self.places.range::<str, _>((Bound::Included(form), Bound::Unbounded));
                let found = from_here.take_while(|(key, _)| key.starts_with(form));
                union(found.map(|(_, places)| Cow::Borrowed(&**places)))
            }
            PatternKind::End => self.with_keys_like(|key| key.ends_with(form)),
            PatternKind::Part => self.with_keys_like(|key| key.contains(form)),
        };
        match &*word.forms {
            [form] => each(form),
            forms => union(forms.iter().map(|form| each(form))),
        }
    }

    fn with_key(&self, key: &str) -> &[usize] {
        self.places.get(key).map_or(&[], Vec::as_slice)
    }

    /// Looks at every key, which is some thousand words.
    fn with_keys_like(&self, is_like: impl Fn(&str) -> bool) -> Cow<'_, [usize]> {
        union(self.places.iter().filter(|(key, _)| is_like(key)).map(|(_, places)| Cow::Borrowed(&**places)))
    }
}

/// The places that are in any of the sets.
fn union<'b>(sets: impl Iterator<Item = Cow<'b, [usize]>>) -> Cow<'b, [usize]> {
    let mut sets = sets.peekable();
    let first = sets.next().unwrap_or_default();
    if sets.peek().is_none() {
        return first;
    }
    let sets = std::iter::once(first).chain(sets);
    let mut all: Vec<usize> = sets.flat_map(Cow::into_owned).collect();
    all.sort_unstable();
    all.dedup();
    Cow::Owned(all)
}

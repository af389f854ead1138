//! Many listings at once: which of them does a query match?
//!
//! The other way round than [`crate::Index`], and independent of it: each finds what the other should have found.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::criteria::{Criteria, Facts};
use crate::explain::ListingTokens;
use crate::normalise::tokens;
use crate::query::{Expr, Term};

/// Listings, cut up once for all the queries that are held against them.
pub struct Batch<'a> {
    listings: Vec<Listing<'a>>,
    /// Where each word is, in ascending order.
    places: BTreeMap<String, Vec<usize>>,
}

struct Listing<'a> {
    facts: Facts<'a>,
    words: ListingTokens,
    location: Vec<String>,
}

impl<'a> Batch<'a> {
    /// Cuts listings up.
    pub fn new(listings: impl IntoIterator<Item = Facts<'a>>) -> Self {
        let mut batch = Self { listings: Vec::new(), places: BTreeMap::new() };
        for facts in listings {
            let place = batch.listings.len();
            let words = ListingTokens::of(&facts);
            for word in words.iter() {
                if let Some(places) = batch.places.get_mut(word) {
                    if places.last() != Some(&place) {
                        places.push(place);
                    }
                } else {
                    batch.places.insert(word.clone(), vec![place]);
                }
            }
            batch.listings.push(Listing { facts, words, location: tokens(facts.location) });
        }
        batch
    }

    /// The places of the listings that meet all of it, in ascending order.
    pub fn matching(&self, criteria: &Criteria) -> impl Iterator<Item = usize> {
        let expr = criteria.query.as_ref().map(crate::Query::expr);
        let candidates = expr.map_or_else(|| (0..self.listings.len()).collect(), |expr| self.candidates(expr));
        let wanted = criteria.location.as_deref().map(tokens).filter(|_| !candidates.is_empty()).unwrap_or_default();
        let matches = move |place: &usize| {
            let Listing { facts, words, location } = &self.listings[*place];
            criteria.price.admits(&facts.price)
                && (criteria.sources.is_empty() || criteria.sources.contains(facts.source))
                && wanted.iter().all(|word| location.contains(word))
                && expr.is_none_or(|expr| words.meets(expr))
        };
        let candidates = candidates.into_owned();
        candidates.into_iter().filter(matches)
    }

    /// Listings that might meet an expression; those that are left out do not.
    fn candidates(&self, expr: &Expr) -> Cow<'_, [usize]> {
        match expr {
            Expr::Term(term) => self.with_term(term),
            Expr::All(parts) => {
                let wanted = parts.iter().filter(|part| !matches!(part, Expr::Not(_)));
                wanted.map(|part| self.candidates(part)).min_by_key(|found| found.len()).unwrap_or_default()
            }
            Expr::Any(branches) => union(branches.iter().map(|branch| self.candidates(branch))),
            // What lacks something is found by what else it must have.
            Expr::Not(_) => (0..self.listings.len()).collect(),
        }
    }

    fn with_term(&self, term: &Term) -> Cow<'_, [usize]> {
        let Some((last, before)) = term.words.split_last() else { return Cow::default() };
        let exact = if term.prefix { before } else { &term.words };
        let rarest = exact.iter().map(|word| self.places.get(&**word).map_or(&[][..], Vec::as_slice));
        if let Some(rarest) = rarest.min_by_key(|places| places.len()) {
            return Cow::Borrowed(rarest);
        }
        let from_here = self.places.range::<str, _>((std::ops::Bound::Included(&**last), std::ops::Bound::Unbounded));
        union(from_here.take_while(|(word, _)| word.starts_with(&**last)).map(|(_, places)| Cow::Borrowed(&**places)))
    }
}

fn union<'b>(sets: impl Iterator<Item = Cow<'b, [usize]>>) -> Cow<'b, [usize]> {
    let mut all: Vec<usize> = sets.flat_map(Cow::into_owned).collect();
    all.sort_unstable();
    all.dedup();
    Cow::Owned(all)
}

//! Derives searches on a site from users' price alerts and saved searches.

use std::collections::BTreeSet;

use superbot_domain::{Currency, Money};
use superbot_matching::{Expr, Query, Term};
use superbot_sources::Search;
use superbot_store::WantedSearch;

/// Maximum searches per source; those of the oldest queries take precedence.
const MAX_FOLLOWED: usize = 100;
/// Maximum alternatives of a query; beyond it only words that all alternatives share are searched for.
const MAX_ALTERNATIVES: usize = 8;

/// A search on behalf of one or more users.
struct MergedSearch {
    words: BTreeSet<Box<str>>,
    search: Search,
}

/// Returns as few searches as possible that together find everything wanted. Prices count only in the site's currency.
pub(super) fn searches(wanted: &[WantedSearch], currency: Currency) -> Vec<Search> {
    let mut merged: Vec<MergedSearch> = Vec::new();
    for one in wanted {
        let Ok(query) = Query::parse(&one.keywords) else { continue };
        let min_price = bound(one.min, currency, false);
        let max_price = bound(one.max, currency, true);
        for words in alternatives(query.expr()) {
            let query = words.join(" ");
            let search = Search { query, min_price, max_price };
            add(&mut merged, MergedSearch { words: words.into_iter().collect(), search });
        }
    }
    merged.into_iter().map(|merged| merged.search).take(MAX_FOLLOWED).collect()
}

/// Adds a search, unless another one covers it; merges it with one for the same words.
fn add(merged: &mut Vec<MergedSearch>, new: MergedSearch) {
    if new.words.is_empty() {
        return;
    }
    // The union of both price ranges; `zip` leaves a side open if it is open in either.
    if let Some(same) = merged.iter_mut().find(|other| other.words == new.words) {
        same.search.min_price = same.search.min_price.zip(new.search.min_price).map(|(a, b)| a.min(b));
        same.search.max_price = same.search.max_price.zip(new.search.max_price).map(|(a, b)| a.max(b));
    } else if !merged.iter().any(|other| other.covers(&new)) {
        merged.retain(|other| !new.covers(other));
        merged.push(new);
    }
}

impl MergedSearch {
    /// Returns whether this search finds everything that the other one finds.
    fn covers(&self, other: &Self) -> bool {
        let wide = &self.search;
        let narrow = &other.search;
        let lower = wide.min_price.is_none_or(|min| narrow.min_price.is_some_and(|other| other >= min));
        let upper = wide.max_price.is_none_or(|max| narrow.max_price.is_some_and(|other| other <= max));
        lower && upper && self.words.is_subset(&other.words)
    }
}

/// Converts a price limit to whole units, rounded so that the range does not become narrower.
fn bound(limit: Option<Money>, currency: Currency, up: bool) -> Option<u32> {
    let limit = limit.filter(|limit| limit.currency == currency)?;
    let per_unit = currency.minor_per_unit();
    let units = if up { limit.minor.saturating_add(per_unit - 1) / per_unit } else { limit.minor / per_unit };
    u32::try_from(units).ok()
}

/// Returns the required words of each alternative by which a query can match.
fn alternatives(expr: &Expr) -> Vec<Vec<Box<str>>> {
    match expr {
        Expr::Term(term) => {
            let words = term.words().map(Box::from).collect();
            let joined = term.joined_words();
            let words = whole_words(term, words);
            let joined = glued(&whole_words(term, joined.into_iter().map(String::into_boxed_str).collect()));
            if joined == words { vec![words] } else { vec![joined, words] }
        }
        // A site searches for words; the range is compared with what it finds.
        Expr::Numbers(_) | Expr::Not(_) => vec![Vec::new()],
        Expr::Any(branches) => branches.iter().flat_map(alternatives).collect(),
        Expr::All(parts) => parts.iter().fold(vec![Vec::new()], |so_far, part| {
            let ways = alternatives(part);
            if so_far.len() * ways.len() > MAX_ALTERNATIVES {
                return so_far;
            }
            so_far.iter().flat_map(|words| ways.iter().map(|way| joined(words, way))).collect()
        }),
    }
}

/// The words of a term that a site can search for: whole ones, if there are any.
fn whole_words(term: &Term, mut words: Vec<Box<str>>) -> Vec<Box<str>> {
    let (open_start, open_end) = term.is_open();
    if open_end && words.len() > 1 {
        words.pop();
    }
    if open_start && words.len() > 1 {
        words.remove(0);
    }
    words
}

/// Words that are one where people do not separate letters from digits: an F-150 is also an F150.
fn glued(words: &[Box<str>]) -> Vec<Box<str>> {
    let mut joined: Vec<Box<str>> = Vec::new();
    for word in words {
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        match joined.last_mut() {
            Some(last) if is_digit(last.chars().next_back()) != is_digit(word.chars().next()) => {
                *last = format!("{last}{word}").into();
            }
            _ => joined.push(word.clone()),
        }
    }
    joined
}

fn joined(words: &[Box<str>], more: &[Box<str>]) -> Vec<Box<str>> {
    let new = more.iter().filter(|word| !words.contains(word));
    words.iter().chain(new).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(keywords: &str, max: Option<i64>) -> WantedSearch {
        let money = |units| Money { minor: units, currency: Currency::USD };
        WantedSearch { keywords: keywords.to_owned(), min: None, max: max.map(money) }
    }

    fn found(wanted: &[WantedSearch]) -> Vec<(String, Option<u32>)> {
        searches(wanted, Currency::USD).into_iter().map(|search| (search.query, search.max_price)).collect()
    }

    #[test]
    fn each_way_to_meet_a_query_is_a_search() {
        let one = |keywords| found(&[wanted(keywords, None)]).into_iter().map(|(query, _)| query).collect::<Vec<_>>();
        assert_eq!(one("corvette, camaro -parts"), ["corvette", "camaro"]);
        assert_eq!(one("(trek, giant) \"road bike\" -kids"), ["trek road bike", "giant road bike"]);
        assert_eq!(one("herman mill*"), ["herman mill"]);
        let many = "(ash, oak, elm, fir, yew) (red, blue) chair";
        assert_eq!(one(many), ["ash chair", "oak chair", "elm chair", "fir chair", "yew chair"], "too many for both");
        assert_eq!(one("f-150 truck"), ["f150 truck", "f 150 truck"], "however it is written");
        assert_eq!(one("e-bike 1990..1999"), ["ebike", "e bike"]);
        assert_eq!(one("*fahrrad, \"*rad kaufen\""), ["fahrrad", "kaufen"]);
    }

    #[test]
    fn what_another_search_finds_anyway_is_not_searched_for() {
        assert_eq!(
            found(&[wanted("red bike", Some(50_000)), wanted("bike", Some(60_001)), wanted("bike blue", None)]),
            [("bike".to_owned(), Some(601)), ("bike blue".to_owned(), None)]
        );
        assert_eq!(found(&[wanted("bike", Some(100)), wanted("Bike", None)]), [("bike".to_owned(), None)]);
        assert_eq!(found(&[wanted("bike", Some(100)), wanted("bike", Some(900))]), [("bike".to_owned(), Some(9))]);
    }

    #[test]
    fn prices_of_another_currency_do_not_narrow_a_search() {
        let euros = WantedSearch {
            max: Some(Money { minor: 100, currency: Currency::parse("EUR").unwrap() }),
            ..wanted("bike", None)
        };
        assert_eq!(found(&[euros]), [("bike".to_owned(), None)]);
        let name = |n: u8| format!("thing{}{}", char::from(b'a' + n / 26), char::from(b'a' + n % 26));
        let many: Vec<_> = (0..200).map(|n| wanted(&name(n), None)).collect();
        assert_eq!(found(&many).len(), MAX_FOLLOWED);
    }
}

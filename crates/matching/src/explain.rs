//! Whether a listing matches, found by comparing clause by clause, and which clause decided.

use unicode_normalization::char::is_combining_mark;

use superbot_domain::{Money, Price, PricePeriod};

use crate::criteria::{Criteria, Facts};
use crate::normalise::tokens;
use crate::query::{Expr, PatternKind, SHORTEST_PART, Term, WordPattern};
use crate::text::TextWords;

/// Whether a listing matches, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it meets all of the criteria.
    pub matches: bool,
    /// The clause that decided, in a short sentence.
    pub because: String,
}

/// Compares a listing with criteria, clause by clause.
pub fn explain(criteria: &Criteria, facts: &Facts<'_>) -> Verdict {
    let words = ListingTokens::of(facts);
    let refusal = (criteria.query.as_ref().and_then(|query| words.lacks(query.expr(), facts)))
        .or_else(|| source_refusal(criteria, facts))
        .or_else(|| price_refusal(criteria, facts))
        .or_else(|| place_refusal(criteria, facts));
    let matches = refusal.is_none();
    let because = refusal.unwrap_or_else(|| match &criteria.query {
        Some(query) => words.found(query.expr()).join(" and "),
        None => "the price and the source are as wanted".to_owned(),
    });
    Verdict { matches, because }
}

impl Criteria {
    /// Whether a listing meets all of it.
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        explain(self, facts).matches
    }
}

/// A listing's words; a phrase lies in one of the two texts.
pub(crate) struct ListingTokens {
    title: TextWords,
    description: TextWords,
}

impl ListingTokens {
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        Self { title: TextWords::of(facts.title), description: TextWords::of(facts.description) }
    }

    /// See [`TextWords::keys`].
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.title.keys().chain(self.description.keys())
    }

    pub(crate) fn meets(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Term(_) | Expr::Numbers(_) => self.place_of(expr).is_some(),
            Expr::All(parts) => parts.iter().all(|part| self.meets(part)),
            Expr::Any(branches) => branches.iter().any(|branch| self.meets(branch)),
            Expr::Not(excluded) => !self.meets(excluded),
        }
    }

    /// What keeps the listing from meeting the expression; an exclusion comes first, because it always wins.
    fn lacks(&self, expr: &Expr, facts: &Facts<'_>) -> Option<String> {
        match expr {
            Expr::Term(_) | Expr::Numbers(_) => self.place_of(expr).is_none().then(|| {
                let hint = match expr {
                    Expr::Term(term) => longer_word(term, facts),
                    _ => None,
                };
                format!("{} is not in the title or the description{}", quoted(expr), hint.unwrap_or_default())
            }),
            Expr::All(parts) => {
                let (excluded, wanted): (Vec<_>, Vec<_>) = parts.iter().partition(|part| matches!(part, Expr::Not(_)));
                excluded.into_iter().chain(wanted).find_map(|part| self.lacks(part, facts))
            }
            Expr::Any(branches) => {
                let reasons: Option<Vec<String>> = branches.iter().map(|branch| self.lacks(branch, facts)).collect();
                reasons.map(|reasons| reasons.join(", and "))
            }
            Expr::Not(excluded) => {
                self.meets(excluded).then(|| format!("excluded: {}", self.found(excluded).join(" and ")))
            }
        }
    }

    /// What of the expression is there, each with its place.
    fn found(&self, expr: &Expr) -> Vec<String> {
        match expr {
            Expr::Term(_) | Expr::Numbers(_) => {
                self.place_of(expr).map(|place| format!("{} is in the {place}", quoted(expr))).into_iter().collect()
            }
            Expr::All(parts) => parts.iter().flat_map(|part| self.found(part)).collect(),
            Expr::Any(branches) => {
                branches.iter().find(|branch| self.meets(branch)).map(|branch| self.found(branch)).unwrap_or_default()
            }
            Expr::Not(_) => Vec::new(),
        }
    }

    fn place_of(&self, expr: &Expr) -> Option<&'static str> {
        let is_in = |text: &TextWords| match expr {
            Expr::Term(term) => text.has(term),
            Expr::Numbers(range) => text.has_number(*range),
            _ => false,
        };
        if is_in(&self.title) { Some("title") } else { is_in(&self.description).then_some("description") }
    }
}

fn quoted(expr: &Expr) -> String {
    match expr {
        Expr::Term(term) => format!("\"{}\"", term.phrase()),
        other => format!("\"{other}\""),
    }
}

/// Names a longer word that the wanted one is a part of, and how to find that: most people do not know that words are compared
/// as a whole.
fn longer_word(term: &Term, facts: &Facts<'_>) -> Option<String> {
    let pattern = term.single().filter(|pattern| matches!(pattern.kind, PatternKind::Exact | PatternKind::Stem))?;
    let form = pattern.forms.first().filter(|form| form.chars().count() >= SHORTEST_PART)?;
    let is_separator = |c: char| !(c.is_alphanumeric() || is_combining_mark(c));
    let words = [facts.title, facts.description].into_iter().flat_map(|text| text.split(is_separator));
    let (word, text) = words.map(|word| (word, tokens(word).concat())).find(|(_, text)| text.contains(&**form))?;
    let star = |is_open| if is_open { "*" } else { "" };
    let before = !text.starts_with(&**form);
    let behind = !text.ends_with(&**form) || text == **form;
    Some(format!("; “{word}” contains it: write {}{form}{}", star(before), star(behind)))
}

fn source_refusal(criteria: &Criteria, facts: &Facts<'_>) -> Option<String> {
    let wanted = criteria.sources.is_empty() || criteria.sources.contains(facts.source);
    (!wanted).then(|| format!("{} is not among the sources", facts.source))
}

fn price_refusal(criteria: &Criteria, facts: &Facts<'_>) -> Option<String> {
    let range = &criteria.price;
    if range.admits(&facts.price) {
        return None;
    }
    let limit = |minor| Money { minor, currency: range.currency };
    Some(match facts.price {
        Price::Unstated => "the ad states no price".to_owned(),
        Price::Free => "it is free, which was not asked for".to_owned(),
        price if price.per() != range.per => {
            format!("the price is {}, not {}", kind_name(price.per()), kind_name(range.per))
        }
        Price::Amount(money) | Price::Recurring(money, _) if money.currency != range.currency => {
            format!("the price {money} is not in {}", range.currency)
        }
        Price::Amount(money) | Price::Recurring(money, _) if facts.price.is_placeholder() => {
            format!("the price {money} only fills the field")
        }
        Price::Amount(money) | Price::Recurring(money, _) => match (range.min, range.max) {
            (Some(min), _) if money.minor < min => format!("the price {money} is under {}", limit(min)),
            (_, max) => format!("the price {money} is over {}", limit(max.unwrap_or_default())),
        },
    })
}

fn kind_name(per: Option<PricePeriod>) -> String {
    per.map_or_else(|| "that of a sale".to_owned(), |per| format!("one per {}", per.as_str()))
}

fn place_refusal(criteria: &Criteria, facts: &Facts<'_>) -> Option<String> {
    let wanted = WordPattern::of_place(criteria.location.as_deref()?);
    let place = TextWords::of(facts.location);
    let missing = wanted.iter().find(|word| !place.has_word(word))?;
    Some(format!("\"{}\" is not in the listing's place", missing.forms.first()?))
}

#[cfg(test)]
mod tests;

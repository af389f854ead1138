//! Whether a listing matches, found out the plain way, and which clause decided.

use superbot_domain::{Money, Price, PricePeriod};

use crate::criteria::{Criteria, Facts};
use crate::normalise::tokens;
use crate::query::{Expr, Term};

/// Whether a listing matches, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it meets all of the criteria.
    pub matches: bool,
    /// The clause that decided, in a short sentence.
    pub because: String,
}

/// Holds a listing against some criteria, clause by clause.
pub fn explain(criteria: &Criteria, facts: &Facts<'_>) -> Verdict {
    let words = Words::of(facts);
    let refusal = (criteria.query.as_ref().and_then(|query| words.lacks(query.expr())))
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

/// A listing's tokens; a phrase lies in one of the two.
pub(crate) struct Words {
    title: Vec<String>,
    description: Vec<String>,
}

impl Words {
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        Self { title: tokens(facts.title), description: tokens(facts.description) }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &String> {
        self.title.iter().chain(&self.description)
    }

    pub(crate) fn meets(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Term(term) => self.place_of(term).is_some(),
            Expr::All(parts) => parts.iter().all(|part| self.meets(part)),
            Expr::Any(branches) => branches.iter().any(|branch| self.meets(branch)),
            Expr::Not(excluded) => !self.meets(excluded),
        }
    }

    /// What keeps the listing from meeting the expression; an exclusion comes first, because it always wins.
    fn lacks(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Term(term) => self
                .place_of(term)
                .is_none()
                .then(|| format!("{} is not in the title or the description", quoted(term))),
            Expr::All(parts) => {
                let (excluded, wanted): (Vec<_>, Vec<_>) = parts.iter().partition(|part| matches!(part, Expr::Not(_)));
                excluded.into_iter().chain(wanted).find_map(|part| self.lacks(part))
            }
            Expr::Any(branches) => {
                let reasons: Option<Vec<String>> = branches.iter().map(|branch| self.lacks(branch)).collect();
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
            Expr::Term(term) => {
                self.place_of(term).map(|place| format!("{} is in the {place}", quoted(term))).into_iter().collect()
            }
            Expr::All(parts) => parts.iter().flat_map(|part| self.found(part)).collect(),
            Expr::Any(branches) => {
                branches.iter().find(|branch| self.meets(branch)).map(|branch| self.found(branch)).unwrap_or_default()
            }
            Expr::Not(_) => Vec::new(),
        }
    }

    fn place_of(&self, term: &Term) -> Option<&'static str> {
        if holds(&self.title, term) { Some("title") } else { holds(&self.description, term).then_some("description") }
    }
}

fn holds(text: &[String], term: &Term) -> bool {
    let Some((last, before)) = term.words.split_last() else { return false };
    text.windows(term.words.len()).any(|window| {
        let end = &window[before.len()];
        window.iter().zip(before).all(|(token, word)| **token == **word)
            && if term.prefix { end.starts_with(&**last) } else { **end == **last }
    })
}

fn quoted(term: &Term) -> String {
    let star = if term.prefix { "*" } else { "" };
    format!("\"{}{star}\"", term.words.join(" "))
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
    let wanted = tokens(criteria.location.as_deref()?);
    let place = tokens(facts.location);
    let missing = wanted.iter().find(|word| !place.contains(word))?;
    Some(format!("\"{missing}\" is not in the listing's place"))
}

#[cfg(test)]
mod tests;

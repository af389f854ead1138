//! Amounts that words or marks link to the amount before them: ranges, reductions, and prices of several pieces.

use super::amounts::{Amount, Evidence, Misread};
use super::context::{AmountRole, ContextReader};
use super::lex::Token;
use super::words::Role;
use crate::money::Money;

impl ContextReader<'_> {
    /// The upper ends of ranges; the lower ends get their currency and multiplier.
    pub(super) fn ranges(&self, amounts: &mut [Amount]) -> Vec<usize> {
        let mut upper_ends = Vec::new();
        for at in 1..amounts.len() {
            let (lower, upper) = amounts.split_at_mut(at);
            let lower = &mut lower[at - 1];
            let upper = &upper[0];
            if upper_ends.contains(&(at - 1)) || !self.links_range(lower.end, upper.start) {
                continue;
            }
            let may_share = match (lower.evidence, upper.evidence) {
                (Evidence::Bare, Evidence::SignBefore) => false,
                (Evidence::Bare, Evidence::Bare) => self.may_be_bare && amounts_are_two(at, self.tokens, upper.end),
                _ => true,
            };
            let is_part =
                |amount: &Amount| matches!(amount.money, Err(Misread::Part | Misread::Groups | Misread::Negative));
            if !may_share || is_part(lower) || is_part(upper) {
                continue;
            }
            let mut shared = lower.clone();
            shared.share(upper);
            let ratio = upper.size() / shared.size();
            let may_be_name =
                lower.evidence == Evidence::Bare && self.follows_name(lower.start) && shared.size() < 1000.0;
            let most = if may_be_name { 4.0 } else { 20.0 };
            if ratio > 1.0 && ratio <= most {
                *lower = shared;
                upper_ends.push(at);
            }
        }
        upper_ends
    }

    /// The lower amounts of "from $50 to $30"; the higher ones get their currency.
    pub(super) fn reductions(&self, amounts: &mut [Amount]) -> Vec<usize> {
        const LINKS: [Role; 4] = [Role::Range, Role::Reduced, Role::Per, Role::ForPrice];
        let mut reductions = Vec::new();
        for at in 1..amounts.len() {
            let (former, now) = amounts.split_at_mut(at);
            let former = &mut former[at - 1];
            let now = &now[0];
            let has_from = former.start.checked_sub(1).is_some_and(|from| self.has_role(from, Role::From));
            let [link] = &self.tokens[former.end..now.start] else { continue };
            let is_link = link.is_word()
                && (link.entry().is_some_and(|entry| LINKS.into_iter().any(|role| entry.is(role)))
                    || self.text.lower(link.start, link.end) == "auf");
            if !has_from || !is_link || !now.is_signed() || former.money.is_err() {
                continue;
            }
            let mut shared = former.clone();
            shared.share(now);
            let is_lower =
                |former: Money| now.money.is_ok_and(|now| now.currency == former.currency && now.minor < former.minor);
            if shared.money.is_ok_and(is_lower) {
                *former = shared;
                reductions.push(at);
            }
        }
        reductions
    }

    /// Whether nothing but a dash or a word such as "to" stands between two amounts.
    fn links_range(&self, end: usize, start: usize) -> bool {
        let [token] = &self.tokens[end..start] else { return false };
        matches!(token.mark(), Some('-' | '~'))
            || token.is_word() && token.entry().is_some_and(|entry| entry.is(Role::Range))
    }

    fn follows_name(&self, start: usize) -> bool {
        start.checked_sub(1).map(|before| &self.tokens[before]).is_some_and(|before| {
            before.is_word()
                && before.entry().is_none_or(|entry| {
                    let is_label = [Role::Asked, Role::Current, Role::Filler, Role::FormerBefore, Role::Neutral];
                    entry.is(Role::Numbered) || !is_label.into_iter().any(|role| entry.is(role))
                })
        })
    }

    /// Whether a number of units equals the amount: `1 kg = 5,99 €`.
    pub(super) fn is_base_price(&self, start: usize) -> bool {
        let Some([number, unit, equals]) = start.checked_sub(3).map(|from| &self.tokens[from..start]) else {
            return false;
        };
        let is_unit = unit.entry().is_some_and(|entry| entry.is(Role::Unit));
        number.number().is_some() && is_unit && equals.mark() == Some('=')
    }

    /// Whether the amount is for several pieces, beside that for one: `$25 or 3 for $60`, `3 for $60 or $25 each`.
    pub(super) fn is_bundle(&self, amounts: &[Amount], at: usize) -> bool {
        const MOST_PIECES: f64 = 99.0;
        let Some(pieces) = at.checked_sub(1).map(|before| &amounts[before]) else { return false };
        let amount = &amounts[at];
        let has_for = matches!(self.tokens[pieces.end..amount.start], [_]) && self.has_role(pieces.end, Role::ForPrice);
        let is_count =
            pieces.evidence == Evidence::Bare && pieces.size() <= MOST_PIECES && !self.follows_name(pieces.start);
        let is_one = |one: &Amount| {
            let is_lower =
                |one: Money| amount.money.is_ok_and(|all| all.currency == one.currency && all.minor > one.minor);
            one.is_signed() && one.money.is_ok_and(is_lower)
        };
        let before = at.checked_sub(2).is_some_and(|one| is_one(&amounts[one]));
        let behind = amounts.get(at + 1).is_some_and(|one| is_one(one) && self.has_role(one.end, Role::Each));
        has_for && is_count && (before || behind)
    }

    /// The role of an amount behind a number of times: an instalment in `12x R$ 99`, the price of a piece in `4 x $125`.
    pub(super) fn multiplied_role(&self, start: usize) -> Option<AmountRole> {
        let is_link = |token: &Token| token.entry().is_some_and(|entry| entry.is(Role::Per) || entry.is(Role::Filler));
        let before = self.tokens[..start].iter().rposition(|token| !is_link(token))?;
        let times = &self.tokens[before];
        let is_times = times.mark() == Some('×') || self.text.lower(times.start, times.end) == "x";
        let is_multiplied = is_times && start - before <= 2 && before > 0 && self.tokens[before - 1].number().is_some();
        let is_pieces = times.has_gap && start - before == 1;
        is_multiplied.then_some(if is_pieces { AmountRole::Partial } else { AmountRole::Instalment })
    }
}

/// Whether two bare amounts are all the numbers of a text.
fn amounts_are_two(at: usize, tokens: &[Token], end: usize) -> bool {
    at == 1 && tokens[end..].iter().all(|token| token.number().is_none())
}

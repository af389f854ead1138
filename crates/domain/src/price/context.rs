//! What the words around an amount say of it: a price of now or before, delivery, a deposit, a part of a range.

use super::amounts::{Amount, Evidence, Misread};
use super::fold::FoldedText;
use super::lex::Token;
use super::lexicon::Entry;
use super::words::{Role, RoleSet};
use crate::price_period::PricePeriod;

/// What an amount is in its ad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AmountRole {
    /// Said to be the price of now.
    Current,
    /// Behind a word such as "price".
    Announced,
    /// A sign and nothing else.
    Plain,
    /// One of several pieces, or for one of them.
    Partial,
    Former,
    /// The regular price, which is the price where no other one is stated.
    Regular,
    Shipping,
    Deposit,
    Voucher,
    Extra,
    Instalment,
    RangeEnd,
    /// A number without a sign in a text that says more than a price.
    Unsigned,
    /// No amount.
    Misread(Misread),
}

/// An amount with its role, and its period if it recurs.
#[derive(Clone, Debug)]
pub(super) struct ReadAmount {
    pub(super) amount: Amount,
    pub(super) role: AmountRole,
    pub(super) per: Option<PricePeriod>,
}

pub(super) struct ContextReader<'a> {
    pub(super) text: &'a FoldedText,
    pub(super) tokens: &'a [Token<'a>],
    /// Whether a number without a sign can be the price.
    pub(super) may_be_bare: bool,
}

/// What the words before an amount say.
#[derive(Default)]
struct WordsBefore {
    roles: RoleSet,
    per: Option<PricePeriod>,
    has_plus: bool,
    /// Whether the words reach back to the amount before without a mark between.
    is_contested: bool,
    has_word: bool,
}

/// What the words behind an amount say.
#[derive(Default)]
struct WordsBehind {
    /// Roles of the first word that has one.
    roles: RoleSet,
    per: Option<PricePeriod>,
    is_included: bool,
    /// Whether the amount is that of a unit of weight and the like: `$5/lb`.
    is_per_unit: bool,
}

impl ContextReader<'_> {
    pub(super) fn read(&self, mut amounts: Vec<Amount>) -> Vec<ReadAmount> {
        let ranges = self.ranges(&mut amounts);
        let is_lone = amounts.iter().enumerate().filter(|(at, _)| !ranges.contains(at)).count() == 1;
        let before = self.all_before(&amounts);
        let mut read: Vec<ReadAmount> = Vec::with_capacity(amounts.len());
        for (at, amount) in amounts.iter().enumerate() {
            let behind = self.behind(&amounts, at, before.get(at + 1));
            let (role, per) = if ranges.contains(&at) {
                (AmountRole::RangeEnd, None)
            } else {
                self.role(amount, at, &before[at], &behind, is_lone)
            };
            read.push(ReadAmount { amount: amount.clone(), role, per });
        }
        self.share_periods(&mut read);
        read
    }

    /// The period behind the upper end of a range is that of the range.
    fn share_periods(&self, read: &mut [ReadAmount]) {
        for at in 1..read.len() {
            if read[at].role == AmountRole::RangeEnd && read[at - 1].per.is_none() {
                let next = read.get(at + 1).map_or(self.tokens.len(), |next| next.amount.start);
                read[at - 1].per = self.words_behind(read[at].amount.end, next).per;
            }
        }
    }

    /// The upper ends of ranges; the lower ends get their currency and multiplier.
    fn ranges(&self, amounts: &mut [Amount]) -> Vec<usize> {
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

    fn role(
        &self,
        amount: &Amount,
        at: usize,
        before: &WordsBefore,
        behind: &WordsBehind,
        is_lone: bool,
    ) -> (AmountRole, Option<PricePeriod>) {
        let says = |role| before.roles.contains(role);
        let follows = |role| behind.roles.contains(role);
        let is_announced = says(Role::Asked) || says(Role::Current) || says(Role::Reduced) || says(Role::Rent);
        if let Err(misread) = amount.money {
            return (AmountRole::Misread(misread), None);
        }
        let is_named = (says(Role::Asked) || says(Role::Rent)) && !self.is_measured(amount.end);
        let is_whole_text = self.may_be_bare && is_lone;
        if !(amount.is_signed() || is_named || is_whole_text) {
            return (AmountRole::Unsigned, None);
        }
        let per = behind.per.or(before.per).or_else(|| says(Role::Rent).then_some(PricePeriod::Month));
        let role = if says(Role::Saving) || says(Role::Voucher) {
            AmountRole::Voucher
        } else if says(Role::Deposit) {
            AmountRole::Deposit
        } else if says(Role::Shipping) {
            AmountRole::Shipping
        } else if says(Role::FormerBefore) {
            if says(Role::Asked) { AmountRole::Regular } else { AmountRole::Former }
        } else if follows(Role::Off) && !self.is_off_road(amount.end) || follows(Role::Voucher) {
            AmountRole::Voucher
        } else if follows(Role::Deposit) {
            AmountRole::Deposit
        } else if follows(Role::Shipping) && !behind.is_included {
            AmountRole::Shipping
        } else if follows(Role::FormerBehind) {
            AmountRole::Former
        } else if says(Role::Extra) || (before.has_plus && at > 0) {
            AmountRole::Extra
        } else if says(Role::Current) || says(Role::Reduced) || (says(Role::ForPrice) && at > 0) {
            AmountRole::Current
        } else if self.is_multiplied(amount.start) || follows(Role::Instalment) || says(Role::Instalment) {
            AmountRole::Instalment
        } else if is_announced {
            AmountRole::Announced
        } else if behind.is_per_unit || per == Some(PricePeriod::Area) {
            AmountRole::Partial
        } else {
            AmountRole::Plain
        };
        (role, per)
    }

    /// Whether a unit follows, such as "rooms".
    fn is_measured(&self, end: usize) -> bool {
        let next = self.tokens.get(end).and_then(Token::entry);
        next.is_some_and(|entry| entry.is(Role::Unit) && !entry.is(Role::Neutral))
    }

    /// Whether a number of pieces precedes: `12x R$ 99`, `12x de R$ 99`.
    fn is_multiplied(&self, start: usize) -> bool {
        let is_link = |token: &Token| token.entry().is_some_and(|entry| entry.is(Role::Per) || entry.is(Role::Filler));
        let Some(before) = self.tokens[..start].iter().rposition(|token| !is_link(token)) else { return false };
        let times = &self.tokens[before];
        let is_times = times.mark() == Some('×') || self.text.lower(times.start, times.end) == "x";
        is_times && start - before <= 2 && before > 0 && self.tokens[before - 1].number().is_some()
    }

    /// Whether the "off" behind an amount begins another word: `$5000 off-road ready`.
    fn is_off_road(&self, end: usize) -> bool {
        let behind = &self.tokens[end..];
        let next = behind.iter().skip(1).find(|token| token.mark() != Some('-'));
        next.is_some_and(|next| matches!(self.text.lower(next.start, next.end), "road" | "roader" | "grid" | "white"))
    }

    /// The words before each amount; a word between two amounts is said of one of them only.
    fn all_before(&self, amounts: &[Amount]) -> Vec<WordsBefore> {
        let mut all: Vec<WordsBefore> = Vec::with_capacity(amounts.len());
        for at in 0..amounts.len() {
            let mut words = self.before(amounts, at);
            if let Some(left) = all.last()
                && words.is_contested
                && !belongs_to_right(&amounts[at - 1], left, &amounts[at], words.roles)
            {
                if words.roles.contains(Role::FormerBehind) {
                    words.roles = words.roles.without(&[Role::FormerBefore]);
                }
                words.roles = words.roles.without(&SHARED);
            }
            all.push(words);
        }
        all
    }

    /// The words before an amount, as far back as they are understood.
    fn before(&self, amounts: &[Amount], at: usize) -> WordsBefore {
        let from = at.checked_sub(1).map_or(0, |previous| amounts[previous].end);
        let start = amounts[at].start;
        let mut words = WordsBefore::default();
        for token in self.tokens[from..start].iter().rev() {
            let label = token.entry().filter(|entry| is_label(entry));
            match (label, token.mark()) {
                (Some(entry), _) => {
                    words.has_word = true;
                    words.roles = words.roles.with(entry.roles);
                    words.per = words.per.or(entry.period.filter(|word| !word.needs_connector).map(|word| word.period));
                    if entry.is(Role::ForPrice) {
                        break;
                    }
                }
                (None, Some(':' | '=' | '~' | '(' | '[' | '"' | '\'' | '*' | '-' | '.' | '>')) => {}
                (None, Some('+')) => {
                    words.has_plus = true;
                    break;
                }
                _ => break,
            }
        }
        let says_for = words.roles.contains(Role::ForPrice);
        let has_mark = self.tokens[from..start].iter().any(|token| token.mark().is_some());
        words.is_contested = at > 0 && words.has_word && !says_for && !has_mark;
        words
    }

    /// The words behind an amount, without those that are said of the next one.
    fn behind(&self, amounts: &[Amount], at: usize, next: Option<&WordsBefore>) -> WordsBehind {
        let to = amounts.get(at + 1).map_or(self.tokens.len(), |next| next.start);
        let mut words = self.words_behind(amounts[at].end, to);
        if next.is_some_and(|next| next.is_contested && SHARED.into_iter().any(|role| next.roles.contains(role))) {
            words.roles = words.roles.without(&SHARED);
        }
        words
    }

    fn words_behind(&self, from: usize, to: usize) -> WordsBehind {
        let mut words = WordsBehind::default();
        let mut has_connector = false;
        let mut skipped = 0;
        for (index, token) in self.tokens[from..to].iter().enumerate() {
            let mark = token.mark();
            // What brackets say of another amount is none of this one's.
            let is_bracket = matches!(mark, Some('(' | '[')) && to == self.tokens.len();
            if is_bracket || matches!(mark, Some('/' | '-' | '"' | '*')) {
                has_connector |= mark == Some('/');
                continue;
            }
            if mark.is_some() {
                break;
            }
            // The label of the next amount.
            let next = self.tokens.get(from + index + 1);
            if next.is_some_and(|next| next.mark() == Some(':') && from + index + 2 <= to) {
                break;
            }
            let Some(entry) = token.entry() else {
                skipped += 1;
                if skipped > 1 || has_connector {
                    break;
                }
                continue;
            };
            if let Some(word) = entry.period
                && (has_connector || !word.needs_connector)
                && skipped == 0
                && words.roles.is_empty()
            {
                words.per = Some(word.period);
                break;
            }
            let is_named = [Role::Voucher, Role::Deposit].into_iter().any(|role| entry.is(role));
            if skipped > 0 && !is_named {
                break;
            }
            words.is_included |= entry.is(Role::Included);
            words.is_per_unit |= has_connector && entry.is(Role::Unit);
            if words.roles.is_empty() {
                let is_role = BEHIND.into_iter().any(|role| entry.is(role));
                if is_role {
                    words.roles = entry.roles;
                    continue;
                }
            }
            if entry.is(Role::Per) {
                has_connector = true;
            } else if !words.roles.is_empty()
                || !entry.is(Role::Neutral) && !entry.is(Role::Included) && !entry.is(Role::Filler)
            {
                break;
            } else if entry.is(Role::Neutral) && !entry.is(Role::Filler) {
                // "plus shipping" is none of the amount's.
                break;
            }
        }
        words
    }
}

/// Whether a word between two amounts, such as "deposit", is said of the second one: a deposit is lower than its price, a
/// former price higher.
fn belongs_to_right(left: &Amount, before_left: &WordsBefore, right: &Amount, roles: RoleSet) -> bool {
    if !SHARED.into_iter().any(|role| roles.contains(role)) {
        return true;
    }
    if roles.contains(Role::FormerBehind) {
        return right.size() > left.size();
    }
    let has_label = SHARED.into_iter().any(|role| before_left.roles.contains(role));
    if roles.contains(Role::Voucher) && !has_label {
        // The voucher of "$25 gift card $20" costs less than it is worth, but hardly a third of that.
        return right.size() * 3.0 < left.size();
    }
    has_label || right.size() < left.size()
}

/// Roles of words that stand on either side of their amount.
const SHARED: [Role; 4] = [Role::Shipping, Role::Deposit, Role::Voucher, Role::FormerBehind];
/// Roles that a word behind an amount gives it.
const BEHIND: [Role; 6] =
    [Role::Off, Role::Voucher, Role::Deposit, Role::Shipping, Role::FormerBehind, Role::Instalment];

/// Whether a word before an amount may be part of its label.
fn is_label(entry: &Entry) -> bool {
    const LABELS: [Role; 12] = [
        Role::Asked,
        Role::Current,
        Role::Reduced,
        Role::FormerBefore,
        Role::FormerBehind,
        Role::Shipping,
        Role::Deposit,
        Role::Voucher,
        Role::Saving,
        Role::Extra,
        Role::Rent,
        Role::Filler,
    ];
    LABELS.into_iter().any(|role| entry.is(role))
        || entry.is(Role::ForPrice)
        || entry.is(Role::Instalment)
        || entry.period.is_some_and(|word| !word.needs_connector)
}

/// Whether two bare amounts are all the numbers of a text.
fn amounts_are_two(at: usize, tokens: &[Token], end: usize) -> bool {
    at == 1 && tokens[end..].iter().all(|token| token.number().is_none())
}

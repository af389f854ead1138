//! The words before and behind each amount, as far as they are said of it.

use super::amounts::Amount;
use super::lex::Token;
use super::lexicon::Entry;
use super::words::{Role, RoleSet};
use crate::price_period::PricePeriod;

/// Reads the words around amounts.
pub(super) struct NeighbourWords<'a> {
    pub(super) tokens: &'a [Token<'a>],
}

/// What the words before an amount say.
#[derive(Default)]
pub(super) struct WordsBefore {
    pub(super) roles: RoleSet,
    pub(super) per: Option<PricePeriod>,
    pub(super) has_plus: bool,
    /// Whether the words reach back to the amount before without a mark between.
    pub(super) is_contested: bool,
}

/// What the words behind an amount say.
#[derive(Default)]
pub(super) struct WordsBehind {
    /// Roles of the first word that has one.
    pub(super) roles: RoleSet,
    pub(super) per: Option<PricePeriod>,
    pub(super) is_included: bool,
    /// Whether the amount is that of a unit of weight and the like: `$5/lb`.
    pub(super) is_per_unit: bool,
}

impl NeighbourWords<'_> {
    /// The words before each amount; a word between two amounts is said of one of them only.
    pub(super) fn before_each(&self, amounts: &[Amount]) -> Vec<WordsBefore> {
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
        let mut has_word = false;
        for token in self.tokens[from..start].iter().rev() {
            let label = token.entry().filter(|entry| is_label(entry));
            match (label, token.mark()) {
                (Some(entry), _) => {
                    has_word = true;
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
        words.is_contested = at > 0 && has_word && !says_for && !has_mark;
        words
    }

    /// The words behind an amount, without those that are said of the next one.
    pub(super) fn behind(&self, amounts: &[Amount], at: usize, next: Option<&WordsBefore>) -> WordsBehind {
        let to = amounts.get(at + 1).map_or(self.tokens.len(), |next| next.start);
        let mut words = self.words_behind(amounts[at].end, to);
        if next.is_some_and(|next| next.is_contested && SHARED.into_iter().any(|role| next.roles.contains(role))) {
            words.roles = words.roles.without(&SHARED);
        }
        if next.is_some_and(|next| next.roles.contains(Role::Rent)) {
            words.roles = words.roles.without(&[Role::Rent]);
        }
        // `£1.20/100g`
        let end = amounts[at].end;
        let is_per_amount = self.tokens.get(end).is_some_and(|token| token.mark() == Some('/'))
            && self.tokens.get(end + 1).is_some_and(|token| token.number().is_some());
        let unit = self.tokens.get(end + 2).and_then(Token::entry);
        words.is_per_unit |= is_per_amount && unit.is_some_and(|unit| unit.is(Role::Unit));
        words
    }

    pub(super) fn words_behind(&self, from: usize, to: usize) -> WordsBehind {
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
            let is_named = [Role::Voucher, Role::Deposit, Role::FaceValue].into_iter().any(|role| entry.is(role));
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
    if roles.contains(Role::Deposit) && before_left.roles.contains(Role::Rent) {
        return true;
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
const BEHIND: [Role; 8] = [
    Role::Off,
    Role::Voucher,
    Role::Deposit,
    Role::Shipping,
    Role::FormerBehind,
    Role::Instalment,
    Role::Rent,
    Role::FaceValue,
];

/// Whether a word before an amount may be part of its label.
fn is_label(entry: &Entry) -> bool {
    const LABELS: [Role; 13] = [
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
        Role::UnitPrice,
        Role::Filler,
    ];
    LABELS.into_iter().any(|role| entry.is(role))
        || entry.is(Role::ForPrice)
        || entry.is(Role::Instalment)
        || entry.period.is_some_and(|word| !word.needs_connector)
}

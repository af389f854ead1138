//! What the words around an amount say of it: a price of now or before, delivery, a deposit, a part of a range.

use super::amounts::{Amount, Misread};
use super::fold::FoldedText;
use super::lex::Token;
use super::lexicon::Entry;
use super::number::DigitGroups;
use super::words::{Role, RoleSet};
use crate::price_period::PricePeriod;

/// What an amount is in its ad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AmountRole {
    /// Said to be the price of now.
    Current,
    /// Behind a word such as "price".
    Announced,
    /// Behind a word such as "rent".
    Rent,
    /// What a coin or a banknote bears.
    FaceValue,
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
    /// Whether it is the price of a unit or of several pieces, beside that of one.
    is_partial: bool,
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
        let reductions = self.reductions(&mut amounts);
        let is_lone = amounts.iter().enumerate().filter(|(at, _)| !ranges.contains(at)).count() == 1;
        let before = self.all_before(&amounts);
        let mut read: Vec<ReadAmount> = Vec::with_capacity(amounts.len());
        for (at, amount) in amounts.iter().enumerate() {
            let behind = self.behind(&amounts, at, before.get(at + 1));
            let (role, per) = if ranges.contains(&at) {
                (AmountRole::RangeEnd, None)
            } else if reductions.contains(&at) {
                (AmountRole::Current, behind.per)
            } else if reductions.contains(&(at + 1)) {
                (AmountRole::Former, None)
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

    pub(super) fn has_role(&self, at: usize, role: Role) -> bool {
        self.tokens.get(at).and_then(Token::entry).is_some_and(|entry| entry.is(role))
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
        let is_announced = says(Role::Asked) || says(Role::Current) || says(Role::Reduced);
        if let Err(misread) = amount.money {
            return (AmountRole::Misread(misread), None);
        }
        let is_named = (says(Role::Asked) || says(Role::Rent)) && !self.is_measured(amount.end);
        let is_whole_text = self.may_be_bare && is_lone;
        let may_be_bare = (is_named || is_whole_text) && !self.is_phone_number(amount);
        if !(amount.is_signed() || may_be_bare) {
            return (AmountRole::Unsigned, None);
        }
        let per = behind
            .per
            .or(before.per)
            .or_else(|| (says(Role::Rent) || follows(Role::Rent)).then_some(PricePeriod::Month));
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
        } else if follows(Role::FaceValue) && is_denomination(amount) {
            AmountRole::FaceValue
        } else if says(Role::UnitPrice) || before.is_partial {
            AmountRole::Partial
        } else if says(Role::Current) || says(Role::Reduced) || (says(Role::ForPrice) && at > 0) {
            AmountRole::Current
        } else if follows(Role::Instalment) || says(Role::Instalment) {
            AmountRole::Instalment
        } else if let Some(role) = self.multiplied_role(amount.start) {
            role
        } else if is_announced {
            AmountRole::Announced
        } else if says(Role::Rent) {
            AmountRole::Rent
        } else if behind.is_per_unit || per == Some(PricePeriod::Area) {
            AmountRole::Partial
        } else {
            AmountRole::Plain
        };
        (role, per)
    }

    /// Whether a number without a sign is that of a telephone: nine digits and more without separators, in one piece or with spaces
    /// and marks between, that do not end in zeros as large prices do.
    fn is_phone_number(&self, amount: &Amount) -> bool {
        const LEAST_DIGITS: u32 = 9;
        let is_part = |token: &&Token| {
            token.number().is_some() || matches!(token.mark(), Some('-' | '.' | '(' | ')' | '/' | '+'))
        };
        let before = self.tokens[..amount.start].iter().rev().take_while(is_part);
        let run = before.chain(self.tokens[amount.start..].iter().take_while(is_part));
        let numbers: Vec<DigitGroups> = run.filter_map(Token::number).map(|number| number.groups).collect();
        let digits: u32 = numbers.iter().map(DigitGroups::count).sum();
        let has_separators = numbers.iter().any(|number| number.plain_digits().is_none());
        let is_round = numbers.last().is_some_and(DigitGroups::is_round);
        !amount.is_signed() && digits >= LEAST_DIGITS && !has_separators && !is_round
    }

    /// Whether a unit follows, such as "rooms".
    fn is_measured(&self, end: usize) -> bool {
        let next = self.tokens.get(end).and_then(Token::entry);
        next.is_some_and(|entry| entry.is(Role::Unit) && !entry.is(Role::Neutral))
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
            words.is_partial = self.is_base_price(amounts[at].start) || self.is_bundle(amounts, at);
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
    fn behind(&self, amounts: &[Amount], at: usize, next: Option<&WordsBefore>) -> WordsBehind {
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
        words.is_per_unit |= is_per_amount && self.has_role(end + 2, Role::Unit);
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

/// Whether coins or banknotes bear that amount: 1, 2, 5, 25 or 3, and their multiples by ten.
fn is_denomination(amount: &Amount) -> bool {
    let Ok(money) = amount.money else { return false };
    let mut minor = money.minor;
    while minor > 0 && minor % 10 == 0 {
        minor /= 10;
    }
    matches!(minor, 1 | 2 | 3 | 5 | 25)
}

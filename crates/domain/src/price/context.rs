//! What the words around an amount say of it: a price of now or before, delivery, a deposit, a part of a range.

use super::amounts::{Amount, Misread};
use super::fold::FoldedText;
use super::lex::Token;
use super::neighbours::{NeighbourWords, WordsBefore, WordsBehind};
use super::number::DigitGroups;
use super::words::Role;
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

impl ContextReader<'_> {
    pub(super) fn read(&self, mut amounts: Vec<Amount>) -> Vec<ReadAmount> {
        let ranges = self.ranges(&mut amounts);
        let reductions = self.reductions(&mut amounts);
        let is_lone = amounts.iter().enumerate().filter(|(at, _)| !ranges.contains(at)).count() == 1;
        let neighbours = NeighbourWords { tokens: self.tokens };
        let before = neighbours.before_each(&amounts);
        let mut read: Vec<ReadAmount> = Vec::with_capacity(amounts.len());
        for (at, amount) in amounts.iter().enumerate() {
            let behind = neighbours.behind(&amounts, at, before.get(at + 1));
            let (role, per) = if ranges.contains(&at) {
                (AmountRole::RangeEnd, None)
            } else if reductions.contains(&at) {
                (AmountRole::Current, behind.per)
            } else if reductions.contains(&(at + 1)) {
                (AmountRole::Former, None)
            } else {
                self.role(&amounts, at, &before[at], &behind, is_lone)
            };
            read.push(ReadAmount { amount: amount.clone(), role, per });
        }
        self.share_periods(&mut read, &neighbours);
        read
    }

    /// The period behind the upper end of a range is that of the range.
    fn share_periods(&self, read: &mut [ReadAmount], neighbours: &NeighbourWords<'_>) {
        for at in 1..read.len() {
            if read[at].role == AmountRole::RangeEnd && read[at - 1].per.is_none() {
                let next = read.get(at + 1).map_or(self.tokens.len(), |next| next.amount.start);
                read[at - 1].per = neighbours.words_behind(read[at].amount.end, next).per;
            }
        }
    }

    pub(super) fn has_role(&self, at: usize, role: Role) -> bool {
        self.tokens.get(at).and_then(Token::entry).is_some_and(|entry| entry.is(role))
    }

    fn role(
        &self,
        amounts: &[Amount],
        at: usize,
        before: &WordsBefore,
        behind: &WordsBehind,
        is_lone: bool,
    ) -> (AmountRole, Option<PricePeriod>) {
        let amount = &amounts[at];
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
        } else if says(Role::UnitPrice) || self.is_base_price(amount.start) || self.is_bundle(amounts, at) {
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

//! Finds the amounts of a text: a number with its multiplier and the sign before or behind it.

mod digits;
mod reader;
mod scale;
mod sign;

pub(super) use self::reader::AmountReader;
use self::reader::SignReading;
use self::sign::clearer;
use super::lex::{NumberToken, Token};
use super::lexicon::Entry;
use super::number::Decimal;
use crate::money::{Currency, Money};

/// A number of the text, and what stands with it.
#[derive(Clone, Debug)]
pub(super) struct Amount {
    /// The tokens from `start` to before `end`.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) money: Result<Money, Misread>,
    pub(super) evidence: Evidence,
    /// The number as it is written, without its multiplier.
    written: Option<Decimal>,
    power: u32,
    currency: Currency,
}

/// What makes a number an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Nothing beside it.
    Bare,
    /// `,-` and the like.
    Marked,
    SignBefore,
    SignBehind,
    /// A multiplier that is customary for prices of the source's currency.
    Scaled,
}

/// Why a number is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misread {
    /// It is part of something longer, such as a model's name, a size or a percentage.
    Part,
    /// Its groups of digits make no number.
    Groups,
    Negative,
    /// A multiplier that is not known, or means different ones.
    Multiplier,
    /// A currency sign that is not known.
    Sign,
    TooHigh,
}

impl Evidence {
    fn before(sign: Option<&SignReading>, is_marked: bool) -> Self {
        match (sign, is_marked) {
            (Some(_), _) => Self::SignBefore,
            (None, true) => Self::Marked,
            (None, false) => Self::Bare,
        }
    }
}

impl Amount {
    pub(super) fn is_signed(&self) -> bool {
        self.evidence != Evidence::Bare
    }

    pub(super) fn size(&self) -> f64 {
        self.written.and_then(|number| number.times(self.power)).map_or(0.0, Decimal::size)
    }

    /// Gives the lower end of a range the currency and the multiplier of its upper end: `1-2k €`.
    pub(super) fn share(&mut self, upper: &Self) {
        let Some(written) = self.written else { return };
        let is_smaller = upper.written.is_some_and(|other| written.size() < other.size());
        let power = if self.power == 0 && is_smaller { upper.power } else { self.power };
        if self.evidence == Evidence::Bare {
            self.currency = upper.currency;
            self.evidence = upper.evidence;
        }
        self.power = power;
        self.money = money(written, power, self.currency);
    }
}

fn money(written: Decimal, power: u32, currency: Currency) -> Result<Money, Misread> {
    written.times(power).and_then(|number| number.money(currency)).ok_or(Misread::TooHigh)
}

impl AmountReader<'_> {
    /// Every number of the text, in order.
    pub(super) fn read(&self) -> Vec<Amount> {
        let mut amounts: Vec<Amount> = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let Some(number) = self.tokens[at].number() else {
                at += 1;
                continue;
            };
            let free_from = amounts.last().map_or(0, |amount| amount.end);
            let amount = self.amount(at, number, free_from);
            at = amount.end.max(at + 1);
            amounts.push(amount);
        }
        amounts
    }

    fn amount(&self, at: usize, number: NumberToken, free_from: usize) -> Amount {
        let before = self.sign_before(at, free_from);
        let (mut start, before) = before.map_or((at, None), |(start, sign)| (start, Some(sign)));
        let mut end = at + 1;
        let mut number = number;
        if let Some(spaced) = self.spaced_cents(at, number) {
            (number, end) = spaced;
        } else if !number.is_marked {
            (number, end) = self.joined(at, number, before.as_ref());
        }
        let scale = end;
        let mut scaled = self.scaled(number.groups, end, before.as_ref());
        end = scaled.end;
        let mut sign = before;
        let mut evidence = Evidence::before(sign.as_ref(), number.is_marked);
        if let Some((behind, sign_end)) = self.sign_behind(at, end, sign.as_ref()) {
            if sign.is_none() {
                evidence = Evidence::SignBehind;
            }
            sign = Some(clearer(sign, behind));
            if let Some(cents) = self.cents_behind(end, sign_end, scaled.power) {
                scaled.groups = scaled.groups.with_cents(&cents);
                end = sign_end + 1;
            } else {
                end = sign_end;
            }
        } else if let Some(cents) = self.raised_cents(start, end) {
            scaled.groups = scaled.groups.with_cents(&cents);
            end += 1;
        }
        if let Some((part, length)) = self.subunits_behind(end, sign.as_ref(), &scaled) {
            scaled.rest = Some(part);
            end += length;
        }
        if evidence == Evidence::Bare && self.is_scaled_price(start, scale, end) {
            evidence = Evidence::Scaled;
        }
        if let Some((first, clearer)) = self.code_before(start, free_from, sign.as_ref()) {
            start = first;
            sign = Some(clearer);
        }
        let currency = match sign {
            Some(SignReading::Known(_, currency)) => currency,
            Some(SignReading::OwnCode | SignReading::Unknown) | None => self.own,
        };
        let decimals = match sign {
            Some(SignReading::Known(sign, _)) => sign.decimals,
            _ => 0,
        };
        let written = scaled.value(currency, self.lexicon).map(|number| number.over(decimals));
        let money = self.misread(start, at, end, evidence).map_or_else(
            || match (sign, written) {
                (Some(SignReading::Unknown), _) => Err(Misread::Sign),
                (_, None) => Err(Misread::Groups),
                _ if scaled.is_uncertain => Err(Misread::Multiplier),
                _ if number.groups.is_cut_zeros() => Err(Misread::Groups),
                (_, Some(written)) => money(written, 0, currency),
            },
            Err,
        );
        let (written, power) = if scaled.rest.is_none() {
            (scaled.unscaled(currency, self.lexicon).map(|number| number.over(decimals)), scaled.power)
        } else {
            (written, 0)
        };
        Amount { start, end, money, evidence, written, power, currency }
    }

    /// Whether the amount is no amount but a part of something: `F150`, `120cm`, `20%`.
    fn misread(&self, start: usize, number: usize, end: usize, evidence: Evidence) -> Option<Misread> {
        let is_signed = matches!(evidence, Evidence::SignBefore | Evidence::SignBehind);
        let before = start.checked_sub(1).filter(|_| !self.tokens[start].has_gap).map(|before| &self.tokens[before]);
        if let Some(before) = before {
            let is_part = match before.mark() {
                Some('-') if before.has_gap || start == 1 => return Some(Misread::Negative),
                Some('/' | '.' | ':' | '#' | '×' | '°' | '_' | '@') => !is_signed,
                Some(_) => false,
                None => start == number && before.entry().is_none() || before.number().is_some() && !is_signed,
            };
            if is_part {
                return Some(Misread::Part);
            }
        }
        if self.has_letters_for_digits(start, end) {
            return Some(Misread::Part);
        }
        let behind = self.tokens.get(end)?;
        if behind.mark() == Some('%') {
            return Some(Misread::Part);
        }
        if behind.has_gap {
            return None;
        }
        let is_part = match behind.mark() {
            Some('"' | '\'' | '°' | '×' | '_' | '@') => !is_signed,
            Some('/' | ':' | '.') => !is_signed && self.number_at(end + 1),
            _ => false,
        };
        if is_part {
            return Some(Misread::Part);
        }
        if !behind.is_word() || self.is_understood(end) {
            return None;
        }
        let is_short = behind.end - behind.start <= 3;
        match evidence {
            Evidence::SignBefore => is_short.then_some(Misread::Multiplier),
            Evidence::SignBehind => None,
            Evidence::Bare | Evidence::Marked | Evidence::Scaled => Some(Misread::Part),
        }
    }

    /// Whether a letter stands where a digit is meant: `1O0`, `$l00`.
    fn has_letters_for_digits(&self, start: usize, end: usize) -> bool {
        let is_all = |token: &Token, letters: &str| {
            token.is_word() && self.text.lower(token.start, token.end).chars().all(|c| letters.contains(c))
        };
        let is_group = |at: usize| {
            self.tokens.get(at).is_some_and(|token| {
                let precedes_number =
                    self.tokens.get(at + 1).is_some_and(|next| !next.has_gap && next.number().is_some());
                !token.has_gap && (is_all(token, "o") || precedes_number && is_all(token, "oil"))
            })
        };
        let is_separator = |token: &Token| !token.has_gap && matches!(token.mark(), Some('.' | ','));
        let behind = is_group(end) || self.tokens.get(end).is_some_and(is_separator) && is_group(end + 1);
        let before = start.checked_sub(1).filter(|_| !self.tokens[start].has_gap).is_some_and(|before| {
            let token = &self.tokens[before];
            let follows_amount = !token.has_gap
                && before.checked_sub(1).is_some_and(|first| {
                    self.number_at(first) || self.tokens[first].mark().is_some() && self.sign_at(first).is_some()
                });
            is_all(token, "oil") && (follows_amount || is_all(token, "o"))
        });
        behind || before
    }

    /// Whether the word behind an amount says something about it.
    fn is_understood(&self, at: usize) -> bool {
        let says_more = |entry: &Entry| !entry.roles.is_empty() || entry.period.is_some() || !entry.scales.is_empty();
        self.tokens[at].entry().is_some_and(says_more) || self.sign_at(at).is_some()
    }
}

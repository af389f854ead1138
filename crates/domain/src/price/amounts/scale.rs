//! Multipliers: `28k`, `3.25 lakh`, `1億2000万`.

use super::super::fold::is_unspaced;
use super::super::lex::Token;
use super::super::lexicon::{Entry, Lexicon, ScalePower};
use super::super::number::{Decimal, DigitGroups, NumberStyle};
use super::super::words::Role;
use super::reader::{AmountReader, SignReading};
use crate::money::Currency;

/// A number with its multiplier.
pub(super) struct ScaledNumber {
    pub(super) groups: DigitGroups,
    pub(super) power: u32,
    /// What further numbers add.
    pub(super) rest: Option<Decimal>,
    pub(super) end: usize,
    pub(super) is_uncertain: bool,
}

impl ScaledNumber {
    pub(super) fn unscaled(&self, currency: Currency, lexicon: &Lexicon) -> Option<Decimal> {
        self.groups.value(NumberStyle { power: self.power, mills: lexicon.mills(currency) })
    }

    pub(super) fn value(&self, currency: Currency, lexicon: &Lexicon) -> Option<Decimal> {
        let scaled = self.unscaled(currency, lexicon)?.times(self.power)?;
        match self.rest {
            Some(rest) => scaled.plus(rest),
            None => Some(scaled),
        }
    }

    fn is_fractional(&self, currency: Currency, lexicon: &Lexicon) -> bool {
        let style = NumberStyle { power: 6, mills: lexicon.mills(currency) };
        self.groups.value(style).is_some_and(Decimal::is_fractional)
    }
}

impl<'a> AmountReader<'a> {
    /// Reads the multipliers behind a number, and the further numbers of `1億2000万` and `1 Cr 25 Lakh`.
    pub(super) fn scaled(&self, groups: DigitGroups, end: usize, before: Option<&SignReading<'a>>) -> ScaledNumber {
        let mut scaled = ScaledNumber { groups, power: 0, rest: None, end, is_uncertain: false };
        let currency = self.currency_around(end, before);
        match self.power_at(end, currency, &scaled, before.is_some()) {
            ScalePower::Known(power) => scaled.power = power,
            ScalePower::Uncertain => scaled.is_uncertain = true,
            ScalePower::None => return scaled,
        }
        scaled.end += usize::from(!self.names_currency(end));
        // A name such as that of the toman, which is ten rials, multiplies as well.
        if scaled.end > end
            && self.names_currency(scaled.end)
            && let ScalePower::Known(power) = self.power_at(scaled.end, currency, &scaled, true)
        {
            scaled.power += power;
        }
        let mut last = scaled.power;
        while let Some((part, power, length)) = self.further_part(&scaled, last, currency) {
            scaled.rest = scaled.rest.map_or(Some(part), |rest| rest.plus(part));
            scaled.end += length;
            match power {
                Some(power) => last = power,
                None => break,
            }
        }
        scaled
    }

    /// The number behind a multiplier that adds to the one before it, its own multiplier, and their count of tokens.
    fn further_part(
        &self,
        scaled: &ScaledNumber,
        last: u32,
        currency: Currency,
    ) -> Option<(Decimal, Option<u32>, usize)> {
        let token = self.tokens.get(scaled.end)?;
        let digits = token.number()?.groups;
        let part = digits.value(NumberStyle { power: 0, mills: "" }).filter(|part| !part.is_fractional())?;
        if let ScalePower::Known(power) = self.power_at(scaled.end + 1, currency, scaled, true)
            && power < last
        {
            return Some((part.times(power)?, Some(power), 2));
        }
        let is_unspaced = is_unspaced(self.text.chars[self.tokens[scaled.end.checked_sub(1)?].start]);
        let next = self.tokens.get(scaled.end + 1);
        let ends_word = next.is_none_or(|next| next.has_gap || next.entry().is_some());
        let is_glued = !token.has_gap && ends_word;
        let has_sign = token.has_gap && self.sign_at(scaled.end + 1).is_some();
        // `3万5000` is 35,000, `1tr5` 1.5 million.
        let count = digits.count();
        match is_unspaced {
            true if (is_glued || has_sign) && count <= last => Some((part, None, 1)),
            false if is_glued && count <= 3 && digits.plain_digits().is_some() => {
                Some((part.times(last)?.over(count), None, 1))
            }
            _ => None,
        }
    }

    /// The currency that a multiplier stands with: that of the sign before the number, or of the one behind the multiplier.
    fn currency_around(&self, scale: usize, before: Option<&SignReading<'a>>) -> Currency {
        let behind = || {
            let at = if self.names_currency(scale) { scale } else { scale + 1 };
            self.sign_at(if self.is_connective(at) { at + 1 } else { at })
        };
        match before.copied().or_else(behind) {
            Some(SignReading::Known(_, currency)) => currency,
            _ => self.own,
        }
    }

    fn power_at(&self, at: usize, currency: Currency, scaled: &ScaledNumber, has_sign: bool) -> ScalePower {
        let Some(token) = self.tokens.get(at).filter(|token| token.is_word()) else { return ScalePower::None };
        let Some(entry) = token.entry().filter(|entry| !entry.scales.is_empty()) else { return ScalePower::None };
        let followed_by_letter =
            self.tokens.get(at + 1).is_some_and(|next| !next.has_gap && next.is_word() && next.entry().is_none());
        if followed_by_letter && token.end - token.start == 1 && !is_unspaced(self.text.chars[token.start]) {
            return ScalePower::None;
        }
        let is_last = self.sign_at(at + 1).is_none();
        if self.may_begin_name(at, currency) {
            return ScalePower::Uncertain;
        }
        let word = self.text.lower(token.start, token.end);
        let is_ton = word.starts_with('t');
        match word {
            // In ads in kwacha or kina a K is their sign, and a ton is no thousand.
            "k" | "m" | "l" | "t" | "t." | "tn" if is_last && !has_sign && (is_ton || is_own_sign(entry, self.own)) => {
                ScalePower::None
            }
            // `$5 M` may be a size, `$20 m` a length, `$20 B` a grade.
            "m" | "b"
                if is_last
                    && token.has_gap
                    && !entry.is_home_scale(currency)
                    && !scaled.is_fractional(currency, self.lexicon) =>
            {
                ScalePower::Uncertain
            }
            _ => entry.power(currency),
        }
    }
}

impl AmountReader<'_> {
    /// Whether a letter apart from its number may belong to the word behind it: `$35 K cups`.
    fn may_begin_name(&self, at: usize, currency: Currency) -> bool {
        let token = &self.tokens[at];
        let is_letter = token.has_gap && token.end - token.start == 1 && self.text.chars[token.start].is_ascii();
        let is_customary = token.entry().is_some_and(|entry| entry.is_home_scale(currency));
        let next = self.tokens.get(at + 1);
        let precedes_name = next.is_some_and(|next| next.is_word() && next.entry().is_none());
        let is_lower_k = self.text.chars[token.start] == 'k' && !token.is_upper();
        is_letter && precedes_name && !is_customary && !is_lower_k
    }

    /// Whether a multiplier makes a number the price without a sign: `3室2厅 450万`.
    pub(super) fn is_scaled_price(&self, start: usize, scale: usize, end: usize) -> bool {
        let is_counted = |token: &Token| token.entry().is_some_and(|entry| entry.is(Role::Counted));
        let is_home = self.tokens.get(scale).is_some_and(|token| {
            let is_letter = token.end - token.start == 1 && self.text.chars[token.start].is_ascii();
            !is_letter && token.entry().is_some_and(|entry| entry.is_home_scale(self.own))
        });
        let is_counted_before = start.checked_sub(1).is_some_and(|before| is_counted(&self.tokens[before]));
        let ends_there = self.tokens.get(end).is_none_or(|next| {
            let is_more = |entry: &Entry| !entry.is(Role::Unit) && !entry.is(Role::Counted);
            let is_known = next.entry().is_some_and(is_more);
            next.number().is_some() || next.mark().is_some_and(|mark| mark != '%') || is_known
        });
        self.reads_scales && end > scale && is_home && !is_counted_before && ends_there
    }
}

fn is_own_sign(entry: &Entry, own: Currency) -> bool {
    entry.sign.as_ref().is_some_and(|sign| sign.currency(own, false, false) == Some(own))
}

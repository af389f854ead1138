//! Digits that spaces or a page's layout separate from their number.

use super::super::lex::{NumberToken, Token};
use super::super::number::{Decimal, DigitGroups, NumberStyle};
use super::super::words::Role;
use super::reader::{AmountReader, SignReading, is_usually_before};
use super::scale::ScaledNumber;

impl<'a> AmountReader<'a> {
    /// The number with the groups that follow after plain spaces.
    pub(super) fn joined(
        &self,
        at: usize,
        first: NumberToken,
        before: Option<&SignReading<'a>>,
    ) -> (NumberToken, usize) {
        let mut number = first;
        let mut end = at + 1;
        while let Some(more) = self.tokens.get(end).filter(|token| token.has_gap).and_then(Token::number)
            && number.groups.takes_more_groups()
            && !number.is_marked
            && more.groups.continues_groups()
        {
            number = NumberToken { groups: number.groups.join(&more.groups), is_marked: more.is_marked };
            end += 1;
        }
        if end == at + 1 || !self.may_join(at, end, number.is_marked, before) {
            return (first, at + 1);
        }
        (number, end)
    }

    fn may_join(&self, at: usize, end: usize, is_marked: bool, before: Option<&SignReading<'a>>) -> bool {
        let previous = at.checked_sub(1).map(|previous| &self.tokens[previous]);
        let follows_model = previous.is_some_and(|token| {
            token.is_word() && (!self.tokens[at].has_gap || token.entry().is_some_and(|entry| entry.is(Role::Numbered)))
        });
        let next = self.tokens.get(end);
        let is_measured = next.is_some_and(|next| {
            let is_unit = next.is_word()
                && next
                    .entry()
                    .is_some_and(|entry| entry.is(Role::Unit) && entry.sign.is_none() && entry.scales.is_empty());
            let is_glued_word = next.is_word() && !next.has_gap && next.entry().is_none();
            is_unit || is_glued_word
        });
        if follows_model && before.is_none() || is_measured {
            return false;
        }
        match before {
            Some(SignReading::Known(_, currency)) => {
                let sign = at.checked_sub(1).and_then(|sign| self.tokens[sign].mark());
                let is_usually_comma = sign.is_some_and(is_usually_before);
                self.is_alone || self.lexicon.groups_with_spaces(*currency) && !is_usually_comma
            }
            Some(SignReading::Unknown) => true,
            Some(SignReading::OwnCode) => self.is_alone || self.lexicon.groups_with_spaces(self.own),
            None => {
                let is_scaled = next.and_then(Token::entry).is_some_and(|entry| !entry.scales.is_empty());
                is_marked || self.is_alone || self.sign_at(end + usize::from(is_scaled)).is_some()
            }
        }
    }

    /// The cents behind a sign, as in `1299€95`; behind a space only where the text says nothing else.
    pub(super) fn cents_behind(&self, sign: usize, end: usize, power: u32) -> Option<DigitGroups> {
        let is_tight = end == sign + 1 && self.tokens[sign].mark().is_some() && !self.tokens[sign].has_gap;
        if !is_tight || power > 0 {
            return None;
        }
        let is_last = self.is_alone && end + 1 == self.tokens.len();
        self.two_digits(end, false).or_else(|| self.two_digits(end, true).filter(|_| is_last))
    }

    /// Cents that the page raises behind a price tag: `$ 1,050 50`, at the beginning of a text.
    pub(super) fn raised_cents(&self, start: usize, end: usize) -> Option<DigitGroups> {
        let is_tag = start == 0 && self.tokens[0].mark().is_some() && end == 2;
        let is_last = self.tokens.len() == end + 1 || self.sign_at(end + 1).is_some();
        let is_whole = self.tokens[end - 1].number()?.groups.plain_digits().is_some() || self.is_alone;
        (is_tag && is_last && is_whole).then(|| self.two_digits(end, true)).flatten()
    }

    /// Cents behind a decimal mark and a space, `$119. 95`, where the text says nothing else.
    pub(super) fn spaced_cents(&self, at: usize, number: NumberToken) -> Option<(NumberToken, usize)> {
        let mark = self.tokens.get(at + 1).filter(|token| !token.has_gap && matches!(token.mark(), Some('.' | ',')))?;
        let is_last = self.tokens.len() == at + 3 || self.sign_at(at + 3).is_some();
        let has_sign = self.tokens.len() == at + 4 || at > 0;
        let is_price = self.is_alone && is_last && has_sign;
        if !is_price || number.groups.separator_is(mark.mark()?) {
            return None;
        }
        let cents = self.two_digits(at + 2, true)?;
        Some((NumberToken { groups: number.groups.with_cents(&cents), is_marked: false }, at + 3))
    }

    /// The part of the unit that a second number states, and its count of tokens: `£2 80p`, `2 zł 50 gr`.
    pub(super) fn subunits_behind(
        &self,
        at: usize,
        sign: Option<&SignReading<'a>>,
        scaled: &ScaledNumber,
    ) -> Option<(Decimal, usize)> {
        let SignReading::Known(unit, currency) = sign? else { return None };
        let part = self.tokens.get(at + 1)?.entry()?.sign_for(*currency)?;
        let is_part = part.decimals > 0 && unit.decimals == 0 && part.is_own(*currency);
        let is_whole = scaled.power == 0 && scaled.rest.is_none() && scaled.groups.plain_digits().is_some();
        let number = self.tokens.get(at)?.number()?.groups;
        let is_below_unit = number.plain_digits().is_some_and(|(_, count)| count <= part.decimals);
        let style = NumberStyle { power: 0, mills: "" };
        (is_part && is_whole && is_below_unit)
            .then(|| number.value(style))
            .flatten()
            .map(|number| (number.over(part.decimals), 2))
    }

    fn two_digits(&self, at: usize, has_gap: bool) -> Option<DigitGroups> {
        let token = self.tokens.get(at).filter(|token| token.has_gap == has_gap)?;
        let is_last_part = self.tokens.get(at + 1).is_none_or(|next| next.has_gap || next.mark().is_some());
        let number = token.number().filter(|number| !number.is_marked)?;
        (is_last_part && number.groups.plain_digits()?.1 == 2).then_some(number.groups)
    }
}

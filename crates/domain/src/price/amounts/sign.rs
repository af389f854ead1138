//! Which sign belongs to which number.

use super::reader::{AmountReader, SignReading, is_usually_before};

impl<'a> AmountReader<'a> {
    /// The sign right before a number, and where it begins.
    pub(super) fn sign_before(&self, at: usize, free_from: usize) -> Option<(usize, SignReading<'a>)> {
        let before = at.checked_sub(1).filter(|before| *before >= free_from)?;
        let has_colon =
            self.tokens[before].mark() == Some(':') && before > free_from && self.sign_at(before - 1).is_some();
        let before = before - usize::from(has_colon);
        let sign = self.sign_at(before)?;
        let SignReading::Known(known, _) = sign else { return Some((before, sign)) };
        // "Euro 5" is a norm of exhausts, "won 3 awards" none of the won.
        let digits = self.tokens[at].number()?.groups.plain_digits();
        let is_amount = !known.is_name || known.is_own(self.own) && digits.is_none_or(|(number, _)| number >= 10);
        is_amount.then_some((before, sign))
    }

    /// A code before an amount that says which of several currencies its sign means: `CAD $60`.
    pub(super) fn code_before(
        &self,
        start: usize,
        free_from: usize,
        sign: Option<&SignReading<'a>>,
    ) -> Option<(usize, SignReading<'a>)> {
        let SignReading::Known(open, _) = sign? else { return None };
        let before = start.checked_sub(1).filter(|before| *before >= free_from)?;
        let SignReading::Known(clearer, currency) = self.sign_at(before)? else { return None };
        open.may_mean(currency).then_some((before, SignReading::Known(clearer, currency)))
    }

    /// The sign behind a number, unless it belongs to the next one, and where it ends.
    pub(super) fn sign_behind(
        &self,
        at: usize,
        end: usize,
        before: Option<&SignReading<'a>>,
    ) -> Option<(SignReading<'a>, usize)> {
        let is_scaled = end > at + 1;
        let has_connective = self.is_connective(end) && (is_scaled || self.links_lei(end));
        let at_sign = end + usize::from(has_connective);
        let sign = self.sign_at(at_sign)?;
        let next = at_sign + 1;
        if let Some(before) = before {
            let (SignReading::Known(open, own), SignReading::Known(clearer, currency)) = (before, &sign) else {
                return None;
            };
            // `£2.80p`: the part that the decimals are.
            if clearer.decimals > 0 && open.decimals == 0 && own == currency {
                return Some((*before, next));
            }
            let is_glued_to_next = self.number_at(next) && !self.tokens[next].has_gap;
            let is_clearer = open.may_mean(*currency) || own == currency && self.tokens[at_sign].is_word();
            return (is_clearer && !is_glued_to_next).then_some((sign, next));
        }
        if self.number_at(next) && !self.belongs_to_left(at, at_sign) {
            return None;
        }
        // `1.500$ CAD`
        if let (SignReading::Known(open, _), Some(SignReading::Known(clearer, currency))) = (sign, self.sign_at(next))
            && open.may_mean(currency)
            && (!self.number_at(next + 1) || self.tokens[next + 1].has_gap)
        {
            return Some((SignReading::Known(clearer, currency), next + 1));
        }
        Some((sign, next))
    }

    /// Whether the sign between two numbers is that of the first one.
    fn belongs_to_left(&self, left: usize, sign: usize) -> bool {
        let right = sign + 1;
        let is_glued_left = !self.tokens[sign].has_gap;
        let is_glued_right = !self.tokens[right].has_gap;
        if is_glued_left != is_glued_right {
            return is_glued_left;
        }
        let has_own_sign = self.sign_at(right + 1).is_some() && !self.number_at(right + 2);
        if has_own_sign || is_glued_left {
            return true;
        }
        if self.tokens[sign].mark().is_some_and(is_usually_before) || self.is_word_before_amounts(sign) {
            return false;
        }
        // `Model 3 EUR 20000`: a small number behind a word, and the sign's other number ends the text.
        let follows_word = left.checked_sub(1).is_some_and(|before| self.tokens[before].is_word());
        let is_last = self.tokens[right + 1..].iter().all(|token| !token.is_word() && token.number().is_none());
        let digits = |at: usize| self.tokens[at].number().and_then(|number| number.groups.plain_digits());
        let is_model = sign == left + 1 && digits(left).is_some_and(|(number, _)| number < 100);
        let is_year = digits(right).is_some_and(|(number, _)| (1900..2100).contains(&number));
        let is_larger = digits(right).is_none_or(|(number, _)| number >= 100);
        let numbers_model = follows_word && is_model;
        let is_last_price = is_last && is_larger && !is_year;
        !(numbers_model && is_last_price)
    }

    /// Whether a sign of letters is written before its amounts: `LT 120 Rp 850 juta`.
    fn is_word_before_amounts(&self, sign: usize) -> bool {
        let token = &self.tokens[sign];
        let word = self.text.lower(token.start, token.end);
        matches!(word, "rp" | "rp." | "rs" | "rs." | "rm" | "ksh" | "tsh" | "ush" | "php" | "idr" | "inr")
            || word.ends_with('$')
    }

    /// Whether "de" links a number to the name of the lei, which numbers from 20 on need.
    fn links_lei(&self, at: usize) -> bool {
        let sign = self.sign_at(at + 1);
        matches!(sign, Some(SignReading::Known(_, currency)) if ["RON", "MDL"].contains(&currency.as_str()))
    }
}

/// Of the signs on both sides of a number, the one that says more: that behind it in `$60 CAD`.
pub(super) fn clearer<'l>(before: Option<SignReading<'l>>, behind: SignReading<'l>) -> SignReading<'l> {
    match (before, behind) {
        (None, behind) => behind,
        (Some(SignReading::Known(open, _)), SignReading::Known(_, currency)) if open.may_mean(currency) => behind,
        (Some(before), _) => before,
    }
}

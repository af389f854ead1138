//! What the parts of this module share: the tokens, and the signs among them.

use super::super::fold::FoldedText;
use super::super::lex::Token;
use super::super::lexicon::{Lexicon, Sign};
use crate::money::Currency;

/// Reads the amounts of a text.
pub(in super::super) struct AmountReader<'a> {
    pub(in super::super) text: &'a FoldedText,
    pub(in super::super) tokens: &'a [Token<'a>],
    pub(in super::super) lexicon: &'static Lexicon,
    /// The currency of the source.
    pub(in super::super) own: Currency,
    /// Whether the text says nothing besides an amount and what may stand beside one.
    pub(in super::super) is_alone: bool,
    /// Whether a number with a multiplier that is customary for the source's currency needs no sign.
    pub(in super::super) reads_scales: bool,
}

/// A sign beside a number.
#[derive(Clone, Copy)]
pub(super) enum SignReading<'l> {
    Known(&'l Sign, Currency),
    /// The code of the source's own currency, which may be one that CLDR does not have.
    OwnCode,
    Unknown,
}

impl<'a> AmountReader<'a> {
    pub(super) fn sign_at(&self, at: usize) -> Option<SignReading<'a>> {
        let token = self.tokens.get(at)?;
        let sign = token.entry().and_then(|entry| entry.sign_for(self.own));
        match sign {
            _ if token.is_word() && self.text.lower(token.start, token.end).eq_ignore_ascii_case(self.own.as_str()) => {
                Some(SignReading::OwnCode)
            }
            _ if token.mark() == Some('¤') => Some(SignReading::Known(sign?, self.own)),
            Some(sign) => Some(SignReading::Known(sign, token.sign_currency(self.own, self.is_alone)?)),
            None => token.mark().is_some_and(is_currency_sign).then_some(SignReading::Unknown),
        }
    }

    pub(super) fn number_at(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.number().is_some())
    }

    /// Whether a word links a multiplier to the name of the currency: `2 millones de euros`.
    pub(super) fn is_connective(&self, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| matches!(self.text.lower(token.start, token.end), "de" | "d'" | "di" | "d" | "of"))
    }

    /// Whether a multiplier names its currency as well: `25 t€`, `250 eFt`.
    pub(super) fn names_currency(&self, at: usize) -> bool {
        let is_both =
            |token: &Token| token.end - token.start > 1 && token.entry().is_some_and(|entry| !entry.scales.is_empty());
        self.tokens.get(at).is_some_and(is_both) && self.sign_at(at).is_some()
    }
}

/// Whether a sign is written before its amounts nearly everywhere, and their digits are grouped by commas.
pub(super) const fn is_usually_before(sign: char) -> bool {
    matches!(sign, '$' | '£' | '¥' | '₹' | '₩' | '₱' | '₦')
}

/// Whether a character is a currency sign (general category Sc).
const fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '¢'..='¥' | '֏' | '؋' | '߾' | '߿' | '৲' | '৳' | '৻' | '૱' | '௹' | '฿' | '៛'
        | '\u{20a0}'..='\u{20cf}' | '\u{a838}' | '\u{fdfc}')
}

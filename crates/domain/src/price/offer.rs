//! Whether a seller takes offers.

use super::lex::Token;
use super::words::Role;

/// Whether the text says so, and does not deny it.
pub(super) fn is_negotiable(tokens: &[Token]) -> bool {
    let is = |token: &Token, role| token.entry().is_some_and(|entry| entry.is(role));
    let says_offer = tokens.iter().enumerate().any(|(at, token)| {
        let is_denied = tokens[at.saturating_sub(2)..at].iter().any(|before| is(before, Role::Negation));
        is(token, Role::Offer) && !is_denied
    });
    says_offer && !tokens.iter().any(|token| is(token, Role::Firm) && !is(token, Role::Offer))
}

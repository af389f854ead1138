//! Whether a text says that the thing is given away.

use super::fold::{FoldedText, is_unspaced};
use super::lex::{Token, TokenKind};
use super::words::Role;

/// Whether the text says so: by a phrase that means nothing else, or by "free" in a place where it is the price.
pub(super) fn is_given_away(tokens: &[Token], text: &FoldedText) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let is = |role| token.entry().is_some_and(|entry| entry.is(role));
        let is_edge = || stands_at_edge(tokens, at);
        is(Role::Gift) && !is_denied(tokens, at) && is_edge() || is(Role::Free) && is_price(tokens, at, text)
    })
}

fn is_denied(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| tokens[before].entry()).is_some_and(|entry| entry.is(Role::Negation))
}

/// Whether a phrase begins or ends the text, or a part of it that marks set off.
fn stands_at_edge(tokens: &[Token], at: usize) -> bool {
    let sets_off = |token: &Token| matches!(token.kind, TokenKind::Mark(_));
    at == 0 || at + 1 == tokens.len() || sets_off(&tokens[at - 1]) || sets_off(&tokens[at + 1])
}

/// Whether a word such as "free" is said of the thing.
fn is_price(tokens: &[Token], at: usize, text: &FoldedText) -> bool {
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    let behind = tokens.get(at + 1);
    let has = |token: Option<&Token>, role| token.and_then(Token::entry).is_some_and(|entry| entry.is(role));
    if has(before, Role::Shipping) || has(before, Role::Negation) || is_compound(tokens, at) {
        return false;
    }
    let is_set_off = before.is_none_or(|before| before.mark().is_some_and(|mark| mark != '+' && mark != '&'));
    if !is_set_off {
        return is_last(tokens, at) && is_alone_before(tokens, at);
    }
    match behind {
        None => true,
        Some(behind) if behind.mark().is_some() => {
            behind.mark() != Some('%') && !is_joined_by_mark(behind, tokens.get(at + 2))
        }
        Some(behind) if behind.number().is_some() => false,
        Some(behind) => is_gift_of(tokens[at].end, behind, text),
    }
}

/// Whether what follows "free" is what is given away: "free couch", but not "Free People skirt".
fn is_gift_of(end: usize, noun: &Token, text: &FoldedText) -> bool {
    let has = |role| noun.entry().is_some_and(|entry| entry.is(role));
    if has(Role::NotAGift) || has(Role::Shipping) || has(Role::Voucher) {
        return false;
    }
    let is_english = text.lower(end.saturating_sub(4), end) == "free";
    let is_name = matches!(noun.kind, TokenKind::Word { is_title: true, .. });
    has(Role::GiftNoun) || !is_english || !is_name && !is_unspaced(text.chars[noun.start])
}

/// Whether hyphens join the word to others: "sugar-free", "free-standing".
fn is_compound(tokens: &[Token], at: usize) -> bool {
    let is_hyphen = |token: &Token| token.mark() == Some('-') && !token.has_gap;
    let before = at >= 2 && is_hyphen(&tokens[at - 1]) && !tokens[at].has_gap && tokens[at - 2].is_word();
    let behind = tokens.get(at + 1).is_some_and(is_hyphen) && tokens.get(at + 2).is_some_and(|next| !next.has_gap);
    before || behind
}

fn is_joined_by_mark(mark: &Token, next: Option<&Token>) -> bool {
    matches!(mark.mark(), Some('&' | '+' | '/' | '\'')) && next.is_some()
}

fn is_last(tokens: &[Token], at: usize) -> bool {
    tokens[at + 1..].iter().all(|token| token.mark().is_some())
}

/// Whether a "free" at the end of words is set off by capitals: "Desk FREE".
fn is_alone_before(tokens: &[Token], at: usize) -> bool {
    let is_upper = |token: &Token| matches!(token.kind, TokenKind::Word { is_upper: true, .. });
    let others_are_lower = tokens[..at].iter().any(|token| token.is_word() && !is_upper(token));
    let is_noun_before = tokens[at - 1].entry().is_some_and(|entry| entry.is(Role::GiftNoun));
    is_upper(&tokens[at]) && others_are_lower && is_noun_before
}

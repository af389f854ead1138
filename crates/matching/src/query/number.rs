//! Numbers that are more than a word: ranges, and thousands that are set off by spaces.

use super::error::QueryError;
use super::expr::{Expr, NumberRange, all, any};
use super::lex::{Piece, Sign};
use super::term::Term;

/// More digits are no number that anything is searched by.
const MAX_DIGITS: usize = 15;
/// Digits of a group that thousands are set off by.
pub(super) const GROUP_DIGITS: usize = 3;

/// The range of numbers that a word is, such as `1969..1972`; `None` if it is none.
pub(super) fn read_range(text: &str, position: usize) -> Result<Option<NumberRange>, QueryError> {
    let Some((first, last)) = text.split_once("..").or_else(|| text.split_once('…')) else { return Ok(None) };
    let last = last.trim_start_matches('.');
    let is_half = |end: &str, other: &str| end.is_empty() && whole_number(other).is_some();
    if is_half(first, last) || is_half(last, first) {
        return Err(QueryError::new(position, "this range has one end only; write both, as in 1969..1972"));
    }
    let Some((first, last)) = whole_number(first).zip(whole_number(last)) else { return Ok(None) };
    if last < first {
        return Err(QueryError::new(position, format!("this range ends before it begins; write {last}..{first}")));
    }
    if last - first > NumberRange::MAX_SPAN {
        let most = NumberRange::MAX_SPAN;
        return Err(QueryError::new(position, format!("this range is too long; its ends may be at most {most} apart")));
    }
    Ok(Some(NumberRange { first, last }))
}

fn whole_number(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|c| *c != ',').collect();
    let is_number =
        !digits.is_empty() && digits.len() <= MAX_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// What words such as `12 500` mean, and how many words these are: one number, or each of them, as nobody can know.
pub(super) fn spaced_number(pieces: &[Piece]) -> Option<(Expr, usize)> {
    let groups: Vec<&str> = pieces.iter().map_while(digits).collect();
    let first = groups.first().filter(|first| first.len() <= GROUP_DIGITS && !first.starts_with('0'))?;
    let follows = |(nth, group): &(usize, &&str)| {
        let end = pieces[*nth].position + groups[*nth].len();
        group.len() == GROUP_DIGITS && pieces[nth + 1].position == end + 1
    };
    let count = 1 + groups[1..].iter().enumerate().take_while(follows).count();
    if count == 1 || first.is_empty() {
        return None;
    }
    let number = Expr::Term(Term::read(&groups[..count].join("-"), false, false, false)?);
    let has_thousands = groups[1..count].iter().any(|group| group.starts_with('0'));
    let words = groups[..count].iter().filter_map(|group| Term::read(group, false, false, false)).map(Expr::Term);
    let expr = if has_thousands { number } else { any(vec![number, all(words.collect())]) };
    Some((expr, count))
}

fn digits(piece: &Piece) -> Option<&str> {
    match &piece.sign {
        Sign::Word(word) if word.bytes().all(|byte| byte.is_ascii_digit()) => Some(word),
        _ => None,
    }
}

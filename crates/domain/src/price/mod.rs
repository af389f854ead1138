//! What an ad asks: an amount, nothing at all, or something that is no price.
//!
//! A text is folded (`fold`), cut into tokens with the meanings that the lexicon has for them (`lex`, `lexicon`), and its
//! numbers become amounts (`amounts`, `number`) with a role each (`context`); one rule chooses the price (`read`).

mod amounts;
mod context;
mod fold;
mod gift;
mod lex;
mod lexicon;
mod linked;
mod neighbours;
mod number;
mod offer;
mod read;
mod value;
mod words;

pub use self::read::{PriceCandidate, PriceExplanation, PriceText, explain_price, parse_price, parse_title_price};
pub use self::value::{ParsedPrice, Price, RecurringPrice};

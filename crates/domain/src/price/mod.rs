//! What an ad asks: an amount, nothing at all, or something that is no price.

mod lex;
#[cfg(test)]
mod tests;
mod text;
mod value;

pub use self::text::parse_price;
pub use self::value::{ParsedPrice, Price};

//! Texts and queries for a full-text index that knows whole words, their beginnings and phrases.
//!
//! Such an index is searched for every form that a query accepts, so it stores each word once. Only what cannot be derived from
//! a word is stored beside it: joined words, long forms, other names of a unit.

use crate::normalise::forms::{long_form, plurals_of, short_form};
use crate::normalise::{TokenKind, TokenRole, each_token};
use crate::query::{PatternKind, WordPattern};

/// Stands between words of an index that are not adjacent in the text; no query contains it.
pub const WORD_GAP: &str = "·";

/// So many neighbours on each side are stored with a word that is written in another way, for phrases that contain it.
const NEIGHBOURS: usize = 2;

/// The words of a text as an index stores them, in an order in which phrases are found: the text, then what is written in another
/// way, with its neighbours. Each letter of a script without spaces is a word.
pub fn indexed_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut others = Vec::new();
    // For each position, where its word is in the list.
    let mut places = Vec::new();
    let mut is_behind_run = false;
    each_token(text, |token| {
        if token.role == TokenRole::Alternative {
            others.push((index_form(token.text), token.start as usize, token.end as usize));
        } else if token.kind == TokenKind::Run {
            if is_behind_run {
                words.push(WORD_GAP.to_owned());
            }
            for letter in token.text.chars() {
                places.push(words.len());
                words.push(letter.to_string());
            }
        } else {
            places.push(words.len());
            words.push(index_form(&short_form(token.text)));
        }
        if let Some(long) = long_form(token.text) {
            others.push((index_form(&long), token.start as usize, token.end as usize));
        }
        is_behind_run = token.kind == TokenKind::Run;
    });
    let text_length = words.len();
    for (other, start, end) in others {
        let start = places.get(start).copied().unwrap_or(text_length);
        let end = places.get(end).copied().unwrap_or(text_length);
        words.push(WORD_GAP.to_owned());
        words.extend_from_within(start.saturating_sub(NEIGHBOURS)..start);
        words.push(other);
        words.extend_from_within(end..text_length.min(end + NEIGHBOURS));
    }
    words
}

/// How a word of a query is looked up among [`indexed_words`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexedPattern {
    /// One of these sequences of adjacent words.
    Words(Vec<Vec<String>>),
    /// A word that begins with one of these.
    Starts(Vec<String>),
    /// Not at all: an index of words does not know how they end.
    Unknown,
}

impl WordPattern {
    /// How the word is looked up in an index.
    pub fn indexed(&self) -> IndexedPattern {
        let forms = || self.forms.iter().map(|form| index_form(form));
        match self.kind {
            _ if self.is_run() => {
                let letters = |form: &str| form.chars().map(|letter| letter.to_string()).collect();
                IndexedPattern::Words(self.forms.iter().map(|form| letters(form)).collect())
            }
            PatternKind::Exact => IndexedPattern::Words(forms().map(|form| vec![form]).collect()),
            PatternKind::Stem => {
                let mut words: Vec<String> = forms().collect();
                words.extend(self.forms.iter().flat_map(|form| plurals_of(form)));
                let mut seen = std::collections::HashSet::new();
                words.retain(|word| seen.insert(word.clone()));
                IndexedPattern::Words(words.into_iter().map(|word| vec![word]).collect())
            }
            PatternKind::Start => IndexedPattern::Starts(forms().collect()),
            PatternKind::End | PatternKind::Part => IndexedPattern::Unknown,
        }
    }
}

/// A word as it is stored: ASCII signs, which would separate it, become their wide twins.
fn index_form(word: &str) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c);
    word.chars().map(|c| if c.is_ascii() && !c.is_ascii_alphanumeric() { wide(c) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Expr, Query};

    #[test]
    fn what_is_written_in_another_way_stands_behind_the_text() {
        for (text, expected) in [
            ("Red chairs", "red chairs"),
            ("a red e-bike for sale", "a red e bike for sale · a red ebike for sale"),
            ("Möbel", "mobel · moebel"),
            ("自転車 x", "自 転 車 x"),
            ("自転 車", "自 転 · 車"),
            ("C++ at 32\"", "c＋＋ at 32 inch · at 32 in · at 32 inches · at 32 zoll"),
            ("1,000 km", "1000 km"),
            ("", ""),
        ] {
            assert_eq!(indexed_words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_word_is_looked_up_in_every_way_in_which_it_is_stored() {
        for (keywords, expected) in [
            ("chair", "chair|chairs"),
            ("boxes", "boxes|boxe|box|boxeses|boxs"),
            ("\"chairs\"", "chairs"),
            ("möbel", "mobel|moebel|mobels|moebels"),
            ("自転車", "自 転 車"),
            ("c#", "c＃"),
            ("mer*", "mer*"),
            ("*mer", "?"),
        ] {
            let query = Query::parse(keywords).unwrap();
            let Expr::Term(term) = query.expr() else { panic!("{keywords}") };
            let shown = match term.readings()[0][0].indexed() {
                IndexedPattern::Words(words) => words.iter().map(|word| word.join(" ")).collect::<Vec<_>>().join("|"),
                IndexedPattern::Starts(starts) => format!("{}*", starts.join("|")),
                IndexedPattern::Unknown => "?".to_owned(),
            };
            assert_eq!(shown, expected, "{keywords}");
        }
    }
}

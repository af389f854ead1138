//! Words of which only the beginning is given, spelled out for FTS5.
//!
//! FTS5 merges all lists of matches of such words before it gives the first match, which takes 180 ms for a common beginning
//! among a million listings and cannot be interrupted. Alternatives, each a word, are read side by side in 3 ms.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use superbot_db::DbError;

use super::text::WordCondition;
use crate::error::{Result, StoreError};
use crate::search_reader::SearchReader;
use crate::sql::{self, SqlDialect};

/// Words that a beginning is replaced by, at most; finding one takes about 50 µs.
const MOST: u32 = 128;
/// Beginnings of more words than that in one search, at most: FTS5 merges the matches of each.
const MAX_MERGED: usize = 2;

/// Finds the words one after the other, each by seeking behind the last, as the index's vocabulary would otherwise be read
/// match by match. Behind a word there is nothing before its first continuation, and words have no control characters.
const WORDS: &str = "WITH RECURSIVE words (word) AS ( \
        SELECT (SELECT term FROM listing_words_terms WHERE term >= $1 LIMIT 1) \
        UNION ALL \
        SELECT (SELECT term FROM listing_words_terms WHERE term >= words.word || char(1) LIMIT 1) \
        FROM words WHERE words.word < $2 LIMIT $3 \
     ) SELECT word FROM words WHERE word < $2";

/// The words that begin with the beginnings that have been looked up; `None` where they are too many.
#[derive(Default)]
pub(crate) struct PrefixWords(HashMap<String, Option<Vec<String>>>);

impl PrefixWords {
    /// The condition with each beginning of a word replaced by the words that begin so, where these are few.
    pub(crate) async fn spell_out(&mut self, text: WordCondition, reader: &mut SearchReader) -> Result<WordCondition> {
        if reader.dialect() == SqlDialect::Postgres {
            return Ok(text);
        }
        for beginning in text.beginnings() {
            if let Entry::Vacant(unknown) = self.0.entry(beginning) {
                let words = words_of(unknown.key(), reader).await?;
                unknown.insert(words);
            }
        }
        Ok(text.with_words(&|beginning| self.0.get(beginning).cloned().flatten()))
    }
}

/// The words that begin so; `None` where they are too many.
async fn words_of(beginning: &str, reader: &mut SearchReader) -> Result<Option<Vec<String>>> {
    if reader.common_beginnings.contains(beginning) {
        return Ok(None);
    }
    let end = format!("{beginning}{}", char::MAX);
    let find = sql::query_scalar(WORDS).bind(beginning).bind(end).bind(MOST + 1);
    let words: Vec<String> = find.fetch_all(reader.in_time()?).await?;
    if words.len() > MOST as usize {
        reader.common_beginnings.remember(beginning);
        return Ok(None);
    }
    Ok(Some(words))
}

/// Checks that a condition that was spelled out has few beginnings left: nothing interrupts the merging of their matches.
///
/// # Errors
/// [`DbError::TooSlow`] where it has more than [`MAX_MERGED`] of them.
pub(crate) fn check_merges(text: &WordCondition, dialect: SqlDialect) -> Result<()> {
    let is_slow = dialect == SqlDialect::Sqlite && text.beginnings().len() > MAX_MERGED;
    if is_slow { Err(StoreError::Db(DbError::TooSlow)) } else { Ok(()) }
}

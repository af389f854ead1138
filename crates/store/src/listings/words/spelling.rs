//! Expansion of prefixes for FTS5.
//!
//! For a prefix, FTS5 merges the posting lists of all words before it returns the first match, which takes 180 ms for a
//! common prefix among a million listings and cannot be interrupted. The same words as alternatives are read in
//! parallel, in 3 ms.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use superbot_db::DbError;

use super::text::WordCondition;
use crate::error::{Result, StoreError};
use crate::search_reader::SearchReader;
use crate::sql::{self, SqlDialect};

/// Maximum number of words that a prefix is expanded to; finding each takes about 50 µs.
const MOST: u32 = 128;
/// Maximum number of unexpanded prefixes in one query, since FTS5 merges the matches of each.
const MAX_MERGED: usize = 2;

/// Finds the words with a prefix one by one, each by seeking past the last; a plain range scan of the vocabulary would
/// read every occurrence. `char(1)` sorts between a word and its first continuation, as words contain no control
/// characters.
const WORDS: &str = "WITH RECURSIVE words (word) AS ( \
        SELECT (SELECT term FROM listing_words_terms WHERE term >= $1 LIMIT 1) \
        UNION ALL \
        SELECT (SELECT term FROM listing_words_terms WHERE term >= words.word || char(1) LIMIT 1) \
        FROM words WHERE words.word < $2 LIMIT $3 \
     ) SELECT word FROM words WHERE word < $2";

/// Words by prefix, as far as looked up; `None` if there are too many.
#[derive(Default)]
pub(crate) struct PrefixWords(HashMap<String, Option<Vec<String>>>);

impl PrefixWords {
    /// Replaces each prefix by the words that have it, unless there are too many. Postgres handles prefixes itself.
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

/// Returns the words with a prefix; `None` if there are too many.
async fn words_of(beginning: &str, reader: &mut SearchReader) -> Result<Option<Vec<String>>> {
    if reader.common_beginnings.contains(beginning) {
        return Ok(None);
    }
    // Sorts after all words with the prefix.
    let end = format!("{beginning}{}", char::MAX);
    // One word more than permitted shows that there are too many.
    let find = sql::query_scalar(WORDS).bind(beginning).bind(end).bind(MOST + 1);
    let words: Vec<String> = find.fetch_all(reader.in_time()?).await?;
    if words.len() > MOST as usize {
        reader.common_beginnings.remember(beginning);
        return Ok(None);
    }
    Ok(Some(words))
}

/// Checks that an expanded query has few prefixes left, since merging their matches cannot be interrupted.
///
/// # Errors
/// [`DbError::TooSlow`] if there are more than [`MAX_MERGED`].
pub(crate) fn check_merges(text: &WordCondition, dialect: SqlDialect) -> Result<()> {
    let is_slow = dialect == SqlDialect::Sqlite && text.beginnings().len() > MAX_MERGED;
    if is_slow { Err(StoreError::Db(DbError::TooSlow)) } else { Ok(()) }
}

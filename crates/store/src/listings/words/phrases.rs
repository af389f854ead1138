//! What words of a query are as phrases of the full-text index.

use superbot_matching::{Expr, IndexedPattern, Term, WORD_GAP, WordPattern};

use super::text::{TextColumn, WordCondition, all, any};

/// Ways to write a phrase that are searched for, at most; of a longer one only those without plurals.
const MAX_PHRASES: usize = 64;

/// Whether the index knows all words of the expression: it knows how words begin, but not how they end.
pub(crate) fn is_indexed(expr: &Expr) -> bool {
    match expr {
        Expr::Term(term) => term.readings().iter().flatten().all(|word| word.indexed() != IndexedPattern::Unknown),
        Expr::Numbers(_) => true,
        Expr::All(parts) | Expr::Any(parts) => parts.iter().all(is_indexed),
        Expr::Not(excluded) => is_indexed(excluded),
    }
}

/// A condition that every text meets that meets the expression, and, where all of it is indexed, no other; `None` where every
/// text may.
pub(crate) fn of_words(expr: &Expr) -> Option<WordCondition> {
    match expr {
        Expr::Term(term) => of_term(term),
        Expr::Numbers(range) => any(TextColumn::Words, range.words()),
        Expr::All(parts) => {
            let (excluded, wanted): (Vec<_>, Vec<_>) = parts.iter().partition(|part| matches!(part, Expr::Not(_)));
            let wanted = all(wanted.into_iter().map(of_words))?;
            let excluded = excluded.into_iter().filter(|part| is_indexed(part)).filter_map(of_words);
            Some(excluded.fold(wanted, WordCondition::without))
        }
        Expr::Any(branches) => one_of(branches.iter().map(of_words).collect::<Option<_>>()?),
        // What is left out of the whole it stands in.
        Expr::Not(excluded) => of_words(excluded),
    }
}

/// The condition that a listing's place has the words.
pub(crate) fn of_place(location: &str) -> Option<WordCondition> {
    let words = WordPattern::of_place(location);
    all(words.iter().map(|word| of_reading(TextColumn::Place, std::slice::from_ref(word))))
}

fn of_term(term: &Term) -> Option<WordCondition> {
    let readings = term.readings();
    one_of(readings.iter().map(|reading| of_reading(TextColumn::Words, reading)).collect::<Option<_>>()?)
}

fn one_of(mut parts: Vec<WordCondition>) -> Option<WordCondition> {
    if parts.len() > 1 { Some(WordCondition::Any(parts)) } else { parts.pop() }
}

/// Adjacent words: between words that the index does not know, phrases.
fn of_reading(column: TextColumn, reading: &[WordPattern]) -> Option<WordCondition> {
    let is_known = |word: &WordPattern| word.indexed() != IndexedPattern::Unknown;
    let known = reading.split(|word| !is_known(word)).filter(|words| !words.is_empty());
    all(known.map(|words| of_phrase(column, words)))
}

fn of_phrase(column: TextColumn, words: &[WordPattern]) -> Option<WordCondition> {
    let patterns: Vec<IndexedPattern> = words.iter().map(WordPattern::indexed).collect();
    let prefix = matches!(patterns.last(), Some(IndexedPattern::Starts(_)));
    let mut sequences: Vec<Vec<Vec<String>>> = patterns
        .into_iter()
        .map(|pattern| match pattern {
            IndexedPattern::Words(sequences) => sequences,
            IndexedPattern::Starts(starts) => starts.into_iter().map(|start| vec![start]).collect(),
            IndexedPattern::Unknown => Vec::new(),
        })
        .collect();
    if sequences.iter().map(Vec::len).product::<usize>() > MAX_PHRASES {
        for ways in &mut sequences {
            ways.truncate(1);
        }
    }
    let mut phrases: Vec<Vec<String>> = vec![Vec::new()];
    for (nth, ways) in sequences.iter().enumerate() {
        // Two runs of a script without spaces may be one in the text.
        let is_between_runs = nth > 0 && words[nth].is_run() && words[nth - 1].is_run();
        let gaps: &[&[String]] = if is_between_runs { &[&[], &[WORD_GAP.to_owned()]] } else { &[&[]] };
        let continued = |phrase: &Vec<String>| {
            let ways = ways.iter().flat_map(move |way| gaps.iter().map(move |gap| (*gap, way)));
            ways.map(|(gap, way)| [phrase.as_slice(), gap, way].concat()).collect::<Vec<_>>()
        };
        phrases = phrases.iter().flat_map(continued).collect();
    }
    one_of(phrases.into_iter().map(|phrase| WordCondition::phrase(column, phrase, prefix)).collect())
}

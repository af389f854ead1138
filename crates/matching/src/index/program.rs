//! Queries as short lists of numbers.

use super::view::View;
use super::words::Words;
use crate::query::{Expr, Term, WordPattern};

/// One of these must be in a listing.
struct Clause {
    keys: Vec<u32>,
    commonness: u64,
}

const TERM: u32 = 0;
const ALL: u32 = 1;
const ANY: u32 = 2;
const NOT: u32 = 3;
const KIND_SHIFT: u32 = 30;
const COUNT: u32 = (1 << KIND_SHIFT) - 1;

/// A query, ready to be compared with listings: the keys it is found by, then what it says, in prefix notation.
pub(super) struct Program(Box<[u32]>);

impl Program {
    /// Compiles a query; the second value is a word that must be there beside the key.
    pub(super) fn compile(expr: &Expr, words: &mut Words) -> (Self, Option<u32>) {
        let mut code = Vec::new();
        let mut clauses = emit(expr, words, &mut code);
        // There is at least one: every query has something that must be there.
        clauses.sort_by_key(|clause| clause.commonness);
        let mut clauses = clauses.into_iter();
        let keys = clauses.next().map(|clause| clause.keys).unwrap_or_default();
        let second = clauses.find_map(|clause| match *clause.keys {
            [word] if keys != [word] => Some(word),
            _ => None,
        });
        let mut program = vec![count(keys.len())];
        program.extend(keys);
        program.extend(code);
        (Self(program.into()), second)
    }

    pub(super) fn keys(&self) -> &[u32] {
        self.0.split_first().map_or(&[][..], |(count, rest)| &rest[..*count as usize])
    }

    pub(super) fn is_met_by(&self, view: &View) -> bool {
        let Some((keys, rest)) = self.0.split_first() else { return true };
        evaluate(&mut &rest[*keys as usize..], view)
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
}

/// The words of a query that has only words, some of which may be excluded; the rarest that must be there come first.
#[derive(Clone, Copy)]
pub(super) struct Plain([u32; MAX_PLAIN]);

/// Most queries have no more words.
const MAX_PLAIN: usize = 4;
/// The word must not be there.
const EXCLUDED: u32 = 1 << 31;
/// There is no word at this place; it is after all others.
const NO_WORD: u32 = u32::MAX;

impl Plain {
    /// Reads a query that has no phrases, no alternatives and few words.
    pub(super) fn read(expr: &Expr, words: &mut Words) -> Option<Self> {
        let parts = match expr {
            Expr::All(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        if parts.len() > MAX_PLAIN || parts.iter().any(|part| signed_term(part).is_none()) {
            return None;
        }
        let mut numbers = [NO_WORD; MAX_PLAIN];
        for (number, (term, sign)) in numbers.iter_mut().zip(parts.iter().filter_map(signed_term)) {
            *number = words.single(term)? | sign;
        }
        // Stable, and what stands for no word comes last: it has the highest bit, as what is excluded has, and came last.
        numbers.sort_by_key(|number| if number & EXCLUDED == 0 { words.commonness(*number) } else { u64::MAX });
        Some(Self(numbers))
    }

    pub(super) fn key(&self) -> u32 {
        self.0[0]
    }

    /// A word that must be there beside the key.
    pub(super) fn second(&self) -> Option<u32> {
        // A word that is excluded, or none, has the highest bit.
        Some(self.0[1]).filter(|second| second & EXCLUDED == 0)
    }

    pub(super) fn is_met_by(&self, view: &View) -> bool {
        let words = self.0.iter().take_while(|word| **word != NO_WORD);
        words.into_iter().all(|word| view.has(word & !EXCLUDED) == (word & EXCLUDED == 0))
    }
}

/// A word by itself, and `EXCLUDED` where it must not be there.
fn signed_term(part: &Expr) -> Option<(&Term, u32)> {
    let (term, sign) = match part {
        Expr::Term(term) => (term, 0),
        Expr::Not(excluded) => match &**excluded {
            Expr::Term(term) => (term, EXCLUDED),
            _ => return None,
        },
        _ => return None,
    };
    term.is_single().then_some((term, sign))
}

/// Writes an expression down and gives the clauses that a listing must meet.
fn emit(expr: &Expr, words: &mut Words, code: &mut Vec<u32>) -> Vec<Clause> {
    match expr {
        Expr::Term(term) => emit_term(term, words, code),
        Expr::All(parts) => {
            code.push(ALL << KIND_SHIFT | count(parts.len()));
            parts.iter().flat_map(|part| emit(part, words, code)).collect()
        }
        Expr::Any(branches) => {
            code.push(ANY << KIND_SHIFT | count(branches.len()));
            one_of(branches.iter().map(|branch| emit(branch, words, code)))
        }
        Expr::Numbers(range) => emit_words(&[words.range(*range)], words, code),
        Expr::Not(excluded) => {
            code.push(NOT << KIND_SHIFT);
            emit(excluded, words, code);
            Vec::new()
        }
    }
}

fn emit_term(term: &Term, words: &mut Words, code: &mut Vec<u32>) -> Vec<Clause> {
    let mut emit_reading = |reading: &Vec<WordPattern>, code: &mut Vec<u32>| {
        let numbers: Vec<u32> = reading.iter().map(|word| words.pattern(word)).collect();
        emit_words(&numbers, words, code)
    };
    match &*term.readings() {
        [reading] => emit_reading(reading, code),
        readings => {
            code.push(ANY << KIND_SHIFT | count(readings.len()));
            one_of(readings.iter().map(|reading| emit_reading(reading, code)))
        }
    }
}

fn emit_words(numbers: &[u32], words: &Words, code: &mut Vec<u32>) -> Vec<Clause> {
    code.push(TERM << KIND_SHIFT | count(numbers.len()));
    code.extend(numbers);
    let clause = |number: &u32| Clause { keys: vec![*number], commonness: words.commonness(*number) };
    numbers.iter().map(clause).collect()
}

/// The clause that one of the branches must meet: the rarest of each.
fn one_of(branches: impl Iterator<Item = Vec<Clause>>) -> Vec<Clause> {
    let mut either = Clause { keys: Vec::new(), commonness: 0 };
    for clauses in branches {
        let Some(rarest) = clauses.into_iter().min_by_key(|clause| clause.commonness) else { continue };
        either.commonness = either.commonness.saturating_add(rarest.commonness);
        either.keys.extend(rarest.keys);
    }
    either.keys.sort_unstable();
    either.keys.dedup();
    vec![either]
}

/// Evaluates the expression that the code begins with, and takes it off.
fn evaluate(code: &mut &[u32], view: &View) -> bool {
    let Some((head, rest)) = code.split_first() else { return true };
    *code = rest;
    let count = (head & COUNT) as usize;
    match head >> KIND_SHIFT {
        TERM => {
            let (words, rest) = code.split_at(count);
            *code = rest;
            view.has_term(words)
        }
        // Every part is walked, because the code after it begins where it ends.
        ALL => (0..count).fold(true, |met, _| evaluate(code, view) && met),
        ANY => (0..count).fold(false, |met, _| evaluate(code, view) || met),
        _ => !evaluate(code, view),
    }
}

fn count(length: usize) -> u32 {
    // Queries have at most some hundred characters.
    u32::try_from(length).unwrap_or(COUNT) & COUNT
}

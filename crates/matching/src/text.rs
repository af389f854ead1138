//! A text cut up, and what is in it, found by comparing words one by one.
//!
//! The index does not use it: property tests compare the two.

use crate::normalise::forms::{each_stem, forms};
use crate::normalise::{TokenKind, each_token};
use crate::query::{NumberRange, PatternKind, PlainWord, Term, WordPattern, is_run};

/// The words of a text by their positions.
pub(crate) struct TextWords {
    /// In order of their first positions.
    words: Vec<TextWord>,
    /// For each position, where its words begin in the list.
    offsets: Vec<usize>,
    /// Runs of letters of scripts without spaces.
    runs: Vec<String>,
    /// For each position, its run and where in it, if it belongs to one.
    run_places: Vec<Option<(usize, usize)>>,
}

struct TextWord {
    start: u32,
    end: u32,
    forms: Vec<Box<str>>,
    stems: Vec<Box<str>>,
}

impl TextWords {
    pub(crate) fn of(text: &str) -> Self {
        let mut words = Vec::new();
        let mut runs = Vec::new();
        let mut run_places = Vec::new();
        let positions = each_token(text, |token| match token.kind {
            TokenKind::Word => words.push(TextWord::of(token.text, token.start, token.end)),
            TokenKind::Run => {
                run_places.resize(token.start as usize, None);
                run_places.extend(token.text.char_indices().map(|(at, _)| Some((runs.len(), at))));
                runs.push(token.text.to_owned());
            }
        });
        words.sort_by_key(|word| word.start);
        let offsets = (0..=positions).map(|position| words.partition_point(|word| word.start < position)).collect();
        Self { words, offsets, runs, run_places }
    }

    /// Whether the words of the term are there.
    pub(crate) fn has(&self, term: &Term) -> bool {
        match term.plain() {
            Some(word) => self.words.iter().any(|own| own.is_word(word)),
            None => term.readings().iter().any(|reading| self.has_reading(reading)),
        }
    }

    pub(crate) fn has_word(&self, pattern: &WordPattern) -> bool {
        self.has_reading(std::slice::from_ref(pattern))
    }

    pub(crate) fn has_number(&self, range: NumberRange) -> bool {
        let is_within = |form: &str| {
            let number = form.parse().ok().filter(|number: &u64| number.to_string() == form);
            number.is_some_and(|number| range.first <= number && number <= range.last)
        };
        self.words.iter().any(|word| word.forms.iter().any(|form| is_within(form)))
    }

    /// What may be looked up to find the text: all forms and stems of its words, and one or two neighbours of each run.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let of_words = self.words.iter().flat_map(|word| word.forms.iter().chain(&word.stems)).map(|form| &**form);
        of_words.chain(self.runs.iter().flat_map(|run| run_keys(run)))
    }

    fn has_reading(&self, reading: &[WordPattern]) -> bool {
        (0..self.offsets.len()).any(|position| self.continues_with(reading, position))
    }

    /// Whether these words stand there, one behind the other.
    fn continues_with(&self, reading: &[WordPattern], position: usize) -> bool {
        let Some((pattern, rest)) = reading.split_first() else { return true };
        let of_run = self.run_at(position).into_iter().flat_map(|run| {
            let found = pattern.forms.iter().filter(|form| is_run(form) && run.starts_with(&***form));
            found.map(|form| position + form.chars().count())
        });
        let words = self.words_at(position).iter().filter(|word| word.fits(pattern)).map(|word| word.end as usize);
        words.chain(of_run).any(|end| self.continues_with(rest, end))
    }

    fn words_at(&self, position: usize) -> &[TextWord] {
        let start = self.offsets.get(position).copied().unwrap_or(self.words.len());
        let end = self.offsets.get(position + 1).copied().unwrap_or(self.words.len());
        &self.words[start..end]
    }

    /// The rest of the run from that position on.
    fn run_at(&self, position: usize) -> Option<&str> {
        let (run, at) = (*self.run_places.get(position)?)?;
        self.runs.get(run)?.get(at..)
    }
}

impl TextWord {
    fn of(text: &str, start: u32, end: u32) -> Self {
        let forms = forms(text);
        let mut stems = Vec::new();
        for form in &forms {
            each_stem(form, |stem| stems.push(stem.into()));
        }
        Self { start, end, forms, stems }
    }

    fn is_word(&self, word: PlainWord<'_>) -> bool {
        let has_word = |forms: &[Box<str>]| forms.iter().any(|form| **form == *word.text);
        has_word(&self.forms) || (!word.is_quoted && has_word(&self.stems))
    }

    fn fits(&self, pattern: &WordPattern) -> bool {
        let any_form = |fits: fn(&str, &str) -> bool| {
            self.forms.iter().any(|own| pattern.forms.iter().any(|form| fits(own, form)))
        };
        match pattern.kind {
            PatternKind::Exact => any_form(|own, form| own == form),
            PatternKind::Stem => {
                any_form(|own, form| own == form) || self.stems.iter().any(|stem| pattern.forms.contains(stem))
            }
            PatternKind::Start => any_form(|own, form| own.starts_with(form)),
            PatternKind::End => any_form(|own, form| own.ends_with(form)),
            PatternKind::Part => any_form(|own, form| own.contains(form)),
        }
    }
}

/// Each letter of a run, and each two neighbours.
pub(crate) fn run_keys(run: &str) -> impl Iterator<Item = &str> {
    run.char_indices().flat_map(|(at, first)| {
        let end = at + first.len_utf8();
        let pair = run[end..].chars().next().map(|second| &run[at..end + second.len_utf8()]);
        std::iter::once(&run[at..end]).chain(pair)
    })
}

//! Words next to each other, and the ways in which a text may write them.

use crate::normalise::forms::{forms, forms_and_stems, forms_stems_and_plurals};
use crate::normalise::scripts::is_run_letter;
use crate::normalise::{TokenRole, each_token};

/// One word, or several next to each other and in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub(super) words: Vec<TermWord>,
    /// Whether it was quoted: plurals are other words then.
    pub(super) is_quoted: bool,
    /// Whether the first word is only how a word ends.
    pub(super) open_start: bool,
    /// Whether the last word is only how a word begins.
    pub(super) open_end: bool,
}

/// A term of one word that has a single form: most terms are.
#[derive(Clone, Copy)]
pub(crate) struct PlainWord<'t> {
    pub(crate) text: &'t str,
    /// Whether plurals of the word are other words.
    pub(crate) is_quoted: bool,
}

/// A word of a term, as it was folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TermWord {
    pub(super) text: Box<str>,
    /// Whether it may be written as one word with the one before it, as `e-bike` may.
    pub(super) is_connected: bool,
}

/// What a word of a text must be like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WordPattern {
    /// How the forms are compared with the word.
    pub kind: PatternKind,
    /// One of them is enough; there is at least one.
    pub forms: Vec<Box<str>>,
}

/// How a form is compared with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternKind {
    /// The word is the form.
    Exact,
    /// The word is the form, or is a plural with that stem.
    Stem,
    /// The word begins so.
    Start,
    /// The word ends so.
    End,
    /// The form is somewhere in the word; in a script without spaces, in the run of letters.
    Part,
}

/// Shorter words are parts of too many others to be looked for there.
pub(crate) const SHORTEST_PART: usize = 3;

/// Words that may be joined in every way; of longer terms, all or none of the words.
const MAX_JOINED: usize = 4;

impl Term {
    /// The term of the words of a text; `None` if there are none.
    pub(super) fn read(text: &str, is_quoted: bool, open_start: bool, open_end: bool) -> Option<Self> {
        let mut words = Vec::new();
        each_token(text, |token| {
            if token.role != TokenRole::Alternative {
                words.push(TermWord { text: token.text.into(), is_connected: token.role == TokenRole::Connected });
            }
        });
        // A run is found anywhere in a run, so that a star says nothing more.
        let (first, last): (&TermWord, &TermWord) = words.first().zip(words.last())?;
        let open_start = open_start && !is_run(&first.text);
        let open_end = open_end && !is_run(&last.text);
        Some(Self { words, is_quoted, open_start, open_end })
    }

    /// The ways in which a text may write the term, each a sequence of adjacent words.
    pub fn readings(&self) -> Vec<Vec<WordPattern>> {
        joinings(&self.words).map(|bounds| self.reading(&bounds)).collect()
    }

    /// The only word of the term, where it has one and may be written in one way.
    pub(crate) fn single(&self) -> Option<WordPattern> {
        self.is_single().then(|| self.reading(&[0, 1]).pop())?
    }

    /// Whether it is a single word.
    pub(crate) fn is_single(&self) -> bool {
        self.words.len() == 1
    }

    /// The term's only word, if that has a single form.
    pub(crate) fn plain(&self) -> Option<PlainWord<'_>> {
        let [TermWord { text, .. }] = &*self.words else { return None };
        let is_plain =
            !(self.open_start || self.open_end) && text.is_ascii() && (self.is_quoted || !text.ends_with('s'));
        is_plain.then_some(PlainWord { text, is_quoted: self.is_quoted })
    }

    /// The word, or a longer one that contains it; `None` for what is not a single word of some length.
    pub(super) fn widened(&self) -> Option<Self> {
        let pattern = self.single().filter(|pattern| pattern.kind == PatternKind::Stem)?;
        let [word] = &*self.words else { return None };
        let is_long = pattern.forms.iter().all(|form| form.chars().count() >= SHORTEST_PART);
        let is_word = word.text.starts_with(char::is_alphabetic);
        if is_long && is_word { Self::read(&word.text, false, true, true) } else { None }
    }

    /// The words as they were written, folded; without plurals, other forms and stars.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &str> {
        self.words.iter().map(|word| &*word.text)
    }

    /// The words, those joined that may be written as one.
    pub fn joined_words(&self) -> Vec<String> {
        let mut joined: Vec<String> = Vec::new();
        for word in &self.words {
            match joined.last_mut() {
                Some(last) if word.is_connected => last.push_str(&word.text),
                _ => joined.push(word.text.to_string()),
            }
        }
        joined
    }

    /// Whether the first and the last word may go on.
    pub fn is_open(&self) -> (bool, bool) {
        (self.open_start, self.open_end)
    }

    /// The pattern of each word, of which those between two bounds are joined.
    fn reading(&self, bounds: &[usize]) -> Vec<WordPattern> {
        let pattern = |bounds: &[usize]| {
            let from = bounds[0];
            let to = bounds[1];
            let text = self.words[from..to].iter().map(|word| &*word.text).collect::<String>();
            let kind = match (self.open_start && from == 0, self.open_end && to == self.words.len()) {
                _ if is_run(&text) => PatternKind::Part,
                (true, true) => PatternKind::Part,
                (true, false) => PatternKind::End,
                (false, true) => PatternKind::Start,
                (false, false) if self.is_quoted => PatternKind::Exact,
                (false, false) => PatternKind::Stem,
            };
            let forms = match kind {
                PatternKind::Stem => forms_and_stems(&text),
                // "*chair" finds "armchairs", "*phones" finds "headphone".
                PatternKind::End if !self.is_quoted => forms_stems_and_plurals(&text),
                _ => forms(&text),
            };
            WordPattern { kind, forms }
        };
        bounds.windows(2).map(pattern).collect()
    }
}

impl WordPattern {
    /// The words of a place: a text must have each of them.
    pub fn of_place(location: &str) -> Vec<Self> {
        let mut patterns = Vec::new();
        each_token(location, |token| {
            if token.role != TokenRole::Alternative {
                let kind = if is_run(token.text) { PatternKind::Part } else { PatternKind::Exact };
                patterns.push(Self { kind, forms: forms(token.text) });
            }
        });
        patterns
    }

    /// Whether it is a part of a run of letters of a script without spaces.
    pub fn is_run(&self) -> bool {
        self.forms.first().is_some_and(|form| is_run(form))
    }
}

/// Whether a folded word is a run of letters of a script without spaces.
pub(crate) fn is_run(word: &str) -> bool {
    word.starts_with(is_run_letter)
}

/// The ways to join connected words, each as the bounds between the words that result.
fn joinings(words: &[TermWord]) -> impl Iterator<Item = Vec<usize>> {
    let joints: Vec<usize> = (1..words.len()).filter(|at| words[*at].is_connected).collect();
    let is_long = joints.len() >= MAX_JOINED;
    let all = (1_u32 << joints.len().min(MAX_JOINED)) - 1;
    let last = if is_long { 1 } else { all };
    let length = words.len();
    (0..=last).map(move |joined| {
        let is_joint = |at: &usize| {
            let place = joints.iter().position(|joint| joint == at);
            place.is_some_and(|place| if is_long { joined == 1 } else { joined >> place & 1 == 1 })
        };
        (0..=length).filter(|at| !is_joint(at)).collect()
    })
}

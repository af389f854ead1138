//! The words of queries as numbers, and which of them a listing has.

use foldhash::HashMap;

use super::posting::NONE;
use super::trie::Trie;
use super::view::{Seen, View};
use crate::criteria::Facts;
use crate::normalise::forms::{each_stem, long_form, short_form};
use crate::normalise::{Token, TokenKind, each_token};
use crate::query::{NumberRange, PatternKind, PlainWord, Term, WordPattern};

/// What queries look for in listings; each pattern has a number.
#[derive(Default)]
pub(super) struct Words {
    /// What a form of a word stands for.
    forms: HashMap<Box<str>, FormUse>,
    /// The patterns that have several forms.
    shared: Vec<Vec<SharedForm>>,
    starts: Trie,
    /// Spelled backwards.
    ends: Trie,
    parts: Trie,
    /// Parts of runs of letters of scripts without spaces.
    run_parts: Trie,
    /// Patterns that are found by more than one form, or not by forms.
    numbers: HashMap<WordPattern, u32>,
    ranges: HashMap<(u64, u64), u32>,
    frequencies: Vec<Frequency>,
    bytes: usize,
}

/// The numbers of the patterns that a form of a word fits, `NONE` where there is none.
#[derive(Clone, Copy)]
struct FormUse {
    /// This word and no other.
    exact: u32,
    /// This word, and words of which it is the stem.
    stem: u32,
    /// The place of the patterns that have other forms too.
    shared: u32,
}

#[derive(Clone, Copy)]
struct SharedForm {
    number: u32,
    /// Whether words of which the form is the stem do not fit.
    is_exact: bool,
}

/// How many listings had a word, and how many queries use it.
#[derive(Clone, Copy, Default)]
struct Frequency {
    listings: u32,
    queries: u32,
}

/// In how many listings a pattern is taken to be that many words may fit: it is rarely the best way to find a query.
const OPEN_PATTERN_LISTINGS: u32 = 1 << 24;

impl Words {
    /// The number of a term's only word, which a further query uses; `None` for more than one word.
    pub(super) fn single(&mut self, term: &Term) -> Option<u32> {
        match term.plain() {
            Some(PlainWord { text, is_quoted: true }) => {
                let number = self.form(text, |entry| &mut entry.exact);
                Some(self.count_query(number))
            }
            Some(PlainWord { text, is_quoted: false }) => {
                let number = self.form(text, |entry| &mut entry.stem);
                Some(self.count_query(number))
            }
            None => term.single().map(|pattern| self.pattern(&pattern)),
        }
    }

    /// The number of a pattern, which a further query uses.
    pub(super) fn pattern(&mut self, pattern: &WordPattern) -> u32 {
        let number = match (pattern.kind, &*pattern.forms) {
            (PatternKind::Exact, [form]) => self.form(form, |entry| &mut entry.exact),
            (PatternKind::Stem, [form]) => self.form(form, |entry| &mut entry.stem),
            _ => match self.numbers.get(pattern) {
                Some(number) => *number,
                None => self.insert(pattern),
            },
        };
        self.count_query(number)
    }

    /// The number of a range of numbers, which a further query uses.
    pub(super) fn range(&mut self, range: NumberRange) -> u32 {
        let known = self.ranges.get(&(range.first, range.last)).copied();
        let number = known.unwrap_or_else(|| {
            let number = self.next_number(OPEN_PATTERN_LISTINGS);
            self.ranges.insert((range.first, range.last), number);
            range.words().for_each(|word| self.share(&word, SharedForm { number, is_exact: true }));
            number
        });
        self.count_query(number)
    }

    fn form(&mut self, form: &str, of: fn(&mut FormUse) -> &mut u32) -> u32 {
        let next = u32::try_from(self.frequencies.len()).unwrap_or(NONE);
        let number = of(self.form_use(form));
        if *number != NONE {
            return *number;
        }
        *number = next;
        self.next_number(0)
    }

    fn insert(&mut self, pattern: &WordPattern) -> u32 {
        let is_whole = matches!(pattern.kind, PatternKind::Exact | PatternKind::Stem) || pattern.is_run();
        let number = self.next_number(if is_whole { 0 } else { OPEN_PATTERN_LISTINGS });
        for form in &pattern.forms {
            let chars = form.chars();
            self.bytes += form.len() + size_of::<Box<str>>();
            match pattern.kind {
                PatternKind::Exact => self.share(form, SharedForm { number, is_exact: true }),
                PatternKind::Stem => self.share(form, SharedForm { number, is_exact: false }),
                PatternKind::Start => self.starts.insert(chars, number),
                PatternKind::End => self.ends.insert(chars.rev(), number),
                PatternKind::Part if pattern.is_run() => self.run_parts.insert(chars, number),
                PatternKind::Part => self.parts.insert(chars, number),
            }
        }
        self.bytes += size_of::<(WordPattern, u32)>();
        self.numbers.insert(pattern.clone(), number);
        number
    }

    fn share(&mut self, form: &str, shared: SharedForm) {
        let next = u32::try_from(self.shared.len()).unwrap_or(NONE);
        let entry = self.form_use(form);
        if entry.shared == NONE {
            entry.shared = next;
            self.shared.push(Vec::with_capacity(1));
        }
        let place = self.forms.get(form).map_or(NONE, |entry| entry.shared);
        if let Some(list) = self.shared.get_mut(place as usize) {
            list.push(shared);
            self.bytes += size_of::<SharedForm>();
        }
    }

    fn form_use(&mut self, form: &str) -> &mut FormUse {
        let bytes = &mut self.bytes;
        self.forms.entry(form.into()).or_insert_with(|| {
            *bytes += form.len();
            FormUse { exact: NONE, stem: NONE, shared: NONE }
        })
    }

    fn next_number(&mut self, listings: u32) -> u32 {
        let number = u32::try_from(self.frequencies.len()).unwrap_or(NONE);
        self.frequencies.push(Frequency { listings, queries: 0 });
        number
    }

    fn count_query(&mut self, number: u32) -> u32 {
        if let Some(frequency) = self.frequencies.get_mut(number as usize) {
            frequency.queries = frequency.queries.saturating_add(1);
        }
        number
    }

    /// How common a word is, on a scale of its own.
    pub(super) fn commonness(&self, word: u32) -> u64 {
        let frequency = self.frequencies.get(word as usize).copied().unwrap_or_default();
        // What listings say weighs more; queries are all there is before the first listing.
        u64::from(frequency.listings) * 64 + u64::from(frequency.queries)
    }

    /// The bytes that words take, about.
    pub(super) fn bytes(&self) -> usize {
        let forms = self.forms.len() * (size_of::<(Box<str>, FormUse)>() + 1);
        let tries = [&self.starts, &self.ends, &self.parts, &self.run_parts].map(Trie::bytes);
        let shared = self.shared.capacity() * size_of::<Vec<SharedForm>>();
        let numbers = self.frequencies.len() * (size_of::<Frequency>() + size_of::<Seen>());
        self.bytes + forms + shared + numbers + tries.into_iter().sum::<usize>()
    }

    /// Finds the words of a listing.
    pub(super) fn view(&mut self, facts: &Facts<'_>, view: &mut View) {
        view.begin(self.frequencies.len());
        for text in [facts.title, facts.description] {
            let positions = each_token(text, |token| self.see(&token, view));
            view.end_text(positions);
        }
        for word in &view.words {
            let frequency = &mut self.frequencies[*word as usize];
            frequency.listings = frequency.listings.saturating_add(1);
        }
    }

    fn see(&self, token: &Token<'_>, view: &mut View) {
        match token.kind {
            TokenKind::Run => self.see_run(token, view),
            TokenKind::Word if token.text.is_ascii() => self.see_form(token.text, token, view),
            TokenKind::Word => {
                self.see_form(&short_form(token.text), token, view);
                if let Some(long) = long_form(token.text) {
                    self.see_form(&long, token, view);
                }
            }
        }
    }

    fn see_run(&self, token: &Token<'_>, view: &mut View) {
        if self.run_parts.is_empty() {
            return;
        }
        for ((at, _), start) in token.text.char_indices().zip(token.start..) {
            let rest = token.text[at..].chars();
            self.run_parts.each_start(rest, |number, length| view.push(number, start, start + length));
        }
    }

    fn see_form(&self, form: &str, token: &Token<'_>, view: &mut View) {
        let mut see = |number| view.push(number, token.start, token.end);
        if let Some(entry) = self.forms.get(form) {
            if entry.exact != NONE {
                see(entry.exact);
            }
            if entry.stem != NONE {
                see(entry.stem);
            }
            self.shared.get(entry.shared as usize).into_iter().flatten().for_each(|shared| see(shared.number));
        }
        each_stem(form, |stem| {
            let Some(entry) = self.forms.get(stem) else { return };
            if entry.stem != NONE {
                see(entry.stem);
            }
            let shared = self.shared.get(entry.shared as usize).into_iter().flatten();
            shared.filter(|shared| !shared.is_exact).for_each(|shared| see(shared.number));
        });
        if !self.starts.is_empty() {
            self.starts.each_start(form.chars(), |number, _| see(number));
        }
        if !self.ends.is_empty() {
            self.ends.each_start(form.chars().rev(), |number, _| see(number));
        }
        if !self.parts.is_empty() {
            for (at, _) in form.char_indices() {
                self.parts.each_start(form[at..].chars(), |number, _| see(number));
            }
        }
    }
}

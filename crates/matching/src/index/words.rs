//! Words as numbers, and a listing as the numbers of its words.

use foldhash::HashMap;

use crate::criteria::Facts;
use crate::normalise::each_token;

/// Stands for every word that no query uses; it keeps its place, so that phrases do not close over it.
const UNKNOWN: u32 = u32::MAX;
/// Stands between title and description.
const SEAM: u32 = u32::MAX - 1;
const NOWHERE: u32 = u32::MAX;

/// The words and the beginnings of words that queries use.
#[derive(Default)]
pub(super) struct Words {
    numbers: HashMap<Box<str>, u32>,
    /// How many listings had the word, and how many queries use it.
    frequencies: Vec<Frequency>,
    prefixes: HashMap<Box<str>, u32>,
    /// Which lengths prefixes have, one bit for each; the last bit stands for all that are longer.
    prefix_lengths: u64,
    bytes: usize,
}

#[derive(Clone, Copy, Default)]
struct Frequency {
    listings: u32,
    queries: u32,
}

/// A listing's words and where they are; it is filled anew for each listing.
#[derive(Default)]
pub(super) struct View {
    positions: Vec<u32>,
    /// For each position, the next one with the same word.
    next_same: Vec<u32>,
    /// For each word, the listing it was last seen in and its first and last position there.
    seen: Vec<Seen>,
    listing: u64,
    /// The words of the listing, each once.
    pub(super) words: Vec<u32>,
    /// Prefixes and the positions of words that begin so.
    pub(super) prefixes: Vec<(u32, u32)>,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    listing: u64,
    first: u32,
    last: u32,
}

impl Words {
    pub(super) fn word(&mut self, word: &str) -> u32 {
        let next = u32::try_from(self.frequencies.len()).unwrap_or(SEAM);
        let number = self.numbers.get(word).copied().unwrap_or(next);
        if number == next {
            self.numbers.insert(word.into(), next);
            self.frequencies.push(Frequency::default());
            self.bytes += word.len();
        }
        if let Some(frequency) = self.frequencies.get_mut(number as usize) {
            frequency.queries = frequency.queries.saturating_add(1);
        }
        number
    }

    pub(super) fn prefix(&mut self, prefix: &str) -> u32 {
        self.prefix_lengths |= length_bit(prefix.len());
        let next = u32::try_from(self.prefixes.len()).unwrap_or(u32::MAX);
        *self.prefixes.entry(prefix.into()).or_insert(next)
    }

    /// How common a word is, on a scale of its own.
    pub(super) fn commonness(&self, word: u32) -> u64 {
        let frequency = self.frequencies.get(word as usize).copied().unwrap_or_default();
        // What listings say weighs more; queries are all there is before the first listing.
        u64::from(frequency.listings) * 64 + u64::from(frequency.queries)
    }

    pub(super) fn count(&self) -> usize {
        self.frequencies.len()
    }

    /// The bytes that words take, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.count() * (size_of::<(Box<str>, u32)>() + size_of::<Frequency>() + size_of::<Seen>() + 1)
    }

    /// Cuts a listing up.
    pub(super) fn view(&mut self, facts: &Facts<'_>, view: &mut View) {
        view.begin(self.frequencies.len());
        for (text, seam) in [(facts.title, true), (facts.description, false)] {
            each_token(text, |token| self.see(token, view));
            if seam {
                view.push(SEAM);
            }
        }
        for word in &view.words {
            let frequency = &mut self.frequencies[*word as usize];
            frequency.listings = frequency.listings.saturating_add(1);
        }
    }

    fn see(&self, token: &str, view: &mut View) {
        let position = u32::try_from(view.positions.len()).unwrap_or(NOWHERE);
        view.push(self.numbers.get(token).copied().unwrap_or(UNKNOWN));
        if self.prefix_lengths == 0 {
            return;
        }
        let ends = token.char_indices().map(|(at, c)| at + c.len_utf8());
        for end in ends.filter(|end| self.prefix_lengths & length_bit(*end) != 0) {
            if let Some(prefix) = self.prefixes.get(&token[..end]) {
                view.prefixes.push((*prefix, position));
            }
        }
    }
}

fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}

impl View {
    fn begin(&mut self, words: usize) {
        self.listing += 1;
        self.positions.clear();
        self.next_same.clear();
        self.words.clear();
        self.prefixes.clear();
        self.seen.resize(words, Seen::default());
    }

    fn push(&mut self, word: u32) {
        let position = u32::try_from(self.positions.len()).unwrap_or(NOWHERE);
        self.positions.push(word);
        self.next_same.push(NOWHERE);
        let Some(seen) = self.seen.get_mut(word as usize) else { return };
        if seen.listing == self.listing {
            self.next_same[seen.last as usize] = position;
        } else {
            self.words.push(word);
            *seen = Seen { listing: self.listing, first: position, last: position };
        }
        seen.last = position;
    }

    pub(super) fn has(&self, word: u32) -> bool {
        self.seen.get(word as usize).is_some_and(|seen| seen.listing == self.listing)
    }

    /// Whether these words stand next to each other; the last may be a prefix.
    pub(super) fn has_term(&self, words: &[u32], prefix: Option<u32>) -> bool {
        let Some((first, rest)) = words.split_first() else {
            return prefix.is_some_and(|prefix| self.prefixes.iter().any(|(known, _)| *known == prefix));
        };
        if !self.has(*first) {
            return false;
        }
        if rest.is_empty() && prefix.is_none() {
            return true;
        }
        let mut position = self.seen[*first as usize].first;
        while position != NOWHERE {
            let start = position as usize + 1;
            let end = start + rest.len();
            let begins_at = |prefix, at: usize| u32::try_from(at).is_ok_and(|at| self.prefixes.contains(&(prefix, at)));
            let fits =
                self.positions.get(start..end) == Some(rest) && prefix.is_none_or(|prefix| begins_at(prefix, end));
            if fits {
                return true;
            }
            position = self.next_same[position as usize];
        }
        false
    }
}

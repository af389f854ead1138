//! A listing as the numbers of its words and where they are.

/// No position, or no occurrence.
const NOWHERE: u32 = u32::MAX;

/// What of a listing queries ask for; it is filled again for each listing.
#[derive(Default)]
pub(super) struct View {
    occurrences: Vec<Occurrence>,
    /// For each position, the last occurrence that begins there.
    heads: Vec<u32>,
    /// For each number, the listing it was last seen in and its first and last occurrence there.
    seen: Vec<Seen>,
    listing: u64,
    /// Where the positions of the text that is being read begin.
    base: u32,
    /// The numbers of the listing, each once.
    pub(super) words: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Occurrence {
    word: u32,
    start: u32,
    /// The position behind it.
    end: u32,
    /// The next occurrence of the same number.
    next_same: u32,
    /// Another occurrence that begins at the same position.
    next_here: u32,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    listing: u64,
    first: u32,
    last: u32,
}

impl View {
    pub(super) fn begin(&mut self, words: usize) {
        self.listing += 1;
        self.base = 0;
        self.occurrences.clear();
        self.heads.clear();
        self.words.clear();
        self.seen.resize(words, Seen::default());
    }

    /// Ends a text of so many positions; the next one does not adjoin.
    pub(super) fn end_text(&mut self, positions: u32) {
        self.base = self.base.saturating_add(positions).saturating_add(1);
    }

    pub(super) fn push(&mut self, word: u32, start: u32, end: u32) {
        let Some(seen) = self.seen.get_mut(word as usize) else { return };
        let start = start.saturating_add(self.base);
        let end = end.saturating_add(self.base);
        let this = u32::try_from(self.occurrences.len()).unwrap_or(NOWHERE);
        if seen.listing == self.listing {
            let last = &mut self.occurrences[seen.last as usize];
            // Several forms of a word may have found the same number.
            if (last.start, last.end) == (start, end) {
                return;
            }
            last.next_same = this;
        } else {
            self.words.push(word);
            *seen = Seen { listing: self.listing, first: this, last: this };
        }
        seen.last = this;
        if self.heads.len() <= start as usize {
            self.heads.resize(start as usize + 1, NOWHERE);
        }
        let next_here = std::mem::replace(&mut self.heads[start as usize], this);
        self.occurrences.push(Occurrence { word, start, end, next_same: NOWHERE, next_here });
    }

    pub(super) fn has(&self, word: u32) -> bool {
        self.seen.get(word as usize).is_some_and(|seen| seen.listing == self.listing)
    }

    /// Whether these words stand next to each other.
    pub(super) fn has_term(&self, words: &[u32]) -> bool {
        let Some((first, rest)) = words.split_first() else { return false };
        if rest.is_empty() || !words.iter().all(|word| self.has(*word)) {
            return rest.is_empty() && self.has(*first);
        }
        let mut place = self.seen[*first as usize].first;
        while let Some(occurrence) = self.occurrences.get(place as usize) {
            if self.continues_with(rest, occurrence.end) {
                return true;
            }
            place = occurrence.next_same;
        }
        false
    }

    fn continues_with(&self, words: &[u32], position: u32) -> bool {
        let Some((word, rest)) = words.split_first() else { return true };
        let mut place = self.heads.get(position as usize).copied().unwrap_or(NOWHERE);
        while let Some(occurrence) = self.occurrences.get(place as usize) {
            if occurrence.word == *word && self.continues_with(rest, occurrence.end) {
                return true;
            }
            place = occurrence.next_here;
        }
        false
    }
}

//! Strings that begin somewhere in a text, all found in one walk.

use foldhash::HashMap;

/// Strings, each with the numbers that it stands for.
#[derive(Default)]
pub(super) struct Trie {
    /// From a node and a character to the next node; the root is node 0.
    edges: HashMap<u64, u32>,
    /// For each node but the root, the place of its numbers, or `NO_NUMBERS`.
    places: Vec<u32>,
    numbers: Vec<Vec<u32>>,
}

const NO_NUMBERS: u32 = u32::MAX;

impl Trie {
    pub(super) fn insert(&mut self, text: impl Iterator<Item = char>, number: u32) {
        let mut node = 0;
        for c in text {
            let next = u32::try_from(self.places.len() + 1).unwrap_or(u32::MAX);
            node = *self.edges.entry(edge(node, c)).or_insert_with(|| {
                self.places.push(NO_NUMBERS);
                next
            });
        }
        let Some(place) = (node as usize).checked_sub(1).and_then(|node| self.places.get_mut(node)) else { return };
        if *place == NO_NUMBERS {
            *place = u32::try_from(self.numbers.len()).unwrap_or(NO_NUMBERS);
            self.numbers.push(Vec::with_capacity(1));
        }
        if let Some(numbers) = self.numbers.get_mut(*place as usize) {
            numbers.push(number);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// Calls back with the numbers of each string that the text begins with, and its length in characters.
    pub(super) fn each_start(&self, text: impl Iterator<Item = char>, mut found: impl FnMut(u32, u32)) {
        let mut node = 0;
        for (c, length) in text.zip(1..) {
            let Some(next) = self.edges.get(&edge(node, c)) else { return };
            node = *next;
            let place = self.places.get(node as usize - 1).copied().unwrap_or(NO_NUMBERS);
            for number in self.numbers.get(place as usize).into_iter().flatten() {
                found(*number, length);
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let lists: usize =
            self.numbers.iter().map(|list| list.capacity() * size_of::<u32>() + size_of::<Vec<u32>>()).sum();
        self.edges.capacity() * (size_of::<(u64, u32)>() + 1) + self.places.capacity() * size_of::<u32>() + lists
    }
}

fn edge(node: u32, c: char) -> u64 {
    u64::from(node) << 32 | u64::from(u32::from(c))
}

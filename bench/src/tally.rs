//! Exact accounting of a client's events: received, duplicated, out of order, or lost.

use std::ops::RangeInclusive;

/// Upper bound of event numbers.
const MOST: u32 = 1 << 20;

/// Event numbers that one client has received.
#[derive(Debug, Default)]
pub struct Tally {
    /// Bit set of the numbers.
    seen: Vec<u64>,
    highest: u32,
    doubled: u32,
    out_of_order: u32,
}

/// Comparison of received and expected events of several clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Account {
    /// Number of expected deliveries.
    pub expected: u64,
    /// Number of expected events received, without duplicates.
    pub received: u64,
    /// Number of expected events not received.
    pub lost: u64,
    /// Number of duplicates.
    pub doubled: u64,
    /// Number of events received after a later one.
    pub out_of_order: u64,
    /// Number of events received by clients that were not entitled.
    pub stray: u64,
}

impl Tally {
    /// Records an event; returns whether it is the first with this number.
    pub fn record(&mut self, number: u32) -> bool {
        let number = number.min(MOST);
        let (word, bit) = place(number);
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        let is_new = self.seen[word] & bit == 0;
        self.seen[word] |= bit;
        if !is_new {
            self.doubled += 1;
        } else if number < self.highest {
            self.out_of_order += 1;
        }
        self.highest = self.highest.max(number);
        is_new
    }

    /// Compares received with expected events; `None` if none were expected.
    pub fn account(&self, expected: Option<&RangeInclusive<u32>>) -> Account {
        let came: u64 = self.seen.iter().map(|word| u64::from(word.count_ones())).sum();
        let numbers = expected.cloned().into_iter().flatten();
        let due = expected.map_or(0, |expected| expected.clone().count() as u64);
        let received = numbers.filter(|number| self.has(*number)).count() as u64;
        Account {
            expected: due,
            received,
            lost: due - received,
            doubled: u64::from(self.doubled),
            out_of_order: u64::from(self.out_of_order),
            stray: came - received,
        }
    }

    fn has(&self, number: u32) -> bool {
        let (word, bit) = place(number);
        self.seen.get(word).is_some_and(|word| word & bit != 0)
    }
}

fn place(number: u32) -> (usize, u64) {
    ((number / 64) as usize, 1 << (number % 64))
}

impl std::ops::AddAssign for Account {
    fn add_assign(&mut self, other: Self) {
        self.expected += other.expected;
        self.received += other.received;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.out_of_order += other.out_of_order;
        self.stray += other.stray;
    }
}

impl Account {
    /// Returns whether every event arrived once, in order, and at entitled clients only.
    pub fn is_perfect(&self) -> bool {
        self.lost + self.doubled + self.out_of_order + self.stray == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(numbers: &[u32]) -> Tally {
        let mut tally = Tally::default();
        for number in numbers {
            tally.record(*number);
        }
        tally
    }

    #[test]
    fn everything_once_and_in_order_is_perfect() {
        let account = tally(&(1..=200).collect::<Vec<_>>()).account(Some(&(1..=200)));
        assert_eq!(account, Account { expected: 200, received: 200, ..Account::default() });
        assert!(account.is_perfect());
    }

    #[test]
    fn what_is_missing_is_lost() {
        let account = tally(&[1, 2, 64, 66]).account(Some(&(1..=66)));
        assert_eq!((account.received, account.lost), (4, 62));
        assert_eq!(tally(&[]).account(Some(&(1..=3))).lost, 3);
    }

    #[test]
    fn what_comes_again_is_doubled_and_received_once() {
        let account = tally(&[1, 2, 2, 1, 3]).account(Some(&(1..=3)));
        assert_eq!((account.received, account.lost, account.doubled, account.out_of_order), (3, 0, 2, 0));
    }

    #[test]
    fn what_comes_late_is_not_lost() {
        let account = tally(&[1, 3, 2, 4]).account(Some(&(1..=4)));
        assert_eq!((account.received, account.lost, account.out_of_order), (4, 0, 1));
    }

    #[test]
    fn what_was_for_others_is_stray() {
        assert_eq!(tally(&[1, 2]).account(None).stray, 2);
        let account = tally(&[1, 2, u32::MAX]).account(Some(&(2..=2)));
        assert_eq!((account.received, account.stray), (1, 2));
    }
}

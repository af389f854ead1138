//! How long one listing takes against all standing queries, beside looking at each of them in turn.
//!
//! `cargo bench -p superbot-matching -- 10000 100000 1000000` chooses how many queries there are.
//! The classifieds are made up: brands, models and words as unevenly frequent as in real ones (Zipf), titles and queries
//! about the same 40,000 products; 20 % of the queries exclude a word, 10 % have a phrase, 8 % an alternative, 25 % a
//! lowest price, all a highest, and 30 % name their sources.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "figures of a report")]

use std::time::{Duration, Instant};

use superbot_domain::{Currency, Money, Price, SourceName};
use superbot_matching::{Batch, Criteria, Facts, Index, PriceRange, Query, QueryId};

const LISTINGS: usize = 20_000;
const PASSES: usize = 3;
const CHANGES: usize = 20_000;
const VOCABULARY: usize = 50_000;
const PRODUCTS: usize = 40_000;

fn main() {
    let mut sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000, 1_000_000, 5_000_000];
    }
    println!("microseconds for one listing from its text, the best of {PASSES} passes over {LISTINGS}; one thread");
    println!(
        "queries | mean p50 p99 | matches | scan mean, times slower (matches compared) | bytes/query (+ per word) | rebuild s | insert p50 p99 max | remove p50 p99 max"
    );
    for size in sizes {
        measure(size);
    }
}

fn measure(size: usize) {
    let world = World::new();
    let mut random = Random(7);
    let criteria: Vec<Criteria> = (0..size).map(|_| world.criteria(&mut random)).collect();
    let listings: Vec<Ad> = (0..LISTINGS).map(|_| world.ad(&mut random)).collect();

    let parsed: Vec<(QueryId, Criteria)> = (0..).map(QueryId).zip(criteria.iter().cloned()).collect();
    let mut index = Index::new();
    let rebuild = timed(|| index = parsed.into_iter().collect());
    let (mut best, mut matches, mut found) = (vec![Duration::MAX; LISTINGS], 0, Vec::new());
    for _ in 0..PASSES {
        matches = 0;
        for (ad, best) in listings.iter().zip(&mut best) {
            let took = timed(|| index.matches(&ad.facts(), &mut found));
            *best = took.min(*best);
            matches += found.len();
        }
    }
    let (scanned, scan_matches) = scan(&criteria, &listings, &mut index);
    let memory = index.memory();

    let (mut inserts, mut removes) = (Vec::new(), Vec::new());
    for _ in 0..CHANGES {
        let id = QueryId(random.below(size) as u32);
        removes.push(timed(|| assert!(index.remove(id), "every query is there")));
        let new = world.criteria(&mut random);
        inserts.push(timed(|| index.insert(id, &new)));
    }
    let mean = mean_micros(&best);
    println!(
        "{size} | {mean:.1} {} | {:.1} | {scanned:.0} {:.0} ({scan_matches}) | {} (+ {} KiB) | {:.2} | {} | {}",
        percentiles(&mut best, false),
        matches as f64 / LISTINGS as f64,
        scanned / mean,
        memory.queries / size,
        memory.words / 1024,
        rebuild.as_secs_f64(),
        percentiles(&mut inserts, true),
        percentiles(&mut removes, true),
    );
}

/// Looks at every query for a few listings; the index must find the same.
fn scan(criteria: &[Criteria], listings: &[Ad], index: &mut Index) -> (f64, usize) {
    let some = &listings[..(20_000_000 / criteria.len() / 100).clamp(1, 200)];
    let (mut took, mut matches, mut found) = (Vec::new(), 0, Vec::new());
    for ad in some {
        let mut expected: Vec<QueryId> = Vec::new();
        took.push(timed(|| {
            let batch = Batch::new([ad.facts()]);
            let all = (0..).map(QueryId).zip(criteria);
            let found = all.filter(|(_, query)| batch.matching(query).next().is_some());
            expected = found.map(|(id, _)| id).collect();
        }));
        index.matches(&ad.facts(), &mut found);
        assert_eq!(found, expected, "the index and the scan disagree");
        matches += found.len();
    }
    (mean_micros(&took), matches)
}

struct Ad {
    title: String,
    description: String,
    price: Price,
    source: SourceName,
}

impl Ad {
    fn facts(&self) -> Facts<'_> {
        let (title, description, source) = (&self.title, &self.description, &self.source);
        Facts { title, description, price: self.price, source, location: "" }
    }
}

/// What there is to be sold, and the words for it.
struct World {
    words: Vec<String>,
    cumulative_words: Vec<f64>,
    products: Vec<Product>,
    cumulative_products: Vec<f64>,
    sources: Vec<SourceName>,
}

struct Product {
    words: Vec<usize>,
    price_minor: i64,
}

impl World {
    fn new() -> Self {
        let mut random = Random(1);
        let cumulative_words = zipf(VOCABULARY, 1.0, 0.0);
        let mut product = || Product {
            words: (0..3 + random.below(2)).map(|_| 200 + random.below(VOCABULARY - 200)).collect(),
            price_minor: (random.unit() * random.unit() * 2_000_000.0) as i64 + 2_050,
        };
        let products = (0..PRODUCTS).map(|_| product()).collect();
        let sources = (0..8).map(|n| SourceName::parse(&format!("source{n}")).expect("a good name")).collect();
        let words = (0..VOCABULARY).map(word).collect();
        Self { words, cumulative_words, products, cumulative_products: zipf(PRODUCTS, 0.8, 20.0), sources }
    }

    fn product(&self, random: &mut Random) -> &Product {
        &self.products[random.of(&self.cumulative_products)]
    }

    fn common_word(&self, random: &mut Random) -> &str {
        &self.words[random.of(&self.cumulative_words)]
    }

    fn criteria(&self, random: &mut Random) -> Criteria {
        let product = self.product(random);
        let named = (2 + random.below(3)).min(product.words.len());
        let named: Vec<&str> = product.words[..named].iter().map(|word| self.words[*word].as_str()).collect();
        let mut keywords = if random.chance(10) {
            format!("\"{} {}\" {}", named[0], named[1], named[2..].join(" "))
        } else {
            named.join(" ")
        };
        if random.chance(8) {
            keywords = format!("{keywords} ({}, {})", self.common_word(random), self.common_word(random));
        }
        if random.chance(20) {
            keywords = format!("{keywords} -{}", self.common_word(random));
        }
        let max = (product.price_minor as f64 * (0.3 + 0.6 * random.unit())) as i64;
        let price = PriceRange {
            currency: Currency::USD,
            min: random.chance(25).then_some(max / 3),
            max: Some(max),
            include_free: false,
        };
        let sources = if random.chance(30) { vec![self.sources[random.below(8)].clone()] } else { Vec::new() };
        Criteria { query: Some(Query::parse(&keywords).expect("good keywords")), price, sources, location: None }
    }

    fn ad(&self, random: &mut Random) -> Ad {
        let product = self.product(random);
        let mut title: Vec<&str> = product.words.iter().map(|word| self.words[*word].as_str()).collect();
        title.extend((0..2 + random.below(6)).map(|_| self.common_word(random)));
        let description: Vec<&str> = (0..30 + random.below(51)).map(|_| self.common_word(random)).collect();
        let minor = (product.price_minor as f64 * (0.4 + random.unit())) as i64;
        Ad {
            title: title.join(" "),
            description: description.join(" "),
            price: Price::Amount(Money { minor, currency: Currency::USD }),
            source: self.sources[random.below(8)].clone(),
        }
    }
}

/// A word of its own for each number, of letters only.
fn word(number: usize) -> String {
    let mut rest = number + 676;
    let mut word = String::new();
    while rest > 0 {
        word.push(char::from(b'a' + (rest % 26) as u8));
        rest /= 26;
    }
    word.push_str(["", "er", "ton", "ing"][number % 4]);
    word
}

fn zipf(count: usize, exponent: f64, shift: f64) -> Vec<f64> {
    let mut sum = 0.0;
    (1..=count)
        .map(|rank| {
            sum += (rank as f64 + shift).powf(-exponent);
            sum
        })
        .collect()
}

/// The same numbers each time (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn of(&mut self, cumulative: &[f64]) -> usize {
        let at = self.unit() * cumulative.last().copied().unwrap_or_default();
        cumulative.partition_point(|sum| *sum <= at).min(cumulative.len() - 1)
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn mean_micros(took: &[Duration]) -> f64 {
    took.iter().sum::<Duration>().as_secs_f64() * 1e6 / took.len() as f64
}

fn percentiles(took: &mut [Duration], with_max: bool) -> String {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1e6;
    let max = if with_max { format!(" {:.0}", at(100)) } else { String::new() };
    format!("{:.1} {:.1}{max}", at(50), at(99))
}

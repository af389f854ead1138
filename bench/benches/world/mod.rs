//! Generator of classifieds: brands, models and words follow Zipf distributions as in real ones; titles and queries
//! concern the same 40,000 products. 20 % of the queries exclude a word, 10 % contain a phrase, 8 % an alternative, 25
//! % have a minimum price, all a maximum, and 30 % name sources.

use superbot_domain::{Currency, Money, Price, SourceName};
use superbot_matching::{Criteria, Facts, PriceRange, Query};

const VOCABULARY: usize = 50_000;
const PRODUCTS: usize = 40_000;

/// A generated listing.
pub struct Ad {
    pub title: String,
    pub description: String,
    pub price: Price,
    pub source: SourceName,
}

impl Ad {
    pub fn facts(&self) -> Facts<'_> {
        let title = &self.title;
        let description = &self.description;
        let source = &self.source;
        Facts { title, description, price: self.price, source, location: "" }
    }
}

/// A generated query.
pub struct Wish {
    named: Vec<String>,
    is_phrase: bool,
    either: Option<[String; 2]>,
    excluded: Option<String>,
    pub price: PriceRange,
    pub sources: Vec<SourceName>,
}

impl Wish {
    /// Returns the query in the syntax of keywords.
    pub fn keywords(&self) -> String {
        self.written(|words| format!("\"{words}\""), " ", |[a, b]| format!(" ({a}, {b})"), " -")
    }

    /// Returns the query in the syntax of FTS5.
    pub fn fts5(&self) -> String {
        self.written(|words| format!("\"{words}\""), " AND ", |[a, b]| format!(" AND ({a} OR {b})"), " NOT ")
    }

    fn written(&self, quoted: fn(&str) -> String, and: &str, either: fn(&[String; 2]) -> String, not: &str) -> String {
        let mut clauses = Vec::new();
        let rest = if self.is_phrase {
            clauses.push(quoted(&self.named[..2].join(" ")));
            &self.named[2..]
        } else {
            &self.named[..]
        };
        clauses.extend(rest.iter().cloned());
        let either = self.either.as_ref().map_or(String::new(), either);
        let excluded = self.excluded.as_ref().map_or(String::new(), |word| format!("{not}{word}"));
        format!("{}{either}{excluded}", clauses.join(and))
    }

    pub fn criteria(&self) -> Criteria {
        let query = Some(Query::parse(&self.keywords()).expect("good keywords"));
        Criteria { query, price: self.price, sources: self.sources.clone(), location: None }
    }
}

/// The products, and the words for them.
pub struct World {
    pub words: Vec<String>,
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
    pub fn new() -> Self {
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

    pub fn wish(&self, random: &mut Random) -> Wish {
        let product = self.product(random);
        let named = (2 + random.below(3)).min(product.words.len());
        let named = product.words[..named].iter().map(|word| self.words[*word].clone()).collect();
        let is_phrase = random.chance(10);
        let either = random.chance(8).then(|| [(); 2].map(|()| self.common_word(random).to_owned()));
        let excluded = random.chance(20).then(|| self.common_word(random).to_owned());
        let max = (product.price_minor as f64 * (0.3 + 0.6 * random.unit())) as i64;
        let price = PriceRange {
            currency: Currency::USD,
            min: random.chance(25).then_some(max / 3),
            max: Some(max),
            per: None,
            include_free: false,
        };
        let sources = if random.chance(30) { vec![self.sources[random.below(8)].clone()] } else { Vec::new() };
        Wish { named, is_phrase, either, excluded, price, sources }
    }

    pub fn ad(&self, random: &mut Random) -> Ad {
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

/// Returns a distinct word for each number, consisting of letters only.
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

/// A deterministic random generator (`SplitMix64`).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
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

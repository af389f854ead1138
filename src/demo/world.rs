//! Ads of the simulated sites, as a function of the seed and the time since the start.

/// A simulated site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    /// With pages like those of Craigslist.
    Craigslist,
    /// With pages like those of KSL Classifieds.
    Ksl,
    /// With pages like those of Facebook Marketplace.
    Facebook,
}

/// An ad at a certain time.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoAd {
    /// Number on its site, from 0; ids in its address are derived from it.
    pub number: u64,
    pub title: String,
    /// Seed of its picture, if it has one.
    pub picture: Option<u64>,
    pub town: &'static str,
    pub price: AskingPrice,
    /// Previous price in dollars, if it was reduced.
    pub before: Option<u32>,
    /// Time of posting, in seconds since the start; negative for initial ads.
    pub born: i64,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskingPrice {
    Dollars(u32),
    BestOffer(u32),
    Nothing,
    Unsaid,
}

/// Price alerts of the demo's user: keywords, and the maximum price in dollars.
pub const ALERTS: [(&str, u32); 5] = [
    ("(schwinn, trek, specialized) bike", 400),
    ("corvette -parts", 40_000),
    ("\"herman miller\"", 600),
    ("iphone -case", 500),
    ("stratocaster", 900),
];

/// Saved searches of the demo's user: name and keywords.
pub const SEARCHES: [(&str, &str); 2] =
    [("Anything for the trail", "\"mountain bike\", tent, kayak"), ("Solid oak", "oak")];

/// Interval between two new ads of a site, in seconds.
const EVERY: i64 = 6;
/// Number of ads at the start.
const AT_FIRST: u64 = 25;
/// Upper bound of the ads that a site has at the same time.
const LONGEST: u64 = 100;
/// Every ninth ad repeats an earlier one.
const REPOST_EVERY: u64 = 9;

/// A category of goods: brands, models, and the range of prices in dollars.
type Things = (&'static [&'static str], &'static [&'static str], u32, u32);

/// Goods that match the alerts.
const WANTED: [Things; 5] = [
    (&["Schwinn", "Trek", "Specialized"], &["road bike", "mountain bike, 29\"", "kids' bike"], 60, 390),
    (&["1998 Chevrolet", "2004 Chevy", "1985 Chevrolet"], &["Corvette", "Corvette convertible"], 9_500, 39_000),
    (&["Herman Miller"], &["Aeron chair, size B", "Sayl office chair", "Eames side chair"], 120, 590),
    (&["Apple"], &["iPhone 13 mini", "iPhone 14, 128 GB", "iPhone 12 (unlocked)"], 150, 490),
    (&["Fender", "Squier"], &["Stratocaster", "Player Stratocaster"], 180, 880),
];

const OTHERS: [Things; 10] = [
    (
        &["2016 Subaru", "2012 Honda", "2019 Toyota", "2008 Ford"],
        &["Outback", "CR-V", "Tacoma", "F-150"],
        4_000,
        28_000,
    ),
    (&["Solid oak", "Mid-century", "Farmhouse"], &["dining table & 6 chairs", "dresser", "bookcase"], 40, 900),
    (&["Sony", "LG", "Samsung"], &["55\" TV", "soundbar", "monitor, 4K"], 60, 700),
    (&["DeWalt", "Milwaukee", "Makita"], &["drill & impact set", "table saw", "circular saw"], 40, 450),
    (&["Yamaha", "Roland", "Casio"], &["digital piano", "keyboard <88 keys>", "drum kit"], 90, 1_200),
    (&["Coleman", "REI", "The North Face"], &["4-person tent", "camp stove", "sleeping bag"], 20, 260),
    (&["Old Town", "Pelican"], &["kayak", "canoe + 2 paddles"], 150, 900),
    (&["Whirlpool", "Maytag", "Bosch"], &["washer & dryer", "dishwasher", "fridge"], 80, 950),
    (&["LEGO", "Nintendo", "PlayStation"], &["Star Wars set (complete)", "Switch + 3 games", "5 controller"], 25, 380),
    (&["Canon", "Nikon", "Fujifilm"], &["mirrorless camera", "50mm f/1.8 lens", "camera bag"], 30, 1_100),
];

const REMARKS: [&str; 8] = [
    "",
    " - like new",
    ", runs great",
    " (needs work)",
    " - must go",
    ", barely used",
    " \u{2013} moving sale",
    ", one owner",
];

const TOWNS: [&str; 10] =
    ["Provo", "Orem", "Lehi", "Sandy", "Midvale", "Salt Lake City", "Ogden", "Park City", "Draper", "Bountiful"];

impl SiteKind {
    /// All sites, in the order of their sources.
    pub const ALL: [Self; 3] = [Self::Craigslist, Self::Ksl, Self::Facebook];

    /// Returns the name, which is also that of the source.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Craigslist => "craigslist",
            Self::Ksl => "ksl",
            Self::Facebook => "facebook",
        }
    }

    const fn place(self) -> u64 {
        match self {
            Self::Craigslist => 0,
            Self::Ksl => 1,
            Self::Facebook => 2,
        }
    }

    /// Returns the ads available at `second`, newest first.
    pub fn ads(self, seed: u64, second: i64) -> Vec<DemoAd> {
        let newest = u64::try_from(second / EVERY + 2).unwrap_or(0) + AT_FIRST;
        (newest.saturating_sub(LONGEST)..newest).rev().filter_map(|number| self.ad(seed, number, second)).collect()
    }

    /// Returns an ad as of `second`, if it is available then.
    pub fn ad(self, seed: u64, number: u64, second: i64) -> Option<DemoAd> {
        // Every property is drawn from its own hash of seed, site, number and purpose, so it does not depend on the others.
        let chance = |what: u64| mix(seed ^ mix(number * 3 + self.place()) ^ what);
        let pick = |what: u64, count: usize| usize::try_from(chance(what) % count as u64).unwrap_or(0);
        // The sites post at different times, each a third of the interval after the previous one.
        let offset = i64::try_from(self.place()).unwrap_or(0) * EVERY / 3;
        let born = (i64::try_from(number).ok()? - AT_FIRST.cast_signed()) * EVERY + offset + i64::from(pick(1, 2) == 1);
        let lives = 240 + i64::try_from(pick(2, 240)).unwrap_or(0);
        if second < born || second >= born + lives {
            return None;
        }
        if number % REPOST_EVERY == REPOST_EVERY - 1 && number > AT_FIRST {
            // A repost, with a new id: sellers do that to appear first.
            let first = self.ad(seed, number - 4, born)?;
            return Some(DemoAd { number, born, before: None, ..first });
        }
        let is_wanted = self == Self::Craigslist || chance(3).is_multiple_of(4);
        let things: &[Things] = if is_wanted { &WANTED } else { &OTHERS };
        let (brands, models, low, high) = things[pick(4, things.len())];
        let title = format!(
            "{} {}{}",
            brands[pick(5, brands.len())],
            models[pick(6, models.len())],
            REMARKS[pick(7, REMARKS.len())]
        );
        let asked = low + u32::try_from(pick(8, (high - low) as usize)).unwrap_or(0);
        let asked = if asked > 1_000 { asked / 50 * 50 } else { asked };
        let falls = !is_wanted && chance(9).is_multiple_of(4) || chance(9).is_multiple_of(10);
        let has_fallen = falls && second >= born + 20 + i64::try_from(pick(10, 40)).unwrap_or(0);
        let now = if has_fallen {
            asked - asked / 100 * 5 - asked * u32::try_from(pick(11, 20)).unwrap_or(0) / 100
        } else {
            asked
        };
        let price = match chance(12) % 16 {
            0 if !is_wanted => AskingPrice::Nothing,
            1 if !is_wanted => AskingPrice::Unsaid,
            2..5 => AskingPrice::BestOffer(now),
            _ => AskingPrice::Dollars(now),
        };
        Some(DemoAd {
            number,
            title,
            picture: (!chance(13).is_multiple_of(7)).then(|| chance(14) % 1_000),
            town: TOWNS[pick(15, TOWNS.len())],
            price,
            before: has_fallen.then_some(asked),
            born,
        })
    }
}

impl DemoAd {
    /// Returns the asking price in dollars, 0 if free, if one is stated.
    pub const fn dollars(&self) -> Option<u32> {
        match self.price {
            AskingPrice::Dollars(dollars) | AskingPrice::BestOffer(dollars) => Some(dollars),
            AskingPrice::Nothing => Some(0),
            AskingPrice::Unsaid => None,
        }
    }

    /// Formats the price as on the pages.
    pub fn written(&self) -> String {
        let grouped = |dollars: u32| match (dollars / 1_000, dollars % 1_000) {
            (0, rest) => format!("${rest}"),
            (thousands, rest) => format!("${thousands},{rest:03}"),
        };
        match self.price {
            AskingPrice::Dollars(dollars) | AskingPrice::BestOffer(dollars) => grouped(dollars),
            AskingPrice::Nothing => "$0".to_owned(),
            AskingPrice::Unsaid => String::new(),
        }
    }

    /// Returns whether the title contains all words, ignoring case, and a stated price is within the bounds.
    pub fn is_found_by(&self, query: &str, min: Option<u32>, max: Option<u32>) -> bool {
        let title = self.title.to_lowercase();
        let has_words = query.to_lowercase().split_whitespace().all(|word| title.contains(word));
        let within = self
            .dollars()
            .is_none_or(|dollars| min.is_none_or(|min| dollars >= min) && max.is_none_or(|max| dollars <= max));
        has_words && within
    }

    /// Returns the title as a segment of a URL's path.
    pub fn slug(&self) -> String {
        let words = self.title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
    }
}

/// Hashes a number (splitmix64).
pub fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

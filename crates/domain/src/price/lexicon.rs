//! What words and signs mean: the tables of CLDR and of [`words`](super::words), looked up by text.

use crate::price_period::PricePeriod;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::fold::{Digits, FoldedText, count_words, first_word, is_unspaced};
use super::words::{self, Role, RoleSet};
use crate::money::Currency;

/// Written by `cargo xtask cldr`.
const CLDR: &str = include_str!("cldr.tsv");

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);

/// All that the reader knows of words and signs.
pub(super) struct Lexicon {
    entries: HashMap<Box<str>, Entry>,
    pub(super) digits: Digits,
    /// The most characters of a key that begins with a character of a script without spaces.
    longest_unspaced: HashMap<char, usize>,
    mills: HashMap<Currency, &'static str>,
    spaced_groups: Vec<Currency>,
}

/// What a word or a sign may mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) sign: Option<Sign>,
    /// What it means for currencies of which it names a part, where it is a sign as well: `p` for pence.
    subunit: Option<Sign>,
    pub(super) scales: Vec<Scale>,
    pub(super) period: Option<PeriodWord>,
    pub(super) roles: RoleSet,
    is_uncertain_scale: bool,
    /// The currencies in whose ads prices have this multiplier.
    home_scale: Vec<Currency>,
    /// The most words of a phrase that begins with this one.
    phrase_words: usize,
}

/// A sign, a code or a name, and the currencies that are written so.
#[derive(Clone, Debug)]
pub(super) struct Sign {
    default: Currency,
    owners: Vec<Currency>,
    reach: SignReach,
    /// Decimal places of the unit that it names below that of the currency: 2 for cents.
    pub(super) decimals: u32,
    /// Whether it is a single letter.
    is_letter: bool,
    /// Whether it is a name, which stands behind its number.
    pub(super) is_name: bool,
}

/// Where a sign is taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignReach {
    Everywhere,
    /// In ads whose source has that currency: `K` and `R` are too often something else.
    OwnSource,
    /// Anywhere but in capitals.
    NotInCapitals,
    /// An ISO code, in capitals; one that is a word too, where the text says nothing else.
    Code {
        is_word: bool,
    },
}

/// A word for a power of ten.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    pub(super) power: u32,
    /// The currencies of the locales that write it so; empty: all.
    currencies: Vec<Currency>,
}

/// What a word for a power of ten stands for beside a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScalePower {
    None,
    Known(u32),
    /// It means different powers in different languages.
    Uncertain,
}

/// A word that names a period, or stands for "per period" by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeriodWord {
    pub(super) period: PricePeriod,
    /// Whether `per` or a slash has to precede it.
    pub(super) needs_connector: bool,
}

impl Sign {
    /// The currency that it means in an ad of a source with that currency.
    ///
    /// A sign that is ambiguous beside other words is clear in a text that says nothing else.
    pub(super) fn currency(&self, own: Currency, is_upper: bool, is_alone: bool) -> Option<Currency> {
        if self.owners.contains(&own) {
            return Some(own);
        }
        let is_meant = match self.reach {
            SignReach::Everywhere => true,
            SignReach::OwnSource => is_alone && !self.is_letter,
            SignReach::NotInCapitals => !is_upper,
            SignReach::Code { is_word } => is_upper && (is_alone || !is_word),
        };
        is_meant.then_some(self.default)
    }

    /// Whether it is read only where the text says nothing else: `50 gr` may be a weight.
    pub(super) fn needs_to_be_alone(&self) -> bool {
        self.decimals > 0 && self.reach == SignReach::OwnSource
    }

    pub(super) fn is_own(&self, own: Currency) -> bool {
        self.owners.contains(&own)
    }

    /// Whether it leaves open which of several currencies it means, one of them this.
    pub(super) fn may_mean(&self, currency: Currency) -> bool {
        self.owners.len() > 1 && self.owners.contains(&currency)
    }
}

impl Entry {
    /// The power of ten that it stands for beside an amount of that currency.
    pub(super) fn power(&self, currency: Currency) -> ScalePower {
        let mut own = self.scales.iter().filter(|scale| scale.currencies.contains(&currency));
        let mut general = self.scales.iter().filter(|scale| scale.currencies.is_empty());
        match (own.next().or_else(|| general.next()), own.next()) {
            (Some(Scale { power: 0, .. }), None) => ScalePower::None,
            (Some(scale), None) => ScalePower::Known(scale.power),
            (Some(_), Some(_)) => ScalePower::Uncertain,
            (None, _) if self.is_uncertain_scale => ScalePower::Uncertain,
            // Millions and more are called much the same everywhere; shorter words may be anything.
            _ => match self.scales.first() {
                Some(first) if first.power >= 6 && self.scales.iter().all(|scale| scale.power == first.power) => {
                    ScalePower::Known(first.power)
                }
                _ => ScalePower::None,
            },
        }
    }

    /// Whether it is a customary multiplier of prices in ads of that currency.
    pub(super) fn is_home_scale(&self, currency: Currency) -> bool {
        self.home_scale.contains(&currency)
    }

    /// What it means as a sign in an ad of a source with that currency.
    pub(super) fn sign_for(&self, own: Currency) -> Option<&Sign> {
        self.subunit.as_ref().filter(|sign| sign.is_own(own)).or(self.sign.as_ref())
    }

    pub(super) fn is(&self, role: Role) -> bool {
        self.roles.contains(role)
    }
}

impl Lexicon {
    pub(super) fn get() -> &'static Self {
        &LEXICON
    }

    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.means_something())
    }

    /// The most words of a phrase that begins with a word.
    pub(super) fn phrase_words(&self, first: &str) -> usize {
        self.entries.get(first).map_or(0, |entry| entry.phrase_words)
    }

    pub(super) fn longest_unspaced(&self, first: char) -> usize {
        self.longest_unspaced.get(&first).copied().unwrap_or(0)
    }

    /// The decimal marks before three digits in amounts of that currency.
    pub(super) fn mills(&self, currency: Currency) -> &'static str {
        self.mills.get(&currency).copied().unwrap_or("")
    }

    /// Whether a locale of that currency groups digits with spaces.
    pub(super) fn groups_with_spaces(&self, currency: Currency) -> bool {
        self.spaced_groups.contains(&currency)
    }

    fn load() -> Self {
        let mut lexicon = Self {
            entries: HashMap::with_capacity(16_384),
            digits: Digits::default(),
            longest_unspaced: HashMap::new(),
            mills: HashMap::new(),
            spaced_groups: Vec::new(),
        };
        let rows = || CLDR.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        for row in rows() {
            if let ["digit", zero] = row[..] {
                lexicon.digits.zeros.extend(u32::from_str_radix(zero, 16));
            }
        }
        for row in rows() {
            lexicon.load_row(&row);
        }
        lexicon.load_words();
        lexicon
    }

    fn load_row(&mut self, row: &[&'static str]) {
        match *row {
            ["code", code] => {
                let is_word = words::CODES_THAT_ARE_WORDS.split_whitespace().any(|word| word == code);
                self.add_sign(code, &currencies(code), SignReach::Code { is_word });
            }
            ["sign" | "name", text, owners] => {
                let letters = text.chars().filter(|c| c.is_alphabetic()).count();
                let is_latin = text.chars().all(|c| c < '\u{250}' && c.is_alphabetic() || ".' ".contains(c));
                let is_one_word = !text.contains(char::is_whitespace);
                let is_ambiguous = is_latin && (letters <= 3 || is_one_word);
                let reach = if is_ambiguous { SignReach::OwnSource } else { SignReach::Everywhere };
                self.add_sign(text, &currencies(owners), reach);
            }
            ["scale", word, power, owners] => {
                let scale = Scale { power: power.parse().unwrap_or(0), currencies: currencies(owners) };
                self.add_each(word, |entry| entry.scales.push(scale.clone()));
            }
            [kind @ ("per" | "unit"), word, period] => {
                let Ok(period) = period.parse() else { return };
                let needs_connector = kind == "unit";
                let word = word.trim_start_matches(['\u{200e}', '\u{200f}', '/', ' ']);
                self.add_each(word, |entry| entry.period = Some(PeriodWord { period, needs_connector }));
            }
            ["mills", code, marks] => {
                self.mills.extend(Currency::parse(code).ok().map(|currency| (currency, marks)));
            }
            ["spaces", codes] => self.spaced_groups = currencies(codes),
            _ => {}
        }
    }

    /// The tables of [`words`]; they replace what CLDR says of a word.
    fn load_words(&mut self) {
        for (texts, codes) in words::SIGNS {
            for text in phrases(texts) {
                let key = self.key(&text);
                let known = self.entries.get_mut(&*key).and_then(|entry| entry.sign.take());
                self.add_sign(&text, &currencies(codes), SignReach::Everywhere);
                let is_sign = known.is_some_and(|sign| !sign.is_name);
                if let Some(sign) = self.entries.get_mut(&*key).and_then(|entry| entry.sign.as_mut()) {
                    sign.is_name &= !is_sign;
                }
            }
        }
        self.load_subunits();
        for (texts, reach) in
            [(words::ONLY_AT_HOME, SignReach::OwnSource), (words::NOT_IN_CAPITALS, SignReach::NotInCapitals)]
        {
            for text in phrases(texts) {
                self.add_each(&text, |entry| {
                    for sign in entry.sign.iter_mut().chain(&mut entry.subunit) {
                        sign.reach = reach;
                    }
                });
            }
        }
        let mut replaced = Vec::new();
        for (texts, power, codes) in words::SCALES {
            for text in phrases(texts) {
                let scale = Scale { power: *power, currencies: currencies(codes) };
                let is_first = !replaced.contains(&text);
                self.add(&text, |entry| {
                    if is_first {
                        entry.scales.clear();
                    }
                    entry.scales.push(scale);
                });
                replaced.push(text);
            }
        }
        for (texts, codes) in words::HOME_SCALES {
            for text in phrases(texts) {
                self.add(&text, |entry| entry.home_scale = currencies(codes));
            }
        }
        for text in words::UNCERTAIN_SCALES.split_whitespace() {
            self.add(text, |entry| entry.is_uncertain_scale = true);
        }
        for (period, needs_connector, texts) in words::PERIODS {
            let word = PeriodWord { period: *period, needs_connector: *needs_connector };
            for text in phrases(texts) {
                self.add(&text, |entry| {
                    let is_settled = entry.period.is_some_and(|old| old.period == *period && !old.needs_connector);
                    if !is_settled {
                        entry.period = Some(word);
                    }
                });
            }
        }
        for (role, texts) in words::role_words() {
            for text in phrases(texts) {
                self.add(&text, |entry| entry.roles.insert(*role));
            }
        }
    }

    fn load_subunits(&mut self) {
        let mut loaded: HashMap<Box<str>, Vec<Currency>> = HashMap::new();
        for (texts, codes, decimals) in words::SUBUNITS {
            for text in phrases(texts) {
                let owners = loaded.entry(self.key(&text)).or_default();
                owners.extend(currencies(codes));
                let owners = owners.clone();
                self.add_each(&text, |entry| {
                    // What CLDR and the tables say of it for other currencies stays.
                    let is_other_sign = entry.sign.as_ref().is_some_and(|sign| sign.decimals == 0 && !sign.is_name);
                    let subunit = Sign {
                        default: owners[0],
                        owners: owners.clone(),
                        reach: SignReach::Everywhere,
                        decimals: *decimals,
                        is_letter: false,
                        is_name: false,
                    };
                    let place = if is_other_sign { &mut entry.subunit } else { &mut entry.sign };
                    *place = Some(subunit);
                });
            }
        }
    }

    fn add_sign(&mut self, text: &str, owners: &[Currency], reach: SignReach) {
        self.add_each(text, |entry| {
            let sign = entry.sign.get_or_insert_with(|| Sign {
                default: owners.first().copied().unwrap_or(Currency::USD),
                owners: Vec::new(),
                reach,
                decimals: 0,
                is_letter: text.chars().filter(|c| c.is_alphabetic()).count() == 1 && text.chars().count() <= 2,
                is_name: text.chars().filter(|c| c.is_alphabetic()).count() > 3
                    && text.chars().all(|c| c.is_alphabetic() && c < '\u{250}' || " -'".contains(c)),
            });
            sign.owners.extend(owners.iter().filter(|owner| !sign.owners.contains(owner)).copied().collect::<Vec<_>>());
        });
    }

    /// Adds what a text means, with and without the dot at its end.
    fn add_each(&mut self, text: &str, change: impl Fn(&mut Entry)) {
        self.add(text, &change);
        if let Some(stem) = text.trim_end_matches('\u{200f}').strip_suffix('.') {
            self.add(stem, &change);
        }
    }

    fn add(&mut self, text: &str, change: impl FnOnce(&mut Entry)) {
        let key = self.key(text);
        let Some(first) = key.chars().next() else { return };
        if is_unspaced(first) {
            let longest = self.longest_unspaced.entry(first).or_default();
            *longest = (*longest).max(key.chars().count());
        }
        let words = count_words(&key);
        if words > 1 {
            let first = self.entries.entry(first_word(&key).into()).or_default();
            first.phrase_words = first.phrase_words.max(words);
        }
        change(self.entries.entry(key).or_default());
    }

    fn key(&self, text: &str) -> Box<str> {
        let folded = FoldedText::new(text, &self.digits);
        folded.lower(0, folded.chars.len()).trim().into()
    }
}

impl Entry {
    fn means_something(&self) -> bool {
        self.sign.is_some()
            || self.subunit.is_some()
            || !self.scales.is_empty()
            || self.period.is_some()
            || !self.roles.is_empty()
    }
}

fn currencies(codes: &str) -> Vec<Currency> {
    codes.split_whitespace().filter_map(|code| Currency::parse(code).ok()).collect()
}

/// The words of a table; an underscore is a space within a phrase.
fn phrases(texts: &'static str) -> impl Iterator<Item = String> {
    texts.split_whitespace().map(|text| text.replace('_', " "))
}

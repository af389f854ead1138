//! Reads a price from the text of an ad.

use super::lex::{Kind, Token, lex};
use super::value::{ParsedPrice, Price};
use crate::money::{Currency, Money};
use crate::price_period::PricePeriod;

/// Reads the price that a text states; amounts whose sign does not say otherwise are in the default currency.
///
/// Any text has an answer. An amount counts when it bears a currency's sign or is all that the text says, so that years,
/// mileages and sizes are not taken for prices; the first that is no discount, deposit or former price is the one.
pub fn parse_price(text: &str, default_currency: Currency) -> ParsedPrice {
    const READ_CHARS: usize = 2000;
    let text = text.char_indices().nth(READ_CHARS).map_or(text, |(end, _)| &text[..end]);
    let mut tokens = lex(text, default_currency, false);
    if tokens.iter().all(|token| matches!(token.kind, Kind::Number(_) | Kind::Sign(_))) {
        tokens = lex(text, default_currency, true);
    }
    let reader = Reader { tokens: &tokens, default_currency };
    let (price, previous) = reader.price();
    ParsedPrice { price, negotiable: reader.negotiable(), previous, placeholder: price.is_placeholder() }
}

struct Reader<'a> {
    tokens: &'a [Token],
    default_currency: Currency,
}

/// An amount somewhere in the text: the tokens from `start` to before `end`.
struct Amount {
    money: Money,
    start: usize,
    end: usize,
    signed: bool,
}

#[derive(PartialEq)]
enum Meaning {
    Asked,
    Per(PricePeriod),
    Former,
    Other,
}

impl Reader<'_> {
    fn price(&self) -> (Price, Option<Money>) {
        let amounts: Vec<(Amount, Meaning)> = self
            .amounts()
            .into_iter()
            .map(|amount| (self.meaning(&amount), amount))
            .map(|(meaning, amount)| (amount, meaning))
            .collect();
        let Some(chosen) = amounts.iter().position(|(_, meaning)| matches!(meaning, Meaning::Asked | Meaning::Per(_)))
        else {
            return (if self.given_away() { Price::Free } else { Price::Unstated }, None);
        };
        let (amount, meaning) = &amounts[chosen];
        if let Meaning::Per(period) = meaning {
            return (Price::from(amount.money).per_unless_stated(Some(*period)), None);
        }
        // A marked-down card shows both prices side by side.
        let beside = amounts
            .get(chosen + 1)
            .filter(|(next, _)| next.start == amount.end && next.signed)
            .map(|(next, _)| next.money);
        let former = amounts.iter().find(|(_, meaning)| *meaning == Meaning::Former).map(|(former, _)| former.money);
        let previous = beside
            .or(former)
            .filter(|previous| previous.currency == amount.money.currency && previous.minor > amount.money.minor);
        (amount.money.into(), previous)
    }

    /// Every amount that could be a price, in order.
    fn amounts(&self) -> Vec<Amount> {
        let mut amounts: Vec<Amount> = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let Kind::Number(Some(number)) = &token.kind else { continue };
            let free_from = amounts.last().map_or(0, |amount| amount.end);
            let before = at.checked_sub(1).filter(|&before| before >= free_from).and_then(|before| self.sign(before));
            let after = if before.is_none() { self.sign_behind(at) } else { None };
            let start = at - usize::from(before.is_some());
            let end = at + 1 + usize::from(after.is_some());
            let sign = before.or(after);
            let Some(money) = number.money(sign.unwrap_or(self.default_currency)) else { continue };
            let amount = Amount { money, start, end, signed: sign.is_some() };
            if self.stands_alone(&amount) && (amount.signed || self.is_announced(start) || self.is_everything(at)) {
                amounts.push(amount);
            }
        }
        amounts
    }

    fn sign(&self, at: usize) -> Option<Currency> {
        match self.tokens.get(at)?.kind {
            Kind::Sign(currency) => Some(currency),
            _ => None,
        }
    }

    /// The sign behind a number, unless it belongs to the next one: in `iPhone 12 $500` it does.
    fn sign_behind(&self, at: usize) -> Option<Currency> {
        let sign = self.sign(at + 1)?;
        match self.tokens.get(at + 2) {
            Some(Token { kind: Kind::Number(_), glued }) if *glued || !self.tokens[at + 1].glued => None,
            _ => Some(sign),
        }
    }

    /// Whether the amount is no part of something longer: `F150`, `120cm`, `-5`, `20%`.
    fn stands_alone(&self, amount: &Amount) -> bool {
        let before =
            amount.start.checked_sub(1).filter(|_| self.tokens[amount.start].glued).map(|before| &self.tokens[before]);
        let behind = self.tokens.get(amount.end).filter(|token| token.glued);
        let begins = match before.map(|token| (&token.kind, token.glued)) {
            Some((Kind::Word(_) | Kind::Number(_), _)) => amount.signed,
            Some((Kind::Other('-' | '−'), glued)) => glued,
            _ => true,
        };
        let ends = match behind.map(|token| &token.kind) {
            Some(Kind::Word(word)) => amount.signed || period(word).is_some() || QUALIFIERS.contains(&word.as_str()),
            Some(Kind::Other('%' | '"' | '″')) => false,
            _ => self.word(amount.end) != Some("%"),
        };
        begins && ends
    }

    /// Whether a word before the number says that a price follows.
    fn is_announced(&self, start: usize) -> bool {
        matches!(self.word_before(start), Some("asking" | "price" | "priced" | "preis" | "prix"))
    }

    /// Whether the number is all that the text says.
    fn is_everything(&self, number: usize) -> bool {
        self.tokens.iter().enumerate().all(|(at, token)| match &token.kind {
            Kind::Number(_) => at == number,
            Kind::Word(word) => QUALIFIERS.contains(&word.as_str()) || period(word).is_some(),
            Kind::Sign(_) | Kind::Other(_) => true,
        })
    }

    fn meaning(&self, amount: &Amount) -> Meaning {
        let before = self.word_before(amount.start);
        let reduced = || {
            matches!(self.word_before(amount.start - 1), Some("down" | "reduced" | "dropped" | "lowered" | "marked"))
        };
        match before {
            Some(
                "was" | "reg" | "regular" | "regularly" | "orig" | "originally" | "msrp" | "retail" | "retails" | "rrp"
                | "paid" | "worth" | "statt" | "uvp",
            ) => return Meaning::Former,
            Some("from") if reduced() => return Meaning::Former,
            Some("save") => return Meaning::Other,
            _ => {}
        }
        let (first, second) = (self.word(amount.end), self.word(amount.end + 1));
        match (first, second) {
            (Some("/" | "per" | "a" | "every" | "pro" | "each"), Some(word)) if period(word).is_some() => {
                period(word).map_or(Meaning::Asked, Meaning::Per)
            }
            (Some(word), _) if period(word).is_some() => period(word).map_or(Meaning::Asked, Meaning::Per),
            (Some("down"), second) if second != Some("from") => Meaning::Other,
            (Some("off"), second) if !self.is_off_road(amount.end + 1, second) => Meaning::Other,
            (Some("deposit" | "discount" | "rebate" | "coupon"), _) => Meaning::Other,
            _ => Meaning::Asked,
        }
    }

    fn is_off_road(&self, at: usize, next: Option<&str>) -> bool {
        let next = if next == Some("-") { self.word(at + 1) } else { next };
        matches!(next, Some("road" | "roader" | "grid" | "white"))
    }

    /// The word, or the sign as a word, at that place.
    fn word(&self, at: usize) -> Option<&str> {
        match &self.tokens.get(at)?.kind {
            Kind::Word(word) => Some(word),
            Kind::Other('/') => Some("/"),
            Kind::Other('-') => Some("-"),
            Kind::Other('%') => Some("%"),
            _ => None,
        }
    }

    /// The word before that place, over a colon and the like.
    fn word_before(&self, place: usize) -> Option<&str> {
        let mut before = self
            .tokens
            .get(..place)?
            .iter()
            .rev()
            .skip_while(|token| matches!(token.kind, Kind::Other(':' | '=' | '.' | '~')));
        match &before.next()?.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    fn negotiable(&self) -> bool {
        let words: Vec<&str> = self
            .tokens
            .iter()
            .filter_map(|token| if let Kind::Word(word) = &token.kind { Some(word.as_str()) } else { None })
            .collect();
        words.iter().enumerate().any(|(at, word)| match *word {
            "obo" | "ono" | "vb" | "vhb" => true,
            "negotiable" => !at.checked_sub(1).is_some_and(|before| matches!(words[before], "non" | "not")),
            "best" | "nearest" => words.get(at + 1) == Some(&"offer"),
            _ => false,
        })
    }

    /// Whether the text begins by saying that the thing costs nothing.
    fn given_away(&self) -> bool {
        let words: Vec<Option<&str>> = (0..3).map(|at| self.word(at)).collect();
        let compound = words[1].is_some_and(|word| word == "-" || FREE_BUT_NOT_A_GIFT.contains(&word));
        matches!(words[0], Some("free" | "gratis" | "kostenlos" | "gratuit")) && !compound
    }
}

/// The period that a word names.
fn period(word: &str) -> Option<PricePeriod> {
    Some(match word {
        "hr" | "hour" | "hourly" => PricePeriod::Hour,
        "day" | "night" | "nite" | "tag" | "daily" | "nightly" => PricePeriod::Day,
        "wk" | "week" | "pw" | "woche" | "weekly" => PricePeriod::Week,
        "mo" | "mos" | "month" | "mth" | "mnth" | "pcm" | "monat" | "mois" | "monthly" => PricePeriod::Month,
        "yr" | "year" | "yearly" => PricePeriod::Year,
        _ => return None,
    })
}

/// Words that may stand beside a bare number without making it anything but a price.
const QUALIFIERS: [&str; 33] = [
    "obo",
    "ono",
    "or",
    "best",
    "nearest",
    "offer",
    "offers",
    "firm",
    "negotiable",
    "non",
    "not",
    "neg",
    "vb",
    "vhb",
    "fp",
    "asking",
    "price",
    "priced",
    "only",
    "just",
    "each",
    "ea",
    "cash",
    "now",
    "about",
    "around",
    "approx",
    "ca",
    "per",
    "a",
    "was",
    "preis",
    "prix",
];
const FREE_BUT_NOT_A_GIFT: [&str; 16] = [
    "shipping",
    "delivery",
    "estimate",
    "estimates",
    "quote",
    "quotes",
    "trial",
    "consultation",
    "returns",
    "install",
    "installation",
    "standing",
    "weights",
    "weight",
    "gift",
    "with",
];

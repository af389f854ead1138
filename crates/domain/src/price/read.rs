//! Reads the price that a text states, and explains why it is that one.

use super::amounts::{AmountReader, Evidence, Misread};
use super::context::{AmountRole, ContextReader, ReadAmount};
use super::fold::FoldedText;
use super::gift::is_given_away;
use super::lex::{Token, lex};
use super::lexicon::{Entry, Lexicon};
use super::offer::is_negotiable;
use super::value::{ParsedPrice, Price};
use super::words::Role;
use crate::money::{Currency, Money};

/// What a text is: how much of it may be read as a price depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceText {
    /// A field for prices, in which a bare number is one.
    Field,
    /// The title of an ad, in which a bare number is anything else.
    Title,
}

/// Why a text has the price that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceExplanation {
    /// What [`parse_price`] makes of the same text.
    pub parsed: ParsedPrice,
    /// Every number of the text, in order.
    pub candidates: Vec<PriceCandidate>,
    /// The reason for the price, or for there being none.
    pub because: String,
}

/// A number of a text, and what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceCandidate {
    /// The amount as it is written, with its sign and multiplier.
    pub text: String,
    /// The amount; `None` where the number is none.
    pub amount: Option<Money>,
    /// What it was taken for.
    pub role: &'static str,
    /// Whether it is the price.
    pub is_chosen: bool,
}

/// The characters of a text that are read.
const READ_CHARS: usize = 2000;

/// Reads the price that a price field states; amounts whose sign does not say otherwise are in the currency of the source.
///
/// Any text has an answer. An amount counts when it bears a currency's sign or is all that the text says, so that years,
/// mileages and sizes are not taken for prices; the first that is no discount, deposit or former price is the one.
pub fn parse_price(text: &str, currency: Currency) -> ParsedPrice {
    PriceReading::new(text, currency, PriceText::Field).parsed()
}

/// Reads the price that the title of an ad states, like [`parse_price`], but a number without a sign is none.
pub fn parse_title_price(title: &str, currency: Currency) -> ParsedPrice {
    PriceReading::new(title, currency, PriceText::Title).parsed()
}

/// Reads a text as [`parse_price`] does, and says what it took each number for.
pub fn explain_price(text: &str, currency: Currency, kind: PriceText) -> PriceExplanation {
    PriceReading::new(text, currency, kind).explanation()
}

/// A text that has been read: its amounts, and which of them is the price.
struct PriceReading {
    text: FoldedText,
    spans: Vec<(usize, usize)>,
    amounts: Vec<ReadAmount>,
    outcome: PriceOutcome,
    is_negotiable: bool,
}

/// Which amount is the price, or why none is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PriceOutcome {
    Chosen {
        at: usize,
        previous: Option<Money>,
    },
    GivenAway,
    /// What may be the price could not be read, so that no other amount is taken for it.
    NotRead {
        at: usize,
    },
    Nothing,
}

impl PriceReading {
    fn new(text: &str, currency: Currency, kind: PriceText) -> Self {
        let lexicon = Lexicon::get();
        let text = text.char_indices().nth(READ_CHARS).map_or(text, |(end, _)| &text[..end]);
        let text = FoldedText::new(text, &lexicon.digits);
        let tokens = lex(&text, lexicon);
        let is_alone = is_alone(&tokens, &text, currency);
        let may_be_bare = is_alone && kind == PriceText::Field;
        let amounts = AmountReader {
            text: &text,
            tokens: &tokens,
            lexicon,
            own: currency,
            is_alone: is_alone && kind == PriceText::Field,
            reads_scales: kind == PriceText::Field,
        };
        let amounts = ContextReader { text: &text, tokens: &tokens, may_be_bare }.read(amounts.read());
        let outcome = outcome(&amounts, &tokens, &text);
        let is_negotiable = is_negotiable(&tokens);
        let spans =
            amounts.iter().map(|read| (tokens[read.amount.start].start, tokens[read.amount.end - 1].end)).collect();
        Self { text, spans, amounts, outcome, is_negotiable }
    }

    fn parsed(&self) -> ParsedPrice {
        let (price, previous) = match self.outcome {
            PriceOutcome::Chosen { at, previous } => (self.price(at), previous),
            PriceOutcome::GivenAway => (Price::Free, None),
            PriceOutcome::NotRead { .. } | PriceOutcome::Nothing => (Price::Unstated, None),
        };
        ParsedPrice { price, negotiable: self.is_negotiable, previous, placeholder: price.is_placeholder() }
    }

    fn price(&self, at: usize) -> Price {
        let ReadAmount { amount, per, .. } = &self.amounts[at];
        match (amount.money, per) {
            (Ok(amount), Some(per)) if amount.minor > 0 => Price::Recurring(amount, *per),
            (Ok(amount), _) => amount.into(),
            (Err(_), _) => Price::Unstated,
        }
    }

    fn explanation(&self) -> PriceExplanation {
        let chosen = match self.outcome {
            PriceOutcome::Chosen { at, .. } => Some(at),
            _ => None,
        };
        let candidates = self.amounts.iter().zip(&self.spans).enumerate().map(|(at, (read, span))| PriceCandidate {
            text: self.text.chars[span.0..span.1].iter().collect(),
            amount: read.amount.money.ok(),
            role: role_name(read.role),
            is_chosen: chosen == Some(at),
        });
        PriceExplanation { parsed: self.parsed(), candidates: candidates.collect(), because: self.because().to_owned() }
    }

    fn because(&self) -> &'static str {
        match self.outcome {
            PriceOutcome::Chosen { at, .. } => match self.amounts[at].role {
                AmountRole::Current => "it is said to be the price of now",
                AmountRole::Announced => "a word announces it as the price",
                AmountRole::Regular => "the text states the regular price and no other",
                AmountRole::Rent => "a word announces it as the rent",
                AmountRole::Partial => "the text states no other price than that of a part",
                _ if self.amounts[at].amount.evidence == Evidence::Scaled => {
                    "it is the first amount with a multiplier that is customary for prices"
                }
                _ if !self.amounts[at].amount.is_signed() => "the number is all that the text says",
                _ => "it is the first amount with a currency sign that nothing else is said of",
            },
            PriceOutcome::GivenAway => "the text says that it is given away",
            PriceOutcome::NotRead { at } => match self.amounts[at].role {
                AmountRole::Misread(misread) => misread_reason(misread),
                _ => "the amount cannot be read",
            },
            PriceOutcome::Nothing if self.amounts.is_empty() => "the text has no number",
            PriceOutcome::Nothing => "no number of the text is a price",
        }
    }
}

/// Whether the text says nothing besides numbers and what may stand beside a price.
fn is_alone(tokens: &[Token], text: &FoldedText, own: Currency) -> bool {
    tokens.iter().enumerate().filter(|(_, token)| token.is_word()).all(|(at, token)| {
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let is_connected = before.is_some_and(|before| {
            before.mark() == Some('/') || before.entry().is_some_and(|entry| entry.is(Role::Per))
        });
        let is_sign = token.sign_currency(own, true).is_some();
        let is_own_code = text.lower(token.start, token.end).eq_ignore_ascii_case(own.as_str());
        is_own_code || token.entry().is_some_and(|entry| may_stand_beside_price(entry, is_sign, is_connected))
    })
}

fn may_stand_beside_price(entry: &Entry, is_sign: bool, is_connected: bool) -> bool {
    const NEUTRAL: [Role; 13] = [
        Role::Neutral,
        Role::Asked,
        Role::Current,
        Role::Filler,
        Role::Offer,
        Role::Firm,
        Role::Negation,
        Role::Each,
        Role::Per,
        Role::Rent,
        Role::Shipping,
        Role::Deposit,
        Role::Extra,
    ];
    let is_neutral = NEUTRAL.into_iter().any(|role| entry.is(role));
    let is_period = entry.period.is_some_and(|word| is_connected || !word.needs_connector);
    let is_measure = entry.is(Role::Unit) && !is_connected && !is_neutral;
    is_period || is_sign || !is_measure && (is_neutral || !entry.scales.is_empty())
}

/// How much speaks for an amount; `None` if it cannot be the price.
fn weight(amounts: &[ReadAmount], at: usize) -> Option<u8> {
    let read = &amounts[at];
    let is_signed = read.amount.is_signed();
    // "350 000 zł, czynsz 600 zł": the rent of what is sold.
    let is_beside_price = || {
        amounts[..at].iter().any(|other| {
            let is_price = matches!(other.role, AmountRole::Plain | AmountRole::Announced | AmountRole::Current);
            is_price && other.per.is_none() && other.amount.is_signed() && other.amount.size() > read.amount.size()
        })
    };
    read.amount.money.ok().and(match read.role {
        AmountRole::Current => Some(5),
        AmountRole::Announced if is_signed => Some(4),
        AmountRole::Rent if is_signed && !is_beside_price() => Some(3),
        AmountRole::Plain => Some(2),
        AmountRole::Announced | AmountRole::Rent | AmountRole::Partial | AmountRole::Regular => Some(1),
        _ => None,
    })
}

fn outcome(amounts: &[ReadAmount], tokens: &[Token], text: &FoldedText) -> PriceOutcome {
    let formers: Vec<Money> = amounts
        .iter()
        .filter(|read| matches!(read.role, AmountRole::Former | AmountRole::Regular))
        .filter_map(|read| read.amount.money.ok())
        .collect();
    let is_former = |read: &ReadAmount| {
        read.role == AmountRole::Plain && read.amount.money.is_ok_and(|money| formers.contains(&money))
    };
    let mut best: Option<(u8, usize)> = None;
    for (at, read) in amounts.iter().enumerate() {
        if let Some(weight) = weight(amounts, at).filter(|_| !is_former(read))
            && best.is_none_or(|(most, _)| weight > most)
        {
            best = Some((weight, at));
        }
    }
    let not_read = amounts.iter().position(|read| {
        matches!(read.role, AmountRole::Misread(Misread::Multiplier | Misread::Sign | Misread::TooHigh))
            && read.amount.is_signed()
    });
    match (best, not_read) {
        (Some((weight, at)), Some(unread)) if weight <= 2 && unread < at => PriceOutcome::NotRead { at: unread },
        (Some((weight, at)), _) => {
            let at = marked_down(amounts, tokens, at, weight);
            PriceOutcome::Chosen { at, previous: previous(amounts, tokens, at, weight, &formers) }
        }
        (None, Some(at)) => PriceOutcome::NotRead { at },
        (None, None) if is_given_away(tokens, text) => PriceOutcome::GivenAway,
        (None, None) => PriceOutcome::Nothing,
    }
}

/// Of two prices side by side, as on a card, the lower one.
fn marked_down(amounts: &[ReadAmount], tokens: &[Token], at: usize, weight: u8) -> usize {
    let Ok(before) = amounts[at].amount.money else { return at };
    let lower = beside(amounts, tokens, at).filter(|next| {
        let is_lower = |now: Money| now.currency == before.currency && now.minor < before.minor && now.minor > 0;
        amounts[*next].amount.money.is_ok_and(is_lower)
    });
    lower.filter(|_| weight == 2 && amounts[at].per.is_none()).unwrap_or(at)
}

/// The amount right behind another one, with nothing between but a percentage.
fn beside(amounts: &[ReadAmount], tokens: &[Token], at: usize) -> Option<usize> {
    let is_percentage = |read: &ReadAmount| {
        matches!(read.role, AmountRole::Misread(Misread::Part | Misread::Negative))
            && tokens.get(read.amount.end).is_some_and(|token| token.mark() == Some('%'))
    };
    let next = (at + 1..amounts.len()).find(|next| !is_percentage(&amounts[*next]))?;
    let between = &tokens[amounts[at].amount.end..amounts[next].amount.start];
    let is_filling = |token: &Token| token.number().is_some() || matches!(token.mark(), Some('-' | '%' | '(' | ')'));
    let is_beside = if next == at + 1 { between.is_empty() } else { between.iter().all(is_filling) };
    let read = &amounts[next];
    let is_price = read.amount.is_signed() && read.role == AmountRole::Plain && read.per.is_none();
    (is_beside && is_price).then_some(next)
}

/// What the thing cost before: an amount that is said to be that, or that stands beside the price and is higher.
fn previous(amounts: &[ReadAmount], tokens: &[Token], at: usize, weight: u8, formers: &[Money]) -> Option<Money> {
    let now = amounts[at].amount.money.ok().filter(|_| amounts[at].per.is_none())?;
    let is_higher = |money: &Money| money.currency == now.currency && money.minor > now.minor;
    let higher = |at: usize| amounts[at].amount.money.ok().filter(is_higher);
    let is_plain = |read: &ReadAmount| read.role == AmountRole::Plain && read.per.is_none() && read.amount.is_signed();
    let before = amounts[..at].iter().rposition(|read| read.amount.money.is_ok() && is_plain(read));
    let before = before.filter(|before| {
        let follows = before + 1 == at && weight == 5;
        follows || beside(amounts, tokens, *before) == Some(at)
    });
    let former = formers.iter().copied().find(is_higher);
    former.or_else(|| beside(amounts, tokens, at).and_then(higher)).or_else(|| before.and_then(higher))
}

const fn role_name(role: AmountRole) -> &'static str {
    match role {
        AmountRole::Current => "the price of now",
        AmountRole::Announced => "an announced price",
        AmountRole::Rent => "a rent",
        AmountRole::FaceValue => "a face value",
        AmountRole::Plain => "an amount",
        AmountRole::Partial => "the price of a part",
        AmountRole::Former => "a former price",
        AmountRole::Regular => "the regular price",
        AmountRole::Shipping => "the cost of delivery",
        AmountRole::Deposit => "a deposit",
        AmountRole::Voucher => "a discount",
        AmountRole::Extra => "an extra cost",
        AmountRole::Instalment => "an instalment",
        AmountRole::RangeEnd => "the end of a range",
        AmountRole::Unsigned => "a number without a currency sign",
        AmountRole::Misread(misread) => misread_reason(misread),
    }
}

const fn misread_reason(misread: Misread) -> &'static str {
    match misread {
        Misread::Part => "the number is part of something else",
        Misread::Groups => "the groups of digits make no number",
        Misread::Negative => "the amount is negative",
        Misread::Multiplier => "the multiplier behind the number is not known",
        Misread::Sign => "the currency sign is not known",
        Misread::TooHigh => "no price is that high",
    }
}

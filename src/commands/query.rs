//! `superbot query`: explains how keywords and prices are interpreted.

use clap::Subcommand;
use serde_json::{Value, json};
use superbot_domain::{Currency, Money, ParsedPrice, Price, PriceExplanation, PriceText, SourceName, explain_price};
use superbot_matching::{self as matching, Criteria, Facts, PriceRange};

use super::cli::{CommandError, CommandResult};
use super::output::{say, say_json};

/// Explain how keywords and prices are interpreted.
#[derive(Subcommand)]
pub enum QueryCommand {
    /// Explain whether a listing with this text matches the keywords, and which clause decided
    Explain {
        /// Keywords as in a price alert or a saved search, such as 'corvette, camaro -parts'
        #[arg(allow_hyphen_values = true)]
        keywords: String,
        /// The listing's text
        #[arg(allow_hyphen_values = true)]
        text: String,
        /// Write `{matches, because}` as JSON, and `warnings` where there are any
        #[arg(long)]
        json: bool,
        /// Exit with 1 unless it matches
        #[arg(long)]
        exit_code: bool,
    },
    /// Show how the text of a price is parsed
    Price {
        /// A price as an ad writes it, such as '$28.5k OBO'
        #[arg(allow_hyphen_values = true)]
        text: String,
        /// The currency of a price that does not state one
        #[arg(long, value_name = "CODE", default_value_t = Currency::USD)]
        currency: Currency,
        /// The text is the title of an ad, in which a number without a currency is no price
        #[arg(long)]
        title: bool,
        /// List every number of the text, what it was taken for, and why the price is that one
        #[arg(long)]
        explain: bool,
        /// Write `{kind, amount, per, currency, negotiable, previous, placeholder}` as JSON, with `--explain` also
        /// `{because, candidates}`
        #[arg(long)]
        json: bool,
    },
}

impl QueryCommand {
    pub fn run(self) -> CommandResult {
        match self {
            Self::Explain { keywords, text, json, exit_code } => {
                let matches = explain(&keywords, &text, json)?;
                if exit_code && !matches { Err(CommandError::Negative) } else { Ok(()) }
            }
            Self::Price { text, currency, title, explain, json } => {
                let kind = if title { PriceText::Title } else { PriceText::Field };
                price(&explain_price(&text, currency, kind), currency, explain, json)
            }
        }
    }
}

/// Prints the explanation and returns whether the text matches.
fn explain(keywords: &str, text: &str, as_json: bool) -> Result<bool, CommandError> {
    let query =
        matching::Query::parse(keywords).map_err(|error| CommandError::Usage(format!("the keywords, {error}")))?;
    let understood = query.to_string();
    // Keywords alone decide: without bounds, sources and a location the other criteria match everything.
    let any_price = PriceRange { currency: Currency::USD, min: None, max: None, per: None, include_free: false };
    let criteria = Criteria { query: Some(query), price: any_price, sources: Vec::new(), location: None };
    let source = SourceName::parse("text")?;
    let facts = Facts { title: text, description: "", price: Price::Unstated, source: &source, location: "" };
    let verdict = matching::explain(&criteria, &facts);
    let warnings: Vec<String> =
        matching::Query::warnings(keywords).into_iter().map(|warning| warning.to_string()).collect();
    if as_json {
        let mut answer = json!({ "matches": verdict.matches, "because": verdict.because });
        if !warnings.is_empty() {
            answer["warnings"] = warnings.into();
        }
        say_json(&answer)?;
    } else {
        say(&format!("{}: {}", if verdict.matches { "matches" } else { "does not match" }, verdict.because));
        say(&format!("understood as: {understood}"));
        for warning in &warnings {
            say(&format!("warning: {warning}"));
        }
    }
    Ok(verdict.matches)
}

/// Prints the price, and with `explain` why it is that one.
fn price(explanation: &PriceExplanation, currency: Currency, explain: bool, as_json: bool) -> CommandResult {
    if as_json {
        let mut price = price_json(&explanation.parsed, currency);
        if explain && let Some(fields) = price.as_object_mut() {
            let candidates = explanation.candidates.iter().map(|candidate| {
                json!({
                    "text": candidate.text,
                    "amount": candidate.amount.map(Money::to_json),
                    "currency": candidate.amount.map(|money| money.currency),
                    "role": candidate.role,
                    "chosen": candidate.is_chosen,
                })
            });
            fields.insert("candidates".to_owned(), candidates.collect());
            fields.insert("because".to_owned(), explanation.because.as_str().into());
        }
        say_json(&price)?;
        return Ok(());
    }
    say(&price_line(&explanation.parsed));
    if explain {
        say(&format!("because: {}", explanation.because));
        for candidate in &explanation.candidates {
            let amount = candidate.amount.map_or_else(|| "no amount".to_owned(), |money| money.to_string());
            let mark = if candidate.is_chosen { '*' } else { ' ' };
            say(&format!("{mark} \"{}\": {amount}: {}", candidate.text, candidate.role));
        }
    }
    Ok(())
}

fn price_json(parsed: &ParsedPrice, currency: Currency) -> Value {
    json!({
        "kind": parsed.price.kind(),
        "amount": parsed.price.to_json(),
        "per": parsed.price.per(),
        "currency": parsed.price.money().map_or(currency, |money| money.currency),
        "negotiable": parsed.negotiable,
        "previous": parsed.previous.map(Money::to_json),
        "placeholder": parsed.placeholder,
    })
}

/// The price on one line: `28000 USD, was 30000 USD, negotiable`, or `recurring, 500 USD per month`.
fn price_line(parsed: &ParsedPrice) -> String {
    let price = match (parsed.price.money(), parsed.price.per()) {
        (Some(amount), Some(per)) => format!("recurring, {amount} per {per}"),
        (Some(amount), None) => amount.to_string(),
        (None, _) => parsed.price.kind().to_owned(),
    };
    let mut parts = vec![price];
    parts.extend(parsed.previous.map(|previous| format!("was {previous}")));
    parts.extend(parsed.negotiable.then(|| "negotiable".to_owned()));
    parts.extend(parsed.placeholder.then(|| "which only fills the field and meets no threshold".to_owned()));
    parts.join(", ")
}

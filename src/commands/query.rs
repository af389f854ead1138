//! `superbot query`: what keywords and prices are understood to mean, and why.

use clap::Subcommand;
use serde_json::json;
use superbot_domain::{Currency, Price, SourceName, parse_price};
use superbot_matching::{self as matching, Criteria, Facts, PriceRange};

use super::cli::{Failure, Outcome};
use super::output::{say, say_json};

/// Say what keywords and prices are understood to mean, and why.
#[derive(Subcommand)]
pub enum Query {
    /// Whether a listing with this text matches the keywords, and which clause decided
    Explain {
        /// Keywords as in a price alert or a saved search, such as 'corvette, camaro -parts'
        #[arg(allow_hyphen_values = true)]
        keywords: String,
        /// The listing's text
        #[arg(allow_hyphen_values = true)]
        text: String,
        /// Write `{matches, because}` as JSON
        #[arg(long)]
        json: bool,
        /// Exit with 1 unless it matches
        #[arg(long)]
        exit_code: bool,
    },
    /// What a price text says
    Price {
        /// A price as an ad writes it, such as '$28.5k OBO'
        #[arg(allow_hyphen_values = true)]
        text: String,
        /// The currency of a price that does not say its own
        #[arg(long, value_name = "CODE", default_value_t = Currency::USD)]
        currency: Currency,
        /// Write `{kind, amount, currency, negotiable, previous}` as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Query {
    pub fn run(self) -> Outcome {
        match self {
            Self::Explain { keywords, text, json, exit_code } => {
                let matches = explain(&keywords, &text, json)?;
                if exit_code && !matches { Err(Failure::Negative) } else { Ok(()) }
            }
            Self::Price { text, currency, json } => price(&text, currency, json),
        }
    }
}

/// Prints the verdict; whether it matches.
fn explain(keywords: &str, text: &str, as_json: bool) -> Result<bool, Failure> {
    let query = matching::Query::parse(keywords).map_err(|error| Failure::Usage(format!("the keywords, {error}")))?;
    let understood = query.to_string();
    let any_price = PriceRange { currency: Currency::USD, min: None, max: None, per: None, include_free: false };
    let criteria = Criteria { query: Some(query), price: any_price, sources: Vec::new(), location: None };
    let source = SourceName::parse("text")?;
    let facts = Facts { title: text, description: "", price: Price::Unstated, source: &source, location: "" };
    let verdict = matching::explain(&criteria, &facts);
    if as_json {
        say_json(&json!({ "matches": verdict.matches, "because": verdict.because }))?;
    } else {
        say(&format!("{}: {}", if verdict.matches { "matches" } else { "does not match" }, verdict.because));
        say(&format!("understood as: {understood}"));
    }
    Ok(verdict.matches)
}

fn price(text: &str, currency: Currency, as_json: bool) -> Outcome {
    let parsed = parse_price(text, currency);
    let amount = parsed.price.money();
    let currency = amount.map_or(currency, |money| money.currency);
    if as_json {
        let price = json!({
            "kind": parsed.price.kind(),
            "amount": parsed.price.to_json(),
            "currency": currency,
            "negotiable": parsed.negotiable,
            "previous": parsed.previous.map(superbot_domain::Money::to_json),
            "placeholder": parsed.placeholder,
        });
        say_json(&price)?;
        return Ok(());
    }
    let mut said = vec![amount.map_or_else(|| parsed.price.kind().to_owned(), |money| money.to_string())];
    said.extend(parsed.previous.map(|previous| format!("was {previous}")));
    said.extend(parsed.negotiable.then(|| "negotiable".to_owned()));
    said.extend(parsed.placeholder.then(|| "which only fills the field and meets no threshold".to_owned()));
    say(&said.join(", "));
    Ok(())
}

//! `superbot query`: explains how keywords and prices are interpreted.

use clap::Subcommand;
use serde_json::json;
use superbot_domain::{Currency, Price, SourceName, parse_price};
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
        /// Write `{kind, amount, currency, negotiable, previous}` as JSON
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
            Self::Price { text, currency, json } => price(&text, currency, json),
        }
    }
}

/// Prints the explanation and returns whether the text matches.
fn explain(keywords: &str, text: &str, as_json: bool) -> Result<bool, CommandError> {
    let query =
        matching::Query::parse(keywords).map_err(|error| CommandError::Usage(format!("the keywords, {error}")))?;
    let understood = query.to_string();
    // Keywords alone decide: without bounds, sources and a location the other criteria match everything.
    let any_price = PriceRange { currency: Currency::USD, min: None, max: None, include_free: false };
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
        warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
    }
    Ok(verdict.matches)
}

fn price(text: &str, currency: Currency, as_json: bool) -> CommandResult {
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

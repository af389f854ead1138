//! `superbot source`: what adapters make of pages.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use superbot_domain::Currency;
use superbot_sources::{Found, Kind, MAX_PAGE_BYTES, Page};

use super::{Outcome, say};

/// Say what an adapter makes of a page.
#[derive(Subcommand)]
pub enum Source {
    /// What a saved page is, and what it lists
    Parse {
        /// craigslist, ksl, facebook or feed
        kind: Kind,
        /// The page; - reads standard input
        file: PathBuf,
        /// Where the page was found, after redirects; its links are relative to that
        #[arg(long)]
        url: Option<String>,
        /// The HTTP status that the page came with
        #[arg(long, default_value_t = 200)]
        status: u16,
        /// The currency of prices that do not say their own
        #[arg(long, value_name = "CODE", default_value_t = Currency::USD)]
        currency: Currency,
        /// Write `{state, reason, listings}` as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Source {
    pub fn run(self) -> Outcome {
        let Self::Parse { kind, file, url, status, currency, json } = self;
        let body = read(&file)?;
        let url = url.as_deref().unwrap_or(kind.home());
        let reading = kind.read(&Page { status, url, body: &body }, currency);
        if json {
            say(&reading.to_json().to_string());
            return Ok(());
        }
        say(&format!("{}: {}", reading.state.as_str(), reading.reason));
        for Found { title, price, link, location, .. } in &reading.listings {
            let price = price.price.money().map_or_else(|| price.price.kind().to_owned(), |money| money.to_string());
            let place = location.as_ref().map_or(String::new(), |location| format!(", {location}"));
            say(&format!("{title}: {price}{place}\n  {link}"));
        }
        Ok(())
    }
}

/// One byte more than an adapter reads, so that it can say so.
fn read(file: &PathBuf) -> anyhow::Result<Vec<u8>> {
    let named = || format!("reading {}", file.display());
    let input: Box<dyn std::io::Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).with_context(named)?)
    };
    let mut body = Vec::new();
    input.take(MAX_PAGE_BYTES as u64 + 1).read_to_end(&mut body).with_context(named)?;
    Ok(body)
}

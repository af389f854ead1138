//! `superbot publish` and `superbot connected-users`: the publishing functions.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Map, Value, json};
use superbot_domain::MessageLevel;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio_util::io::ReaderStream;

use super::cli::{CommandError, CommandResult};
use super::client::ClientArgs;
use super::output::{note, say, say_json, say_table};
use crate::ingest::{ItemResult, ItemStatus};

/// Publish to a running server.
#[derive(Args)]
pub struct PublishArgs {
    #[command(flatten)]
    client: ClientArgs,
    #[command(subcommand)]
    what: PublishItem,
}

#[derive(Subcommand)]
enum PublishItem {
    /// Publish listings: a JSON object, an array, or one object a line (NDJSON)
    Listing {
        /// The file, or - for standard input
        file: PathBuf,
        /// Print the result of each listing as JSON lines
        #[arg(long)]
        json: bool,
    },
    /// Send a notification to one user
    Notification {
        /// Name of the user
        user: String,
        /// Type of the notification: `custom` or any other word
        #[arg(value_name = "TYPE")]
        kind: String,
        /// Content of the notification, a JSON object
        #[arg(long, value_name = "JSON")]
        data: String,
    },
    /// Set the status of scrapers: facebook=on ksl=off feed=gone
    ScraperStatus {
        /// A source and `on`, `off`, or `gone` to remove it
        #[arg(required = true, value_name = "SOURCE=on|off|gone")]
        status: Vec<String>,
    },
    /// Send a message to all users
    SystemMessage {
        /// Text of the message
        text: String,
        /// Severity
        #[arg(long, default_value = "info", value_parser = PossibleValuesParser::new(MessageLevel::NAMES))]
        level: String,
    },
}

/// Show who is connected to a running server.
#[derive(Args)]
pub struct ConnectedUsersArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl PublishArgs {
    pub async fn run(self) -> CommandResult {
        let client = &self.client;
        match self.what {
            PublishItem::Listing { file, json } => publish_listings(client, &file, json).await,
            PublishItem::Notification { user, kind, data } => {
                let data: Map<String, Value> = serde_json::from_str(&data)
                    .map_err(|error| CommandError::Usage(format!("--data must be a JSON object: {error}")))?;
                let request = client.request(Method::POST, &["api", "users", &user, "notifications"])?;
                let request = request.json(&json!({"type": kind, "data": data}));
                print_answer(client, request).await
            }
            PublishItem::ScraperStatus { status } => {
                let status: Result<Map<String, Value>, CommandError> =
                    status.iter().map(|text| parse_status(text)).collect();
                let request = client.request(Method::PUT, &["api", "scraper-status"])?;
                print_answer(client, request.json(&status?)).await
            }
            PublishItem::SystemMessage { text, level } => {
                let request = client.request(Method::POST, &["api", "system-messages"])?;
                print_answer(client, request.json(&json!({"message": text, "level": level}))).await
            }
        }
    }
}

async fn print_answer(client: &ClientArgs, request: reqwest::RequestBuilder) -> CommandResult {
    let answer: Value = client.send(request).await?.json().await?;
    say_json(&answer)?;
    Ok(())
}

fn parse_status(text: &str) -> Result<(String, Value), CommandError> {
    match text.split_once('=') {
        Some((source, "on" | "true")) => Ok((source.to_owned(), Value::Bool(true))),
        Some((source, "off" | "false")) => Ok((source.to_owned(), Value::Bool(false))),
        Some((source, "gone")) => Ok((source.to_owned(), Value::Null)),
        _ => Err(CommandError::Usage(format!("{text:?} must be SOURCE=on, SOURCE=off or SOURCE=gone"))),
    }
}

/// Streams listings to the server as NDJSON, of any size, and reports the results.
async fn publish_listings(client: &ClientArgs, file: &Path, json: bool) -> CommandResult {
    let (body, unit) = lines_of(file).await?;
    let request = client.request(Method::POST, &["api", "listings"])?;
    let request = request.header("content-type", "application/x-ndjson").body(body);
    let mut results = client.send(request).await?.bytes_stream();
    let mut tally = PublishTally { unit, ..PublishTally::default() };
    let mut partial = Vec::new();
    // Chunks of the response end anywhere; only complete lines are parsed.
    while let Some(chunk) = results.next().await {
        partial.extend_from_slice(&chunk.context("reading the results")?);
        while let Some(end) = partial.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = partial.drain(..=end).collect();
            tally.count(&serde_json::from_slice(&line)?, json)?;
        }
    }
    tally.finish(json)
}

/// Opens a file as NDJSON, streaming it if it is NDJSON already. Also returns what a result's number refers to.
async fn lines_of(file: &Path) -> Result<(reqwest::Body, &'static str), CommandError> {
    let input: Box<dyn AsyncRead + Send + Unpin> = if file == Path::new("-") {
        Box::new(tokio::io::stdin())
    } else {
        let opened = tokio::fs::File::open(file).await;
        Box::new(opened.with_context(|| format!("opening {}", file.display()))?)
    };
    // The first line decides: only in NDJSON is it a complete object.
    let mut input = BufReader::new(input);
    let mut first = Vec::new();
    input.read_until(b'\n', &mut first).await?;
    if serde_json::from_slice::<Map<String, Value>>(&first).is_ok() {
        let lines = ReaderStream::new(std::io::Cursor::new(first).chain(input));
        return Ok((reqwest::Body::wrap_stream(lines), "line"));
    }
    let mut text = first;
    input.take(MOST_AT_ONCE).read_to_end(&mut text).await?;
    if text.len() as u64 >= MOST_AT_ONCE {
        let advice = "more than 256 MiB in one JSON value; write one object per line instead";
        return Err(CommandError::Usage(advice.to_owned()));
    }
    let values = match serde_json::from_slice::<Value>(&text) {
        Ok(Value::Array(values)) => values,
        Ok(value) => vec![value],
        // Perhaps NDJSON with an invalid first line: the server reports which lines are wrong.
        Err(_) => return Ok((reqwest::Body::from(text), "line")),
    };
    let lines: Vec<String> = values.iter().map(|value| format!("{value}\n")).collect();
    Ok((reqwest::Body::from(lines.concat()), "listing"))
}

/// Maximum size, in bytes, of a file that is one JSON value, because it is read whole.
const MOST_AT_ONCE: u64 = 256 << 20;

#[derive(Default)]
struct PublishTally {
    /// What the number of a result refers to: lines of the file, or listings of its array.
    unit: &'static str,
    created: u64,
    updated: u64,
    unchanged: u64,
    rejected: u64,
}

impl PublishTally {
    fn count(&mut self, result: &ItemResult, json: bool) -> Result<(), CommandError> {
        match result.status {
            ItemStatus::Created => self.created += 1,
            ItemStatus::Updated => self.updated += 1,
            ItemStatus::Unchanged => self.unchanged += 1,
            ItemStatus::Rejected => self.rejected += 1,
        }
        if json {
            say_json(result)?;
        } else {
            let item = format!("{} {}", self.unit, result.line.unwrap_or_default());
            result.warnings.iter().for_each(|warning| note(&format!("{item}: {warning}")));
            if let Some(error) = &result.error {
                note(&format!("{item}: {error}"));
            }
        }
        Ok(())
    }

    fn finish(self, json: bool) -> CommandResult {
        let Self { created, updated, unchanged, rejected, .. } = self;
        if !json {
            say(&format!("{created} created, {updated} updated, {unchanged} unchanged, {rejected} rejected"));
        }
        match rejected {
            0 => Ok(()),
            1 => Err(anyhow!("1 listing was rejected").into()),
            _ => Err(anyhow!("{rejected} listings were rejected").into()),
        }
    }
}

impl ConnectedUsersArgs {
    pub async fn run(self) -> CommandResult {
        let request = self.client.request(Method::GET, &["api", "connected-users"])?;
        let answer: superbot_wire::ConnectedUsers = self.client.send(request).await?.json().await?;
        if self.json {
            say_json(&answer)?;
            return Ok(());
        }
        say(&format!("{} users, {} connections", answer.count, answer.connections));
        let row = |user: &superbot_wire::ConnectedUser| {
            [user.username.clone(), user.connections.to_string(), user.connected_at.to_string()]
        };
        let rows: Vec<_> = answer.users.iter().map(row).collect();
        if !rows.is_empty() {
            say_table(["NAME", "CONNECTIONS", "SINCE"], &rows);
        }
        Ok(())
    }
}

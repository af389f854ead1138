//! `superbot source`: manages sources, and tests adapters on saved pages.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use superbot_domain::{Clock as _, Currency, FoundListing, SourceName, SourceState, SystemClock, rfc3339};
use superbot_sources::{Adapter, MAX_PAGE_BYTES, Page, PageState, Reading, SourceKind};
use superbot_store::{SourceChange, Store, StoredSource as Stored};
use superbot_wire::PageListing;

use super::cli::{CommandError, CommandResult, GlobalArgs};
use super::output::{note, say, say_json, say_table, to_the_second};
use super::source_kinds::{source_kind, source_kinds};
use super::store_access::{StoreAccess, with_store};
use crate::source_setup;

/// Manage the sources that listings are read from. Works while a server runs.
#[derive(Subcommand)]
pub enum SourceCommand {
    /// List the sources and their health
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the kinds of source, or the settings that one of them takes
    Kinds {
        /// The kind whose settings are listed
        #[arg(value_parser = source_kind())]
        kind: Option<&'static SourceKind>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Create a source, stopped
    Add {
        /// Its name, which appears in its listings
        name: SourceName,
        /// The kind of source; `superbot source kinds` describes them
        #[arg(value_parser = source_kind())]
        kind: &'static SourceKind,
        /// Its settings: JSON, or @FILE, or @- for standard input
        #[arg(long, value_name = "JSON", default_value = "{}")]
        settings: String,
    },
    /// Change the settings of a source
    Set {
        /// Name of the source
        name: SourceName,
        /// The settings to change: JSON, or @FILE, or @- for standard input; null resets a setting to its default
        #[arg(value_name = "JSON")]
        settings: String,
    },
    /// Remove a source; its listings are kept
    Remove {
        /// Name of the source
        name: SourceName,
    },
    /// Start a source: it runs at once, and then periodically
    Start {
        /// Name of the source
        name: SourceName,
        /// Confirm that you have read the site's terms and are responsible for complying with them
        #[arg(long)]
        accept_terms: bool,
    },
    /// Stop a source
    Stop {
        /// Name of the source
        name: SourceName,
    },
    /// Run a started source now
    Run {
        /// Name of the source
        name: SourceName,
    },
    /// Parse a saved page, and print its state and listings
    Parse {
        #[command(flatten)]
        page: SavedPage,
        /// Write `{state, reason, listings}` as JSON
        #[arg(long)]
        json: bool,
        /// Exit with 1 unless the page's state is `ok`
        #[arg(long)]
        exit_code: bool,
    },
}

/// A saved page, and how it is read.
#[derive(Args)]
pub struct SavedPage {
    /// The kind of source; `superbot source kinds` describes them
    #[arg(value_parser = source_kind())]
    kind: &'static SourceKind,
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
    /// The `Content-Type` that the page came with, which may name its encoding
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// The language of dates in words, such as `de`; English, when left out
    #[arg(long, value_name = "TAG")]
    date_language: Option<String>,
    /// For json and html, where on the page each part is: JSON, or @FILE
    #[arg(long, value_name = "JSON")]
    fields: Option<String>,
}

impl SourceCommand {
    pub async fn run(self, global: &GlobalArgs) -> CommandResult {
        if let Self::Kinds { kind, json } = self {
            return source_kinds(kind, json);
        }
        if let Self::Parse { page, json, exit_code } = self {
            let state = page.parse(json)?;
            return if exit_code && state != PageState::Ok { Err(CommandError::Negative) } else { Ok(()) };
        }
        let access = if matches!(self, Self::List { .. }) { StoreAccess::Read } else { StoreAccess::Change };
        with_store(&global.settings(Vec::new())?, access, async |store| self.apply(store).await).await
    }

    async fn apply(self, store: &Store) -> CommandResult {
        match self {
            Self::List { json } => list(store, json).await,
            Self::Add { name, kind, settings } => {
                let settings = read_json("--settings", &settings)?;
                source_setup::read_settings(kind, &settings).map_err(usage)?;
                store.sources().create(&name, kind.name, &settings).await?;
                say(&format!("created {name}; start it with `superbot source start {name}`"));
                Ok(())
            }
            Self::Set { name, settings } => {
                let source = find(store, &name).await?;
                let changes: Map<String, Value> = match read_json("the settings", &settings)? {
                    Value::Object(changes) => changes,
                    other => return Err(CommandError::Usage(format!("the settings are {other}; give a JSON object"))),
                };
                let settings = Some(source_setup::changed(&source, changes).map_err(usage)?);
                change(store, &name, SourceChange { settings, ..SourceChange::default() }, "changed").await
            }
            Self::Remove { name } => {
                find(store, &name).await?;
                store.sources().delete(&name).await?;
                say(&format!("removed {name}"));
                Ok(())
            }
            Self::Start { name, accept_terms } => {
                let mut source = find(store, &name).await?;
                if accept_terms {
                    // Only for the check below; `accept_terms` in the change records the time.
                    source.terms_accepted_at.get_or_insert(superbot_domain::Timestamp::UNIX_EPOCH);
                }
                if let Err(invalid) = source_setup::read_runnable(&source) {
                    if invalid.errors.iter().any(|error| error.field == "accept_terms") {
                        note("To accept the terms after reading them: superbot source start --accept-terms");
                    }
                    return Err(anyhow::anyhow!(invalid).into());
                }
                let start = SourceChange { running: Some(true), accept_terms, ..SourceChange::default() };
                change(store, &name, start, "started").await
            }
            Self::Stop { name } => {
                let stop = SourceChange { running: Some(false), ..SourceChange::default() };
                change(store, &name, stop, "stopped").await
            }
            Self::Run { name } => {
                if !find(store, &name).await?.running {
                    return Err(anyhow::anyhow!("{name} is stopped; start it first").into());
                }
                change(store, &name, SourceChange { run: true, ..SourceChange::default() }, "asked to run:").await
            }
            // `run` has handled these, which do not open the store.
            Self::Kinds { .. } | Self::Parse { .. } => Ok(()),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn usage(invalid: superbot_domain::InvalidFields) -> CommandError {
    CommandError::Usage(invalid.to_string())
}

async fn find(store: &Store, name: &SourceName) -> Result<Stored, CommandError> {
    let found = store.sources().get(name).await?;
    found.ok_or_else(|| anyhow::anyhow!("there is no source {name}; `superbot source list` shows them").into())
}

async fn change(store: &Store, name: &SourceName, change: SourceChange, done: &str) -> CommandResult {
    match store.sources().update(name, change).await? {
        Some(_) => say(&format!("{done} {name}")),
        None => return Err(anyhow::anyhow!("there is no source {name}").into()),
    }
    Ok(())
}

async fn list(store: &Store, json: bool) -> CommandResult {
    let sources = store.sources().list().await?;
    if json {
        let shown = sources.iter().map(|source| {
            json!({
                "name": source.name, "kind": source.kind, "settings": source.settings, "running": source.running,
                "terms_accepted_at": source.terms_accepted_at.map(rfc3339), "health": source.health,
            })
        });
        say_json(&shown.collect::<Value>())?;
        return Ok(());
    }
    let row = |Stored { name, kind, health, .. }: &Stored| {
        let time = |at: Option<superbot_domain::Timestamp>| at.map_or_else(|| "-".to_owned(), to_the_second);
        let last = health.runs.last().map(|run| format!("{} listings, {} new", run.listings, run.created));
        // For a stopped source the state says it all.
        let reason = (health.state != SourceState::Stopped).then(|| health.reason.clone());
        let notes: Vec<String> = reason.into_iter().chain(last).chain(health.warning.clone()).collect();
        let state = health.state.describe().to_owned();
        let name = name.to_string();
        [name, kind.clone(), state, time(health.last_good_at), time(health.next_run_at), notes.join("; ")]
    };
    let titles = ["NAME", "KIND", "STATE", "LAST GOOD", "NEXT RUN", "NOTES"];
    say_table(titles, &sources.iter().map(row).collect::<Vec<_>>());
    Ok(())
}

impl SavedPage {
    /// Prints what the page is and what it lists.
    fn parse(&self, json: bool) -> Result<PageState, CommandError> {
        let reading = self.read()?;
        if json {
            let listings: Vec<PageListing> = reading.listings.iter().map(PageListing::from).collect();
            say_json(&json!({ "state": reading.state.as_str(), "reason": reading.reason, "listings": listings }))?;
            return Ok(reading.state);
        }
        say(&format!("{}: {}", reading.state.as_str(), reading.reason));
        for FoundListing { title, price, link, details, .. } in &reading.listings {
            let per = price.price.per().map_or_else(String::new, |per| format!(" per {per}"));
            let price =
                price.price.money().map_or_else(|| price.price.kind().to_owned(), |money| format!("{money}{per}"));
            let place = details.location.as_ref().map_or(String::new(), |location| format!(", {location}"));
            say(&format!("{title}: {price}{place}"));
            say(&format!("  {link}"));
        }
        Ok(reading.state)
    }

    fn read(&self) -> Result<Reading, CommandError> {
        let fields = self.fields.as_deref().map_or(Ok(Value::Null), |fields| read_json("--fields", fields))?;
        let adapter = Adapter::new(self.kind, &fields);
        let mut adapter = adapter.map_err(|invalid| CommandError::Usage(invalid.under("--fields").to_string()))?;
        if let Some(tag) = &self.date_language {
            let known = adapter.with_date_language(tag);
            adapter = known.map_err(|error| CommandError::Usage(error.at("--date-language").to_string()))?;
        }
        let body = read(&self.file)?;
        let page = Page {
            status: self.status,
            url: self.url.as_deref().unwrap_or(self.kind.home()),
            asked: "",
            content_type: self.content_type.as_deref(),
            read_at: Some(SystemClock.now()),
            body: &body,
        };
        Ok(adapter.read(&page, self.currency))
    }
}

/// Parses an argument as JSON, or the file that it names after `@`.
fn read_json(what: &str, text: &str) -> Result<Value, CommandError> {
    let text = match text.strip_prefix('@') {
        Some(file) => String::from_utf8_lossy(&read(&PathBuf::from(file))?).into_owned(),
        None => text.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| CommandError::Usage(format!("{what}: not JSON: {error}")))
}

/// Reads one byte more than an adapter accepts, so that it can report the page as too large.
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

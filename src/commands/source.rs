//! `superbot source`: where listings are read, and what adapters make of pages.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Map, Value, json};
use superbot_domain::{Currency, FoundListing, SourceName, SourceState, rfc3339};
use superbot_sources::{Adapter, MAX_PAGE_BYTES, Page, PageState, SourceKind};
use superbot_store::{Source as Stored, SourceChange, Store};
use superbot_wire::PageListing;

use super::cli::{Failure, Global, Outcome};
use super::output::{note, say, say_json, say_table, to_the_second};
use super::source_kinds::{source_kind, source_kinds};
use super::store_access::{Access, with_store};
use crate::source_setup;

/// Watch over the places that listings are read from. Works while a server runs.
#[derive(Subcommand)]
pub enum Source {
    /// List the sources and how they fare
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
    /// Make a source, stopped
    Add {
        /// Its name, which its listings will bear
        name: SourceName,
        /// The kind of source; `superbot source kinds` describes them
        #[arg(value_parser = source_kind())]
        kind: &'static SourceKind,
        /// How it is set up: JSON, or @FILE, or @- for standard input
        #[arg(long, value_name = "JSON", default_value = "{}")]
        settings: String,
    },
    /// Change how a source is set up
    Set {
        /// Which one
        name: SourceName,
        /// The settings that change: JSON, or @FILE, or @- for standard input; null takes one back to its default
        #[arg(value_name = "JSON")]
        settings: String,
    },
    /// Forget a source; its listings stay
    Remove {
        /// Which one
        name: SourceName,
    },
    /// Let a source run: now, and then again and again
    Start {
        /// Which one
        name: SourceName,
        /// Say that you have read the terms of the site and answer for what is asked of it
        #[arg(long)]
        accept_terms: bool,
    },
    /// Stop a source
    Stop {
        /// Which one
        name: SourceName,
    },
    /// Have a source that is started run at once
    Run {
        /// Which one
        name: SourceName,
    },
    /// What a saved page is, and what it lists
    Parse {
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
        /// For json and html, where on the page each part is: JSON, or @FILE
        #[arg(long, value_name = "JSON")]
        fields: Option<String>,
        /// Write `{state, reason, listings}` as JSON
        #[arg(long)]
        json: bool,
        /// Exit with 1 unless the page is as it should be (`ok`)
        #[arg(long)]
        exit_code: bool,
    },
}

impl Source {
    pub async fn run(self, global: &Global) -> Outcome {
        if let Self::Kinds { kind, json } = self {
            return source_kinds(kind, json);
        }
        if let Self::Parse { kind, file, url, status, currency, fields, json, exit_code } = self {
            let fields = fields.map_or(Ok(Value::Null), |fields| read_json("--fields", &fields))?;
            let adapter = Adapter::new(kind, &fields);
            let adapter = adapter.map_err(|invalid| Failure::Usage(invalid.under("--fields").to_string()))?;
            let body = read(&file)?;
            let url = url.as_deref().unwrap_or(kind.home());
            let state = parse(&adapter, &Page { status, asked: "", url, body: &body }, currency, json)?;
            return if exit_code && state != PageState::Ok { Err(Failure::Negative) } else { Ok(()) };
        }
        let access = if matches!(self, Self::List { .. }) { Access::Read } else { Access::Change };
        with_store(&global.settings(Vec::new())?, access, async |store| self.apply(store).await).await
    }

    async fn apply(self, store: &Store) -> Outcome {
        match self {
            Self::List { json } => list(store, json).await,
            Self::Add { name, kind, settings } => {
                let settings = read_json("--settings", &settings)?;
                source_setup::read_settings(kind, &settings).map_err(usage)?;
                store.sources().create(&name, kind.name, &settings).await?;
                say(&format!("made {name}; start it with `superbot source start {name}`"));
                Ok(())
            }
            Self::Set { name, settings } => {
                let source = find(store, &name).await?;
                let changes: Map<String, Value> = match read_json("the settings", &settings)? {
                    Value::Object(changes) => changes,
                    other => return Err(Failure::Usage(format!("the settings are {other}; give a JSON object"))),
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
                    source.terms_accepted_at.get_or_insert(superbot_domain::Timestamp::UNIX_EPOCH);
                }
                if let Err(invalid) = source_setup::read_runnable(&source) {
                    if invalid.errors.iter().any(|error| error.field == "accept_terms") {
                        note("To say that you have read them: superbot source start --accept-terms");
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
            Self::Kinds { .. } | Self::Parse { .. } => Ok(()),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn usage(invalid: superbot_domain::Invalid) -> Failure {
    Failure::Usage(invalid.to_string())
}

async fn find(store: &Store, name: &SourceName) -> Result<Stored, Failure> {
    let found = store.sources().get(name).await?;
    found.ok_or_else(|| anyhow::anyhow!("there is no source {name}; `superbot source list` shows them").into())
}

async fn change(store: &Store, name: &SourceName, change: SourceChange, done: &str) -> Outcome {
    match store.sources().update(name, change).await? {
        Some(_) => say(&format!("{done} {name}")),
        None => return Err(anyhow::anyhow!("there is no source {name}").into()),
    }
    Ok(())
}

async fn list(store: &Store, json: bool) -> Outcome {
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
        // That a source is stopped is all there is to say about it.
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

fn parse(adapter: &Adapter, page: &Page<'_>, currency: Currency, json: bool) -> anyhow::Result<PageState> {
    let reading = adapter.read(page, currency);
    if json {
        let listings: Vec<PageListing> = reading.listings.iter().map(PageListing::from).collect();
        say_json(&json!({ "state": reading.state.as_str(), "reason": reading.reason, "listings": listings }))?;
        return Ok(reading.state);
    }
    say(&format!("{}: {}", reading.state.as_str(), reading.reason));
    for FoundListing { title, price, link, details, .. } in &reading.listings {
        let per = price.price.per().map_or_else(String::new, |per| format!(" per {}", per.as_str()));
        let price = price.price.money().map_or_else(|| price.price.kind().to_owned(), |money| format!("{money}{per}"));
        let place = details.location.as_ref().map_or(String::new(), |location| format!(", {location}"));
        say(&format!("{title}: {price}{place}"));
        say(&format!("  {link}"));
    }
    Ok(reading.state)
}

/// JSON as it stands, or out of a file.
fn read_json(what: &str, text: &str) -> Result<Value, Failure> {
    let text = match text.strip_prefix('@') {
        Some(file) => String::from_utf8_lossy(&read(&PathBuf::from(file))?).into_owned(),
        None => text.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| Failure::Usage(format!("{what}: not JSON: {error}")))
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

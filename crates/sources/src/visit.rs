//! One run of a source: every page in its turn, one request after the other.
//!
//! A visit never waits and never decides when it may send a request: its caller schedules the requests of all visits to the same
//! site.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{Currency, FoundListing, SourceRun, SourceState, Timestamp};
use url::Url;

use crate::fetch::{Answer, FetchError, Fetcher, Validators};
use crate::page::{Page, PageState, Reading};
use crate::robots::Robots;
use crate::settings::Settings;

/// One run of a source, as far as it has come.
pub struct Visit {
    settings: Arc<Settings>,
    currency: Currency,
    left: VecDeque<Url>,
    /// The page that is being asked for.
    under_way: Option<Hop>,
    so_far: SourceRun,
    /// How many pages were as they should be.
    pages_read: u32,
    /// How many pages were read, whatever they were like.
    pages_done: usize,
    is_over: bool,
}

/// A page, as far as its redirects have led.
struct Hop {
    asked: Url,
    now: Url,
    redirects: u8,
}

/// What a request came to.
#[derive(Debug)]
pub enum Step {
    /// It was a step on the way.
    On,
    /// A page was read. What it lists is to be taken in, and then [`Versions::remember`] may forget that it is to be read.
    Read {
        /// What it lists.
        found: Vec<FoundListing>,
        /// Its version.
        version: Version,
    },
}

/// The version of a page that was read.
#[derive(Debug)]
pub struct Version {
    page: Url,
    validators: Validators,
    listings: u32,
}

/// The versions of pages that were read and taken in.
#[derive(Debug, Default)]
pub struct Versions(HashMap<Url, (Validators, u32)>);

/// More pages than a source has.
const MAX_VERSIONS: usize = 1_000;
/// As many as browsers follow of a site that means well.
const MAX_REDIRECTS: u8 = 5;

impl Visit {
    /// A visit of these pages.
    pub fn new(settings: Arc<Settings>, pages: Vec<Url>, currency: Currency) -> Self {
        let currency = settings.currency(currency);
        let so_far = SourceRun {
            state: SourceState::Empty,
            reason: "there is nothing to search for".to_owned(),
            listings: 0,
            created: 0,
            retry_after: None,
        };
        Self {
            settings,
            currency,
            left: pages.into(),
            under_way: None,
            so_far,
            pages_read: 0,
            pages_done: 0,
            is_over: false,
        }
    }

    /// The address that is asked next, which may be that of a site's rules; none when the visit is over.
    pub fn next(&mut self, robots: &Robots, now: Timestamp) -> Option<Url> {
        if self.is_over {
            return None;
        }
        if self.under_way.is_none() {
            let asked = self.left.pop_front()?;
            self.under_way = Some(Hop { now: asked.clone(), asked, redirects: 0 });
        }
        let page = &self.under_way.as_ref()?.now;
        let knows_rules = !self.settings.given.respect_robots || robots.of(page, now).is_some();
        if knows_rules { Some(page.clone()) } else { Robots::address(page) }
    }

    /// How long the site wants us to wait between two requests.
    pub fn gap(&self, robots: &Robots, now: Timestamp) -> Option<Duration> {
        let page = &self.under_way.as_ref()?.now;
        if self.settings.given.respect_robots { robots.of(page, now)?.gap() } else { None }
    }

    /// Makes the next request.
    pub async fn ask(&mut self, fetcher: &Fetcher, robots: &Robots, versions: &Versions, now: Timestamp) -> Step {
        let Some(hop) = self.under_way.take() else { return Step::On };
        if self.settings.given.respect_robots {
            let Some(rules) = robots.of(&hop.now, now) else { return self.ask_rules(fetcher, robots, hop, now).await };
            if !rules.allow(&hop.now) {
                let reason = format!("the site's robots.txt asks not to read {}", hop.now.path());
                self.end(SourceState::Disallowed, reason, None);
                return Step::On;
            }
        }
        let known = versions.0.get(&hop.asked);
        let answer = fetcher.get(&hop.now, known.map_or(&Validators::default(), |(known, _)| known), now).await;
        match answer {
            Err(error) => self.unreachable(&hop.now, &error),
            Ok(answer) if answer.status == 304 => {
                let listings = known.map_or(0, |(_, listings)| *listings);
                self.read_well(PageState::Ok, "nothing has changed since the last time".to_owned(), listings);
                Step::On
            }
            Ok(Answer { status: 301 | 302 | 303 | 307 | 308, location: Some(to), .. }) => self.follow(hop, to),
            Ok(answer) => self.read(hop, answer, now).await,
        }
    }

    /// Notes that listings of the page that was just read are new.
    pub fn took(&mut self, created: u32) {
        self.so_far.created += created;
    }

    /// Ends the visit, whatever is left.
    pub fn end(&mut self, state: SourceState, reason: String, retry_after: Option<Duration>) {
        self.so_far = SourceRun { state, reason, retry_after, ..self.so_far.clone() };
        (self.is_over, self.under_way) = (true, None);
    }

    /// How many pages were read, whatever they were like; those that are left have their turn in the next run.
    pub fn pages_done(&self) -> usize {
        self.pages_done
    }

    /// How it went, once it is over.
    pub fn outcome(self) -> SourceRun {
        self.so_far
    }

    async fn ask_rules(&mut self, fetcher: &Fetcher, robots: &Robots, hop: Hop, now: Timestamp) -> Step {
        let Some(address) = Robots::address(&hop.now) else { return Step::On };
        let learnt = match fetcher.get(&address, &Validators::default(), now).await {
            Err(error) => return self.unreachable(&address, &error),
            Ok(answer) => robots.learn(&hop.now, &answer, now).map_err(|reason| (reason, answer.retry_after)),
        };
        match learnt {
            Ok(()) => self.under_way = Some(hop),
            Err((reason, retry_after)) => self.end(SourceState::Unreachable, reason, retry_after),
        }
        Step::On
    }

    fn unreachable(&mut self, url: &Url, error: &FetchError) -> Step {
        let host = url.host_str().unwrap_or_default();
        self.end(SourceState::Unreachable, format!("asking {host}: {error}"), None);
        Step::On
    }

    fn follow(&mut self, hop: Hop, to: Url) -> Step {
        let is_sign_in = |url: &Url| {
            url.path()
                .split('/')
                .any(|part| matches!(part, "login" | "login.php" | "signin" | "sign-in" | "checkpoint"))
        };
        if !self.settings.may_lead(&hop.now, &to) {
            let state = if is_sign_in(&to) { SourceState::LoginWall } else { SourceState::Blocked };
            let host = to.host_str().unwrap_or_default();
            self.end(state, format!("the page sends its readers away, to {host}{}", to.path()), None);
        } else if hop.redirects >= MAX_REDIRECTS {
            self.end(
                SourceState::Blocked,
                format!("the page sends its readers on and on, at last to {}", to.path()),
                None,
            );
        } else {
            self.under_way = Some(Hop { now: to, redirects: hop.redirects + 1, ..hop });
        }
        Step::On
    }

    async fn read(&mut self, hop: Hop, answer: Answer, now: Timestamp) -> Step {
        let settings = Arc::clone(&self.settings);
        let currency = self.currency;
        let asked = hop.asked.to_string();
        let url = hop.now.to_string();
        let status = answer.status;
        // A page takes as long as it takes, and others are not to wait for it.
        let reading = tokio::task::spawn_blocking(move || {
            let content_type = answer.content_type.as_deref();
            let body = &answer.body;
            settings.read(&Page { status, asked: &asked, url: &url, content_type, read_at: Some(now), body }, currency)
        });
        let Ok(Reading { state, reason, listings }) = reading.await else {
            let reason = format!("reading {} failed; this is a fault of this program", hop.now);
            self.end(SourceState::Failed, reason, None);
            return Step::On;
        };
        let reason =
            if self.left.is_empty() && self.pages_read == 0 { reason } else { format!("{}: {reason}", hop.asked) };
        match state {
            PageState::Ok | PageState::Empty => {
                let count = u32::try_from(listings.len()).unwrap_or(u32::MAX);
                self.read_well(state, reason, count);
                let version = Version { page: hop.asked, validators: answer.validators, listings: count };
                return Step::Read { found: listings, version };
            }
            // The other pages may be as they were; this one is remembered.
            PageState::ShapeChanged if status < 500 => {
                self.pages_done += 1;
                (self.so_far.state, self.so_far.reason) = (SourceState::ShapeChanged, reason);
            }
            PageState::ShapeChanged | PageState::Blocked if status >= 500 => {
                self.end(SourceState::Unreachable, reason, answer.retry_after);
            }
            PageState::ShapeChanged | PageState::Blocked => self.end(SourceState::Blocked, reason, answer.retry_after),
            PageState::LoginWall => self.end(SourceState::LoginWall, reason, answer.retry_after),
            PageState::RateLimited => self.end(SourceState::RateLimited, reason, answer.retry_after),
        }
        Step::On
    }

    fn read_well(&mut self, state: PageState, reason: String, listings: u32) {
        self.pages_read += 1;
        self.pages_done += 1;
        self.so_far.listings = self.so_far.listings.saturating_add(listings);
        match (self.so_far.state, state) {
            (SourceState::Empty, PageState::Ok) => (self.so_far.state, self.so_far.reason) = (SourceState::Ok, reason),
            (SourceState::Empty, _) => self.so_far.reason = reason,
            (SourceState::Ok, _) => {
                self.so_far.reason = format!("{} listings on {} pages", self.so_far.listings, self.pages_read);
            }
            // What was not understood is not made good by the next page.
            _ => {}
        }
    }
}

impl Versions {
    /// From now on the page is asked for only if it is no longer the same.
    pub fn remember(&mut self, version: Version) {
        let Version { page, validators, listings } = version;
        if validators.is_empty() {
            self.0.remove(&page);
            return;
        }
        if self.0.len() >= MAX_VERSIONS {
            self.0.clear();
        }
        self.0.insert(page, (validators, listings));
    }
}

//! A page as it was fetched, and what an adapter makes of it.

use std::borrow::Cow;
use std::collections::HashSet;

use superbot_domain::FoundListing;
use url::Url;

/// A larger page is not read.
pub const MAX_PAGE_BYTES: usize = 10_000_000;

/// A page as it was fetched, or saved.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The HTTP status; 200 for a saved page.
    pub status: u16,
    /// Where it was found in the end, after redirects; where nothing is known of that, the site's own address.
    pub url: &'a str,
    /// The address that was asked for; empty where nothing is known of that.
    pub asked: &'a str,
    /// Its bytes, in UTF-8.
    pub body: &'a [u8],
}

/// What a page turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// It lists something.
    Ok,
    /// It says that there is nothing to list.
    Empty,
    /// The site refuses to answer.
    Blocked,
    /// The site wants somebody to sign in first.
    LoginWall,
    /// The site wants fewer requests.
    RateLimited,
    /// It lists nothing, and does not say that there is nothing either: it may look different from now on.
    ShapeChanged,
}

/// What an adapter makes of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What the page turned out to be.
    pub state: PageState,
    /// What shows it, in a short sentence.
    pub reason: String,
    /// What it lists, in its order.
    pub listings: Vec<FoundListing>,
}

impl PageState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Empty => "empty",
            Self::Blocked => "blocked",
            Self::LoginWall => "login_wall",
            Self::RateLimited => "rate_limited",
            Self::ShapeChanged => "shape_changed",
        }
    }
}

impl Page<'_> {
    /// The page as text; bytes that are none are replaced.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.body)
    }

    /// An address on the page, made absolute; only of the web.
    pub(crate) fn link(&self, address: &str) -> Option<String> {
        let link = match Url::parse(self.url) {
            Ok(base) => base.join(address.trim()).ok()?,
            Err(_) => Url::parse(address.trim()).ok()?,
        };
        matches!(link.scheme(), "http" | "https").then(|| link.into())
    }
}

impl Reading {
    /// A page that lists nothing.
    pub(crate) fn without(state: PageState, reason: impl Into<String>) -> Self {
        Self { state, reason: reason.into(), listings: Vec::new() }
    }

    /// A page that lists something; what it lists twice counts once.
    pub(crate) fn of(mut listings: Vec<FoundListing>, from: &str) -> Self {
        let mut seen = HashSet::new();
        listings.retain(|found| seen.insert(found.link.clone()));
        let reason = format!("{} listings in {from}", listings.len());
        Self { state: PageState::Ok, reason, listings }
    }
}

/// So many listings of a page are read; a longer list begins with what is new.
pub(crate) const MOST_LISTINGS: usize = 5_000;

/// A selector that is written here, read once.
macro_rules! selector {
    ($css:literal) => {
        std::sync::LazyLock::new(|| {
            // Every selector is written in this crate, and tried by its tests.
            scraper::Selector::parse($css).expect("a selector")
        })
    };
}
pub(crate) use selector;

/// What the status alone says, or a challenge that may come with any status and in place of any page.
pub(crate) fn refusal(page: &Page<'_>) -> Option<Reading> {
    let status = page.status;
    let by_status = match status {
        200..=299 | 304 => None,
        429 => Some((PageState::RateLimited, "the site asks for fewer requests (status 429)".to_owned())),
        401 => Some((PageState::LoginWall, "the site wants a sign-in (status 401)".to_owned())),
        403 | 451 => Some((PageState::Blocked, format!("the site refuses to answer (status {status})"))),
        404 | 410 => Some((PageState::ShapeChanged, format!("there is nothing at this address (status {status})"))),
        500.. => Some((PageState::Blocked, format!("the site is failing (status {status})"))),
        _ => Some((PageState::ShapeChanged, format!("the site answers with status {status}"))),
    };
    let by_challenge = || {
        // They stand in the head, or in a short page.
        let beginning = &page.body[..page.body.len().min(20_000)];
        let beginning = String::from_utf8_lossy(beginning).to_ascii_lowercase();
        let sign = CHALLENGES.iter().find(|sign| beginning.contains(**sign))?;
        Some((PageState::Blocked, format!("the site wants to see a person at work: the page says {sign:?}")))
    };
    by_status.or_else(by_challenge).map(|(state, reason)| Reading::without(state, reason))
}

/// What pages say that are shown in place of others, in lower case.
const CHALLENGES: [&str; 7] = [
    "<title>just a moment...",
    "cf-challenge",
    "px-captcha",
    "access to this page has been denied",
    "pardon our interruption",
    "verify you are a human",
    "your ip has been automatically blocked",
];

/// A text on one line, without what surrounds it.
pub(crate) fn line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line).filter(|line| !line.is_empty())
}

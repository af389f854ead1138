//! Answers in place of a page: refusals, challenges, sign-in forms.

use crate::markup_text::text_of_markup;
use crate::page::{PageState, Reading};

/// What the status alone says.
pub(crate) fn refused_by_status(status: u16) -> Option<Reading> {
    let (state, reason) = match status {
        200..=299 | 304 => return None,
        429 => (PageState::RateLimited, "the site asks for fewer requests (status 429)".to_owned()),
        401 => (PageState::LoginWall, "the site wants a sign-in (status 401)".to_owned()),
        403 | 451 => (PageState::Blocked, format!("the site refuses to answer (status {status})")),
        404 | 410 => (PageState::ShapeChanged, format!("there is nothing at this address (status {status})")),
        500.. => (PageState::Blocked, format!("the site is failing (status {status})")),
        _ => (PageState::ShapeChanged, format!("the site answers with status {status}")),
    };
    Some(Reading::without(state, reason))
}

/// What a page says that lists nothing, where it stands in place of the page that was requested.
///
/// Real pages have some of these marks as well, such as a captcha beside a contact form. A page with listings is never looked at,
/// and of the others only those with little text are judged by such marks.
pub(crate) fn refused_by_content(text: &str, state: PageState) -> Option<Reading> {
    let text = &text[..text.floor_char_boundary(MAX_SEARCHED_BYTES)];
    let lower = text.to_ascii_lowercase();
    let head = &lower[..lower.floor_char_boundary(MAX_HEAD_BYTES)];
    if let Some(mark) = CHALLENGES.iter().find(|mark| head.contains(**mark)) {
        let reason = format!("the site wants to see a person at work: the page says {mark:?}");
        return Some(Reading::without(PageState::Blocked, reason));
    }
    if state != PageState::ShapeChanged || !SIGNS.iter().any(|sign| sign.mark(&lower).is_some()) || !is_short(text) {
        return None;
    }
    let (sign, mark) = SIGNS.iter().find_map(|sign| Some((sign, sign.mark(&lower)?)))?;
    Some(Reading::without(sign.state, format!("{}: the page says {mark:?}", sign.meaning)))
}

/// The part of a page that is searched for marks.
const MAX_SEARCHED_BYTES: usize = 500_000;
/// Challenges stand in the head, or in a short page.
const MAX_HEAD_BYTES: usize = 20_000;
/// A page of results has more text, even without results: the site's own navigation. In characters other than white space.
const MAX_SHORT_TEXT: usize = 1_500;

fn is_short(page: &str) -> bool {
    text_of_markup(page).chars().filter(|c| !c.is_whitespace()).count() <= MAX_SHORT_TEXT
}

/// What only challenges say, in lower case.
const CHALLENGES: [&str; 12] = [
    "<title>just a moment...</title>",
    "cf-challenge",
    "px-captcha",
    "captcha-delivery.com",
    "incapsula incident id",
    "validatecaptcha",
    "our systems have detected unusual traffic",
    "access to this page has been denied",
    "pardon our interruption",
    "verify you are a human",
    "verify you are human",
    "ip has been automatically blocked",
];

/// Marks that mean something on a page without much else.
struct RefusalSign {
    state: PageState,
    meaning: &'static str,
    /// In lower case.
    marks: &'static [&'static str],
}

impl RefusalSign {
    fn mark(&self, lower: &str) -> Option<&'static str> {
        self.marks.iter().copied().find(|mark| lower.contains(mark))
    }
}

/// The first that a page has counts.
const SIGNS: [RefusalSign; 5] = [
    RefusalSign {
        state: PageState::RateLimited,
        meaning: "the site asks for fewer requests",
        marks: &["too many requests", "rate limit exceeded", "rate limited", "request limit"],
    },
    RefusalSign {
        state: PageState::Blocked,
        meaning: "the page asks for a captcha",
        marks: &[
            "captcha",
            "cf-turnstile",
            "challenges.cloudflare.com",
            "awswaf",
            "_incapsula_resource",
            "funcaptcha",
            "arkoselabs",
            "geetest",
            "just a moment...",
            "enter the characters you see below",
            "unusual traffic",
            "unusual activity",
            "automated access",
            "automated queries",
            "not a robot",
            "are you a robot",
            "are you human",
            "robot check",
            "checking your browser",
            "sec_cp_challenge",
            "/_sec/cp_challenge",
            "enable js and disable any ad blocker",
            "enable javascript and cookies to continue",
        ],
    },
    RefusalSign {
        state: PageState::LoginWall,
        meaning: "the page asks for a login",
        marks: &[
            "type=\"password\"",
            "type='password'",
            "type=password",
            "log in to continue",
            "sign in to continue",
            "please log in",
            "please sign in",
            "must be logged in",
            "must log in",
            "must sign in",
            "login required",
            "bitte melden sie sich an",
            "bitte anmelden",
            "connectez-vous",
            "inicia sesi",
            "accedi per continuare",
            "log ind for at",
            "logga in f",
            "zaloguj si",
        ],
    },
    RefusalSign {
        state: PageState::Blocked,
        meaning: "the site refuses to answer",
        marks: &[
            "access denied",
            "access is denied",
            "don't have permission to access",
            "request blocked",
            "request was blocked",
            "request unsuccessful",
            "you have been blocked",
            "403 forbidden",
            "zugriff verweigert",
            "acceso denegado",
            "accesso negato",
            "acesso negado",
        ],
    },
    RefusalSign {
        state: PageState::Blocked,
        meaning: "the page asks for consent first",
        marks: &[
            "before you continue",
            "bevor sie fortfahren",
            "avant de continuer",
            "antes de continuar",
            "//consent.",
        ],
    },
];

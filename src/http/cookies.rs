//! Cookies of a browser: its session, and the mark by which it is recognized later.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::request::Parts;
use superbot_domain::User;

use super::api::ApiState;
use crate::auth::{
    BROWSER_COOKIE, BrowserKey, HOST_PREFIX, RECOGNIZED_FOR, RandomSecret, RecognizedBrowser, SESSION_COOKIE,
};
use crate::problem::Result;

/// Adds the cookies of a new session to the jar.
///
/// # Errors
/// When the store cannot be read.
pub async fn begin(
    api: &ApiState,
    jar: CookieJar,
    parts: &Parts,
    user: &User,
    session: &RandomSecret,
) -> Result<CookieJar> {
    // The session cookie from plain HTTP, if any, would remain as a second, older session.
    let jar = if api.edge.is_https(parts) { jar.remove(named(SESSION_COOKIE, String::new(), false)) } else { jar };
    let session = cookie(api, parts, SESSION_COOKIE, session.reveal().to_owned(), api.config.auth.session);
    remember(api, jar.add(session), parts, user).await
}

/// Adds the cookie by which the browser is recognized, bound to the user's current password.
///
/// # Errors
/// When the store cannot be read.
pub async fn remember(api: &ApiState, jar: CookieJar, parts: &Parts, user: &User) -> Result<CookieJar> {
    let Some((_, password_hash)) = api.store.users().find_by_name(user.username.as_str()).await? else {
        return Ok(jar);
    };
    let browser = browser_key(api).await?.sign(user.id, &password_hash, api.clock.now());
    Ok(jar.add(cookie(api, parts, BROWSER_COOKIE, browser, RECOGNIZED_FOR)))
}

/// Removes the session cookies; the browser is still recognized.
pub fn end(jar: CookieJar) -> CookieJar {
    let hosted = format!("{HOST_PREFIX}{SESSION_COOKIE}");
    // Browsers accept cookies with this prefix only with `Secure`, including their removal.
    jar.remove(named(SESSION_COOKIE, String::new(), false)).remove(named(hosted, String::new(), true))
}

/// Returns the recognized browser, if its cookie is valid. [`RecognizedBrowser::is_of`] decides whether it belongs to the
/// user who signs in.
///
/// # Errors
/// When the store cannot be read.
pub async fn recognize(api: &ApiState, jar: &CookieJar) -> Result<Option<RecognizedBrowser>> {
    let hosted = format!("{HOST_PREFIX}{BROWSER_COOKIE}");
    let Some(cookie) = jar.get(&hosted).or_else(|| jar.get(BROWSER_COOKIE)) else { return Ok(None) };
    Ok(browser_key(api).await?.recognize(cookie.value(), api.clock.now()))
}

async fn browser_key(api: &ApiState) -> Result<BrowserKey> {
    let key = api.browser_key.get_or_try_init(async || api.store.secrets().browser_key(rand::random()).await);
    Ok(BrowserKey::from(*key.await?))
}

fn cookie(api: &ApiState, parts: &Parts, name: &str, value: String, lasts: Duration) -> Cookie<'static> {
    let is_https = api.edge.is_https(parts);
    let name = if is_https { format!("{HOST_PREFIX}{name}") } else { name.to_owned() };
    let mut cookie = named(name, value, is_https);
    cookie.set_max_age(Some(lasts.try_into().unwrap_or_default()));
    cookie
}

fn named(name: impl Into<String>, value: String, is_secure: bool) -> Cookie<'static> {
    // Lax: the cookie is sent when a link leads here, but not with cross-site POST requests.
    Cookie::build((name.into(), value)).path("/").http_only(true).same_site(SameSite::Lax).secure(is_secure).build()
}

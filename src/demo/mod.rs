//! A simulated marketplace on loopback, for `serve --demo`: three sites whose pages have the structure of the real ones, read
//! by the real fetcher and adapters, and a user with price alerts and saved searches.

mod pages;
mod setup;
#[cfg(test)]
mod tests;
mod world;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use superbot_domain::Clock;

use pages::PageContext;
pub use setup::{PASSWORD, Sites, USER, prepare};
use world::DemoAd;
pub use world::SiteKind;

/// State shared by the three sites.
#[derive(Clone)]
pub struct DemoMarketplace {
    clock: Arc<dyn Clock>,
    began: i64,
    seed: u64,
}
#[derive(Clone)]
struct DemoSite {
    market: DemoMarketplace,
    site: SiteKind,
}

/// Length of the cycle of simulated disruptions, in seconds.
const CYCLE: i64 = 150;
/// Seconds of a cycle in which Facebook requires signing in.
const WALL: std::ops::Range<i64> = 40..70;
/// Seconds of a cycle in which KSL has a redesigned page, which its adapter cannot read.
const REDESIGN: std::ops::Range<i64> = 100..115;

impl DemoMarketplace {
    /// Creates a marketplace whose time starts now; `seed` determines its ads.
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Self {
        let began = clock.now().as_second();
        Self { clock, began, seed }
    }

    /// Returns the routes of one site, which needs an address of its own.
    pub fn router(&self, site: SiteKind) -> Router {
        let stall = DemoSite { market: self.clone(), site };
        let router = match site {
            SiteKind::Craigslist => Router::new()
                .route("/search/area/{area}", get(craigslist))
                .route("/search/{category}", get(craigslist))
                .route("/view/d/{slug}/{id}", get(item_by_slug)),
            SiteKind::Ksl => {
                Router::new().route("/v2/search/{*path}", get(ksl)).route("/listing/{id}", get(item_by_id))
            }
            SiteKind::Facebook => Router::new()
                .route("/marketplace/{place}/search/", get(facebook))
                .route("/marketplace/item/{id}/", get(item_by_id))
                .route("/login/", get(login)),
        };
        router
            .route("/robots.txt", get(|| async { "User-agent: *\nDisallow: /account\n" }))
            .route("/images/{name}", get(image))
            .with_state(stall)
    }

    fn second(&self) -> i64 {
        self.clock.now().as_second() - self.began
    }
}

impl DemoSite {
    /// Returns the ads that match a search at the current time.
    fn find(&self, query: Option<&str>, min: Option<&str>, max: Option<&str>) -> Vec<DemoAd> {
        let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
        let mut ads = self.site.ads(self.market.seed, self.market.second());
        ads.retain(|ad| ad.is_found_by(query.unwrap_or_default(), number(min), number(max)));
        ads
    }

    fn is_within(&self, times: &std::ops::Range<i64>) -> bool {
        times.contains(&self.market.second().rem_euclid(CYCLE))
    }

    /// Returns a page, or 304 if the client's copy has the same entity tag.
    fn page(&self, headers: &HeaderMap, draw: impl FnOnce(&PageContext<'_>) -> String) -> Response {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let origin = format!("http://{}", pages::escape(host));
        let page = draw(&PageContext { origin: &origin, began: self.market.began });
        // The fetcher's conditional requests are part of the demonstration.
        let mut hasher = DefaultHasher::new();
        page.hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
        }
        ([(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::ETAG, etag)], page).into_response()
    }
}

type Parameters = Query<HashMap<String, String>>;

async fn craigslist(State(stall): State<DemoSite>, headers: HeaderMap, Query(asked): Parameters) -> Response {
    let get = |name: &str| asked.get(name).map(String::as_str);
    let ads = stall.find(get("query"), get("min_price"), get("max_price"));
    stall.page(&headers, |setting| pages::craigslist(setting, &ads))
}

async fn ksl(State(stall): State<DemoSite>, headers: HeaderMap, Path(path): Path<String>) -> Response {
    if stall.is_within(&REDESIGN) {
        return stall.page(&headers, |_| pages::REDESIGNED.to_owned());
    }
    // KSL encodes parameters as pairs of path segments.
    let parts: Vec<&str> = path.split('/').collect();
    let get = |name: &str| parts.chunks(2).find(|pair| pair[0] == name).and_then(|pair| pair.get(1)).copied();
    let ads = stall.find(get("keyword"), get("priceFrom"), get("priceTo"));
    stall.page(&headers, |setting| pages::ksl(setting, &ads))
}

async fn facebook(State(stall): State<DemoSite>, headers: HeaderMap, Query(asked): Parameters) -> Response {
    if stall.is_within(&WALL) {
        return (StatusCode::FOUND, [(header::LOCATION, "/login/?next=marketplace")]).into_response();
    }
    let get = |name: &str| asked.get(name).map(String::as_str);
    let ads = stall.find(get("query"), get("minPrice"), get("maxPrice"));
    stall.page(&headers, |setting| pages::facebook(setting, &ads))
}

async fn login(State(stall): State<DemoSite>, headers: HeaderMap) -> Response {
    stall.page(&headers, pages::login)
}

async fn item_by_slug(stall: State<DemoSite>, headers: HeaderMap, Path((_, id)): Path<(String, String)>) -> Response {
    item(stall, &headers, &id)
}

async fn item_by_id(stall: State<DemoSite>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    item(stall, &headers, &id)
}

fn item(State(stall): State<DemoSite>, headers: &HeaderMap, id: &str) -> Response {
    let ad = pages::number(stall.site, id)
        .and_then(|number| stall.site.ad(stall.market.seed, number, stall.market.second()));
    match ad {
        Some(ad) => stall.page(headers, |setting| pages::item(setting, stall.site, &ad)),
        None => (StatusCode::NOT_FOUND, "This ad does not exist (any more).\n").into_response(),
    }
}

async fn image(Path(name): Path<String>) -> Response {
    match name.strip_suffix(".svg").and_then(|number| number.parse().ok()) {
        Some(number) => ([(header::CONTENT_TYPE, "image/svg+xml")], pages::image(number)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

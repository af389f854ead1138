//! Reads the simulated sites with the real adapters.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use superbot_domain::{Clock, Currency, Price, Timestamp};
use superbot_matching::{Criteria, Facts, PriceRange, Query};
use superbot_sources::{Adapter, Page, PageState, Reading, find_source_kind};
use tower::ServiceExt as _;

use super::world::{ALERTS, AskingPrice, DemoAd};
use super::{DemoMarketplace, SiteKind, pages};

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

struct Bed {
    clock: Arc<TestClock>,
    market: DemoMarketplace,
}

const SEED: u64 = 7;
const BEGAN: i64 = 1_760_000_000;

impl Bed {
    fn new() -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(BEGAN)));
        Self { market: DemoMarketplace::new(clock.clone(), SEED), clock }
    }

    fn at(&self, second: i64) -> &Self {
        self.clock.0.store(BEGAN + second, Ordering::SeqCst);
        self
    }

    async fn get(&self, site: SiteKind, path: &str, etag: Option<&str>) -> Response<Body> {
        let mut request = Request::get(path).header("host", "127.0.0.1:7777");
        if let Some(etag) = etag {
            request = request.header("if-none-match", etag);
        }
        self.market.router(site).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// Reads a page with the site's adapter, following redirects.
    async fn read(&self, site: SiteKind, path: &str) -> Reading {
        let mut at = path.to_owned();
        let mut answer = self.get(site, &at, None).await;
        while answer.status().is_redirection() {
            at = answer.headers()["location"].to_str().unwrap().to_owned();
            answer = self.get(site, &at, None).await;
        }
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let kind = find_source_kind(site.as_str()).unwrap();
        let asked = format!("http://127.0.0.1:7777{path}");
        let url = format!("http://127.0.0.1:7777{at}");
        let page = Page { status, asked: &asked, ..Page::saved(&url, &body) };
        Adapter::new(kind, &Value::Null).unwrap().read(&page, Currency::USD)
    }

    async fn everything(&self, site: SiteKind) -> Reading {
        self.read(site, search(site)).await
    }
}

fn search(site: SiteKind) -> &'static str {
    match site {
        SiteKind::Craigslist => "/search/area/saltlakecity?sort=date&cat=sss",
        SiteKind::Ksl => "/v2/search/sort/0/page/0",
        SiteKind::Facebook => "/marketplace/saltlakecity/search/?daysSinceListed=1",
    }
}

/// Returns what an adapter should find: title, dollars, and link of each ad.
fn expected(site: SiteKind, ads: &[DemoAd]) -> Vec<(String, Option<i64>, String)> {
    let shown = if site == SiteKind::Craigslist { 360 } else { 24 };
    let here =
        ads.iter().take(shown).filter(|ad| site != SiteKind::Facebook || (ad.number % 8 != 7 && ad.number % 16 != 3));
    let dollars = |ad: &DemoAd| match (site, ad.price) {
        // On KSL, free items look the same as those without a price.
        (SiteKind::Ksl, AskingPrice::Nothing) => None,
        _ => ad.dollars().map(i64::from),
    };
    let title = |ad: &DemoAd| ad.title.split_whitespace().collect::<Vec<_>>().join(" ");
    here.map(|ad| (title(ad), dollars(ad), format!("http://127.0.0.1:7777{}", pages::path(site, ad)))).collect()
}

#[tokio::test]
async fn every_ad_is_read_as_it_is() {
    let bed = Bed::new();
    for second in [0, 33, 230, 980] {
        for site in SiteKind::ALL {
            let reading = bed.at(second).everything(site).await;
            assert_eq!(reading.state, PageState::Ok, "{site:?} {second} {}", reading.reason);
            let dollars = |price: Price| match price {
                Price::Free => Some(0),
                other => other.money().map(|money| money.minor / 100),
            };
            let found: Vec<_> = reading
                .listings
                .iter()
                .map(|found| (found.title.clone(), dollars(found.price.price), found.link.clone()))
                .collect();
            let ads = site.ads(SEED, second);
            assert_eq!(found, expected(site, &ads), "{site:?} {second}");
            assert!(found.len() >= 15, "{site:?} {second}: {}", found.len());
            let pictures = reading.listings.iter().filter(|found| found.details.image_url.is_some()).count();
            let has_both = pictures > 0 && (pictures < found.len() || site != SiteKind::Craigslist);
            assert!(has_both, "some have pictures, and some have none");
        }
    }
}

#[tokio::test]
async fn there_is_a_wall_and_a_new_look_now_and_then() {
    let bed = Bed::new();
    for begin in [0, 150, 300] {
        for (second, craigslist, ksl, facebook) in [
            (39, PageState::Ok, PageState::Ok, PageState::Ok),
            (45, PageState::Ok, PageState::Ok, PageState::LoginWall),
            (70, PageState::Ok, PageState::Ok, PageState::Ok),
            (105, PageState::Ok, PageState::ShapeChanged, PageState::Ok),
            (116, PageState::Ok, PageState::Ok, PageState::Ok),
        ] {
            bed.at(begin + second);
            for (site, state) in SiteKind::ALL.into_iter().zip([craigslist, ksl, facebook]) {
                assert_eq!(bed.everything(site).await.state, state, "{site:?} {second}");
            }
        }
    }
}

#[tokio::test]
async fn searches_find_what_they_ask_for_and_say_when_there_is_nothing() {
    let bed = Bed::new();
    let paths = |query: &str| {
        [
            format!("/search/area/x?query={query}&max_price=1000"),
            format!("/v2/search/keyword/{query}/priceTo/1000/sort/0/page/0"),
            format!("/marketplace/x/search/?query={query}&maxPrice=1000"),
        ]
    };
    for (site, path) in SiteKind::ALL.into_iter().zip(paths("zeppelin")) {
        assert_eq!(bed.read(site, &path).await.state, PageState::Empty, "{site:?}");
    }
    let reading = bed.read(SiteKind::Craigslist, &paths("bike")[0]).await;
    assert!(!reading.listings.is_empty());
    assert!(reading.listings.iter().all(|found| found.title.contains("bike")), "{reading:?}");
    for odd in ["%3Cscript%3E", "%00", "%27%22%3E", "%ff"] {
        for (site, path) in SiteKind::ALL.into_iter().zip(paths(odd)) {
            assert!(!bed.get(site, &path, None).await.status().is_server_error(), "{site:?} {odd}");
        }
    }
}

/// Returns whether an ad matches one of the demo's alerts.
fn sets_off(ad: &DemoAd) -> bool {
    ALERTS.iter().any(|(keywords, threshold)| {
        let price = PriceRange {
            currency: Currency::USD,
            min: None,
            max: Some(i64::from(*threshold) * 100),
            per: None,
            include_free: false,
        };
        let criteria =
            Criteria { query: Some(Query::parse(keywords).unwrap()), price, sources: Vec::new(), location: None };
        let money = ad.dollars().map_or(Price::Unstated, |dollars| {
            Price::Amount(superbot_domain::Money { minor: i64::from(dollars) * 100, currency: Currency::USD })
        });
        let source = superbot_domain::SourceName::parse("craigslist").unwrap();
        let facts = Facts { title: &ad.title, description: "", source: &source, location: "", price: money };
        criteria.matches(&facts)
    })
}

#[test]
fn whenever_somebody_comes_an_alert_is_not_far() {
    for seed in 0..20 {
        // Craigslist alone, because the other sites are disrupted at times.
        let born: BTreeSet<i64> =
            SiteKind::Craigslist.ads(seed, 600).iter().filter(|ad| sets_off(ad)).map(|ad| ad.born).collect();
        let recent: Vec<i64> = born.into_iter().filter(|born| *born > 360).collect();
        let longest = recent.windows(2).map(|two| two[1] - two[0]).max().unwrap();
        assert!(longest <= 8, "seed {seed}: {longest}");
    }
}

#[test]
fn prices_fall_and_ads_are_put_up_again_and_vanish() {
    let mut fell = 0;
    let mut reposted = 0;
    let mut vanished = 0;
    for site in SiteKind::ALL {
        let early = site.ads(SEED, 100);
        let late = site.ads(SEED, 160);
        for ad in &early {
            match late.iter().find(|other| other.number == ad.number) {
                None => vanished += 1,
                Some(now) => fell += usize::from(now.dollars() < ad.dollars() && now.before.is_some()),
            }
        }
        let again = |ad: &&DemoAd| {
            late.iter().any(|other| {
                other.number < ad.number && other.title == ad.title && other.town == ad.town && other.price == ad.price
            })
        };
        reposted += late.iter().filter(again).count();
    }
    assert!(fell > 0 && reposted > 0 && vanished > 0, "{fell} {reposted} {vanished}");
}

#[tokio::test]
async fn pages_that_are_the_same_are_not_sent_again_and_ads_have_pages() {
    let bed = Bed::new();
    let answer = bed.get(SiteKind::Craigslist, search(SiteKind::Craigslist), None).await;
    let etag = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(
        bed.get(SiteKind::Craigslist, search(SiteKind::Craigslist), Some(&etag)).await.status(),
        StatusCode::NOT_MODIFIED
    );
    assert_eq!(
        bed.at(60).get(SiteKind::Craigslist, search(SiteKind::Craigslist), Some(&etag)).await.status(),
        StatusCode::OK
    );
    for site in SiteKind::ALL {
        let ad = &site.ads(SEED, 60)[0];
        let answer = bed.get(site, &pages::path(site, ad), None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let page = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&page).contains(&pages::escape(&ad.title)));
        for missing in ["/view/d/x/y", "/listing/9", "/marketplace/item/9/", "/images/x.png"] {
            assert_eq!(bed.get(site, missing, None).await.status(), StatusCode::NOT_FOUND);
        }
    }
    assert_eq!(bed.get(SiteKind::Ksl, "/images/7.svg", None).await.headers()["content-type"], "image/svg+xml");
}

//! Recurring prices: stored with their period, and compared with their own kind only.

use std::time::Duration;

use serde_json::{Value, json};
use superbot_domain::{
    Clock as _, Currency, Listing, Money, NewListing, NewPriceAlert, NewSavedSearch, Price, PricePeriod, QueryChange,
    QueryKind, StandingQuery as _, User,
};
use superbot_store::{IngestOutcome, IngestedListing, ListingQuery, ListingSort, ReconcileOutcome, RetentionLimits};

use crate::bed::Bed;

crate::on_every_back_end!(
    a_period_is_kept_wherever_the_price_is,
    lists_compare_prices_of_one_kind,
    a_list_of_one_period_agrees_with_a_plain_filter,
    alerts_hear_of_their_own_kind,
    searches_and_previews_find_their_own_kind,
    a_fall_is_one_of_the_same_kind,
    a_rent_that_is_posted_again_is_a_repost,
    a_rent_survives_pruning,
);

/// A listing whose price is for a period, where one is given.
pub(crate) fn posting(link: &str, title: &str, price: impl Into<Value>, per: Option<&str>) -> NewListing {
    let value = json!({ "title": title, "link": format!("https://example.com/{link}"), "source": "test",
        "price": price.into(), "price_per": per });
    NewListing::from_json(&value, Currency::USD).unwrap()
}

async fn post(bed: &Bed, listings: Vec<NewListing>) -> Vec<IngestedListing> {
    bed.store.listings().ingest(listings).await.unwrap()
}

async fn page(bed: &Bed, query: ListingQuery) -> Vec<Listing> {
    bed.store.listings().page(&ListingQuery { limit: 500, ..query }).await.unwrap().items
}

/// The titles of a list, which are single letters, in its order.
async fn titles(bed: &Bed, query: ListingQuery) -> String {
    page(bed, query).await.iter().map(|listing| listing.title.as_str()).collect()
}

async fn notified(bed: &Bed, user: &User) -> Vec<Value> {
    let mut page = bed.store.notifications().page(user.id, false, None, 500).await.unwrap().items;
    page.reverse();
    page.iter().map(|notification| serde_json::from_str(notification.data.as_str()).unwrap()).collect()
}

async fn a_period_is_kept_wherever_the_price_is(bed: Bed) {
    let [posted] = &post(&bed, vec![posting("1", "Flat", 500, Some("month"))]).await[..] else { panic!("one") };
    let dollars = |units: i64| Price::from(Money { minor: units * 100, currency: Currency::USD });
    let rent = |units, per| dollars(units).per_unless_stated(Some(per));
    assert_eq!(posted.price, rent(500, PricePeriod::Month));
    let [created] = &bed.store.events().list(0, 10).await.unwrap()[..] else { panic!("one event") };
    assert_eq!(
        (&created.payload_json()["price"], &created.payload_json()["price_per"]),
        (&json!(500), &json!("month"))
    );

    let [cheaper] = &post(&bed, vec![posting("1", "Flat", 450, Some("month"))]).await[..] else { panic!("one") };
    assert_eq!(cheaper.outcome, IngestOutcome::Updated { previous_price: Some(rent(500, PricePeriod::Month)) });
    // The same number of dollars is another price, and the one before cannot be compared with it.
    let [weekly] = &post(&bed, vec![posting("1", "Flat", 450, Some("week"))]).await[..] else { panic!("one") };
    assert_eq!(weekly.outcome, IngestOutcome::Updated { previous_price: Some(Price::Unstated) });
    let [sale] = &post(&bed, vec![posting("1", "Flat", 450, None)]).await[..] else { panic!("one") };
    assert_eq!(sale.outcome, IngestOutcome::Updated { previous_price: Some(Price::Unstated) });

    let store = bed.again().await;
    let history = store.listings().price_history(posted.id).await.unwrap().unwrap();
    let prices: Vec<Price> = history.iter().map(|point| point.price).collect();
    let sale = dollars(450);
    let month = PricePeriod::Month;
    let week = PricePeriod::Week;
    assert_eq!(prices, [rent(500, month), rent(450, month), rent(450, week), sale]);
    let listing = store.listings().get(posted.id).await.unwrap().unwrap();
    assert_eq!((listing.price, listing.previous_price), (sale, Some(rent(450, week))));
    store.close().await;
}

async fn lists_compare_prices_of_one_kind(bed: Bed) {
    post(
        &bed,
        vec![
            posting("a", "A", 900, None),
            posting("b", "B", 700, Some("month")),
            posting("c", "C", 100, Some("week")),
            posting("d", "D", 0, Some("month")),
            posting("e", "E", Value::Null, Some("month")),
            posting("f", "F", 20, None),
            posting("g", "G", 800, Some("month")),
            posting("h", "H", 600, Some("month")),
        ],
    )
    .await;
    let all = ListingQuery::default();
    let month = ListingQuery { price_per: Some(PricePeriod::Month), ..all.clone() };
    let sorted = |query: &ListingQuery, sort| ListingQuery { sort, ..query.clone() };
    let low = ListingSort::PriceAscending;
    let high = ListingSort::PriceDescending;
    let words = |query: &ListingQuery, q: &str| ListingQuery { q: Some(q.to_owned()), ..query.clone() };
    for (query, expected) in [
        (all.clone(), "HGFEDCBA"),
        (month.clone(), "HGB"),
        (ListingQuery { price_per: Some(PricePeriod::Week), ..all.clone() }, "C"),
        (ListingQuery { price_per: Some(PricePeriod::Year), ..all.clone() }, ""),
        // What is not asked for by its period is not compared with prices of sales.
        (ListingQuery { min_price: Some(100.0), ..all.clone() }, "A"),
        (ListingQuery { max_price: Some(750.0), ..all.clone() }, "FD"),
        (ListingQuery { min_price: Some(650.0), ..month.clone() }, "GB"),
        (ListingQuery { max_price: Some(700.0), ..month.clone() }, "HB"),
        (sorted(&all, low), "DFA"),
        (sorted(&all, high), "AFD"),
        (sorted(&month, low), "HBG"),
        (sorted(&month, high), "GBH"),
        (sorted(&month, ListingSort::Posted), "HGB"),
        (sorted(&month, ListingSort::Drop), ""),
        (words(&month, "b, g, a"), "GB"),
        (words(&sorted(&month, low), "b, g, a"), "BG"),
        (words(&ListingQuery { min_price: Some(750.0), ..month.clone() }, "b, g, a"), "G"),
        (words(&all, "b, a"), "BA"),
    ] {
        assert_eq!(titles(&bed, query.clone()).await, expected, "{query:?}");
        let count = bed.store.listings().count(&query).await.unwrap();
        assert_eq!(count.exact(), Some(expected.len() as u64), "{query:?}");
    }
    // Page by page, each begins where the one before ended.
    let mut query = ListingQuery { limit: 1, ..sorted(&month, low) };
    let mut found = String::new();
    loop {
        let page = bed.store.listings().page(&query).await.unwrap();
        found.extend(page.items.iter().map(|listing| listing.title.as_str()));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, "HBG");
}

/// Every plan of a list gives what filtering all listings gives.
async fn a_list_of_one_period_agrees_with_a_plain_filter(bed: Bed) {
    let periods = [None, Some("month"), Some("week"), Some("area")];
    let words = ["boat", "flat", "desk"];
    let posted: Vec<_> = (0..240)
        .map(|n| {
            let title = format!("{} {}", words[n % 3], n);
            posting(&n.to_string(), &title, (n * 37 % 101) as u64 * 10, periods[n % 7 % 4])
        })
        .collect();
    post(&bed, posted).await;
    let everything = page(&bed, ListingQuery { limit: 500, ..ListingQuery::default() }).await;
    for per in [PricePeriod::Month, PricePeriod::Week, PricePeriod::Area, PricePeriod::Hour] {
        for (min, max) in [(None, None), (Some(200.0), None), (None, Some(600.0)), (Some(300.0), Some(500.0))] {
            for q in [None, Some("boat"), Some("flat, desk"), Some("bo*")] {
                for sort in ListingSort::all() {
                    let query = ListingQuery {
                        q: q.map(str::to_owned),
                        min_price: min,
                        max_price: max,
                        price_per: Some(per),
                        sort,
                        ..ListingQuery::default()
                    };
                    let is_wanted = |listing: &&Listing| {
                        let units = listing.price.money().map_or(0.0, Money::to_units);
                        let word = listing.title.split(' ').next().unwrap();
                        listing.price.per() == Some(per)
                            && min.is_none_or(|min| min <= units)
                            && max.is_none_or(|max| units <= max)
                            && q.is_none_or(|q| q.contains(word) || (q == "bo*" && word == "boat"))
                            && sort != ListingSort::Drop
                    };
                    let mut expected: Vec<i64> =
                        everything.iter().filter(is_wanted).map(|listing| listing.id.get()).collect();
                    let mut found: Vec<i64> =
                        page(&bed, query.clone()).await.iter().map(|listing| listing.id.get()).collect();
                    expected.sort_unstable();
                    found.sort_unstable();
                    assert_eq!(found, expected, "{query:?}");
                }
            }
        }
    }
}

async fn alerts_hear_of_their_own_kind(bed: Bed) {
    let ann = bed.user("Ann").await;
    let alert = |threshold: u64, side: &str, per: Option<&str>| {
        let value = json!({ "keywords": "flat", "threshold_price": threshold, "alert_type": side, "price_per": per });
        NewPriceAlert::from_json(&value, Currency::USD).unwrap()
    };
    let mut ids = Vec::new();
    for wants in [
        alert(1_000, "under", None),
        alert(1_000, "under", Some("month")),
        alert(1_000, "under", Some("week")),
        alert(700, "over", Some("month")),
    ] {
        let saved = bed.store.queries().create(ann.id, &wants).await.unwrap();
        assert_eq!(saved.wants, wants);
        ids.push(saved.id);
    }
    post(&bed, vec![posting("1", "Flat", 800, Some("month"))]).await;
    post(&bed, vec![posting("2", "Flat", 800, None)]).await;
    post(&bed, vec![posting("3", "Flat", "$650/mo", None)]).await;
    post(&bed, vec![posting("4", "Flat", 90, Some("hour"))]).await;
    // From 650 a month to 650 a week: outside the one's limits, within the other's.
    post(&bed, vec![posting("3", "Flat", 650, Some("week"))]).await;
    post(&bed, vec![posting("1", "Flat", 750, Some("month"))]).await;
    let notified: Vec<_> = notified(&bed, &ann)
        .await
        .iter()
        .map(|data| (data["alert_id"].clone(), data["listing"]["price"].clone(), data["listing"]["price_per"].clone()))
        .collect();
    let expected = [
        (ids[1], 800, Some("month")),
        (ids[3], 800, Some("month")),
        (ids[0], 800, None),
        (ids[1], 650, Some("month")),
        (ids[2], 650, Some("week")),
        (ids[1], 750, Some("month")),
        (ids[3], 750, Some("month")),
    ];
    assert_eq!(notified, expected.map(|(id, price, per)| (json!(id), json!(price), json!(per))));
    let message = self::notified(&bed, &ann).await[0]["message"].clone();
    assert_eq!(message, "Flat: 800 USD per month, under your 1000 USD per month");
    // An edit to another period looks at what comes from then on.
    let edit =
        |wants: NewPriceAlert| Ok(QueryChange::Edit(NewPriceAlert { price_per: Some(PricePeriod::Hour), ..wants }));
    let edited = bed.store.queries::<NewPriceAlert>().update(ann.id, ids[0], edit).await.unwrap().unwrap();
    assert_eq!(edited.wants.price_per, Some(PricePeriod::Hour));
    post(&bed, vec![posting("5", "Flat", 95, Some("hour"))]).await;
    assert_eq!(self::notified(&bed, &ann).await.last().unwrap()["alert_id"], json!(ids[0]));
    assert_eq!(bed.store.matches().reconcile(QueryKind::PriceAlert, 1).await.unwrap(), ALL_WELL);
}

const ALL_WELL: ReconcileOutcome = ReconcileOutcome::All { repaired: 0 };

async fn searches_and_previews_find_their_own_kind(bed: Bed) {
    post(
        &bed,
        vec![
            posting("a", "Flat A", 900, None),
            posting("b", "Flat B", 700, Some("month")),
            posting("c", "Flat C", 300, Some("week")),
            posting("d", "Flat D", 0, Some("month")),
            posting("e", "Flat E", Value::Null, None),
            posting("f", "Flat F", 1_500, Some("month")),
        ],
    )
    .await;
    for (fields, expected) in [
        (json!({}), "FEDCBA"),
        (json!({ "max_price": 1_000 }), "A"),
        (json!({ "max_price": 1_000, "include_free": true }), "DA"),
        (json!({ "price_per": "month" }), "FB"),
        (json!({ "price_per": "month", "include_free": true }), "FDB"),
        (json!({ "price_per": "month", "max_price": 1_000 }), "B"),
        (json!({ "price_per": "month", "min_price": 1_000 }), "F"),
        (json!({ "price_per": "month", "max_price": 1_000, "include_free": true }), "DB"),
        (json!({ "price_per": "week", "max_price": 1_000 }), "C"),
        (json!({ "price_per": "year" }), ""),
        (json!({ "price_per": "month", "max_price": 1_000, "currency": "EUR" }), ""),
    ] {
        let mut value = json!({ "name": "x", "keywords": "flat" });
        value.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let wants = NewSavedSearch::from_json(&value, Currency::USD).unwrap();
        let preview = bed.store.queries().preview(&wants).await.unwrap();
        let found: String = preview.sample.iter().map(|listing| listing.title.trim_start_matches("Flat ")).collect();
        assert_eq!(found, expected, "{fields}");
        assert_eq!(preview.count.exact(), Some(expected.len() as u64), "{fields}");
        for miss in preview.near_misses {
            assert!(!expected.contains(miss.listing.title.trim_start_matches("Flat ")), "{fields}: {}", miss.because);
        }
    }
    // A preview says since when it counts, at least a day.
    let wants = NewSavedSearch::from_json(&json!({ "name": "x", "keywords": "flat" }), Currency::USD).unwrap();
    let preview = bed.store.queries().preview(&wants).await.unwrap();
    let now = bed.clock.now();
    assert_eq!((preview.per_week, preview.since), (42.0, now - Duration::from_hours(24)));
    bed.clock.advance(Duration::from_hours(14 * 24));
    let preview = bed.store.queries().preview(&wants).await.unwrap();
    assert_eq!((preview.per_week, preview.since), (3.0, now));
}

async fn a_fall_is_one_of_the_same_kind(bed: Bed) {
    post(&bed, vec![posting("a", "A", 1_000, Some("month")), posting("b", "B", 1_000, Some("month"))]).await;
    post(&bed, vec![posting("c", "C", 1_000, None), posting("d", "D", 1_000, Some("week"))]).await;
    post(&bed, vec![posting("a", "A", 800, Some("month")), posting("b", "B", 500, None)]).await;
    post(&bed, vec![posting("c", "C", 900, None), posting("d", "D", 900, Some("month"))]).await;
    let drop = ListingQuery { sort: ListingSort::Drop, ..ListingQuery::default() };
    assert_eq!(titles(&bed, drop.clone()).await, "AC");
    assert_eq!(titles(&bed, ListingQuery { price_per: Some(PricePeriod::Month), ..drop }).await, "A");
}

async fn a_rent_that_is_posted_again_is_a_repost(bed: Bed) {
    let placed = |link: &str, price: u64, per: Option<&str>| {
        let mut listing = posting(link, "Flat with a view", price, per);
        listing.details.location = Some("Provo".to_owned());
        listing
    };
    let first = post(&bed, vec![placed("1", 500, Some("month"))]).await[0].id;
    let again = post(&bed, vec![placed("2", 500, Some("month"))]).await[0].id;
    let weekly = post(&bed, vec![placed("3", 500, Some("week"))]).await[0].id;
    let sale = post(&bed, vec![placed("4", 500, None)]).await[0].id;
    for (id, expected) in [(again, Some(first)), (weekly, None), (sale, None)] {
        assert_eq!(bed.store.listings().get(id).await.unwrap().unwrap().reposted_of, expected);
    }
}

async fn a_rent_survives_pruning(bed: Bed) {
    let posted = post(&bed, vec![posting("1", "Flat", 500, Some("month"))]).await[0].id;
    bed.clock.advance(Duration::from_hours(48));
    let policy = RetentionLimits { events_keep: Duration::from_hours(1), listings_keep: Some(Duration::from_hours(1)) };
    let now = bed.clock.now();
    assert_eq!(bed.store.prune(&policy, now, 100).await.unwrap().listings, 1);
    let [back] = &post(&bed, vec![posting("1", "Flat", 500, Some("month"))]).await[..] else { panic!("one") };
    assert_eq!((back.id, &back.outcome), (posted, &IngestOutcome::Unchanged));
    assert_eq!(bed.store.prune(&policy, now + Duration::from_hours(48), 100).await.unwrap().listings, 1);
    let [other] = &post(&bed, vec![posting("1", "Flat", 500, Some("week"))]).await[..] else { panic!("one") };
    assert_eq!(other.outcome, IngestOutcome::Updated { previous_price: Some(Price::Unstated) });
}

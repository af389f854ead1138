//! Prices that an earlier version of the readers misread: which are corrected silently, and what follows for alerts and searches.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use superbot_domain::{
    Clock as _, Currency, NewListing, NewPriceAlert, NewSavedSearch, Price, QueryKind, StandingQuery as _, User,
    parse_price,
};
use superbot_store::{IngestOutcome, RetentionLimits, Store};

use crate::bed::{Bed, listing};
use crate::reconcile::reconcile;
use crate::upgrade::{as_earlier_version_left_it, found, notified};

crate::on_every_back_end!(
    later_changes_are_judged_by_the_corrected_price,
    a_match_at_a_wrong_price_that_waits_is_dropped,
    a_repost_is_corrected_by_itself,
    only_what_was_read_from_text_is_corrected,
);

mod falls {
    use super::{a_later_price_is_judged_by_the_corrected_one, ads};

    crate::on_every_back_end!(property a_later_price_is_judged_by_the_corrected_one(ads, 32));
}

/// What an earlier reader read as the prices of an ad, in dollars, what the last of them really is, and a later price.
type Ad = (Vec<i64>, i64, i64);

fn ads() -> impl Strategy<Value = Vec<Ad>> {
    let price = || prop_oneof![Just(640_i64), Just(500), Just(3), 1_i64..1_500];
    prop::collection::vec((prop::collection::vec(price(), 1..4), price(), price()), 1..8)
}

/// A listing whose price was misread, for a user who has one query.
struct Misreading {
    query: Value,
    /// As the earlier reader read its prices.
    earlier: &'static [&'static str],
    is_pruned: bool,
    /// As this one reads the last of them.
    corrected: &'static str,
    /// Later postings: title, price, and whether the user is notified.
    later: &'static [(&'static str, &'static str, bool)],
}

fn alert(threshold: u64) -> Value {
    json!({ "keywords": "flat", "threshold_price": threshold })
}

fn search(max_price: u64) -> Value {
    json!({ "name": "flats", "keywords": "flat", "max_price": max_price, "cadence": "instant" })
}

fn misreadings() -> Vec<Misreading> {
    let misread = |query, earlier, corrected, later| Misreading { query, earlier, is_pruned: false, corrected, later };
    let pruned =
        |query, earlier, corrected, later| Misreading { is_pruned: true, ..misread(query, earlier, corrected, later) };
    vec![
        misread(alert(1000), &["$3"], "$640", &[("Flat", "$639.90", false), ("Flat", "$500", true)]),
        // It was at the corrected price before, and the user knows that.
        misread(alert(1000), &["$640", "$3"], "$640", &[("Flat", "$640", false), ("Flat", "$500", true)]),
        misread(alert(1000), &["$900", "$3"], "$640", &[("Flat", "$900", false), ("Flat", "$640", false)]),
        // Two misreadings, of which only the first was a hit.
        misread(alert(1000), &["$3", "$4"], "$640", &[("Flat to let", "$640", false), ("Flat", "$500", true)]),
        misread(
            alert(100_000),
            &["$64000", "$65000"],
            "$640",
            &[("Flat to let", "$640", false), ("Flat", "$500", true)],
        ),
        // It never was within the limits.
        misread(alert(50), &["$3"], "$640", &[("Flat to let", "$640", false), ("Flat", "$45", true)]),
        // It always was, and the user has never heard of it.
        misread(alert(1000), &["$64000"], "$640", &[("Flat to let", "$640", true), ("Flat", "$500", true)]),
        misread(alert(1000), &["free"], "$640", &[("Flat", "$500", true)]),
        misread(search(50), &["$3"], "$640", &[("Flat to let", "$640", false), ("Flat", "$45", true)]),
        misread(search(1000), &["$3"], "$640", &[("Flat to let", "$640", false), ("Flat", "$45", false)]),
        pruned(alert(1000), &["$3"], "$640", &[("Flat to let", "$640", false), ("Flat", "$500", true)]),
        pruned(alert(50), &["$3"], "$640", &[("Flat", "$45", true)]),
        pruned(search(50), &["$3"], "$640", &[("Flat", "$45", true)]),
    ]
}

async fn create(store: &Store, user: &User, query: &Value) {
    if query.get("name").is_some() {
        store.queries().create(user.id, &NewSavedSearch::from_json(query, Currency::USD).unwrap()).await.unwrap();
    } else {
        store.queries().create(user.id, &NewPriceAlert::from_json(query, Currency::USD).unwrap()).await.unwrap();
    }
}

/// A listing of the case with that number; its title is found by no other case's query.
fn posting(number: usize, title: &str, price: &str) -> NewListing {
    found(&number.to_string(), &format!("{title} no{number}no"), price)
}

async fn prune_all(bed: &Bed) {
    bed.clock.advance(Duration::from_hours(48));
    let keep = Duration::from_hours(1);
    let policy = RetentionLimits { events_keep: keep, listings_keep: Some(keep) };
    let now = bed.clock.now();
    while bed.store.prune(&policy, now, 100).await.unwrap().listings > 0 {}
}

async fn later_changes_are_judged_by_the_corrected_price(bed: Bed) {
    let mut cases = misreadings();
    // Those to be pruned are posted first.
    cases.sort_by_key(|case| !case.is_pruned);
    let mut users = Vec::new();
    for (number, case) in cases.iter_mut().enumerate() {
        let user = bed.user(&format!("user{number}")).await;
        case.query["keywords"] = json!(format!("no{number}no"));
        create(&bed.store, &user, &case.query).await;
        users.push(user);
    }
    for pruned in [true, false] {
        for (number, case) in cases.iter().enumerate().filter(|(_, case)| case.is_pruned == pruned) {
            for price in case.earlier {
                bed.store.listings().ingest(vec![posting(number, "Flat", price)]).await.unwrap();
            }
        }
        if pruned {
            prune_all(&bed).await;
        }
    }
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    for (number, (case, user)) in cases.iter().zip(&users).enumerate() {
        let before = notified(&store, &[user]).await;
        let results = store.listings().ingest(vec![posting(number, "Flat", case.corrected)]).await.unwrap();
        assert_eq!(results[0].outcome, IngestOutcome::Unchanged, "{:?}", case.earlier);
        assert_eq!(notified(&store, &[user]).await, before, "no event and no notification: {:?}", case.earlier);
        for (title, price, is_notified) in case.later {
            let before = notified(&store, &[user]).await.1[0];
            store.listings().ingest(vec![posting(number, title, price)]).await.unwrap();
            let heard = notified(&store, &[user]).await.1[0] - before;
            assert_eq!(
                heard,
                usize::from(*is_notified),
                "{} {:?}, {}: {price}",
                case.query,
                case.earlier,
                case.corrected
            );
        }
    }
    for kind in QueryKind::ALL {
        assert_eq!(reconcile(&store, kind).await, 0);
    }
    store.close().await;
}

async fn a_match_at_a_wrong_price_that_waits_is_dropped(bed: Bed) {
    let ann = bed.user("Ann").await;
    let rests = json!({ "keywords": "flat", "threshold_price": 50, "cooldown_minutes": 60 });
    create(&bed.store, &ann, &rests).await;
    let postings = [("1", "$40"), ("2", "$3"), ("3", "$4")].map(|(link, price)| found(link, "Flat", price));
    for posting in postings {
        bed.store.listings().ingest(vec![posting]).await.unwrap();
    }
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    assert_eq!(notified(&store, &[&ann]).await.1, [1], "the others wait for the end of the cooldown");
    store.listings().ingest(vec![found("2", "Flat", "$640"), found("3", "Flat", "$44")]).await.unwrap();
    bed.clock.advance(Duration::from_hours(2));
    let now = bed.clock.now();
    assert_eq!(store.matches().notify_waiting(QueryKind::PriceAlert, now, 10).await.unwrap(), 1);
    let sent = store.notifications().page(ann.id, false, None, 10).await.unwrap().items;
    let data: Value = serde_json::from_str(sent[0].data.as_str()).unwrap();
    assert_eq!(
        (sent.len(), &data["results_count"], &data["listing"]["price"]),
        (2, &Value::Null, &json!(44)),
        "{data}"
    );
    store.close().await;
}

async fn a_repost_is_corrected_by_itself(bed: Bed) {
    let ann = bed.user("Ann").await;
    create(&bed.store, &ann, &alert(1000)).await;
    let ad = |link, price| {
        let mut ad = found(link, "Bright flat with two rooms", price);
        ad.details.location = Some("Oslo".to_owned());
        ad
    };
    let first = bed.store.listings().ingest(vec![ad("1", "$640")]).await.unwrap();
    let again = bed.store.listings().ingest(vec![ad("2", "$3")]).await.unwrap();
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    let before = notified(&store, &[&ann]).await;
    let corrected = store.listings().ingest(vec![ad("2", "$640")]).await.unwrap();
    assert_eq!((corrected[0].outcome, notified(&store, &[&ann]).await), (IngestOutcome::Unchanged, before.clone()));
    assert!(store.matches().list(ann.id, first[0].id).await.unwrap().is_some_and(|matches| matches.len() == 1));
    store.listings().ingest(vec![ad("2", "$500")]).await.unwrap();
    assert_eq!(notified(&store, &[&ann]).await.1, [before.1[0] + 1]);
    let shown = store.matches().list(ann.id, again[0].id).await.unwrap().unwrap();
    assert_eq!(shown[0].price, Some(parse_price("$500", Currency::USD).price));
    store.close().await;
}

async fn only_what_was_read_from_text_is_corrected(bed: Bed) {
    let number = |link: &str, price: i64| listing(link, "Bike", price);
    let text = |link: &str, price: &str| found(link, "Bike", price);
    // As an earlier reader left it, and then postings with whether they are news; "p" is pruned in between.
    let cases: [(NewListing, Vec<(NewListing, bool)>); 9] = [
        (number("p1", 150), vec![(number("p1", 90), true)]),
        (text("p2", "$150"), vec![(number("p2", 90), true), (text("p2", "$95"), true)]),
        (text("p3", "$3"), vec![(text("p3", "$640"), false), (text("p3", "$600"), true)]),
        // Without a price it is revived with the one that was misread.
        (text("p4", "$3"), vec![(text("p4", ""), false), (text("p4", "$640"), false), (text("p4", "$600"), true)]),
        (text("p5", ""), vec![(text("p5", ""), false), (text("p5", "$600"), true)]),
        (text("6", "$3"), vec![(text("6", ""), false), (text("6", "$640"), false), (text("6", "$600"), true)]),
        (number("7", 150), vec![(number("7", 90), true), (text("7", "$95"), true)]),
        (number("8", 150), vec![(number("8", 150), false), (text("8", "$95"), true)]),
        (text("9", ""), vec![(text("9", ""), false), (text("9", "$600"), true)]),
    ];
    let is_pruned = |listing: &NewListing| listing.link.as_str().contains("/p");
    for pruned in [true, false] {
        let earlier = cases.iter().filter(|(earlier, _)| is_pruned(earlier) == pruned);
        bed.store.listings().ingest(earlier.map(|(earlier, _)| earlier.clone()).collect()).await.unwrap();
        if pruned {
            prune_all(&bed).await;
        }
    }
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    for (earlier, postings) in cases {
        for (posting, is_news) in postings {
            let before = notified(&store, &[]).await.0;
            let [result] = &store.listings().ingest(vec![posting.clone()]).await.unwrap()[..] else { panic!("one") };
            let is_update = matches!(result.outcome, IngestOutcome::Updated { previous_price: Some(_) });
            let case = format!("{} from {:?} to {:?}", earlier.link.as_str(), earlier.price, posting.price);
            assert_eq!((is_update, notified(&store, &[]).await.0 > before), (is_news, is_news), "{case}");
            let history = store.listings().price_history(result.id).await.unwrap().unwrap();
            assert_eq!(history.last().map(|point| point.price), Some(result.price), "{case}");
            if posting.price.price != Price::Unstated {
                assert_eq!(result.price, posting.price.price, "{case}");
            }
        }
    }
    store.close().await;
}

/// An alert reports a price below 1000 dollars if it has reported none, and otherwise if it fell by 1 % and a dollar at least.
async fn a_later_price_is_judged_by_the_corrected_one(bed: Bed, ads: Vec<Ad>) {
    const LIMIT: i64 = 1_000;
    let ann = bed.user("Ann").await;
    create(&bed.store, &ann, &alert(1_000)).await;
    let ad = |number: usize, price: i64| found(&number.to_string(), "Flat", &format!("${price}"));
    for (number, (earlier, ..)) in ads.iter().enumerate() {
        for price in earlier {
            bed.store.listings().ingest(vec![ad(number, *price)]).await.unwrap();
        }
    }
    as_earlier_version_left_it(&bed).await;
    let store = bed.again().await;
    for (number, (earlier, corrected, later)) in ads.iter().enumerate() {
        if earlier.last() == Some(corrected) {
            continue;
        }
        let before = notified(&store, &[&ann]).await.1[0];
        store.listings().ingest(vec![ad(number, *corrected)]).await.unwrap();
        assert_eq!(notified(&store, &[&ann]).await.1, [before]);
        store.listings().ingest(vec![ad(number, *later)]).await.unwrap();
        let was_reported = *corrected <= LIMIT && earlier.iter().any(|price| *price <= LIMIT);
        let fell = corrected - later;
        let is_due =
            *later <= LIMIT && if was_reported { fell >= 1 && fell * 100 >= *corrected } else { later != corrected };
        let heard = notified(&store, &[&ann]).await.1[0] - before;
        assert_eq!(heard, usize::from(is_due), "{earlier:?}, {corrected}: {later}");
    }
    for kind in QueryKind::ALL {
        assert_eq!(reconcile(&store, kind).await, 0);
    }
    store.close().await;
}

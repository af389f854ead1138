//! Recurring prices: the setting that hides them, and what alerts have reported.

use std::time::Duration;

use serde_json::{Value, json};
use superbot_domain::{
    Clock as _, Currency, Money, NewListing, NewPriceAlert, Price, PricePeriod, QueryChange, QueryKind,
    StandingQuery as _,
};
use superbot_store::{ImportedListing, IngestOutcome, ListingQuery, PastPrice, ReconcileOutcome, RetentionLimits};

use crate::bed::Bed;
use crate::recurring::posting;
use crate::upgrade::{as_earlier_version_left_it, found, notified};

crate::on_every_back_end!(a_setting_hides_recurring_prices_on_every_path, a_monthly_price_is_not_that_of_a_sale);

async fn ingest(bed: &Bed, listings: Vec<NewListing>) {
    bed.store.listings().ingest(listings).await.unwrap();
}

async fn a_setting_hides_recurring_prices_on_every_path(bed: Bed) {
    let ann = bed.user("Ann").await;
    let rents = json!({ "keywords": "flat", "threshold_price": 900, "price_per": "month" });
    let alert = NewPriceAlert::from_json(&rents, Currency::USD).unwrap();
    bed.store.queries().create(ann.id, &alert).await.unwrap();
    let rent = |link: &str| posting(link, "Flat", 500, Some("month"));
    let text = |link: &str, price: &str| found(link, "Flat", price);
    ingest(&bed, vec![rent("pruned"), text("pruned-misread", "$3")]).await;
    bed.clock.advance(Duration::from_hours(48));
    let keep = Duration::from_hours(1);
    let policy = RetentionLimits { events_keep: Duration::from_hours(100), listings_keep: Some(keep) };
    assert_eq!(bed.store.prune(&policy, bed.clock.now(), 100).await.unwrap().listings, 2);
    ingest(&bed, vec![rent("stored"), rent("known"), text("misread", "$3"), posting("sale", "Flat", 700, None)]).await;
    as_earlier_version_left_it(&bed).await;

    let store = bed.again_without_recurring_prices().await;
    let before = notified(&store, &[&ann]).await;
    assert_eq!(before.1, [3]);
    let postings = vec![
        rent("pruned"),
        text("pruned-misread", "$640/mo"),
        rent("stored"),
        posting("known", "Flat", Value::Null, None),
        text("misread", "$640/mo"),
    ];
    for result in store.listings().ingest(postings).await.unwrap() {
        assert_eq!((result.outcome, result.price), (IngestOutcome::Unchanged, Price::Unstated));
        assert_eq!(store.listings().get(result.id).await.unwrap().unwrap().price, Price::Unstated);
        let history = store.listings().price_history(result.id).await.unwrap().unwrap();
        assert_eq!(history.iter().map(|point| point.price).collect::<Vec<_>>(), [Price::Unstated]);
    }
    assert_eq!(notified(&store, &[&ann]).await, before, "no event and no notification");
    let of_a_month = ListingQuery { price_per: Some(PricePeriod::Month), limit: 500, ..ListingQuery::default() };
    assert_eq!(store.listings().page(&of_a_month).await.unwrap().items.len(), 0);

    // As a posting without a price, one for a period does not change what is known.
    let dollars = |units: i64| Price::from(Money { minor: units * 100, currency: Currency::USD });
    let results = store.listings().ingest(vec![rent("sale"), rent("new")]).await.unwrap();
    assert_eq!((results[0].price, results[1].price), (dollars(700), Price::Unstated));
    let was = PastPrice { at: bed.clock.now(), price: dollars(900).per_unless_stated(Some(PricePeriod::Month)) };
    let imported = ImportedListing { listing: rent("imported"), prices: vec![was] };
    let imported = store.imports().listings(vec![imported]).await.unwrap()[0].id.unwrap();
    assert_eq!(store.listings().get(imported).await.unwrap().unwrap().price, Price::Unstated);
    let history = store.listings().price_history(imported).await.unwrap().unwrap();
    assert_eq!(history.iter().map(|point| point.price).collect::<Vec<_>>(), [Price::Unstated]);
    assert_eq!(notified(&store, &[&ann]).await.1, before.1);
    store.close().await;

    let store = bed.again().await;
    let results = store.listings().ingest(vec![rent("stored")]).await.unwrap();
    assert_eq!(results[0].outcome, IngestOutcome::Updated { previous_price: Some(Price::Unstated) });
    store.close().await;
}

async fn a_monthly_price_is_not_that_of_a_sale(bed: Bed) {
    let ann = bed.user("Ann").await;
    let create = async |threshold: u64, per: Option<&str>| {
        let alert = json!({ "keywords": "flat", "threshold_price": threshold, "price_per": per });
        let alert = NewPriceAlert::from_json(&alert, Currency::USD).unwrap();
        bed.store.queries().create(ann.id, &alert).await.unwrap()
    };
    let alert = create(600, None).await;
    ingest(&bed, vec![posting("1", "Flat", 500, None)]).await;
    assert_eq!(notified(&bed.store, &[&ann]).await.1[0], 1);
    let change = |mut wants: NewPriceAlert| {
        wants.price_per = Some(PricePeriod::Month);
        Ok(QueryChange::Edit(wants))
    };
    bed.store.queries::<NewPriceAlert>().update(ann.id, alert.id, change).await.unwrap().unwrap();
    for (price, per, heard) in [
        (500, Some("month"), 2),
        // Each price once, also where it returns to one of the other kind in between.
        (500, None, 2),
        (500, Some("month"), 2),
        (400, Some("month"), 3),
    ] {
        ingest(&bed, vec![posting("1", "Flat", price, per)]).await;
        assert_eq!(notified(&bed.store, &[&ann]).await.1[0], heard, "{price} {per:?}");
    }
    for kind in QueryKind::ALL {
        assert_eq!(bed.store.matches().reconcile(kind, 1).await.unwrap(), ReconcileOutcome::All { repaired: 0 });
    }
}

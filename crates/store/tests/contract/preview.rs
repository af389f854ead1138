//! Previews of alerts and searches, and searches in lists.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use superbot_domain::{
    BoundedCount, Currency, NewListing, NewPriceAlert, NewSavedSearch, PricePeriod, StandingQuery as _,
};
use superbot_matching::{Criteria, Facts, PriceRange, Query};
use superbot_store::ListingQuery;

use crate::bed::{Bed, listing};

crate::on_every_back_end!(
    a_preview_counts_shows_and_explains,
    a_preview_looks_back_thirty_days,
    a_preview_goes_by_when_listings_were_seen_not_by_their_numbers,
    more_than_can_be_counted_is_said_to_be_more,
    previews_refuse_what_cannot_be_saved,
);

mod random {
    pub(super) use super::{cases, previews_find_what_matching_finds};
    crate::on_every_back_end!(property previews_find_what_matching_finds(cases, 96));
}

fn alert(fields: &Value) -> NewPriceAlert {
    NewPriceAlert::from_json(fields, Currency::USD).unwrap()
}

fn posting(value: &Value) -> NewListing {
    NewListing::from_json(value, Currency::USD).unwrap()
}

async fn a_preview_counts_shows_and_explains(bed: Bed) {
    let batch = [
        json!({"title": "Ford F150", "price": 8000, "description": "runs"}),
        json!({"title": "F-150 XLT", "price": 8999}),
        json!({"title": "ford f 150", "price": 9100}),
        json!({"title": "F150 parts", "price": 50}),
        json!({"title": "Ford Focus", "price": 3000}),
        json!({"title": "F150 truck", "price": null}),
        json!({"title": "F150 truck", "price": 123}),
        json!({"title": "Ranger", "description": "like an f", "price": 150}),
    ];
    let batch = batch.iter().enumerate().map(|(n, fields)| {
        let mut value = json!({ "link": format!("https://example.com/{n}"), "source": "ksl" });
        value.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        posting(&value)
    });
    bed.store.listings().ingest(batch.collect()).await.unwrap();
    bed.clock.advance(Duration::from_hours(24 * 14));
    let wants = alert(&json!({"keywords": "F-150 -parts", "threshold_price": 9000}));
    let preview = bed.store.queries().preview(&wants).await.unwrap();
    assert_eq!((preview.count, preview.per_week), (BoundedCount::Exactly(2), 1.0));
    let titles: Vec<_> = preview.sample.iter().map(|listing| listing.title.as_str()).collect();
    assert_eq!(titles, ["F-150 XLT", "Ford F150"]);
    let because: Vec<_> =
        preview.near_misses.iter().map(|miss| (miss.listing.title.as_str(), miss.because.as_str())).collect();
    assert_eq!(
        because,
        [
            ("F150 truck", "the price 123 USD only fills the field"),
            ("F150 parts", "excluded: \"parts\" is in the title"),
            ("F150 truck", "the ad states no price"),
            ("ford f 150", "the price 9100 USD is over 9000 USD"),
        ]
    );
    let elsewhere = json!({"name": "x", "keywords": "f150", "sources": ["craigslist"], "location": "provo"});
    let elsewhere = NewSavedSearch::from_json(&elsewhere, Currency::USD).unwrap();
    let preview = bed.store.queries().preview(&elsewhere).await.unwrap();
    assert_eq!((preview.count, preview.near_misses.len()), (BoundedCount::Exactly(0), 0), "two clauses reject them");
}

async fn a_preview_goes_by_when_listings_were_seen_not_by_their_numbers(bed: Bed) {
    bed.store.listings().ingest(vec![listing("1", "bike", 10)]).await.unwrap();
    bed.clock.set_back(Duration::from_hours(24 * 40));
    bed.store.listings().ingest(vec![listing("2", "bike", 20)]).await.unwrap();
    bed.clock.advance(Duration::from_hours(24 * 40));
    for fields in [json!({"name": "a", "keywords": "bike"}), json!({"name": "a", "keywords": "bike", "max_price": 100})]
    {
        let wants = NewSavedSearch::from_json(&fields, Currency::USD).unwrap();
        let preview = bed.store.queries().preview(&wants).await.unwrap();
        let links: Vec<_> = preview.sample.iter().map(|listing| listing.link.as_str()).collect();
        assert_eq!((preview.count, links.len()), (BoundedCount::Exactly(1), 1), "{links:?}");
    }
}

async fn a_preview_looks_back_thirty_days(bed: Bed) {
    bed.store.listings().ingest(vec![listing("1", "bike", 10)]).await.unwrap();
    bed.clock.advance(Duration::from_hours(24 * 20));
    bed.store.listings().ingest(vec![listing("2", "bike", 20)]).await.unwrap();
    bed.clock.advance(Duration::from_hours(24 * 11));
    bed.store.listings().ingest(vec![listing("1", "bike", 5)]).await.unwrap();
    let preview =
        bed.store.queries().preview(&alert(&json!({"keywords": "bike", "threshold_price": 100}))).await.unwrap();
    assert_eq!((preview.count, preview.sample[0].id.get()), (BoundedCount::Exactly(1), 2));
    assert!(preview.per_week > 0.0 && preview.per_week < 1.0, "{}", preview.per_week);
}

async fn more_than_can_be_counted_is_said_to_be_more(bed: Bed) {
    for batch in 0..11 {
        let batch = (0..1000).map(|n| listing(&format!("{batch}/{n}"), "bike", 10));
        bed.store.listings().ingest(batch.collect()).await.unwrap();
    }
    bed.clock.advance(Duration::from_hours(24));
    let wants = alert(&json!({"keywords": "bike", "threshold_price": 100}));
    let preview = bed.store.queries().preview(&wants).await.unwrap();
    assert_eq!((preview.count, preview.sample.len()), (BoundedCount::AtLeast(10_000), 10));
    assert!((69_999.0..=70_001.0).contains(&preview.per_week), "{}", preview.per_week);
}

async fn previews_refuse_what_cannot_be_saved(bed: Bed) {
    let refused = bed.store.queries().preview(&alert(&json!({"keywords": "bike (", "threshold_price": 1}))).await;
    assert!(refused.unwrap_err().to_string().contains("at character 6"));
    let q = ListingQuery { q: Some("\"bike".to_owned()), limit: 10, ..ListingQuery::default() };
    assert!(bed.store.listings().page(&q).await.unwrap_err().to_string().starts_with("q: at character 1"));
}

fn facts(new: &NewListing) -> Facts<'_> {
    Facts {
        title: &new.title,
        description: new.details.description.as_deref().unwrap_or_default(),
        price: new.price.price,
        source: &new.source,
        location: new.details.location.as_deref().unwrap_or_default(),
    }
}

type Ad = (String, Option<String>, Value, &'static str, Option<&'static str>);
type Wish = (String, Option<i64>, Option<i64>, Option<PricePeriod>, bool, Vec<&'static str>, Option<&'static str>);

pub(super) fn cases() -> impl Strategy<Value = (Vec<Ad>, Vec<Wish>)> {
    const WORD: &str = "(red|bike|f150|AB|é)";
    let text = |words| prop::collection::vec(WORD, words).prop_map(|words| words.join(" "));
    let price = prop_oneof![
        4 => (1_i64..9).prop_map(|price| json!(price * 100 + 50)),
        1 => Just(json!(0)), 1 => Just(json!(null)), 1 => Just(json!(123)),
        2 => (1_i64..9).prop_map(|price| json!(format!("${price}50/mo"))), 1 => Just(json!("$350/week")),
        1 => Just(json!("850 EUR")), 1 => Just(json!(90_000_000)),
    ];
    let source = || prop::sample::select(vec!["ksl", "a.b_c-d", "a"]);
    let place = prop::option::of(prop::sample::select(vec!["Salt Lake", "Lake Forest", "Provo"]));
    let ad = (text(1..5), prop::option::of(text(1..4)), price, source(), place.clone());
    let phrase = (WORD, WORD).prop_map(|(first, second)| format!("\"{first} {second}\""));
    let term = prop_oneof![4 => WORD, 2 => phrase, 1 => "(re|ab|f1|bi)\\*"];
    let clause = (prop::collection::vec(term.clone(), 1..3), prop::option::of(term))
        .prop_map(|(wanted, excluded)| wanted.join(" ") + &excluded.map_or(String::new(), |term| format!(" -{term}")));
    let keywords = prop::collection::vec(clause, 1..3).prop_map(|branches| branches.join(", "));
    let limit = || prop::option::of((0_i64..9).prop_map(|units| units * 100 + 50));
    let period = prop::option::weighted(0.4, prop::sample::select(vec![PricePeriod::Month, PricePeriod::Week]));
    let wish = (keywords, limit(), limit(), period, any::<bool>(), prop::collection::vec(source(), 0..3), place);
    (prop::collection::vec(ad, 1..12), prop::collection::vec(wish, 1..8))
}

/// The store's word index must agree with the matching engine.
pub(super) async fn previews_find_what_matching_finds(bed: Bed, (ads, wishes): (Vec<Ad>, Vec<Wish>)) {
    let postings = ads.iter().enumerate().map(|(n, (title, description, price, source, location))| {
        posting(&json!({ "title": title, "link": format!("https://example.com/{n}"), "source": source,
            "price": price, "description": description, "location": location }))
    });
    let postings: Vec<NewListing> = postings.collect();
    bed.store.listings().ingest(postings.clone()).await.unwrap();
    for (keywords, min, max, per, include_free, sources, location) in wishes {
        let (min, max) = if min > max { (max, min) } else { (min, max) };
        let wants = json!({ "name": "x", "keywords": keywords, "min_price": min, "max_price": max,
            "price_per": per, "include_free": include_free, "sources": sources, "location": location });
        let wants = NewSavedSearch::from_json(&wants, Currency::USD).unwrap();
        let query = Query::parse(&keywords).unwrap();
        let criteria = Criteria {
            query: Some(query),
            price: PriceRange {
                currency: Currency::USD,
                min: min.map(|units| units * 100),
                max: max.map(|units| units * 100),
                per,
                include_free,
            },
            sources: wants.sources.clone(),
            location: wants.location.clone(),
        };
        let matching = |criteria: &Criteria| -> Vec<i64> {
            let matching = postings.iter().zip(1..).filter(|(new, _)| criteria.matches(&facts(new)));
            let ids: Vec<i64> = matching.map(|(_, id)| id).collect();
            ids.into_iter().rev().collect()
        };
        let preview = bed.store.queries().preview(&wants).await.unwrap();
        let expected = matching(&criteria);
        let found: Vec<i64> = preview.sample.iter().map(|listing| listing.id.get()).collect();
        assert_eq!(found, expected[..expected.len().min(10)], "{wants:?}");
        assert_eq!(preview.count, BoundedCount::Exactly(expected.len() as u64));
        for miss in &preview.near_misses {
            assert!(!expected.contains(&miss.listing.id.get()) && !miss.because.is_empty(), "{wants:?} {miss:?}");
        }
        let q = ListingQuery { q: Some(keywords), limit: 50, ..ListingQuery::default() };
        let listed = bed.store.listings().page(&q).await.unwrap().items;
        let any_price = PriceRange { min: None, max: None, per: None, ..criteria.price };
        let words_only = Criteria { price: any_price, sources: Vec::new(), location: None, ..criteria };
        assert_eq!(listed.iter().map(|listing| listing.id.get()).collect::<Vec<_>>(), matching(&words_only));
    }
}

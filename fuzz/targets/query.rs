#![no_main]
//! Feeds the query language: the first line is a query, the second a title, the rest a description. The index, the batch and the
//! comparison clause by clause must agree, and what a query is printed as must mean the same.

use superbot_domain::{Currency, Price, SourceName};
use superbot_matching::{Batch, Criteria, Facts, Index, PriceRange, Query, QueryId, explain};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let (keywords, listing) = text.split_once('\n').unwrap_or((&text, ""));
    let (title, description) = listing.split_once('\n').unwrap_or((listing, ""));
    let _ = Query::warnings(keywords);
    let Ok(query) = Query::parse(keywords) else { return };
    let printed = Query::parse(&query.to_string()).expect("a printed query is a query");
    assert_eq!(printed, query, "{keywords:?} is printed as {query}");

    let source = SourceName::parse("ksl").expect("a source");
    let facts = Facts { title, description, price: Price::Unstated, source: &source, location: "" };
    let price = PriceRange { currency: Currency::USD, min: None, max: None, per: None, include_free: false };
    let criteria = Criteria { query: Some(query), price, sources: Vec::new(), location: None };
    let verdict = explain(&criteria, &facts);
    assert!(!verdict.because.is_empty());
    let mut index = Index::new();
    index.insert(QueryId(1), &criteria);
    let mut found = Vec::new();
    index.matches(&facts, &mut found);
    assert_eq!(!found.is_empty(), verdict.matches, "index: {keywords:?} {title:?} {description:?}");
    let batch = Batch::new([facts]);
    assert_eq!(batch.matching(&criteria).count() > 0, verdict.matches, "batch: {keywords:?} {title:?} {description:?}");
});

use superbot_domain::{Currency, SourceName, parse_price};

use super::*;
use crate::criteria::PriceRange;
use crate::query::Query;

const ANY_PRICE: PriceRange =
    PriceRange { currency: Currency::USD, min: None, max: None, per: None, include_free: false };

fn verdict(keywords: &str, title: &str, description: &str) -> Verdict {
    let query = Some(Query::parse(keywords).unwrap());
    let criteria = Criteria { query, price: ANY_PRICE, sources: Vec::new(), location: None };
    let source = SourceName::parse("ksl").unwrap();
    explain(&criteria, &Facts { title, description, price: Price::Unstated, source: &source, location: "" })
}

#[test]
fn ends_of_words_have_singulars_and_plurals() {
    for (keywords, text, matches) in [
        ("*chair", "two armchairs", true),
        ("*chairs", "an armchair", true),
        ("*phones", "headphone", true),
        ("*phone", "headphones", true),
        ("*box", "lunchboxes", true),
        ("*boxes", "a lunchbox", true),
        ("*watch", "smartwatches", true),
        ("*berry", "blueberries", true),
        ("*berries", "a blueberry", true),
        ("*rad", "Fahrrad", true),
        ("*rad", "Radio", false),
        ("*chair", "chairlift", false),
        ("*glass", "wineglasses", true),
        ("\"*chair\"", "armchairs", false),
    ] {
        assert_eq!(verdict(keywords, text, "").matches, matches, "{keywords} in {text}");
    }
}

#[test]
fn a_dash_without_a_word_is_punctuation() {
    for keywords in [
        "bike -",
        "bike - ",
        "bike -, trike",
        "(bike -) trike, bike",
        "bike - red -",
        "- bike",
        "bike -|trike",
        "bike -\n",
    ] {
        let found = Query::parse(keywords).map(|_| verdict(keywords, "red bike trike", "").matches);
        assert_eq!(found, Ok(true), "{keywords:?}");
    }
    for keywords in ["bike --red", "bike -&", "bike NOT"] {
        assert!(Query::parse(keywords).is_err(), "{keywords:?}");
    }
}

#[test]
fn spellings_of_arabic_and_persian_match() {
    for (keywords, text) in [
        ("کتاب", "كتاب"),
        ("كتاب", "کتاب"),
        ("یخچال", "يخچال"),
        ("سيارة", "سياره"),
        ("على", "علي"),
        ("أحمر", "احمر"),
        ("آيفون", "ايفون"),
        ("إطار", "اطار"),
        ("گوشی", "گوشي"),
        ("خانۀ", "خانه"),
        ("دوچرخه", "دوچرخہ"),
    ] {
        assert!(verdict(keywords, text, "").matches, "{keywords} in {text}");
    }
    assert!(!verdict("کتاب", "گتاب", "").matches);
}

#[test]
fn words_are_whole_words() {
    for (keywords, text, matches) in [
        ("ny", "Albany", false),
        ("ny", "NY, Albany", true),
        ("iphone 1", "iPhone 15", false),
        ("iphone 15", "iPhone15 Pro", true),
        ("F-150", "Ford F150", true),
        ("F150", "ford f 150", true),
        ("f 150", "Ford F-150", true),
        ("F-150", "150 f", false),
        ("straße", "STRASSE 7", true),
        ("café", "cafe\u{301}", true),
        ("corvette, camaro", "Camaro SS", true),
        ("corvette camaro", "Camaro SS", false),
        ("merc*", "Mercury", true),
        ("merc*", "commerce", false),
        ("\"for part*\"", "sold for parts", true),
        ("\"for parts\"", "for some parts", false),
        ("corvette, camaro -parts", "corvette parts", false),
        ("(corvette -parts), camaro", "camaro parts, corvette parts", true),
        ("corvette -\"for parts\"", "parts for a corvette", true),
        ("bike -(broken, bent)", "bent bike", false),
    ] {
        assert_eq!(verdict(keywords, text, "").matches, matches, "{keywords} in {text}");
        assert_eq!(verdict(keywords, "", text).matches, matches, "{keywords} in the description {text}");
    }
}

#[test]
fn a_phrase_does_not_run_from_the_title_into_the_description() {
    assert!(!verdict("\"red bike\"", "red", "bike").matches);
    assert!(verdict("red bike", "red", "bike").matches);
}

#[test]
fn the_clause_that_decided_is_named() {
    for (keywords, title, description, because) in [
        ("corvette", "Camaro", "", "\"corvette\" is not in the title or the description"),
        ("red F-150", "F150", "a red one", "\"red\" is in the description and \"f 150\" is in the title"),
        (
            "fahrrad",
            "Ein Kinderfahrrad",
            "",
            "\"fahrrad\" is not in the title or the description; “Kinderfahrrad” contains it: write *fahrrad",
        ),
        (
            "rad",
            "",
            "Fahrradkette",
            "\"rad\" is not in the title or the description; “Fahrradkette” contains it: write *rad*",
        ),
        ("bike -1..3", "bike", "2 of them", "excluded: \"1..3\" is in the description"),
        ("bike -broken", "bike", "broken", "excluded: \"broken\" is in the description"),
        ("nothing -broken", "bike", "broken", "excluded: \"broken\" is in the description"),
    ] {
        assert_eq!(verdict(keywords, title, description).because, because);
    }
}

/// Checks that each query matches or does not, in the title and in the description.
fn check(cases: &[(&str, &str, bool)]) {
    for (keywords, text, matches) in cases {
        for found in [verdict(keywords, text, ""), verdict(keywords, "", text)] {
            assert_eq!(found.matches, *matches, "{keywords} in {text}: {}", found.because);
        }
    }
}

mod kinds;

fn priced(range: PriceRange, price: &str) -> Verdict {
    let criteria = Criteria { query: None, price: range, sources: Vec::new(), location: None };
    let source = SourceName::parse("ksl").unwrap();
    let price = parse_price(price, Currency::USD).price;
    explain(&criteria, &Facts { title: "x", description: "", price, source: &source, location: "" })
}

#[test]
fn what_is_no_price_meets_no_limit() {
    let under = PriceRange { max: Some(100_000), ..ANY_PRICE };
    let monthly = PriceRange { per: Some(PricePeriod::Month), ..under };
    let any_monthly = PriceRange { max: None, ..monthly };
    for (range, price, because) in [
        (under, "$1,000", None),
        (under, "$1,000.01", Some("over")),
        (under, "", Some("states no price")),
        (under, "$500/mo", Some("the price is one per month, not that of a sale")),
        (monthly, "$500/mo", None),
        (monthly, "$1,001/mo", Some("over")),
        (monthly, "$500/week", Some("one per week, not one per month")),
        (monthly, "$500", Some("that of a sale, not one per month")),
        (monthly, "€500/mo", Some("not in USD")),
        (monthly, "", Some("states no price")),
        (monthly, "free", Some("not asked for")),
        (PriceRange { include_free: true, ..monthly }, "free", None),
        (PriceRange { min: Some(60_000), ..monthly }, "$500/mo", Some("under")),
        (any_monthly, "$5,000/mo", None),
        (any_monthly, "€5,000/mo", None),
        (any_monthly, "$5,000", Some("not one per month")),
        (any_monthly, "", Some("states no price")),
        (any_monthly, "free", Some("not asked for")),
        (ANY_PRICE, "$500/mo", None),
        (under, "$123", Some("only fills the field")),
        (under, "€500", Some("not in USD")),
        (under, "free", Some("not asked for")),
        (PriceRange { include_free: true, ..under }, "free", None),
        (PriceRange { include_free: true, min: Some(1), ..under }, "free", Some("not asked for")),
        (PriceRange { min: Some(50_000), ..ANY_PRICE }, "$499", Some("under")),
        (ANY_PRICE, "", None),
        (ANY_PRICE, "$123", None),
    ] {
        let verdict = priced(range, price);
        assert_eq!(verdict.matches, because.is_none(), "{price}: {}", verdict.because);
        assert!(verdict.because.contains(because.unwrap_or_default()), "{price}: {}", verdict.because);
    }
}

#[test]
fn source_and_place_are_part_of_it() {
    let query = Some(Query::parse("bike").unwrap());
    let ksl = SourceName::parse("ksl").unwrap();
    let other = SourceName::parse("other").unwrap();
    let location = Some("salt lake".to_owned());
    let criteria = Criteria { query, price: ANY_PRICE, sources: vec![ksl.clone()], location };
    let facts = |source, location| Facts { title: "bike", description: "", price: Price::Free, source, location };
    assert!(criteria.matches(&facts(&ksl, "Lake City (Salt)")));
    let verdict = explain(&criteria, &facts(&ksl, "Provo"));
    assert_eq!(verdict.because, "\"salt\" is not in the listing's place");
    assert_eq!(explain(&criteria, &facts(&other, "Salt Lake")).because, "other is not among the sources");
}

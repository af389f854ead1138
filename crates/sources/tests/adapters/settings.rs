//! The settings of every kind, held to the table that describes them.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use superbot_sources::{SOURCE_KINDS, SettingField, SettingType, Settings, SourceKind};

use super::kind;

/// A value that a setting takes: its example, or its default.
fn valid(field: &SettingField) -> Value {
    match field.value_type {
        SettingType::Integer { .. } => field.example.parse::<u32>().map_or_else(|_| field.default_value(), Value::from),
        SettingType::Boolean => field.default_value(),
        SettingType::UrlList | SettingType::SearchList => serde_json::from_str(field.example).unwrap(),
        _ => field.example.into(),
    }
}

/// A value that it does not take.
fn invalid(field: &SettingField) -> Value {
    match field.value_type {
        SettingType::Integer { maximum, .. } => (maximum + 1).into(),
        SettingType::Boolean => "yes".into(),
        SettingType::UrlList => json!(["ftp://shop.example/"]),
        SettingType::SearchList => json!([{ "query": "kayak", "min_price": 2, "max_price": 1 }]),
        _ => "not / right $.[".into(),
    }
}

/// Settings of a kind with a value for each field that is chosen, and for all that are required.
fn settings(kind: &SourceKind, value: fn(&SettingField) -> Value, chosen: impl Fn(&SettingField) -> bool) -> Value {
    let wanted = |field: &&SettingField| field.is_required() || chosen(field);
    let mut settings: Map<String, Value> =
        kind.all_settings().filter(wanted).map(|field| (field.name.to_owned(), value(field))).collect();
    if !kind.parts.is_empty() {
        let parts: Map<String, Value> =
            kind.parts.iter().filter(wanted).map(|part| (part.name.to_owned(), value(part))).collect();
        settings.insert("fields".to_owned(), parts.into());
    }
    settings.into()
}

fn wrong(kind: &'static SourceKind, settings: &Value) -> Vec<String> {
    let invalid = Settings::parse(kind, settings).unwrap_err();
    invalid.errors.into_iter().map(|error| error.field).collect()
}

#[test]
fn every_kind_is_described() {
    for kind in SOURCE_KINDS {
        assert_eq!(super::kind(kind.name).title, kind.title, "a name of its own");
        assert!(!kind.summary.is_empty());
        for fields in [kind.all_settings().collect::<Vec<_>>(), kind.parts.iter().collect()] {
            for field in &fields {
                assert!(!field.label.is_empty(), "{} {}", kind.name, field.name);
                let twins = fields.iter().filter(|other| other.name == field.name).count();
                assert_eq!(twins, 1, "{} {}", kind.name, field.name);
            }
        }
    }
}

#[test]
fn examples_and_defaults_are_right() {
    for kind in SOURCE_KINDS {
        let examples = settings(kind, valid, |_| true);
        Settings::parse(kind, &examples).unwrap().check_runnable().unwrap();
        let defaults = settings(kind, SettingField::default_value, |field| !field.default_value().is_null());
        let defaults = Value::Object(
            defaults.as_object().unwrap().clone().into_iter().filter(|(name, _)| name != "fields").collect(),
        );
        let parts = json!({ "fields": settings(kind, valid, |_| false)["fields"] });
        let parsed = Settings::parse(kind, &parts).unwrap();
        for (name, value) in defaults.as_object().unwrap() {
            assert_eq!(&parsed.to_json()[name], value, "{} {name}", kind.name);
        }
        let again = parsed.to_json();
        assert_eq!(Settings::parse(kind, &again).unwrap().to_json(), again, "what was written can be read");
    }
}

#[test]
fn what_is_required_and_missing_is_named() {
    for kind in SOURCE_KINDS {
        let parts = settings(kind, valid, |_| false)["fields"].clone();
        let runnable = Settings::parse(kind, &json!({ "fields": parts })).unwrap().check_runnable();
        let missing: Vec<String> =
            runnable.err().into_iter().flat_map(|invalid| invalid.errors).map(|error| error.field).collect();
        let required: Vec<&str> =
            kind.settings.iter().filter(|field| field.is_required()).map(|field| field.name).collect();
        assert_eq!(missing, required, "{}", kind.name);
        let required: Vec<String> =
            kind.parts.iter().filter(|part| part.is_required()).map(|part| format!("fields.{}", part.name)).collect();
        if !required.is_empty() {
            assert_eq!(wrong(kind, &json!({})), required, "{}", kind.name);
        }
        let with_pages = json!({ "urls": ["https://shop.example/"], "fields": parts });
        Settings::parse(kind, &with_pages).unwrap().check_runnable().unwrap();
    }
}

#[test]
fn settings_of_no_kind_and_of_a_wrong_type_are_named() {
    let ksl = kind("ksl");
    assert_eq!(wrong(ksl, &json!({ "intervall_seconds": 5 })), ["intervall_seconds"]);
    assert_eq!(wrong(ksl, &json!({ "interval_seconds": "5" })), ["interval_seconds"]);
    assert_eq!(wrong(ksl, &json!({ "urls": ["https://a.example/", 5] })), ["urls[1]"]);
    assert_eq!(wrong(ksl, &json!({ "searches": [{ "words": "a" }] })), ["searches[0].words"]);
    assert_eq!(wrong(ksl, &json!({ "miles": "5", "zip": 84_101 })), ["zip", "miles"]);
    assert_eq!(wrong(kind("feed"), &json!({ "miles": 0 })), ["miles"], "also where it is of no use");
    let unused = Settings::parse(kind("feed"), &json!({ "miles": 5, "area": null })).unwrap().to_json();
    assert_eq!((&unused["miles"], &unused["area"]), (&json!(5), &Value::Null));
}

#[test]
fn the_pages_of_sites_are_found() {
    let page = |name: &str, mut settings: Value| {
        settings["searches"] = json!([{ "query": "road bike", "min_price": 10, "max_price": 500 }]);
        Settings::parse(kind(name), &settings).unwrap().pages(&[]).remove(0).to_string()
    };
    assert_eq!(
        page("craigslist", json!({ "area": "provo" })),
        "https://www.craigslist.org/search/area/provo?query=road+bike&min_price=10&max_price=500&sort=date&cat=sss"
    );
    assert_eq!(
        page("ksl", json!({ "zip": "84101", "miles": 25 })),
        "https://classifieds.ksl.com/v2/search/keyword/road%20bike/priceFrom/10/priceTo/500/zip/84101/miles/25/sort/0/page/0"
    );
    assert_eq!(
        page("facebook", json!({ "area": "slc", "miles": 5 })),
        "https://www.facebook.com/marketplace/slc/search/?query=road+bike&minPrice=10&maxPrice=500&daysSinceListed=1\
         &sortBy=creation_time_descend&radius=8"
    );
}

proptest! {
    #[test]
    fn a_wrong_value_is_named_and_only_that(place in any::<prop::sample::Index>(), wrong_one in any::<prop::sample::Index>()) {
        let kind = SOURCE_KINDS[place.index(SOURCE_KINDS.len())];
        let mut given = settings(kind, valid, |_| true);
        let fields: Vec<&SettingField> = kind.all_settings().collect();
        let field = fields[wrong_one.index(fields.len())];
        given[field.name] = invalid(field);
        let errors = wrong(kind, &given);
        prop_assert_eq!(errors.len(), 1, "{} {:?}", kind.name, &errors);
        prop_assert!(errors[0].starts_with(field.name), "{} {:?}", kind.name, &errors);
    }

    #[test]
    fn settings_may_be_anything(name in "[a-z_]{0,12}", number in any::<i64>(), text in ".{0,40}") {
        for kind in SOURCE_KINDS {
            for field in kind.all_settings().map(|field| field.name).chain([name.as_str(), "fields"]) {
                for value in [json!(number), json!(text), json!([text]), json!({ "query": text }), json!([{ "query": text }])] {
                    if let Ok(settings) = Settings::parse(kind, &json!({ field: value })) {
                        settings.pages(&[]);
                    }
                }
            }
        }
    }
}

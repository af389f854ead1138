use std::collections::BTreeMap;

use proptest::prelude::*;
use superbot_domain::{Currency, Money, PricePeriod};

use super::*;
use crate::PriceRange;
use crate::query::Query;

/// What happens to the standing queries, and what is held against them.
#[derive(Clone, Debug)]
enum Step {
    Insert(u32, Criteria),
    Remove(u32),
    Listing { title: String, description: String, price: Price, source: SourceName, location: String },
}

/// Few words, so that queries and listings have something in common.
const WORD: &str =
    "(ford|f150|red|bikes?|e-bike|ebikes|ab|abc|abcd|é|x|moebel|möbel|'s|1[ ,.-]?000|1970|自転車|転|32\"|in|boxe?s?)";

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![4 => Just(Currency::USD), 1 => Just(Currency::parse("EUR").unwrap())]
}

fn source() -> impl Strategy<Value = SourceName> {
    "(ksl|craigslist|facebook)".prop_map(|name| SourceName::parse(&name).unwrap())
}

fn price() -> impl Strategy<Value = Price> {
    let amount = (prop_oneof![8 => 0_i64..6, 1 => Just(123), 1 => Just(90_000_000)], currency())
        .prop_map(|(units, currency)| Price::from(Money { minor: units * 100, currency }));
    let amount = (amount, period()).prop_map(|(amount, per)| amount.per_unless_stated(per));
    prop_oneof![6 => amount, 1 => Just(Price::Free), 1 => Just(Price::Unstated)]
}

fn period() -> impl Strategy<Value = Option<PricePeriod>> {
    prop::option::weighted(0.3, prop::sample::select(&PricePeriod::ALL[..]))
}

fn query() -> impl Strategy<Value = Query> {
    let phrase = (WORD, WORD)
        .prop_map(|(first, second)| format!("\"{} {}\"", first.replace('"', "in"), second.replace('"', "")));
    let open = "((ab|re|f1|ik|od|mö|転)\\*|\\*(ord|ke|bel|00)\\*?|\"\\*ke re\\*\")";
    let term = prop_oneof![8 => WORD, 2 => phrase, 2 => open, 1 => "(1969[.]{2}1972|1[.]{2}32|995[.]{2}1000)"];
    let expr = term.prop_recursive(3, 12, 3, |inner| {
        (prop::collection::vec((inner, any::<bool>()), 1..4), any::<bool>()).prop_map(|(parts, either)| {
            let parts = parts.into_iter().enumerate().map(|(index, (part, excluded))| {
                if excluded && index > 0 { format!("-({part})") } else { format!("({part})") }
            });
            parts.collect::<Vec<_>>().join(if either { ", " } else { " " })
        })
    });
    expr.prop_map(|text| Query::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}")))
}

fn criteria() -> impl Strategy<Value = Criteria> {
    let units = || prop_oneof![8 => 0_i64..6, 1 => Just(80_000_000), 1 => Just(95_000_000)];
    let limit = move || prop::option::of(units().prop_map(|units| units * 100));
    let range = (currency(), limit(), limit(), period(), any::<bool>())
        .prop_map(|(currency, min, max, per, include_free)| PriceRange { currency, min, max, per, include_free });
    let place = prop::option::weighted(0.2, "(salt|salt lake| )");
    let query = prop::option::weighted(0.9, query());
    (query, range, prop::collection::vec(source(), 0..3), place)
        .prop_map(|(query, price, sources, location)| Criteria { query, price, sources, location })
}

fn text(words: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![5 => WORD, 1 => "[a-z]{3}"], words).prop_map(|words| words.join(" "))
}

fn step() -> impl Strategy<Value = Step> {
    let listing = (text(0..5), text(0..5), price(), source(), "(salt lake|salt|provo|)").prop_map(
        |(title, description, price, source, location)| Step::Listing { title, description, price, source, location },
    );
    prop_oneof![
        4 => (0_u32..12, criteria()).prop_map(|(id, criteria)| Step::Insert(id, criteria)),
        1 => (0_u32..12).prop_map(Step::Remove),
        4 => listing,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn the_index_finds_what_looking_at_every_query_finds(steps in prop::collection::vec(step(), 1..40)) {
        let mut index = Index::new();
        let mut all = BTreeMap::new();
        let mut found = Vec::new();
        for step in steps {
            match step {
                Step::Insert(id, criteria) => {
                    index.insert(QueryId(id), &criteria);
                    all.insert(id, criteria);
                }
                Step::Remove(id) => prop_assert_eq!(index.remove(QueryId(id)), all.remove(&id).is_some()),
                Step::Listing { title, description, price, source, location } => {
                    let facts = Facts {
                        title: &title, description: &description, price, source: &source, location: &location,
                    };
                    index.matches(&facts, &mut found);
                    let expected = all.iter().filter(|(_, criteria)| criteria.matches(&facts));
                    prop_assert_eq!(&found, &expected.map(|(id, _)| QueryId(*id)).collect::<Vec<_>>());
                }
            }
            prop_assert_eq!(index.len(), all.len());
        }
    }
}

proptest! {
    #[test]
    fn it_makes_no_difference_whether_queries_come_at_once(
        queries in prop::collection::vec((0_u32..12, criteria()), 0..20),
        ads in prop::collection::vec((text(0..5), text(0..5), price(), source()), 1..6),
    ) {
        let mut one_by_one = Index::new();
        let mut found = Vec::new();
        let mut expected = Vec::new();
        for (id, criteria) in &queries {
            one_by_one.insert(QueryId(*id), criteria);
        }
        let mut at_once: Index = queries.iter().map(|(id, criteria)| (QueryId(*id), criteria.clone())).collect();
        for round in 0..2 {
            prop_assert_eq!(at_once.len(), one_by_one.len());
            for (title, description, price, source) in &ads {
                let facts = Facts { title, description, price: *price, source, location: "salt lake" };
                at_once.matches(&facts, &mut found);
                one_by_one.matches(&facts, &mut expected);
                prop_assert_eq!(&found, &expected, "round {}", round);
            }
            // What was built at once is changed like any other.
            for (id, criteria) in &queries {
                let changed = if id % 2 == 0 { Index::remove } else { |index: &mut Index, id| !index.remove(id) };
                prop_assert_eq!(changed(&mut at_once, QueryId(*id)), changed(&mut one_by_one, QueryId(*id)));
                if id % 2 == 1 {
                    at_once.insert(QueryId(*id), criteria);
                    one_by_one.insert(QueryId(*id), criteria);
                }
            }
        }
    }

    #[test]
    fn a_batch_finds_what_looking_at_every_listing_finds(
        queries in prop::collection::vec(criteria(), 1..8),
        ads in prop::collection::vec((text(0..5), text(0..5), price(), source(), "(salt lake|salt|)"), 0..8),
    ) {
        let facts = ads.iter().map(|(title, description, price, source, location)| {
            Facts { title, description, price: *price, source, location }
        });
        let facts: Vec<_> = facts.collect();
        let batch = crate::Batch::new(facts.iter().copied());
        for criteria in queries {
            let expected: Vec<_> = (0..facts.len()).filter(|place| criteria.matches(&facts[*place])).collect();
            prop_assert_eq!(batch.matching(&criteria).collect::<Vec<_>>(), expected);
        }
    }
}

/// The property above means little where nothing ever matches.
#[test]
fn random_listings_do_match_random_queries() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut matched = 0;
    for _ in 0..500 {
        let criteria = criteria().new_tree(&mut runner).unwrap().current();
        let (title, price, source) = (text(3..6), price(), source()).new_tree(&mut runner).unwrap().current();
        let facts = Facts { title: &title, description: "", price, source: &source, location: "salt lake" };
        matched += u32::from(criteria.matches(&facts));
    }
    assert!((25..475).contains(&matched), "{matched} of 500");
}

#[test]
fn nothing_is_left_of_queries_that_went() {
    let mut index = Index::new();
    let price = PriceRange { currency: Currency::USD, min: None, max: None, per: None, include_free: false };
    for round in 0..3 {
        for id in 0..100 {
            let query = Some(Query::parse(&format!("word{id}, other{id}")).unwrap());
            index.insert(QueryId(id), &Criteria { query, price, sources: Vec::new(), location: None });
        }
        assert_eq!((index.len(), index.programs.vacant_key()), (100, 100), "round {round}");
        assert!((0..100).all(|id| index.remove(QueryId(id))));
        assert!(index.is_empty() && !index.remove(QueryId(0)));
        assert!(index.by_word.iter().all(Vec::is_empty));
    }
}

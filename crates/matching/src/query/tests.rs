use super::*;
use proptest::prelude::*;

fn printed(text: &str) -> String {
    Query::parse(text).map_or_else(|error| format!("! {error}"), |query| query.to_string())
}

#[test]
fn keywords_mean_what_people_mean() {
    for (text, expected) in [
        ("Corvette  Z", "corvette z"),
        ("corvette, camaro", "corvette, camaro"),
        ("corvette\ncamaro\n\n", "corvette, camaro"),
        ("corvette OR camaro", "corvette, camaro"),
        ("this or that", "this or that"),
        ("F-150", "\"f 150\""),
        ("rx7", "\"rx 7\""),
        ("f 150", "f 150"),
        ("“for parts”", "\"for parts\""),
        ("\"Café\"", "cafe"),
        ("corvette, camaro -parts", "(corvette, camaro) -parts"),
        ("-parts corvette, camaro", "(corvette, camaro) -parts"),
        ("corvette, -parts", "corvette -parts"),
        ("(corvette -parts), camaro", "(corvette -parts), camaro"),
        ("(a, b -c) d", "(a, b) d -c"),
        ("a -(b c, d)", "a -(b c, d)"),
        ("a –\"for parts\"", "a -\"for parts\""),
        ("merc*", "merc*"),
        ("rx7*", "\"rx 7*\""),
        ("under 1,200", "under \"1 200\""),
        ("a,b", "a, b"),
        ("salt & pepper", "salt pepper"),
        ("((a))", "a"),
        ("\"a\" b (c)", "a b c"),
        (",, a ,,", "a"),
    ] {
        assert_eq!(printed(text), expected, "{text}");
    }
}

#[test]
fn what_is_not_understood_is_refused_where_it_stands() {
    for (text, position) in [
        ("", 1),
        ("   ", 1),
        ("&", 1),
        ("ford \"for parts", 6),
        ("é \"", 3),
        ("(ford", 6),
        ("ford)", 5),
        ("ford ()", 6),
        ("ford \"\"", 6),
        ("ford OR", 6),
        ("OR ford", 1),
        ("ford OR, chevy", 6),
        ("ford OR OR chevy", 9),
        ("ford OR -parts", 6),
        ("ford -", 6),
        ("ford - chevy", 6),
        ("ford --parts", 6),
        ("ford -&", 6),
        ("-parts", 1),
        ("ford (-parts)", 6),
        ("ford *", 6),
        ("fo*rd", 3),
        ("a*", 2),
        ("ford \"a &*\"", 10),
    ] {
        let error = Query::parse(text).expect_err(text);
        assert_eq!(error.position(), position, "{text}: {error}");
    }
}

#[test]
fn keywords_are_bounded() {
    assert_eq!(Query::parse(&"x".repeat(501)).unwrap_err().position(), 501);
    assert!(Query::parse(&"é".repeat(500)).is_ok());
    assert_eq!(Query::parse(&"a ".repeat(65)).unwrap_err().position(), 129);
    let deep = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Query::parse(&deep(16)).is_ok());
    assert_eq!(Query::parse(&deep(17)).unwrap_err().position(), 17);
}

fn keywords() -> impl Strategy<Value = String> {
    let word = prop_oneof!["[a-c]{1,3}", "[a-c]{2}\\*", "\"[a-c]{1,2} [a-c]{2}\\*?\"", "[a-c]-?[0-9]{1,2}"];
    word.prop_recursive(4, 24, 4, |inner| {
        (prop::collection::vec((inner, any::<bool>()), 1..4), prop_oneof![Just(" "), Just(", "), Just(" OR ")])
            .prop_map(|(parts, between)| {
                let parts = parts.into_iter().enumerate().map(|(index, (part, excluded))| {
                    // The first is wanted, and so is what OR divides.
                    if excluded && index > 0 && between != " OR " { format!("-({part})") } else { format!("({part})") }
                });
                parts.collect::<Vec<_>>().join(between)
            })
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same(text in keywords()) {
        let query = Query::parse(&text).unwrap();
        prop_assert_eq!(Query::parse(&query.to_string()), Ok(query));
    }

    #[test]
    fn any_text_is_read_or_refused_within_it(text in "[a-c(),\"*\\- \nOR1é&]{0,30}") {
        match Query::parse(&text) {
            Ok(query) => prop_assert_eq!(Query::parse(&query.to_string()), Ok(query)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.position())),
        }
    }

    #[test]
    fn no_text_at_all_is_too_much(text in "\\PC{0,60}") {
        let _ = Query::parse(&text);
    }
}

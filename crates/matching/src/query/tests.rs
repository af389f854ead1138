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
        ("corvette | camaro|firebird || gto", "corvette, camaro, firebird, gto"),
        ("corvette; camaro；gto", "corvette, camaro, gto"),
        ("desk AND lamp && chair", "desk lamp chair"),
        ("bike NOT kids", "bike -kids"),
        ("bike AND NOT (kids, toys) AND red", "bike red -(kids, toys)"),
        ("NOT kids bike", "bike -kids"),
        ("this or that", "this or that"),
        ("F-150", "f150"),
        ("rx7", "rx7"),
        ("f 150", "f 150"),
        ("e-bike", "e-bike"),
        ("Arc'teryx", "arc-teryx"),
        ("a/b", "a/b"),
        ("“for parts”", "\"for parts\""),
        ("«for parts» 'as new' ‘one owner’ 「新品 未使用」", "\"for parts\" \"as new\" \"one owner\" \"新品 未使用\""),
        ("rock 'n' roll", "rock \"n\" roll"),
        ("dogs' bed '70s", "dogs bed 70s"),
        ("\"Café\"", "\"cafe\""),
        ("Möbel", "möbel"),
        ("corvette, camaro -parts", "(corvette, camaro) -parts"),
        ("-parts corvette, camaro", "(corvette, camaro) -parts"),
        ("corvette, -parts", "corvette -parts"),
        ("(corvette -parts), camaro", "(corvette -parts), camaro"),
        ("(a, b -c) d", "(a, b) d -c"),
        ("a -(b c, d)", "a -(b c, d)"),
        ("a –\"for parts\"", "a -\"for parts\""),
        ("phone 12 - 64gb", "phone 12 64gb"),
        ("phone – new", "phone new"),
        ("merc*", "merc*"),
        ("*fahrrad", "*fahrrad"),
        ("*rad*", "*rad*"),
        ("\"*rad kauf*\"", "\"*rad kauf*\""),
        ("rx7*", "rx7*"),
        ("*自転車*", "自転車"),
        ("under 1,200", "under 1200"),
        ("under 1 000", "under 1-000"),
        ("iphone 12 500", "iphone (12-500, 12  500)"),
        ("1969..1972 -1,000..1,100", "1969..1972 -1000..1100"),
        ("32\" tv", "32inch tv"),
        ("43\" or 50\" tv", "43inch or 50inch tv"),
        ("\"32\" tv\" \"iphone 12\"", "\"32 inch tv\" \"iphone 12\""),
        ("4×4", "4x4"),
        ("c++, c#, f#, .net -.net", "(c++, c#, f#, .net) -.net"),
        ("ka\u{ad}yak \u{feff}boat", "kayak boat"),
        ("a,b", "a, b"),
        ("a, a", "a"),
        ("salt & pepper", "salt pepper"),
        ("((a))", "a"),
        ("\"a\" b (c)", "\"a\" b c"),
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
        ("ford AND", 6),
        ("AND ford", 1),
        ("ford AND AND chevy", 6),
        ("ford NOT", 6),
        ("ford NOT -chevy", 6),
        ("ford OR NOT chevy", 6),
        ("ford «for parts", 6),
        ("1972..1969", 1),
        ("ford 1969..", 6),
        ("..1972 ford", 1),
        ("ford 1000..1201", 6),
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
    let word = prop_oneof![
        "[a-c]{1,3}",
        "\\*?[a-c]{2}\\*",
        "\"[a-c]{1,2} [a-c]{2}\\*?\"",
        "[a-c]-?[0-9]{1,2}",
        "[a-c]('|-|/)[a-c]s?(-x|2)?",
        "[1-9]{1,2}([ ,.]000){0,2}",
        "[1-4]\\.\\.[5-9]",
        "(c\\+\\+|f#|\\.net|[äø]s|車輪?|7\"|7 in)",
        "\"1 [0-2]00\"",
    ];
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
    fn any_text_is_read_or_refused_within_it(text in "[a-c(),\"*\\- \n\t0-3߀ORAND|;'«».…é&+#車ä]{0,30}") {
        match Query::parse(&text) {
            Ok(query) => prop_assert_eq!(Query::parse(&query.to_string()), Ok(query)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.position())),
        }
    }

    #[test]
    fn numbers_stay_apart_or_together(text in "([0-9]{1,4}|f|-)([ \t\n.,()-]{1,3}([0-9]{1,4}|f)){1,4}") {
        for text in [text.clone(), format!("\"{text}\"")] {
            if let Ok(query) = Query::parse(&text) {
                prop_assert_eq!(Query::parse(&query.to_string()), Ok(query));
            }
        }
    }

    #[test]
    fn no_text_at_all_is_too_much(text in "\\PC{0,60}") {
        let _ = Query::parse(&text);
    }
}

#[test]
fn words_that_look_like_operators_are_warned_of() {
    for (text, warned) in [
        ("sofa or couch", &[(6, "\"or\"")][..]),
        ("desk and lamp Not broken", &[(6, "\"and\""), (15, "\"Not\"")]),
        ("desk OR lamp AND x NOT y", &[]),
        ("\"this or that\"", &[]),
        ("phone 12 - 64gb", &[(10, "dash")]),
        ("(", &[]),
        ("\"", &[]),
        ("oregon android nothing", &[]),
    ] {
        let warnings = Query::warnings(text);
        assert_eq!(warnings.len(), warned.len(), "{text}: {warnings:?}");
        for (warning, (position, names)) in warnings.iter().zip(warned) {
            assert!(warning.position == *position && warning.message.contains(names), "{text}: {warning:?}");
        }
    }
}

#[test]
fn what_was_saved_stays_a_query() {
    for (text, expected) in [("corvette NOT", "corvette not"), ("1972..1969 ford", "1972 1969 ford"), ("a, b", "a, b")]
    {
        assert_eq!(Query::parse_stored(text).unwrap().to_string(), expected);
    }
    assert!(Query::parse_stored("&").is_err());
}

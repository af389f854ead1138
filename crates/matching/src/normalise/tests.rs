use super::*;
use proptest::prelude::*;

/// Each token with its positions, marked `+` where it is connected and `~` where it is an alternative.
fn cut(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    each_token(text, |token| {
        let mark = match token.role {
            TokenRole::Primary => "",
            TokenRole::Connected => "+",
            TokenRole::Alternative => "~",
        };
        tokens.push(format!("{mark}{} {}-{}", token.text, token.start, token.end));
    });
    tokens
}

#[test]
fn one_thing_written_in_many_ways_is_one_thing() {
    for (text, expected) in [
        ("F-150", "f 150"),
        ("F150", "f 150"),
        ("f 150", "f 150"),
        ("Straße, STRASSE", "strasse strasse"),
        ("Cafe\u{301} café CAFÉ", "cafe cafe cafe"),
        ("İstanbul", "istanbul"),
        ("Ｆ１５０", "f 150"),
        ("don't", "don t"),
        ("東京 bike🚲bike", "東京 bike bike"),
        ("東京bike", "東京 bike"),
        ("$1,200.50", "1200 50"),
        ("½ price", "1 2 price"),
        ("Ka\u{ad}yak Ka\u{200b}yak", "kayak kayak"),
        ("Möbel", "mobel"),
        ("4×4", "4 x 4"),
        ("32\" 32″ 32'' 32”", "32 inch 32 inch 32 inch 32 inch"),
        ("C++, C# F#. .NET asp.net c+", "c++ c# f# .net asp net c"),
        ("  --  ", ""),
    ] {
        assert_eq!(normalised(text), expected, "{text}");
    }
}

#[test]
fn connected_words_are_also_joined() {
    for (text, expected) in [
        ("e-bike x", &["e 0-1", "+bike 1-2", "~ebike 0-2", "x 2-3"][..]),
        ("Levi’s", &["levi 0-1", "+s 1-2", "~levis 0-2"]),
        ("rock-n-roll", &["rock 0-1", "+n 1-2", "~rockn 0-2", "+roll 2-3", "~rocknroll 0-3", "~nroll 1-3"]),
        ("f-150", &["f 0-1", "150 1-2"]),
        ("e - bike", &["e 0-1", "bike 1-2"]),
        ("978-3", &["978 0-1", "+3 1-2", "~9783 0-2"]),
        ("自転-車", &["自転 0-2", "車 2-3"]),
    ] {
        assert_eq!(cut(text), expected, "{text}");
    }
}

#[test]
fn grouped_digits_are_one_number() {
    for (text, expected) in [
        ("1,000", &["1000 0-1"][..]),
        ("1,00,000", &["100000 0-1"]),
        ("1'234'567", &["1234567 0-1"]),
        ("1 000", &["1 0-1", "~1000 0-2", "+000 1-2"]),
        ("1\u{202f}000", &["1 0-1", "~1000 0-2", "+000 1-2"]),
        ("1.000", &["1 0-1", "~1000 0-2", "+000 1-2"]),
        ("12 500 000 x", &["12 0-1", "~12500 0-2", "~12500000 0-3", "+500 1-2", "~500000 1-3", "+000 2-3", "x 3-4"]),
        ("1,00", &["1 0-1", "00 1-2"]),
        ("1,0000", &["1 0-1", "0000 1-2"]),
        ("0,500", &["0 0-1", "500 1-2"]),
        ("2019 500", &["2019 0-1", "500 1-2"]),
        ("1, 000", &["1 0-1", "000 1-2"]),
    ] {
        assert_eq!(cut(text), expected, "{text}");
    }
}

#[test]
fn an_inch_has_many_names() {
    let names = ["32 0-1", "inch 1-2", "~in 1-2", "~inches 1-2", "~zoll 1-2"];
    assert_eq!(cut("32\""), names);
    assert_eq!(cut("32-inch"), names);
    assert_eq!(cut("32 in")[1..], ["in 1-2", "~inch 1-2", "~inches 1-2", "~zoll 1-2"]);
    assert_eq!(cut("32Zoll")[1..], ["zoll 1-2", "~inch 1-2", "~in 1-2", "~inches 1-2"]);
    assert_eq!(cut("come in"), ["come 0-1", "in 1-2"]);
    assert_eq!(cut("a \"Galaxy 20\" x"), ["a 0-1", "galaxy 1-2", "20 2-3", "x 3-4"], "a quotation is closed");
}

proptest! {
    #[test]
    fn any_text_is_cut_into_tokens_whose_positions_are_in_order(text in "[a-c1-3 .,'\"+#\\-ä東京é\u{ad}]{0,30}|\\PC{0,40}") {
        let mut next = 0;
        let mut primary = 0;
        let positions = each_token(&text, |token| {
            assert!(!token.text.is_empty() && token.start < token.end, "{token:?}");
            if token.role != TokenRole::Alternative {
                assert_eq!(token.start, next, "{token:?}");
                next = token.end;
                primary += 1;
            }
        });
        prop_assert_eq!(positions, next);
        prop_assert_eq!(tokens(&text).len(), primary);
    }

    #[test]
    fn the_short_way_for_ascii_is_no_other_way(text in "[ -~\\t\\n]{0,40}") {
        // A character that folds away takes the text the long way.
        prop_assert_eq!(cut(&format!("{text}\u{ad}")), cut(&text));
        prop_assert_eq!(cut(&format!("{text}\u{301}")), cut(&text));
    }
}

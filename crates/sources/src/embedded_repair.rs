//! JSON in scripts, with the faults that templates put there.

use serde_json::Value;

use crate::character_references::decode_references;
use crate::embedded::first;

/// What sites put before JSON so that a script of another site cannot read it.
const GUARDS: [&str; 8] =
    [")]}',", ")]}'", "for (;;);", "for(;;);", "while(1);", "while (1);", "{}&&", "throw 1; < don't be evil' >"];
/// What stands around the content of scripts, from the time of browsers without scripts and of XHTML.
const WRAPPERS: [&str; 6] = ["<!--", "//<!--", "<![CDATA[", "//<![CDATA[", "// <![CDATA[", "//-->"];

/// A text without the guards, wrappers and comments before its JSON.
pub(crate) fn unguarded(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let before = rest;
        let known = GUARDS.iter().chain(&WRAPPERS).find_map(|prefix| rest.strip_prefix(prefix));
        rest = known.unwrap_or(rest).trim_start();
        let comment = rest.strip_prefix("/*").and_then(|comment| Some(comment.split_once("*/")?.1));
        // Only a comment that JSON follows on a line of its own: "//" also begins an address.
        let line = || rest.strip_prefix("//").and_then(|comment| Some(comment.split_once('\n')?.1));
        rest = comment.or_else(line).unwrap_or(rest).trim_start();
        if rest.len() == before.len() {
            return rest;
        }
    }
}

/// The JSON value that a script has; faults that leave no doubt of what is meant are mended.
pub(crate) fn first_lenient(script: &str) -> Option<Value> {
    let text = unguarded(script).trim_start_matches(|c| c != '{' && c != '[');
    first(text).or_else(|| first(&repaired(text)))
}

/// JSON with line breaks in its texts, comments, commas behind the last entry, or escaped as if it were HTML.
fn repaired(text: &str) -> String {
    let is_escaped = text.contains("&quot;") && !text.contains('"');
    let text = if is_escaped { decode_references(text) } else { text.into() };
    let mut output = String::with_capacity(text.len());
    let mut rest = &*text;
    let mut in_string = false;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '\\' if in_string => {
                length += rest[1..].chars().next().map_or(0, char::len_utf8);
                output.push_str(&rest[..length]);
            }
            '"' => {
                in_string = !in_string;
                output.push(c);
            }
            c if in_string && c.is_ascii_control() => output.push(' '),
            '/' if !in_string && rest.starts_with("/*") => {
                length = rest[2..].find("*/").map_or(rest.len(), |end| end + 4);
            }
            '/' if !in_string && rest.starts_with("//") => length = rest.find('\n').unwrap_or(rest.len()),
            ',' if !in_string && rest[1..].trim_start().starts_with(['}', ']']) => {}
            c => output.push(c),
        }
        rest = &rest[length..];
    }
    output
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_found_behind_guards_and_in_wrappers() {
        let expected = json!({ "a": [1, "b // c /* d */"], "e": "f" });
        let text = expected.to_string();
        for script in [
            text.clone(),
            format!("\n  {text}\n"),
            format!("<!-- {text} -->"),
            format!("<!--\n{text}\n//-->"),
            format!("//<!--\n{text}\n//-->"),
            format!("<![CDATA[{text}]]>"),
            format!("//<![CDATA[\n{text}\n//]]>"),
            format!("// <![CDATA[\n{text}\n// ]]>"),
            format!("/*<![CDATA[*/{text}/*]]>*/"),
            format!("/* <![CDATA[ */\n{text}\n/* ]]> */"),
            format!("/* generated [1] */ {text}"),
            format!("// generated {{1}}\n{text}"),
            format!("<!-- //<![CDATA[\n{text}"),
            format!(")]}}'\n{text}"),
            format!("for (;;);{text}"),
            format!("throw 1; < don't be evil' >{text}"),
            format!("window.data = {text};"),
        ] {
            assert_eq!(first_lenient(&script), Some(expected.clone()), "{script}");
        }
    }

    #[test]
    fn faults_that_leave_no_doubt_are_mended() {
        for (script, expected) in [
            ("{\"a\": \"one\ntwo\"}", json!({ "a": "one two" })),
            ("{\"a\": \"one\r\n\ttwo\"}", json!({ "a": "one   two" })),
            ("{\"a\": \"\\\"b\n\"}", json!({ "a": "\"b " })),
            ("{\"a\": 1,}", json!({ "a": 1 })),
            ("[1, 2 , \n]", json!([1, 2])),
            ("{\"a\": [1,], }", json!({ "a": [1] })),
            ("{\"a\": 1, // one\n\"b\": 2}", json!({ "a": 1, "b": 2 })),
            ("{/* first */\"a\": 1,}", json!({ "a": 1 })),
            ("{\"a\": \"https://x.test/\",}", json!({ "a": "https://x.test/" })),
            ("{\"a\": \",}\",}", json!({ "a": ",}" })),
            ("{&quot;a&quot;: &quot;b &amp;amp; c&quot;}", json!({ "a": "b &amp; c" })),
            ("{\"a\": \"\u{0}b\"}", json!({ "a": " b" })),
        ] {
            assert_eq!(first_lenient(script), Some(expected), "{script}");
        }
        for broken in ["", "{", "{\"a\": \"b", "{\"a\": /* 1", "no JSON", "{\"a\": \"b\\"] {
            assert_eq!(first_lenient(broken), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn json_stays_what_it_is(text in "\\PC{0,30}", number in any::<i64>()) {
            let value = json!({ "a": [text, number, { "b": null }] });
            prop_assert_eq!(first(&repaired(&value.to_string())), Some(value.clone()));
            prop_assert_eq!(first_lenient(&value.to_string()), Some(value));
        }

        #[test]
        fn any_script_is_read(script in "[{}\\[\\]\",:/*\\\\ \n<!>a1&;-]{0,60}") {
            let _ = first_lenient(&script);
        }
    }
}

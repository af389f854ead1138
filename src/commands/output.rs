//! What commands print: results on standard output, everything else on standard error.
//!
//! Texts of strangers, such as the name of a token or the title of an ad, may hold escape sequences that a terminal obeys
//! and line ends that forge rows. They are escaped here, where everything passes, and nowhere else.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::iter;

use serde::Serialize;
use superbot_domain::{Timestamp, rfc3339};

/// Prints one line of a result. A reader that went away is no failure of ours.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{}", escaped(line));
}

/// A time as tables show it: in UTC, to the second.
pub fn to_the_second(at: Timestamp) -> String {
    let text = rfc3339(at);
    text.split_once('.').map_or_else(|| text.clone(), |(seconds, _)| format!("{seconds}Z"))
}

/// Prints rows under their titles, in columns as wide as what is in them.
pub fn say_table<const N: usize>(titles: [&str; N], rows: &[[String; N]]) {
    let cells = |row: &[String; N]| row.each_ref().map(|cell| escaped(cell).into_owned());
    let rows: Vec<[String; N]> = iter::once(titles.map(str::to_owned)).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for row in &rows {
        let padded = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        say(padded.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// Prints a result as one line of JSON.
pub fn say_json(value: &impl Serialize) -> serde_json::Result<()> {
    let text = serde_json::to_string(value)?;
    let _ =
        writeln!(std::io::stdout().lock(), "{}", replaced(&text, |text, c| write!(text, "\\u{:04x}", u32::from(c))));
    Ok(())
}

/// Prints one line that is no result.
pub fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", escaped(line));
}

/// The text with every character written out that could do more than be read.
pub fn escaped(text: &str) -> Cow<'_, str> {
    replaced(text, |text, c| write!(text, "{}", c.escape_default()))
}

fn replaced(text: &str, replace: impl Fn(&mut String, char) -> std::fmt::Result) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return text.into();
    }
    let mut replaced = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _ = if is_unsafe(c) { replace(&mut replaced, c) } else { replaced.write_char(c) };
    }
    replaced.into()
}

/// Control characters, those that change the direction of text, and those that end lines.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_printed_as_it_is() {
        let given = "a\x1b[2J\nforged\r\t\x07\u{7f}\u{9b}31m\u{202e}b\u{2028}é";
        let shown = escaped(given);
        assert_eq!(shown, r"a\u{1b}[2J\nforged\r\t\u{7}\u{7f}\u{9b}31m\u{202e}b\u{2028}é");
        assert!(!shown.contains(is_unsafe));
        assert!(matches!(escaped("Corvette, 28 000 €"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_stays_json() {
        let given = serde_json::json!({ "name": "a\u{9b}\u{202e}\u{7f}\n" });
        let text = given.to_string();
        let shown = replaced(&text, |text, c| write!(text, "\\u{:04x}", u32::from(c)));
        assert!(!shown.contains(is_unsafe), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), given);
    }
}

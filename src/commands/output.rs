//! Output of commands: results go to standard output, everything else to standard error.
//!
//! Text from outside, such as the name of a token or the title of an ad, may contain escape sequences that a terminal
//! interprets, and line ends that forge rows. It is escaped here, where all output passes, and nowhere else.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::iter;

use serde::Serialize;
use superbot_domain::{Timestamp, rfc3339};

/// Prints one line of a result. Write errors are ignored: a closed pipe, as with `| head`, is not a failure.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{}", escaped(line));
}

/// Formats a time for tables: RFC 3339 in UTC, truncated to seconds.
pub fn to_the_second(at: Timestamp) -> String {
    let text = rfc3339(at);
    text.split_once('.').map_or_else(|| text.clone(), |(seconds, _)| format!("{seconds}Z"))
}

/// Prints a table with column titles, padded to the widest cell.
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

/// Prints a result as one line of JSON, with unsafe characters as `\u` escapes, so that it stays valid.
pub fn say_json(value: &impl Serialize) -> serde_json::Result<()> {
    let text = serde_json::to_string(value)?;
    let _ =
        writeln!(std::io::stdout().lock(), "{}", replaced(&text, |text, c| write!(text, "\\u{:04x}", u32::from(c))));
    Ok(())
}

/// Prints one line to standard error, for everything that is not a result.
pub fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", escaped(line));
}

/// Escapes all characters that a terminal might interpret.
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

/// Control characters, bidirectional formatting characters, and the Unicode line and paragraph separators.
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

//! Cleaning of untrusted texts, with one rule per shape of text.

/// Normalizes to one line: control characters and runs of white space become single spaces, without any at the ends.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars().filter(|c| !changes_direction(*c)) {
        if c.is_whitespace() || c.is_control() {
            gap = true;
            continue;
        }
        if gap && !line.is_empty() {
            line.push(' ');
        }
        gap = false;
        line.push(c);
    }
    line
}

/// Removes control characters except line feeds and tabs.
pub(crate) fn several_lines(text: &str) -> String {
    let is_kept = |c: char| matches!(c, '\n' | '\t') || !(c.is_control() || changes_direction(c));
    text.chars().filter(|c| is_kept(*c)).collect()
}

/// Returns whether a character reorders the text after it, even beyond the end of the string: embeddings, overrides and
/// isolates (Unicode Standard Annex #9, section 2). The marks U+200E and U+200F, which Arabic and Hebrew texts use, are
/// harmless.
const fn changes_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_nothing_that_a_terminal_or_a_browser_obeys() {
        assert_eq!(one_line(" a\x1b[31mred\x07 \u{202e} ti\u{2066}tle\r\nb\t\u{85}c \u{202e} "), "a [31mred title b c");
        assert_eq!(one_line("\u{202e}\x1b"), "");
        assert_eq!(one_line("שלום\u{200f} 5"), "שלום\u{200f} 5");
    }

    #[test]
    fn several_lines_stay_lines() {
        assert_eq!(several_lines("a\n\tb\r\n\x1b[2J\u{2066}c\u{9b}"), "a\n\tb\n[2Jc");
    }
}

//! A minimal lexer for Rust and TypeScript that finds functions: blanks comments and strings, and matches braces.

/// Language of a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    /// TypeScript and JavaScript.
    Script,
}

impl Language {
    /// Returns the language by file extension.
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "rs" => Some(Self::Rust),
            "ts" | "tsx" | "mts" | "js" | "mjs" | "jsx" => Some(Self::Script),
            _ => None,
        }
    }
}

/// A function: first line, counted from 1, and length in lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// Replaces comments and the contents of strings by spaces, preserving line numbers.
pub(crate) fn blank(text: &str, language: Language) -> String {
    let mut blanker = Blanker { input: text.chars().collect(), at: 0, output: String::new(), language };
    blanker.code(None);
    blanker.output
}

/// Returns the functions of a blanked source.
pub(crate) fn functions(code: &str, language: Language) -> Vec<Function> {
    let chars: Vec<char> = code.chars().collect();
    let starts = match language {
        Language::Rust => rust_bodies(&chars),
        Language::Script => script_bodies(&chars),
    };
    let line_of = |at: usize| chars[..at].iter().filter(|c| **c == '\n').count() + 1;
    let function = |(start, body): (usize, usize)| {
        let line = line_of(start);
        Function { line, lines: line_of(closing(&chars, body)) - line + 1 }
    };
    starts.into_iter().map(function).collect()
}

struct Blanker {
    input: Vec<char>,
    at: usize,
    output: String,
    language: Language,
}

impl Blanker {
    /// Copies code up to the end of the input, or to the brace that ends a template's `${`.
    fn code(&mut self, until: Option<char>) {
        let mut depth = 0_usize;
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('/')) => self.skip_while(|c| c != '\n'),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string('"'),
                ('\'', _) if self.language == Language::Script => self.string('\''),
                ('\'', _) => self.char_or_lifetime(),
                ('`', _) if self.language == Language::Script => self.template(),
                ('/', _) if self.language == Language::Script && self.regex_may_start() => self.regex(),
                ('r', Some('"' | '#')) if self.language == Language::Rust && self.raw_hashes().is_some() => self.raw(),
                ('}', _) if depth == 0 && until == Some('}') => return,
                _ => {
                    depth += usize::from(c == '{');
                    depth = depth.saturating_sub(usize::from(c == '}'));
                    self.keep();
                }
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.input.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        self.output.extend(self.peek(0));
        self.at += 1;
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            if let Some(c) = self.peek(0) {
                self.output.push(if c == '\n' { '\n' } else { ' ' });
                self.at += 1;
            }
        }
    }

    fn skip_while(&mut self, keep_on: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&keep_on) {
            self.skip(1);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('*')) if depth == 0 || self.language == Language::Rust => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => {
                    self.skip(1);
                    continue;
                }
            }
            self.skip(2);
            if depth == 0 {
                return;
            }
        }
    }

    /// Keeps the quotes, so that the string remains recognizable as a value.
    fn string(&mut self, quote: char) {
        self.keep();
        while let Some(c) = self.peek(0) {
            match c {
                '\\' => self.skip(2),
                c if c == quote => return self.keep(),
                // In scripts, an apostrophe in JSX text looks like a string that does not end on its line.
                '\n' if self.language == Language::Script => return,
                _ => self.skip(1),
            }
        }
    }

    fn raw_hashes(&self) -> Option<usize> {
        let before = self.at.checked_sub(1).map(|at| self.input[at]);
        if before.is_some_and(|c| (c.is_alphanumeric() && !"bc".contains(c)) || c == '_') {
            return None;
        }
        let hashes = self.input[self.at + 1..].iter().take_while(|c| **c == '#').count();
        (self.peek(1 + hashes) == Some('"')).then_some(hashes)
    }

    fn raw(&mut self) {
        let hashes = self.raw_hashes().unwrap_or(0);
        self.skip(2 + hashes);
        let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
        while self.at < self.input.len() && !self.input[self.at..].starts_with(&end) {
            self.skip(1);
        }
        self.skip(end.len());
    }

    fn char_or_lifetime(&mut self) {
        match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => self.string('\''),
            (Some(_), Some('\'')) => self.skip(3),
            _ => self.keep(),
        }
    }

    fn template(&mut self) {
        self.keep();
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('\\', _) => self.skip(2),
                ('$', Some('{')) => {
                    self.skip(2);
                    self.code(Some('}'));
                    self.skip(1);
                }
                ('`', _) => return self.keep(),
                _ => self.skip(1),
            }
        }
    }

    /// Returns whether a slash may start a regular expression: not after a value, where it divides, nor before `>` in a
    /// tag.
    fn regex_may_start(&self) -> bool {
        if self.peek(1) == Some('>') {
            return false;
        }
        let before = self.output.trim_end();
        before.is_empty() || before.ends_with(|c: char| "(,=:[!&|?{};+>".contains(c)) || before.ends_with("return")
    }

    fn regex(&mut self) {
        let mut in_class = false;
        self.skip(1);
        while let Some(c) = self.peek(0) {
            match c {
                '\\' => self.skip(1),
                '[' => in_class = true,
                ']' => in_class = false,
                '\n' => return,
                '/' if !in_class => return self.skip(1),
                _ => {}
            }
            self.skip(1);
        }
    }
}

/// Returns the position of each `fn name`, and of the brace that opens its body.
fn rust_bodies(code: &[char]) -> Vec<(usize, usize)> {
    let is_word = |at: usize| code.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let starts = (0..code.len())
        .filter(|at| code[*at..].starts_with(&['f', 'n', ' ']) && is_word(at + 3) && (*at == 0 || !is_word(at - 1)));
    let body = |start: usize| {
        let mut depth = 0_i32;
        for (at, c) in code.iter().enumerate().skip(start) {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                ';' if depth == 0 => return None,
                '{' if depth == 0 => return Some((start, at)),
                _ => {}
            }
        }
        None
    };
    starts.filter_map(body).collect()
}

/// Returns the start of each function, and of the brace that opens its body. The block of a `describe` does not count.
fn script_bodies(code: &[char]) -> Vec<(usize, usize)> {
    let braces = (0..code.len()).filter(|at| code[*at] == '{');
    let function = |brace: usize| {
        let start = head_start(code, brace);
        let before: String = code[..start].iter().collect();
        let groups_tests = before.lines().last().is_some_and(|line| line.trim_start().starts_with("describe"));
        let head: String = code[start..brace].iter().collect();
        let skipped = head.chars().take_while(|c| c.is_whitespace()).count();
        (is_script_function(head.trim()) && !groups_tests).then_some((start + skipped, brace))
    };
    braces.filter_map(function).collect()
}

/// Returns the start of the statement that a brace belongs to.
fn head_start(code: &[char], brace: usize) -> usize {
    let mut depth = 0_i32;
    for at in (0..brace).rev() {
        match code[at] {
            ')' | ']' => depth += 1,
            '(' | '[' => depth -= 1,
            ';' | '{' | '}' if depth == 0 => return at + 1,
            _ => {}
        }
        if depth < 0 {
            return at + 1;
        }
    }
    0
}

fn is_script_function(head: &str) -> bool {
    const CONTROL: [&str; 12] =
        ["if", "else", "for", "while", "switch", "catch", "do", "try", "class", "interface", "return", "with"];
    if head.ends_with("=>") {
        return true;
    }
    let mut words = head.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
    let first = words.find(|word| !["", "export", "default", "abstract", "declare"].contains(word)).unwrap_or_default();
    let Some((parameters, result)) = head.rsplit_once(')') else { return false };
    let result = result.trim_start();
    parameters.contains('(') && (result.is_empty() || result.starts_with(':')) && !CONTROL.contains(&first)
}

/// Returns the brace that closes the one at `open`, or the end of the input.
fn closing(code: &[char], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.iter().enumerate().skip(open) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, language: Language) -> Vec<(usize, usize)> {
        let functions = functions(&blank(text, language), language);
        functions.into_iter().map(|function| (function.line, function.lines)).collect()
    }

    #[test]
    fn what_is_no_code_is_blanked() {
        let rust = |text| blank(text, Language::Rust);
        assert_eq!(rust("a // b\nc"), "a     \nc");
        assert_eq!(rust("a /* b /* c */ { */ d"), "a                   d");
        assert_eq!(rust(r#"f("a\"{", '{', '\'', 'a: 'static)"#), r#"f("    ",    , '  ', 'a: 'static)"#);
        assert_eq!(rust("r#\"a\"{\"# + br\"{\" + bar"), "         + b     + bar");
        let script = |text| blank(text, Language::Script);
        assert_eq!(script("`a{${b + `{`}}` + '{'"), "`    b + ` `  ` + ' '");
        assert_eq!(script("x = /[/{]\\/{/; a / b"), "x =          ; a / b");
    }

    #[test]
    fn rust_functions_are_measured() {
        let text = "\
impl A {
    pub(crate) async fn one(&self, f: fn(u8) -> u8) -> [u8; 2]
    where
        A: B,
    {
        if x { \"}\" } else { '}' }
    }
}
trait T { fn declared(&self); fn two() {} }
";
        assert_eq!(found(text, Language::Rust), [(2, 6), (9, 1)]);
    }

    #[test]
    fn script_functions_are_measured() {
        let text = "\
import { a } from 'b';
export default async function one(a: { b: number }): Promise<void> {
  if (a) { b(); } else { c(); }
  for (const d of e) { f({ g: h() }); }
}
class A extends B(C) {
  private two(a = {}): void {
  }
}
const three = (a) => {
};
describe.each(B)('all', () => {
  it('does', () => {
  });
});
";
        assert_eq!(found(text, Language::Script), [(2, 4), (7, 2), (10, 2), (13, 2)]);
    }

    #[test]
    fn tags_among_scripts_open_no_strings_and_no_regular_expressions() {
        let text = "\
function One({ a }: { a: B }) {
  return <p>{a && <C d={a} />} it's {a}</p>;
}
const two = () => {
  return <D e={{ f: 1 }} />;
};
";
        assert_eq!(found(text, Language::Script), [(1, 3), (4, 3)]);
    }
}

//! Makes sense of the pieces.

use super::error::QueryError;
use super::expr::{Expr, Query, all, any};
use super::lex::{Piece, Sign, lex};
use super::number::{read_range, spaced_number};
use super::term::{Term, is_run};
use crate::normalise::scripts::is_run_letter;

const MAX_CHARS: usize = 500;
const MAX_TERMS: usize = 64;
const MAX_DEPTH: usize = 16;

impl Query {
    /// Reads keywords of at most 500 characters, 64 terms and 16 levels of parentheses.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse(text).map(|expr| Self { expr })
    }
}

fn parse(text: &str) -> Result<Expr, QueryError> {
    if text.chars().nth(MAX_CHARS).is_some() {
        return Err(QueryError::new(
            MAX_CHARS + 1,
            format!("the keywords are too long; give at most {MAX_CHARS} characters"),
        ));
    }
    let mut parser = Parser { pieces: lex(text)?, at: 0, terms: 0, end: text.chars().count() + 1 };
    let expr = parser.group(0, 1)?;
    match parser.pieces.get(parser.at) {
        Some(piece) => {
            Err(QueryError::new(piece.position, "this parenthesis closes none; put a ( before it or leave it out"))
        }
        None => Ok(expr),
    }
}

struct Parser {
    pieces: Vec<Piece>,
    at: usize,
    terms: usize,
    /// The position after the last character.
    end: usize,
}

/// What stands within one pair of parentheses, or in the whole query.
#[derive(Default)]
struct Group {
    branches: Vec<Vec<Expr>>,
    branch: Vec<Expr>,
    excluded: Vec<Expr>,
    /// An `OR` or `AND` that still needs something after it.
    operator: Option<(&'static str, usize)>,
}

impl Parser {
    /// Reads up to the closing parenthesis or the end.
    fn group(&mut self, depth: usize, opened_at: usize) -> Result<Expr, QueryError> {
        let mut group = Group::default();
        while let Some(piece) = self.pieces.get(self.at) {
            let position = piece.position;
            match &piece.sign {
                Sign::Close => break,
                Sign::Dash => self.at += 1,
                Sign::Comma => {
                    self.at += 1;
                    group.end_branch()?;
                }
                Sign::Or => {
                    self.at += 1;
                    group.expect_before("OR", position, group.branch.is_empty())?;
                    group.end_branch()?;
                    group.operator = Some(("OR", position));
                }
                Sign::And => {
                    self.at += 1;
                    group.expect_before("AND", position, group.branch.is_empty() && group.excluded.is_empty())?;
                    group.operator = Some(("AND", position));
                }
                Sign::Minus | Sign::Not => {
                    self.at += 1;
                    let sign = if piece.sign == Sign::Not { "NOT" } else { "-" };
                    let excluded = self.excluded(sign, position, depth)?;
                    group.excluded.push(Expr::Not(Box::new(excluded)));
                    group.operator = group.operator.filter(|(operator, _)| *operator == "OR");
                }
                _ => {
                    if let Some(factor) = self.factor(depth)? {
                        group.branch.push(factor);
                        group.operator = None;
                    }
                }
            }
        }
        group.end_branch()?;
        if group.branches.is_empty() {
            let message = if group.excluded.is_empty() {
                "there is nothing to look for here; give at least one word"
            } else {
                "there are only exclusions here; give at least one word that must be there"
            };
            return Err(QueryError::new(opened_at, message));
        }
        Ok(group.finish())
    }

    /// What a hyphen or a `NOT` excludes.
    fn excluded(&mut self, sign: &str, position: usize, depth: usize) -> Result<Expr, QueryError> {
        let nothing = || QueryError::new(position, format!("{sign} excludes nothing here; put a word right after it"));
        match self.pieces.get(self.at).map(|next| &next.sign) {
            Some(Sign::Open | Sign::Word(_) | Sign::Quoted(_)) => self.factor(depth)?.ok_or_else(nothing),
            _ => Err(nothing()),
        }
    }

    /// A word, a quotation or parentheses; `None` for mere punctuation.
    fn factor(&mut self, depth: usize) -> Result<Option<Expr>, QueryError> {
        let Some(piece) = self.pieces.get(self.at) else { return Ok(None) };
        let position = piece.position;
        let factor = match &piece.sign {
            Sign::Open => {
                self.at += 1;
                return self.parenthesised(depth + 1, position).map(Some);
            }
            Sign::Word(text) => {
                if let Some((number, words)) = spaced_number(&self.pieces[self.at..]) {
                    self.at += words - 1;
                    self.terms += words;
                    Some(number)
                } else if let Some(range) = read_range(text, position)? {
                    Some(Expr::Numbers(range))
                } else {
                    read_term(text, position, false)?.map(Expr::Term)
                }
            }
            Sign::Quoted(text) => match read_term(text, position + 1, true)? {
                None => return Err(QueryError::new(position, "there is no word in this quotation")),
                term => term.map(Expr::Term),
            },
            _ => None,
        };
        self.at += 1;
        self.terms += usize::from(factor.is_some());
        if self.terms > MAX_TERMS {
            return Err(QueryError::new(position, format!("these are too many words; give at most {MAX_TERMS}")));
        }
        Ok(factor)
    }

    fn parenthesised(&mut self, depth: usize, position: usize) -> Result<Expr, QueryError> {
        if depth > MAX_DEPTH {
            return Err(QueryError::new(position, format!("parentheses are too deep; nest at most {MAX_DEPTH}")));
        }
        let expr = self.group(depth, position)?;
        match self.pieces.get(self.at) {
            Some(Piece { sign: Sign::Close, .. }) => self.at += 1,
            _ => return Err(QueryError::new(self.end, "a parenthesis is not closed; put a ) here")),
        }
        Ok(expr)
    }
}

impl Group {
    fn expect_before(&self, operator: &str, position: usize, is_empty: bool) -> Result<(), QueryError> {
        if is_empty {
            return Err(QueryError::new(position, format!("{operator} needs something to look for before it")));
        }
        match self.operator {
            Some((before, at)) => Err(QueryError::new(at, format!("{before} needs something to look for after it"))),
            None => Ok(()),
        }
    }

    /// Commas may stand where they divide nothing; an `OR` may not.
    fn end_branch(&mut self) -> Result<(), QueryError> {
        if let Some((operator, position)) = self.operator.take() {
            return Err(QueryError::new(position, format!("{operator} needs something to look for after it")));
        }
        if !self.branch.is_empty() {
            self.branches.push(std::mem::take(&mut self.branch));
        }
        Ok(())
    }

    fn finish(self) -> Expr {
        let wanted = any(self.branches.into_iter().map(all).collect());
        if self.excluded.is_empty() { wanted } else { all(std::iter::once(wanted).chain(self.excluded).collect()) }
    }
}

/// The term of a word or a quotation, `None` when there is none; stars may stand at its beginning and at its end.
fn read_term(text: &str, position: usize, is_quoted: bool) -> Result<Option<Term>, QueryError> {
    let trimmed = text.trim();
    let (body, open_end) = trimmed.strip_suffix('*').map_or((trimmed, false), |body| (body, true));
    let (body, open_start) = body.strip_prefix('*').map_or((body, false), |body| (body, true));
    let before = text.chars().take_while(|c| c.is_whitespace()).count() + usize::from(open_start);
    if let Some(star) = body.chars().position(|c| c == '*') {
        return Err(QueryError::new(
            position + before + star,
            "a * may stand only at the beginning and at the end of a word",
        ));
    }
    let term = Term::read(body, is_quoted, open_start, open_end);
    if !(open_start || open_end) {
        return Ok(term);
    }
    // A star must touch the word that it stands for.
    let touches = (!open_start || body.starts_with(char::is_alphanumeric))
        && (!open_end || body.ends_with(|c| char::is_alphanumeric(c) || is_run_letter(c)));
    let is_long =
        |term: &Term| term.words().any(is_run) || term.words().map(|word| word.chars().count()).sum::<usize>() > 1;
    match term {
        Some(term) if touches && is_long(&term) => Ok(Some(term)),
        _ => {
            let star = if open_end { position + before + body.chars().count() } else { position + before - 1 };
            Err(QueryError::new(star, "a * needs at least two letters or digits beside it"))
        }
    }
}

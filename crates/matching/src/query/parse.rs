//! Makes sense of the pieces.

use super::error::QueryError;
use super::expr::{Expr, Query, Term};
use super::lex::{Piece, Sign, lex};
use crate::normalise::tokens;

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
    /// An `OR` that still waits for what follows it.
    or: Option<usize>,
}

impl Parser {
    /// Reads up to the closing parenthesis or the end.
    fn group(&mut self, depth: usize, opened_at: usize) -> Result<Expr, QueryError> {
        let mut group = Group::default();
        while let Some(piece) = self.pieces.get(self.at) {
            let position = piece.position;
            match &piece.sign {
                Sign::Close => break,
                Sign::Comma => {
                    self.at += 1;
                    group.end_branch()?;
                }
                Sign::Or => {
                    self.at += 1;
                    if group.branch.is_empty() {
                        return Err(QueryError::new(position, "OR needs something to look for before it"));
                    }
                    group.end_branch()?;
                    group.or = Some(position);
                }
                Sign::Minus => {
                    self.at += 1;
                    let Some(excluded) = self.excluded(position, depth)? else { continue };
                    group.excluded.push(Expr::Not(Box::new(excluded)));
                }
                _ => {
                    if let Some(factor) = self.factor(depth)? {
                        group.branch.push(factor);
                        group.or = None;
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

    /// What a hyphen excludes; `None` where the hyphen turns out to be mere punctuation in front of nothing but more of it.
    fn excluded(&mut self, position: usize, depth: usize) -> Result<Option<Expr>, QueryError> {
        let nothing = || QueryError::new(position, "- excludes nothing here; put the word right after it");
        let next = self.pieces.get(self.at).filter(|next| next.position == position + 1).ok_or_else(nothing)?;
        match next.sign {
            Sign::Open | Sign::Word(_) | Sign::Quoted(_) => self.factor(depth)?.map(Some).ok_or_else(nothing),
            _ => Err(nothing()),
        }
    }

    /// A word, a quotation or parentheses; `None` for mere punctuation.
    fn factor(&mut self, depth: usize) -> Result<Option<Expr>, QueryError> {
        let Some(piece) = self.pieces.get(self.at) else { return Ok(None) };
        self.at += 1;
        let position = piece.position;
        let term = match &piece.sign {
            Sign::Open => return self.parenthesised(depth + 1, position).map(Some),
            Sign::Word(text) => read_term(text, position)?,
            Sign::Quoted(text) => match read_term(text, position + 1)? {
                None => return Err(QueryError::new(position, "there is no word in this quotation")),
                term => term,
            },
            Sign::Close | Sign::Comma | Sign::Or | Sign::Minus => None,
        };
        self.terms += usize::from(term.is_some());
        if self.terms > MAX_TERMS {
            return Err(QueryError::new(position, format!("these are too many words; give at most {MAX_TERMS}")));
        }
        Ok(term.map(Expr::Term))
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
    /// Commas may stand where they divide nothing; an `OR` may not.
    fn end_branch(&mut self) -> Result<(), QueryError> {
        if let Some(position) = self.or.take() {
            return Err(QueryError::new(position, "OR needs something to look for after it"));
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

/// All of these, without needless layers; what must not be there comes last.
fn all(exprs: Vec<Expr>) -> Expr {
    let mut flat = Vec::with_capacity(exprs.len());
    for expr in exprs {
        match expr {
            Expr::All(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.len() == 1
        && let Some(only) = flat.pop()
    {
        return only;
    }
    flat.sort_by_key(|expr| matches!(expr, Expr::Not(_)));
    Expr::All(flat)
}

/// One of these, without needless layers.
fn any(exprs: Vec<Expr>) -> Expr {
    let mut flat = Vec::with_capacity(exprs.len());
    for expr in exprs {
        match expr {
            Expr::Any(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.len() == 1
        && let Some(only) = flat.pop()
    {
        return only;
    }
    Expr::Any(flat)
}

/// The tokens of a word or a quotation, `None` when there are none; a star may stand at its end.
fn read_term(text: &str, position: usize) -> Result<Option<Term>, QueryError> {
    let trimmed = text.trim_end();
    let (body, prefix) = trimmed.strip_suffix('*').map_or((trimmed, false), |body| (body, true));
    if let Some(star) = body.chars().position(|c| c == '*') {
        return Err(QueryError::new(position + star, "a * may stand only at the end of a word"));
    }
    let words: Vec<Box<str>> = tokens(body).into_iter().map(String::into_boxed_str).collect();
    // The star must touch the word that it stands for.
    if prefix
        && (!body.ends_with(char::is_alphanumeric) || words.iter().map(|word| word.chars().count()).sum::<usize>() < 2)
    {
        let star = position + body.chars().count();
        return Err(QueryError::new(star, "a * needs at least two letters or digits before it"));
    }
    Ok(if words.is_empty() { None } else { Some(Term { words, prefix }) })
}

//! Answers in JSON that report an error, whatever else they have.

use serde_json::Value;

use crate::embedded::text;
use crate::page::{PageState, Reading};

/// Fields whose presence says that a request failed.
const ERROR_FIELDS: [&str; 9] = [
    "error",
    "errors",
    "errorMessage",
    "error_message",
    "error_description",
    "errorCode",
    "error_code",
    "exception",
    "fault",
];
/// Fields that are false where a request failed.
const SUCCESS_FIELDS: [&str; 3] = ["success", "ok", "isSuccess"];
/// Fields with an HTTP status, or a word for the outcome.
const STATUS_FIELDS: [&str; 6] = ["status", "statusCode", "status_code", "httpStatus", "code", "state"];
/// Words for an outcome that is none.
const FAILED_WORDS: [&str; 7] = ["error", "fail", "failed", "failure", "unauthorized", "forbidden", "denied"];
/// Fields with a text for people.
const MESSAGE_FIELDS: [&str; 8] = ["message", "detail", "description", "title", "msg", "reason", "code", "type"];
/// Objects around the answer, in which these fields may be as well.
const ENVELOPES: [&str; 5] = ["meta", "response", "result", "status", "head"];

/// Words of an error's message, in lower case, and what they mean for a source.
const MEANINGS: [(PageState, &[&str]); 4] = [
    (PageState::RateLimited, &["rate limit", "too many", "quota", "throttl", "429"]),
    (
        PageState::LoginWall,
        &[
            "unauthori",
            "unauthenticated",
            "authenticat",
            "log in",
            "login",
            "sign in",
            "api key",
            "api_key",
            "apikey",
            "401",
        ],
    ),
    (
        PageState::Blocked,
        &[
            "forbidden",
            "access denied",
            "access is denied",
            "denied",
            "blocked",
            "captcha",
            "not allowed",
            "permission",
            "403",
        ],
    ),
    (PageState::ShapeChanged, &["error", "invalid", "failed", "failure", "expired", "unavailable", "exception"]),
];

/// How titles begin that report an error, besides these words.
const ERROR_HEADINGS: [&str; 11] = [
    "bad gateway",
    "bad request",
    "błąd",
    "erreur",
    "erro ",
    "errore",
    "fehler",
    "fout",
    "internal server",
    "not found",
    "service unavailable",
];

/// What an answer without listings says of an error. An API that fails often sends its usual fields as well, with a total of 0 and
/// an empty list.
pub(crate) fn refused_by_answer(answer: &Value) -> Option<Reading> {
    let places = std::iter::once(answer).chain(ENVELOPES.iter().map(|name| &answer[*name]));
    let message = places.filter(|place| place.is_object()).find_map(error_of)?;
    let state = meaning(&message).unwrap_or(PageState::ShapeChanged);
    Some(Reading::without(state, format!("the answer reports an error: {message}")))
}

/// What a text reports that stands in place of a feed's title; only its beginning counts, because the title of a search names what
/// was searched for.
pub(crate) fn refused_by_heading(heading: &str) -> Option<Reading> {
    let lower = heading.trim().to_lowercase();
    let begins = |(_, words): &&(PageState, &[&str])| words.iter().any(|word| lower.starts_with(word));
    let by_word = MEANINGS.iter().find(begins).map(|(state, _)| *state);
    let is_error = by_word.is_some() || ERROR_HEADINGS.iter().any(|words| lower.starts_with(words));
    // "Error": what kind of error it is may follow.
    let state = if by_word == Some(PageState::ShapeChanged) { meaning(&lower) } else { by_word };
    is_error.then(|| {
        let reason = format!("the feed reports an error: {}", shortened(heading.trim()));
        Reading::without(state.unwrap_or(PageState::ShapeChanged), reason)
    })
}

fn meaning(message: &str) -> Option<PageState> {
    let lower = message.to_lowercase();
    let says = |word: &&str| match word.parse::<u16>() {
        Ok(_) => lower.split(|c: char| !c.is_ascii_digit()).any(|number| number == *word),
        Err(_) => lower.contains(word),
    };
    MEANINGS.iter().find(|(_, words)| words.iter().any(says)).map(|(state, _)| *state)
}

/// The message of an error that an object reports; a word for it where it has none.
fn error_of(place: &Value) -> Option<String> {
    let own_message = || MESSAGE_FIELDS.iter().find_map(|name| text(&place[*name]));
    let by_field = ERROR_FIELDS.iter().map(|name| &place[*name]).find(|error| is_set(error));
    if let Some(error) = by_field {
        let message = message_of(error).or_else(own_message).unwrap_or_else(|| "it does not say which".to_owned());
        return Some(shortened(&message));
    }
    let by_success = || {
        let is_false = |value: &Value| *value == false || *value == "false";
        SUCCESS_FIELDS.iter().find(|name| is_false(&place[**name])).map(|name| format!("{name} is false"))
    };
    let by_status = || {
        STATUS_FIELDS.iter().find_map(|name| failed_status(&place[*name]).map(|status| format!("{name} is {status}")))
    };
    if let Some(sign) = by_success().or_else(by_status) {
        return Some(
            own_message()
                .filter(|message| !sign.ends_with(message.as_str()))
                .map_or(sign.clone(), |message| format!("{sign}: {}", shortened(&message))),
        );
    }
    let spoken = ["message", "msg", "detail"].iter().find_map(|name| place[*name].as_str());
    spoken.filter(|message| meaning(message).is_some()).map(shortened)
}

/// A status, as a number or a word, that says that a request failed.
fn failed_status(value: &Value) -> Option<String> {
    let written = text(value)?;
    let is_failed_word = |word: &str| FAILED_WORDS.iter().any(|failed| word.eq_ignore_ascii_case(failed));
    let is_failure =
        written.parse().map_or_else(|_| is_failed_word(&written), |number: u16| (400..600).contains(&number));
    is_failure.then_some(written)
}

/// Whether an error is reported: the field is often there and says that there is none.
fn is_set(error: &Value) -> bool {
    match error {
        Value::Null => false,
        Value::Bool(is_error) => *is_error,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            !matches!(&*text.trim().to_lowercase(), "" | "0" | "ok" | "none" | "no" | "false" | "null" | "success")
        }
        Value::Array(errors) => errors.iter().any(is_set),
        Value::Object(fields) => fields.values().any(is_set),
    }
}

fn message_of(error: &Value) -> Option<String> {
    let error = error.as_array().map_or(error, |errors| errors.first().unwrap_or(&Value::Null));
    text(error).or_else(|| MESSAGE_FIELDS.iter().find_map(|name| text(&error[*name])))
}

/// The beginning of a message.
fn shortened(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.char_indices().nth(MAX_MESSAGE_CHARS).map_or(line.len(), |(end, _)| end);
    line[..end].to_owned()
}

const MAX_MESSAGE_CHARS: usize = 120;

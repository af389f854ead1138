//! A live connection, with the events that are due to it.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::world::{Credential, Heard};
use crate::stream::Stream;
use crate::support::{Received, Socket, soon};

pub(super) struct Live {
    pub(super) line: Line,
    pub(super) user: usize,
    pub(super) credential: Credential,
    pub(super) subscribed: bool,
    pub(super) due: VecDeque<Heard>,
}

pub(super) enum Line {
    Socket(Box<Socket>),
    Stream(Stream),
}

impl Live {
    pub(super) async fn hear_what_is_due(&mut self) {
        while let Some(expected) = self.due.pop_front() {
            let heard = match &mut self.line {
                Line::Socket(socket) => match soon(&expected.0, socket.next()).await {
                    Received::Event(name, payload) => (name.clone(), event_key(&name, &payload)),
                    other => panic!("{other:?} instead of {expected:?}"),
                },
                Line::Stream(stream) => {
                    let event = soon(&expected.0, stream.next()).await.unwrap();
                    (event.name.clone(), event_key(&event.name, &event.data))
                }
            };
            assert_eq!(heard, expected, "user {} with {:?}", self.user, self.credential);
        }
    }
}

/// Returns what distinguishes an event from others of its name.
pub(super) fn event_key(name: &str, payload: &Value) -> Value {
    match name {
        "system_message" => payload["seq"].clone(),
        "scraper_status_update" => payload["ksl"].clone(),
        "notification_read" => json!([payload["ids"], payload["unread"]]),
        _ => payload["id"].clone(),
    }
}

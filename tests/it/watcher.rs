//! A client that reconnects repeatedly, resuming from its last event, and records what it receives.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::stream::Stream;
use crate::support::{Connect, Http, Received, Server, Socket};

/// Link of the listing that ends a run.
pub(crate) const END: &str = "https://example.org/end";

/// How a client receives events.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Socket,
    Stream,
}

/// Address and credential of a client.
#[derive(Clone)]
pub(crate) struct Door {
    connect: Connect,
    http: Http,
}

impl Door {
    pub(crate) fn of(server: &Server, http: &Http, token: &str) -> Self {
        Self { connect: Connect::to(&server.address).token(token), http: http.with_token(token) }
    }
}

/// An open connection.
pub(crate) enum Line {
    Socket(Box<Socket>),
    Stream(Stream),
}

impl Line {
    /// Returns the next event; `None` if the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        match self {
            Self::Socket(socket) => match socket.next().await {
                Received::Event(name, payload) => Some((name, payload)),
                Received::Closed => None,
                other => panic!("unexpected {other:?}"),
            },
            Self::Stream(stream) => stream.next().await.map(|event| (event.name, event.data)),
        }
    }
}

/// A client with its position in the log and the events it has received.
pub(crate) struct Watcher {
    way: Way,
    /// Position after which it must receive everything.
    pub(crate) start: Option<u64>,
    /// Sequence number of the last event received.
    cursor: Option<u64>,
    epoch: Option<String>,
    /// New listings received, by `seq`.
    pub(crate) listings: BTreeMap<u64, i64>,
    /// Listings reported by the user's alert, by `seq`.
    pub(crate) alerts: BTreeMap<u64, i64>,
    /// Delay requested by the server before reconnecting.
    pub(crate) retry_after: Option<Duration>,
    saw_the_end: bool,
}

impl Watcher {
    /// Creates a client that requests events after `since`, or starts at the present.
    pub(crate) fn new(way: Way, since: Option<u64>) -> Self {
        Self {
            way,
            start: since,
            cursor: since,
            epoch: None,
            listings: BTreeMap::new(),
            alerts: BTreeMap::new(),
            retry_after: None,
            saw_the_end: false,
        }
    }

    /// Connects, resuming from its position; `None` if the server or its store is unavailable.
    pub(crate) async fn open(&self, door: &Door) -> Option<Line> {
        match self.way {
            Way::Socket => {
                let mut connect = door.connect.clone();
                if let Some(cursor) = self.cursor {
                    connect = connect.auth("since", cursor);
                }
                if let Some(epoch) = &self.epoch {
                    connect = connect.auth("epoch", epoch.as_str());
                }
                match connect.try_open().await? {
                    Ok(socket) => Some(Line::Socket(Box::new(socket))),
                    Err(refusal) if refusal["data"]["code"] == "unavailable" => None,
                    Err(refusal) => panic!("refused: {refusal}"),
                }
            }
            Way::Stream => {
                let cursor = self.cursor.map(|cursor| cursor.to_string());
                Stream::try_open(&door.http, cursor.as_deref()).await.map(Line::Stream)
            }
        }
    }

    /// Receives events until the connection ends or the last listing arrives.
    pub(crate) async fn listen(&mut self, line: &mut Line) {
        while !self.saw_the_end {
            let Some((name, payload)) = line.next().await else { return };
            self.hear(&name, &payload);
        }
    }

    /// Receives everything up to the last listing from one server.
    pub(crate) async fn see_all(mut self, door: &Door) -> Self {
        while !self.saw_the_end {
            if let Some(mut line) = self.open(door).await {
                self.listen(&mut line).await;
            }
        }
        self
    }

    /// Returns whether the last listing was received.
    pub(crate) fn saw_the_end(&self) -> bool {
        self.saw_the_end
    }

    pub(crate) fn hear(&mut self, name: &str, payload: &Value) {
        match name {
            "connection_status" => self.greeted(payload),
            "going_away" => self.retry_after = payload["retry_after_ms"].as_u64().map(Duration::from_millis),
            "new_listing" => {
                let seq = self.moved(payload);
                self.listings.insert(seq, payload["id"].as_i64().unwrap());
                self.saw_the_end = payload["link"] == END;
            }
            "notification" => {
                assert_eq!(payload["type"], "price_alert", "{payload}");
                let seq = self.moved(payload);
                self.alerts.insert(seq, payload["data"]["listing"]["id"].as_i64().unwrap());
            }
            other => panic!("unexpected {other}: {payload}"),
        }
    }

    fn greeted(&mut self, status: &Value) {
        assert_eq!(status["recovered"], self.cursor.is_some(), "since {:?}: {status}", self.cursor);
        self.epoch = Some(status["epoch"].as_str().unwrap().to_owned());
        if self.cursor.is_none() {
            self.cursor = status["seq"].as_u64();
            self.start = self.cursor;
        }
    }

    /// Checks that no event is repeated or out of order, across all connections.
    fn moved(&mut self, payload: &Value) -> u64 {
        let seq = payload["seq"].as_u64().unwrap();
        assert!(Some(seq) > self.cursor, "{seq} came after {:?}: {payload}", self.cursor);
        self.cursor = Some(seq);
        seq
    }

    /// Returns the events it should have received, out of all events.
    pub(crate) fn due(&self, all: &BTreeMap<u64, i64>) -> BTreeMap<u64, i64> {
        all.range(self.start.unwrap() + 1..).map(|(seq, id)| (*seq, *id)).collect()
    }
}

//! A client that comes back again and again, from where it was, and what it saw.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::stream::Stream;
use crate::support::{Connect, Http, Received, Server, Socket};

/// The link of the listing that ends it all.
pub(crate) const END: &str = "https://example.org/end";

/// How a client listens.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Socket,
    Stream,
}

/// Where a client may connect, with its credential.
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

/// A connection of a client.
pub(crate) enum Line {
    Socket(Box<Socket>),
    Stream(Stream),
}

impl Line {
    /// The next event; `None` when the connection ended.
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

/// A client: where it is in the log, and what it saw.
pub(crate) struct Watcher {
    way: Way,
    /// The place in the log after which it was to be told everything.
    pub(crate) start: Option<u64>,
    /// The last event it saw.
    cursor: Option<u64>,
    epoch: Option<String>,
    /// The listings that were new, by `seq`.
    pub(crate) listings: BTreeMap<u64, i64>,
    /// The listings that an alert of its user's told of, by `seq`.
    pub(crate) alerts: BTreeMap<u64, i64>,
    /// How long it was asked to stay away.
    pub(crate) retry_after: Option<Duration>,
    saw_the_end: bool,
}

impl Watcher {
    /// One that asks for what came after `since`, or begins where it comes in.
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

    /// Connects, from where it was; `None` when there is nobody, or nobody who can read the store.
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

    /// Listens until the connection ends or the last listing came.
    pub(crate) async fn listen(&mut self, line: &mut Line) {
        while !self.saw_the_end {
            let Some((name, payload)) = line.next().await else { return };
            self.hear(&name, &payload);
        }
    }

    /// Sees everything up to the last listing, all of it at one server.
    pub(crate) async fn see_all(mut self, door: &Door) -> Self {
        while !self.saw_the_end {
            if let Some(mut line) = self.open(door).await {
                self.listen(&mut line).await;
            }
        }
        self
    }

    /// Whether the last listing came.
    pub(crate) fn saw_the_end(&self) -> bool {
        self.saw_the_end
    }

    /// Notes an event.
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

    /// Nothing comes twice or out of order, over all connections.
    fn moved(&mut self, payload: &Value) -> u64 {
        let seq = payload["seq"].as_u64().unwrap();
        assert!(Some(seq) > self.cursor, "{seq} came after {:?}: {payload}", self.cursor);
        self.cursor = Some(seq);
        seq
    }

    /// What of all that there was it was to see.
    pub(crate) fn due(&self, all: &BTreeMap<u64, i64>) -> BTreeMap<u64, i64> {
        all.range(self.start.unwrap() + 1..).map(|(seq, id)| (*seq, *id)).collect()
    }
}

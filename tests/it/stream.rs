//! A client for event streams (server-sent events).

use std::pin::Pin;

use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::Value;

use crate::support::{Http, check_event, soon};

/// An open event stream.
pub(crate) struct Stream {
    chunks: Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
}

pub(crate) struct StreamEvent {
    pub(crate) name: String,
    /// Sequence number; empty for events outside the log.
    pub(crate) id: String,
    pub(crate) data: Value,
}

impl Stream {
    /// Opens a stream at a path with a query.
    pub(crate) async fn open_at(http: &Http, path: &str, last_event_id: Option<&str>) -> Self {
        soon("an event stream", Self::ask(http, path, last_event_id)).await.unwrap()
    }

    pub(crate) async fn open(http: &Http, last_event_id: Option<&str>) -> Self {
        soon("an event stream", Self::try_open(http, last_event_id)).await.unwrap()
    }

    /// Opens a stream; `None` if the server or its store is unavailable.
    pub(crate) async fn try_open(http: &Http, last_event_id: Option<&str>) -> Option<Self> {
        Self::ask(http, "/api/events", last_event_id).await
    }

    async fn ask(http: &Http, path: &str, last_event_id: Option<&str>) -> Option<Self> {
        let mut request = http.request(Method::GET, path);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = match http.try_open_stream(request).await? {
            Ok(response) => response,
            Err(status) => {
                assert_eq!(status, 503);
                return None;
            }
        };
        Some(Self { chunks: Box::pin(response.bytes_stream()), text: String::new() })
    }

    /// Returns the next event, which must have this name.
    pub(crate) async fn expect(&mut self, name: &str) -> StreamEvent {
        let event = soon(name, self.next()).await.unwrap();
        assert_eq!(event.name, name);
        event
    }

    /// Returns the next event other than scraper status, of which a stream may omit some; `None` at the end of the
    /// stream.
    pub(crate) async fn next(&mut self) -> Option<StreamEvent> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let Some(name) = field("event") else { continue };
            let data = serde_json::from_str(field("data").unwrap()).unwrap();
            check_event(name, &data);
            if name == "scraper_status_update" {
                continue;
            }
            return Some(StreamEvent { name: name.to_owned(), id: field("id").unwrap_or_default().to_owned(), data });
        }
    }

    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                let rest = rest.to_owned();
                self.text = rest;
                return Some(block);
            }
            let chunk = self.chunks.next().await?.ok()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

//! A client's connection: a WebSocket over an in-memory pipe, long-polling, or an event stream.

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::body::{Body, Bytes};
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

/// The service for a node's requests.
pub type Front = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    WebSocket,
    Polling,
    Stream,
}

/// Credential and cursor that a client presents when it connects.
#[derive(Clone, Debug, Default)]
pub struct Hello {
    pub token: Option<String>,
    pub cookie: Option<String>,
    pub since: Option<u64>,
    pub epoch: Option<String>,
}
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// An event's name and payload, as received.
    Event(String, String),
    /// The server sent DISCONNECT.
    Disconnected,
    /// The connection was refused, with this code.
    Refused(String),
    /// A message without relevance for the client.
    Nothing,
}

/// A connection, closed on drop.
pub enum Line {
    WebSocket(Box<WebSocketStream<DuplexStream>>, Hello),
    Polling(Polling),
    Stream(Stream),
}

pub struct Polling {
    front: Front,
    sid: String,
    ready: VecDeque<String>,
    hello: Hello,
}

pub struct Stream {
    body: Body,
    text: String,
    refused: Option<StatusCode>,
}

const OPEN: &str = "/socket.io/?EIO=4&transport=";

impl Line {
    /// Opens a connection; a WebSocket's pipe has a capacity of `pipe_bytes`.
    pub async fn open(front: &Front, way: Way, hello: Hello, pipe_bytes: usize) -> Option<Line> {
        match way {
            Way::WebSocket => {
                let (client, server) = tokio::io::duplex(pipe_bytes);
                let service = front.clone().map_request(|request: Request<Incoming>| request.map(Body::new));
                let serving = http1::Builder::new()
                    .serve_connection(TokioIo::new(server), TowerToHyperService::new(service))
                    .with_upgrades();
                tokio::spawn(serving);
                let mut request = format!("ws://node{OPEN}websocket").into_client_request().unwrap();
                if let Some(cookie) = &hello.cookie {
                    request.headers_mut().insert("cookie", cookie.parse().unwrap());
                }
                let (socket, _) = tokio_tungstenite::client_async(request, client).await.ok()?;
                Some(Line::WebSocket(Box::new(socket), hello))
            }
            Way::Polling => {
                let polling = Polling { front: front.clone(), sid: String::new(), ready: VecDeque::new(), hello };
                let opened = polling.ask(Method::GET, String::new()).await?;
                let packet: Value = serde_json::from_str(opened.strip_prefix('0')?).ok()?;
                let sid = format!("&sid={}", packet["sid"].as_str()?);
                Some(Line::Polling(Polling { sid, ready: [opened].into(), ..polling }))
            }
            Way::Stream => {
                let epoch = hello.epoch.as_ref().map_or_else(String::new, |epoch| format!("?epoch={epoch}"));
                let mut request = Request::get(format!("/api/events{epoch}"));
                if let Some(token) = &hello.token {
                    request = request.header("authorization", format!("Bearer {token}"));
                }
                if let Some(cookie) = &hello.cookie {
                    request = request.header("cookie", cookie);
                }
                if let Some(since) = hello.since {
                    request = request.header("last-event-id", since);
                }
                let answer = front.clone().oneshot(request.body(Body::empty()).unwrap()).await.ok()?;
                let refused = Some(answer.status()).filter(|status| !status.is_success());
                Some(Line::Stream(Stream { body: answer.into_body(), text: String::new(), refused }))
            }
        }
    }

    /// Returns the next message; `None` at the end of the connection.
    pub async fn next(&mut self) -> Option<Heard> {
        let packet = match self {
            Line::WebSocket(socket, _) => match socket.next().await?.ok()? {
                Message::Text(text) => text.as_str().to_owned(),
                Message::Close(_) => return None,
                _ => return Some(Heard::Nothing),
            },
            Line::Polling(polling) => polling.next().await?,
            Line::Stream(stream) => return stream.next().await,
        };
        self.read(&packet).await
    }

    /// Sends a packet; it is lost if the connection has ended. Event streams cannot send.
    pub async fn say(&mut self, packet: &str) {
        match self {
            Line::WebSocket(socket, _) => drop(socket.send(Message::text(packet)).await),
            Line::Polling(polling) => drop(polling.ask(Method::POST, packet.to_owned()).await),
            Line::Stream(_) => {}
        }
    }

    async fn read(&mut self, packet: &str) -> Option<Heard> {
        let (kind, rest) = packet.split_at(packet.len().min(2));
        match kind {
            _ if packet.starts_with('0') => {
                let connect = format!("40{}", self.hello().auth());
                self.say(&connect).await;
            }
            "2" => self.say("3").await,
            "1" => return None,
            "41" => return Some(Heard::Disconnected),
            "42" => {
                let (name, payload) = rest.strip_prefix("[\"")?.strip_suffix(']')?.split_once("\",")?;
                return Some(Heard::Event(name.to_owned(), payload.to_owned()));
            }
            "44" => {
                let error: Value = serde_json::from_str(rest).ok()?;
                return Some(Heard::Refused(error["data"]["code"].as_str().unwrap_or_default().to_owned()));
            }
            _ => {}
        }
        Some(Heard::Nothing)
    }

    fn hello(&self) -> Hello {
        match self {
            Line::WebSocket(_, hello) | Line::Polling(Polling { hello, .. }) => hello.clone(),
            Line::Stream(_) => Hello::default(),
        }
    }
}

impl Hello {
    fn auth(&self) -> Value {
        let mut auth = json!({});
        let fields = [("token", json!(self.token)), ("since", json!(self.since)), ("epoch", json!(self.epoch))];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
            auth[name] = value;
        }
        auth
    }
}

impl Polling {
    async fn next(&mut self) -> Option<String> {
        while self.ready.is_empty() {
            let payload = self.ask(Method::GET, String::new()).await?;
            self.ready.extend(payload.split('\u{1e}').map(str::to_owned));
        }
        self.ready.pop_front()
    }

    async fn ask(&self, method: Method, body: String) -> Option<String> {
        let mut request = Request::builder().method(method).uri(format!("{OPEN}polling{}", self.sid));
        if let Some(cookie) = &self.hello.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = self.front.clone().oneshot(request.body(body.into()).unwrap()).await.ok()?;
        let is_good = answer.status().is_success();
        let body: Bytes = answer.into_body().collect().await.ok()?.to_bytes();
        is_good.then(|| String::from_utf8(body.into()).ok()).flatten()
    }
}

impl Stream {
    async fn next(&mut self) -> Option<Heard> {
        if let Some(status) = self.refused.take() {
            let code = if status == StatusCode::UNAUTHORIZED { "unauthenticated" } else { "unavailable" };
            return Some(Heard::Refused(code.to_owned()));
        }
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let heard = match (field("event: "), field("data: ")) {
                    (Some(name), Some(data)) => Heard::Event(name, data),
                    _ => Heard::Nothing,
                };
                self.text = rest.to_owned();
                return Some(heard);
            }
            let frame = self.body.frame().await?.ok()?;
            self.text += str::from_utf8(&frame.into_data().ok()?).ok()?;
        }
    }
}

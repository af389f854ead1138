//! A minimal Socket.IO client: WebSocket only, one namespace, text packets.

use std::collections::VecDeque;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{description, soon};

/// Connection parameters.
#[derive(Clone)]
pub struct Connect {
    address: String,
    auth: Value,
    headers: Vec<(&'static str, String)>,
    query: String,
    any_data: bool,
}

/// A received packet.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// An event and its first argument.
    Event(String, Value),
    /// An acknowledgement and its first argument.
    Ack(u64, Value),
    /// The server disconnected the namespace, after which official clients do not reconnect.
    Disconnected,
    /// The connection has ended.
    Closed,
}

/// A connected client.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    waiting: VecDeque<Received>,
    next_ack: u64,
    any_data: bool,
}

impl Connect {
    pub fn to(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            auth: json!({}),
            headers: Vec::new(),
            query: String::new(),
            any_data: false,
        }
    }

    /// Adds a field to the CONNECT packet's payload.
    pub fn auth(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.auth[key] = value.into();
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.auth("token", token)
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn query(mut self, query: &str) -> Self {
        self.query = format!("&{query}");
        self
    }

    /// Accepts notifications of the server's own types with other data, as sent by a publisher.
    pub fn any_data(mut self) -> Self {
        self.any_data = true;
        self
    }

    /// Connects; the error is the payload of `CONNECT_ERROR`.
    pub async fn open(&self) -> Result<Socket, Value> {
        soon("a connection", self.try_open()).await.unwrap()
    }

    /// Connects; `None` if the server is not reachable.
    pub async fn try_open(&self) -> Option<Result<Socket, Value>> {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket{}", self.address, self.query);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in &self.headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let (stream, _) = connect_async(request).await.ok()?;
        let mut socket = Socket { stream, waiting: VecDeque::new(), next_ack: 0, any_data: self.any_data };
        assert!(socket.packet().await?.starts_with('0'), "the first packet opens the session");
        socket.send(format!("40{}", self.auth)).await?;
        let answer = socket.packet().await?;
        if let Some(refusal) = answer.strip_prefix("44") {
            return Some(Err(serde_json::from_str(refusal).unwrap()));
        }
        assert!(answer.starts_with("40"), "{answer}");
        Some(Ok(socket))
    }

    /// Connects and returns the greeting.
    pub async fn greeted(&self) -> (Socket, Value) {
        let mut socket = self.open().await.unwrap();
        let greeting = socket.expect("connection_status").await;
        (socket, greeting)
    }
}

impl Socket {
    /// Returns the next packet, answering pings.
    pub async fn next(&mut self) -> Received {
        if let Some(waiting) = self.waiting.pop_front() {
            return waiting;
        }
        let Some(packet) = self.packet().await else {
            return Received::Closed;
        };
        let body = |from: usize| serde_json::from_str::<Value>(&packet[from..]).unwrap();
        match packet.as_bytes() {
            [b'4', b'2', ..] => {
                let mut arguments = body(2);
                let name = arguments[0].as_str().unwrap().to_owned();
                let payload = arguments[1].take();
                let check = if self.any_data { description::check_payload } else { description::check_event };
                check(&name, &payload);
                Received::Event(name, payload)
            }
            [b'4', b'3', ..] => {
                let start = packet.find('[').unwrap();
                Received::Ack(packet[2..start].parse().unwrap(), body(start)[0].take())
            }
            [b'4', b'1', ..] => Received::Disconnected,
            _ => panic!("unexpected packet {packet}"),
        }
    }

    /// Returns the payload of the next event, which must have this name.
    pub async fn expect(&mut self, name: &str) -> Value {
        match soon(name, self.next()).await {
            Received::Event(got, payload) if got == name => payload,
            other => panic!("waited for {name}, got {other:?}"),
        }
    }

    /// Returns the payload of the next event with this name, skipping others.
    pub async fn find(&mut self, name: &str) -> Value {
        soon(name, async {
            loop {
                match self.next().await {
                    Received::Event(got, payload) if got == name => return payload,
                    Received::Event(..) | Received::Ack(..) => {}
                    ended => panic!("waited for {name}, got {ended:?}"),
                }
            }
        })
        .await
    }

    pub async fn emit(&mut self, name: &str, payload: &Value) {
        self.send(format!("42{}", json!([name, payload]))).await;
    }

    /// Sends an event and waits for its acknowledgement; packets received before are kept.
    pub async fn call(&mut self, name: &str, payload: &Value) -> Value {
        let id = self.next_ack;
        self.next_ack += 1;
        self.send(format!("42{id}{}", json!([name, payload]))).await;
        let mut before = VecDeque::new();
        let answer = soon("an acknowledgement", async {
            loop {
                match self.next().await {
                    Received::Ack(got, payload) if got == id => return payload,
                    Received::Closed => panic!("closed before the acknowledgement"),
                    other => before.push_back(other),
                }
            }
        })
        .await;
        self.waiting = before;
        description::check_acknowledgement(name, &answer);
        answer
    }

    /// Waits for the end; returns the packets received before.
    pub async fn ended(&mut self) -> Vec<Received> {
        soon("the end of a connection", async {
            let mut heard = Vec::new();
            loop {
                match self.next().await {
                    Received::Closed => return heard,
                    other => heard.push(other),
                }
            }
        })
        .await
    }

    /// Checks by a round trip that nothing else was received: everything sent before its acknowledgement has arrived
    /// then.
    pub async fn quiet(&mut self) {
        self.emit("ping", &Value::Null).await;
        self.expect("pong").await;
    }

    /// Sends a raw packet; `None` if the connection is gone.
    pub async fn send(&mut self, packet: String) -> Option<()> {
        self.stream.send(Message::text(packet)).await.ok()
    }

    async fn packet(&mut self) -> Option<String> {
        loop {
            match self.stream.next().await?.ok()? {
                Message::Text(text) if text.as_str() == "2" => {
                    self.send("3".to_owned()).await?;
                }
                Message::Text(text) => return Some(text.to_string()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }
}

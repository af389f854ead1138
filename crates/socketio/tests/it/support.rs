//! A server on a free port, and clients that exchange raw bytes with it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::{SinkExt as _, StreamExt as _};
use parking_lot::Mutex;
use superbot_socketio::{DisconnectReason, Socket, SocketIo, SocketIoConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Timeout of waits in tests.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Server {
    pub io: SocketIo,
    pub addr: SocketAddr,
}

/// A response to an HTTP request.
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// A long-polling client.
pub struct Polling {
    pub addr: SocketAddr,
    pub sid: String,
}

/// A WebSocket client.
pub struct Ws(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Lines recorded by handlers.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Server {
    pub async fn start(config: SocketIoConfig, set_up: impl FnOnce(&SocketIo)) -> Server {
        let io = SocketIo::new(config);
        set_up(&io);
        let addr = serve(Router::new().layer(io.layer())).await;
        Server { io, addr }
    }

    /// Opens a WebSocket that has joined the main namespace.
    pub async fn join(&self) -> Ws {
        let mut ws = Ws::open(self.addr).await;
        ws.send("40").await;
        assert!(ws.text().await.starts_with("40{\"sid\":"));
        ws
    }

    /// Returns the only connected socket.
    pub async fn only_socket(&self) -> Socket {
        eventually(|| self.io.of("/").broadcast().sockets().len() == 1).await;
        self.io.of("/").broadcast().sockets().remove(0)
    }
}

/// Serves a router on a free port.
pub async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    addr
}

pub async fn http(addr: SocketAddr, method: &str, target: &str, headers: &str, body: &str) -> Reply {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    // A server that rejects a body early may close the connection before all of it is written.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an answer in time");
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

impl Polling {
    pub const OPEN: &str = "/socket.io/?EIO=4&transport=polling";

    pub async fn open(addr: SocketAddr) -> Polling {
        let reply = http(addr, "GET", Polling::OPEN, "", "").await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let sid = reply.body.split('"').nth(3).unwrap().to_owned();
        Polling { addr, sid }
    }

    pub fn target(&self) -> String {
        format!("{}&sid={}", Polling::OPEN, self.sid)
    }

    pub async fn get(&self) -> Reply {
        http(self.addr, "GET", &self.target(), "", "").await
    }

    pub async fn post(&self, body: &str) -> Reply {
        http(self.addr, "POST", &self.target(), "", body).await
    }

    /// Joins the main namespace.
    pub async fn join(&self) {
        assert_eq!(self.post("40").await.body, "ok");
        assert!(self.get().await.body.starts_with("40{\"sid\":"));
    }
}

impl Ws {
    pub async fn connect(addr: SocketAddr, query: &str) -> Ws {
        let url = format!("ws://{addr}/socket.io/?EIO=4&transport=websocket{query}");
        Ws(tokio_tungstenite::connect_async(url).await.unwrap().0)
    }

    pub async fn open(addr: SocketAddr) -> Ws {
        let mut ws = Ws::connect(addr, "").await;
        assert!(ws.text().await.starts_with("0{\"sid\":"));
        ws
    }

    pub async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub async fn send_binary(&mut self, data: &[u8]) {
        self.0.send(Message::binary(data.to_vec())).await.unwrap();
    }

    /// Returns the next message; `None` if the connection was closed.
    pub async fn next(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.0.next()).await.expect("a message in time")?.ok()
    }

    /// Returns the next text message, answering pings.
    pub async fn text(&mut self) -> String {
        loop {
            match self.next().await {
                Some(Message::Text(text)) if text.as_str() == "2" => self.send("3").await,
                Some(Message::Text(text)) => return text.as_str().to_owned(),
                other => panic!("not a text message: {other:?}"),
            }
        }
    }

    pub async fn binary(&mut self) -> Vec<u8> {
        match self.next().await {
            Some(Message::Binary(data)) => data.to_vec(),
            other => panic!("not a binary message: {other:?}"),
        }
    }

    /// Reads until the end; returns the close code, if any.
    pub async fn end(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some(message) = self.next().await {
            if let Message::Close(frame) = message {
                code = frame.map(|frame| frame.code.into());
            }
        }
        code
    }
}

impl Log {
    pub fn note(&self, line: impl Into<String>) {
        self.0.lock().push(line.into());
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().clone()
    }

    pub async fn wait_for(&self, count: usize) -> Vec<String> {
        eventually(|| self.lines().len() >= count).await;
        self.lines()
    }

    /// Records the reasons of disconnections.
    pub fn disconnects(&self, io: &SocketIo) {
        let log = self.clone();
        io.of("/").on_disconnect(move |_, reason: DisconnectReason| {
            let log = log.clone();
            async move { log.note(reason.as_str()) }
        });
    }
}

/// Waits for a condition; panics after the timeout.
pub async fn eventually(condition: impl Fn() -> bool) {
    timeout(PATIENCE, async {
        while !condition() {
            sleep(Duration::from_millis(2)).await;
        }
    })
    .await
    .expect("the condition in time");
}

/// Encodes a masked frame.
pub fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first_byte];
    match payload.len() {
        length @ 0..=125 => out.push(0x80 | u8::try_from(length).unwrap()),
        length @ 126..=0xffff => {
            out.push(0x80 | 0x7e);
            out.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            out.push(0x80 | 0x7f);
            out.extend((length as u64).to_be_bytes());
        }
    }
    let mask = [0x12, 0x34, 0x56, 0x78];
    out.extend(mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    out
}

/// Opens a raw TCP connection and performs the WebSocket handshake.
pub async fn raw_ws(addr: SocketAddr, receive_buffer: Option<u32>) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    if let Some(size) = receive_buffer {
        socket.set_recv_buffer_size(size).unwrap();
    }
    let mut stream = socket.connect(addr).await.unwrap();
    let request = format!(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {addr}\r\nUpgrade: websocket\r\n\
         Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101"), "{head}");
    assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
    stream
}

/// Reads one unmasked frame; returns its first byte and payload.
pub async fn read_frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let read = async {
        let first = stream.read_u8().await?;
        let length = match stream.read_u8().await? {
            126 => usize::from(stream.read_u16().await?),
            127 => usize::try_from(stream.read_u64().await?).unwrap(),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await?;
        std::io::Result::Ok((first, payload))
    };
    timeout(PATIENCE, read).await.expect("a frame in time").unwrap()
}

#![no_main]
//! Fuzzes a whole server with polling and WebSocket clients controlled by the input. Nothing may panic or hang, and
//! nothing may be left of the clients at the end.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use libfuzzer_sys::fuzz_target;
use superbot_socketio::{ClientEvent, ConnectRefusal, ConnectRequest, EventPacket, Socket, SocketIo, SocketIoConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tower::ServiceExt as _;

thread_local! {
    // Paused time: it jumps to the next deadline when all tasks are idle.
    static RUNTIME: RefCell<Runtime> =
        RefCell::new(Builder::new_current_thread().enable_time().start_paused(true).build().unwrap());
}

fuzz_target!(|data: &[u8]| RUNTIME.with_borrow_mut(|runtime| runtime.block_on(run(data))));

async fn run(data: &[u8]) {
    let io = server();
    let mut client = Client { io: io.clone(), sid: String::new(), ws: None, poll: None, post: None };
    client.open().await;
    for step in data.split(|byte| *byte == 0xff).take(64) {
        let [action, rest @ ..] = step else { continue };
        client.act(*action, rest).await;
    }
    drop(client);
    io.drain(Duration::from_secs(5)).await;
    let stats = io.stats();
    assert_eq!((stats.connections, stats.sockets, stats.queued_bytes), (0, 0, 0), "{stats:?}");
    assert!(io.of("/").broadcast().sockets().is_empty());
}

fn server() -> SocketIo {
    let io = SocketIo::new(SocketIoConfig {
        max_payload: 2_000,
        queue_bytes: 5_000,
        max_inbound: 4,
        max_attachments: 3,
        max_pending_acks: 2,
        max_connections: 4,
        max_inbound_bytes: 4_000,
        ..SocketIoConfig::default()
    });
    io.of("/n").middleware(|request: ConnectRequest| async move {
        if request.auth().get("no").is_some() { Err(ConnectRefusal::new("no").and_close()) } else { Ok(()) }
    });
    for name in ["/", "/n"] {
        let namespace = io.of(name);
        namespace.on_connect(|socket: Socket| async move {
            let _ = socket.join("room");
        });
        namespace.on("leave", |socket: Socket, _| async move { socket.disconnect() });
        namespace.on("ask", |socket: Socket, _| async move {
            drop(socket.emit_with_ack("question", &(), Duration::from_secs(1)).await);
        });
        namespace.on_any(|socket: Socket, event: ClientEvent| async move {
            let ClientEvent { name, args, ack, .. } = event;
            if let Some(ack) = ack {
                drop(ack.send_with_attachments(&args.values, &args.attachments));
            }
            let packet =
                EventPacket::with_attachments(socket.namespace().name(), &name, &args.values, &args.attachments);
            let delivery = socket.namespace().to("room").send(&packet.unwrap());
            for slow in delivery.full {
                slow.drained(1_000).await;
            }
        });
    }
    io
}

struct Client {
    io: SocketIo,
    sid: String,
    ws: Option<DuplexStream>,
    /// A pending poll.
    poll: Option<JoinHandle<()>>,
    /// A POST request whose body is incomplete.
    post: Option<Sender<Bytes, io::Error>>,
}

/// Statuses that responses may have.
const STATUSES: [u16; 6] = [200, 400, 403, 413, 426, 503];

impl Client {
    async fn act(&mut self, action: u8, data: &[u8]) {
        match action % 16 {
            0 => drop(self.http("POST", data).await),
            // Either answered or aborted.
            1 => drop(self.http("GET", &[]).await),
            8 => self.park(),
            9 => self.break_poll_off().await,
            10 => self.begin_post(data).await,
            11 => self.continue_post(data).await,
            12 => self.end_post(data).await,
            13 => self.open().await,
            14 => self.ask(data).await,
            2 => self.connect(true).await,
            3 => self.connect(false).await,
            4 => self.write(&frame(0x81, data)).await,
            5 => self.write(&frame(0x82, data)).await,
            6 => self.write(data).await,
            _ => self.read().await,
        }
    }

    /// Opens a session on polling; an earlier session is abandoned.
    async fn open(&mut self) {
        self.sid.clear();
        let body = self.http("GET", &[]).await;
        self.sid = body.split('"').nth(3).unwrap_or_default().to_owned();
    }

    /// Starts a poll; a second concurrent one is a protocol violation.
    fn park(&mut self) {
        let request = self.request("GET", Full::default());
        let answer = answer(self.io.clone(), request, Duration::from_secs(60));
        self.poll = Some(tokio::spawn(async move { drop(answer.await) }));
    }

    async fn break_poll_off(&mut self) {
        if let Some(poll) = self.poll.take() {
            poll.abort();
            let ended = poll.await;
            assert!(ended.is_ok() || ended.is_err_and(|error| error.is_cancelled()));
        }
    }

    /// Starts a POST request whose body is sent in pieces.
    async fn begin_post(&mut self, data: &[u8]) {
        let (sender, body) = Channel::new(4);
        let request = self.request("POST", body);
        tokio::spawn(answer(self.io.clone(), request, Duration::from_secs(60)));
        self.post = Some(sender);
        self.continue_post(data).await;
    }

    async fn continue_post(&mut self, data: &[u8]) {
        if let Some(post) = &mut self.post {
            let _ = timeout(Duration::from_millis(50), post.send_data(Bytes::copy_from_slice(data))).await;
        }
    }

    /// Completes or aborts the body.
    async fn end_post(&mut self, data: &[u8]) {
        match self.post.take() {
            Some(post) if data.first() == Some(&b'x') => post.abort(io::ErrorKind::ConnectionReset.into()),
            ended => drop(ended),
        }
        tokio::task::yield_now().await;
    }

    /// Sends a request with an arbitrary method and query.
    async fn ask(&self, data: &[u8]) {
        let Ok(text) = str::from_utf8(data) else { return };
        let (method, query) = text.split_once(' ').unwrap_or(("GET", text));
        let query = query.replace("SID", &self.sid);
        let request = Request::builder().method(method).uri(format!("/socket.io/?{query}")).body(Full::default());
        if let Ok(request) = request {
            drop(answer(self.io.clone(), request, Duration::from_millis(200)).await);
        }
    }

    async fn http(&self, method: &str, body: &[u8]) -> String {
        let request = self.request(method, Full::new(Bytes::copy_from_slice(body)));
        answer(self.io.clone(), request, Duration::from_millis(200)).await
    }

    fn request<B>(&self, method: &str, body: B) -> Request<B> {
        let sid = if self.sid.is_empty() { String::new() } else { format!("&sid={}", self.sid) };
        let uri = format!("/socket.io/?EIO=4&transport=polling{sid}");
        Request::builder().method(method).uri(uri).body(body).unwrap()
    }

    async fn connect(&mut self, take_over: bool) {
        let (near, far) = tokio::io::duplex(256);
        let service = TowerToHyperService::new(self.io.service());
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(far), service);
        tokio::spawn(connection.with_upgrades());
        let sid = if take_over { format!("&sid={}", self.sid) } else { String::new() };
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket{sid} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n"
        );
        self.ws = Some(near);
        self.write(request.as_bytes()).await;
        self.read().await;
    }

    async fn write(&mut self, bytes: &[u8]) {
        if let Some(ws) = &mut self.ws {
            let _ = timeout(Duration::from_millis(50), ws.write_all(bytes)).await;
        }
    }

    async fn read(&mut self) {
        if let Some(ws) = &mut self.ws {
            let mut buffer = [0; 512];
            let _ = timeout(Duration::from_millis(50), ws.read(&mut buffer)).await;
        }
    }
}

/// Returns the body of a response; the request is aborted after a timeout.
async fn answer<B>(io: SocketIo, request: Request<B>, patience: Duration) -> String
where
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let Ok(response) = timeout(patience, io.service().oneshot(request)).await else { return String::new() };
    let response: Result<_, Infallible> = response;
    let response = response.unwrap();
    assert!(STATUSES.contains(&response.status().as_u16()), "{response:?}");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first_byte];
    match u8::try_from(payload.len()) {
        Ok(length @ 0..=125) => out.push(0x80 | length),
        _ => {
            out.push(0x80 | 126);
            out.extend(u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    // A zero mask keeps the payload readable in fuzzing inputs.
    out.extend([0; 4]);
    out.extend_from_slice(payload);
    out
}

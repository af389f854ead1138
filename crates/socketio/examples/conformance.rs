//! Server for the official protocol test suites, listening on port `PORT` (default 3000).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use superbot_socketio::engine::{EngineIo, Frame, Handler, Malformed, Peer, Session};
use superbot_socketio::{Config, ConnectRequest, DisconnectReason, Event, Origins, Packet, Socket, SocketIo};
use tokio::net::TcpListener;
use tower::{Layer as _, Service as _};

/// Echoes every message.
struct Echo;

impl Handler for Echo {
    fn opened(&self, session: &Arc<Session>) -> Box<dyn Peer> {
        session.admit();
        Box::new(Echo)
    }
}

impl Peer for Echo {
    fn text(&self, session: &Arc<Session>, message: &str) -> Result<(), Malformed> {
        session.send(&[Frame::message(message)]).map_err(|_| Malformed)
    }

    fn binary(&self, session: &Arc<Session>, message: Bytes) -> Result<(), Malformed> {
        session.send(&[Frame::binary(&message)]).map_err(|_| Malformed)
    }

    fn closed(&self, _: DisconnectReason) {}
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the test suites wait for this line")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        // The suites wait two seconds for the timeout, and ping for nearly one second without joining a namespace.
        connect_timeout: Duration::from_millis(1_700),
        origins: Origins::Any,
        ..Config::default()
    };
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let engine = Config { path: "/engine.io/".to_owned(), ..config.clone() };
    let app = EngineIo::new(engine, Echo).layer().layer(tower::service_fn(nothing_here));
    let app = socket_io(config).layer().layer(app);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let app = app.clone();
        // Served by hyper directly, because the suites abort requests as they arrive.
        let service = service_fn(move |request| app.clone().call(request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection.with_upgrades());
    }
}

async fn nothing_here(_: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    Ok(response)
}

fn socket_io(config: Config) -> SocketIo {
    let io = SocketIo::new(config);
    for name in ["/", "/custom"] {
        io.of(name)
            .middleware(|request: ConnectRequest| async move {
                request.extensions().insert(request.auth().clone());
                Ok(())
            })
            .on_connect(|socket: Socket| async move {
                let auth = socket.extensions().get::<Value>().unwrap_or_default();
                report(socket.emit("auth", &*auth));
            });
    }
    io.of("/")
        .on("message", |socket: Socket, event: Event| async move {
            let Event { args, .. } = event;
            match Packet::with_attachments("/", "message-back", &args.values, &args.attachments) {
                Ok(packet) => report(socket.send(&packet)),
                Err(error) => report(Err(error)),
            }
        })
        .on("message-with-ack", |_: Socket, event: Event| async move {
            if let Some(ack) = event.ack {
                report(ack.send_with_attachments(&event.args.values, &event.args.attachments));
            }
        });
    io
}

fn report<E: std::fmt::Display>(outcome: Result<(), E>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "not sent");
    }
}

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
use superbot_socketio::engine::{EngineFrame, EngineIo, EngineSession, MalformedPacket, SessionHandler, SessionPeer};
use superbot_socketio::{
    AllowedOriginList, ClientEvent, ConnectRequest, DisconnectReason, EventPacket, Socket, SocketIo, SocketIoConfig,
};
use tokio::net::TcpListener;
use tower::{Layer as _, Service as _};

/// Echoes every message.
struct Echo;

impl SessionHandler for Echo {
    fn opened(&self, session: &Arc<EngineSession>) -> Box<dyn SessionPeer> {
        session.admit();
        Box::new(Echo)
    }
}

impl SessionPeer for Echo {
    fn text(&self, session: &Arc<EngineSession>, message: &str) -> Result<(), MalformedPacket> {
        session.send(&[EngineFrame::message(message)]).map_err(|_| MalformedPacket)
    }

    fn binary(&self, session: &Arc<EngineSession>, message: Bytes) -> Result<(), MalformedPacket> {
        session.send(&[EngineFrame::binary(&message)]).map_err(|_| MalformedPacket)
    }

    fn closed(&self, _: DisconnectReason) {}
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the test suites wait for this line")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = SocketIoConfig {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        // The suites wait two seconds for the timeout, and ping for nearly one second without joining a namespace.
        connect_timeout: Duration::from_millis(1_700),
        origins: AllowedOriginList::Any,
        ..SocketIoConfig::default()
    };
    let port: u16 = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let engine = SocketIoConfig { path: "/engine.io/".to_owned(), ..config.clone() };
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

fn socket_io(config: SocketIoConfig) -> SocketIo {
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
        .on("message", |socket: Socket, event: ClientEvent| async move {
            let ClientEvent { args, .. } = event;
            match EventPacket::with_attachments("/", "message-back", &args.values, &args.attachments) {
                Ok(packet) => report(socket.send(&packet)),
                Err(error) => report(Err(error)),
            }
        })
        .on("message-with-ack", |_: Socket, event: ClientEvent| async move {
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

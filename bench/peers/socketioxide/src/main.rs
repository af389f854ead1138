//! socketioxide on axum: broadcasts the payloads of POST /broadcast, and sends those of POST /to/ROOM to rooms.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::post;
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{Data, SocketRef};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpSocket;

async fn connect(socket: SocketRef, Data(auth): Data<Value>) {
    if let Some(room) = auth.get("room").and_then(Value::as_str) {
        socket.join(room.to_owned());
    }
}

async fn broadcast(State(io): State<SocketIo>, axum::Json(payload): axum::Json<Value>) -> &'static str {
    let _ = io.emit("new_listing", &payload).await;
    "{}"
}

async fn to(
    State(io): State<SocketIo>,
    Path(room): Path<String>,
    axum::Json(payload): axum::Json<Value>,
) -> &'static str {
    let _ = io.to(room).emit("notification", &payload).await;
    "{}"
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/", connect);
    let routes = Router::new().route("/broadcast", post(broadcast)).route("/to/{room}", post(to));
    let app = routes.with_state(io).layer(layer);
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let listener = socket.listen(4096)?;
    println!("READY http://{}", listener.local_addr()?);
    // The parent process has ended when standard input closes.
    tokio::spawn(async {
        let _ = tokio::io::stdin().read(&mut [0]).await;
        std::process::exit(0);
    });
    axum::serve(listener, app).await
}

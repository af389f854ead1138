//! Clients that read on demand.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Connects with minimal kernel buffers.
pub(super) async fn small_stream(address: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(address.parse().unwrap()).await.unwrap()
}

/// A client with minimal kernel buffers: while it does not read, the server cannot write.
pub(super) struct Peer(WebSocketStream<TcpStream>);

impl Peer {
    /// Connects, and reads up to the response to the CONNECT packet.
    pub(super) async fn connect(address: &str, token: &str) -> Self {
        let stream = small_stream(address).await;
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (stream, _) = client_async(url, stream).await.unwrap();
        let mut peer = Self(stream);
        assert!(peer.packet().await.unwrap().starts_with('0'));
        peer.0.send(Message::text(format!("40{}", json!({"token": token})))).await.unwrap();
        assert!(peer.packet().await.unwrap().starts_with("40"));
        peer
    }

    /// Returns the next event, answering pings; `None` if the connection has ended.
    pub(super) async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            let packet = self.packet().await?;
            if packet == "2" {
                self.0.send(Message::text("3")).await.ok()?;
            } else if let Some(event) = packet.strip_prefix("42") {
                let mut event: Value = serde_json::from_str(event).unwrap();
                return Some((event[0].as_str().unwrap().to_owned(), event[1].take()));
            } else {
                panic!("unexpected packet {packet}");
            }
        }
    }

    async fn packet(&mut self) -> Option<String> {
        loop {
            match self.0.next().await?.ok()? {
                Message::Text(text) => return Some(text.to_string()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }
}

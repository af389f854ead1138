//! A TCP connection for sending arbitrary bytes.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::{Http, Server, soon};

/// A connection from a chosen source address; all of 127.0.0.0/8 is loopback.
pub struct Raw(pub TcpStream);

impl Raw {
    pub async fn from(source: &str, server: &Server) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
        let address: SocketAddr = server.address.parse().unwrap();
        Self(soon("a connection", socket.connect(address)).await.unwrap())
    }

    /// Opens a connection and sends a request that is answered.
    pub async fn asked(source: &str, server: &Server, request: &str) -> Self {
        let mut raw = Self::from(source, server).await;
        raw.send(request).await;
        assert_eq!(raw.status().await, Some(200));
        raw
    }

    pub async fn send(&mut self, request: &str) {
        self.0.write_all(request.as_bytes()).await.unwrap();
    }

    /// Reads the next response including its body; returns the status, or `None` if there is none.
    pub async fn status(&mut self) -> Option<u16> {
        let mut head = Vec::new();
        let read = async {
            while !head.ends_with(b"\r\n\r\n") {
                head.push(self.0.read_u8().await?);
            }
            let head = String::from_utf8_lossy(&head).to_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            self.0.read_exact(&mut body).await?;
            std::io::Result::Ok(head[9..12].parse().unwrap())
        };
        soon("an answer", read).await.ok()
    }

    /// Reads until a text appears; returns false if the connection ends first.
    pub async fn reads(&mut self, text: &str) -> bool {
        let mut read = Vec::new();
        let until_there = async {
            while !String::from_utf8_lossy(&read).contains(text) {
                let Ok(byte) = self.0.read_u8().await else { return false };
                read.push(byte);
            }
            true
        };
        soon(text, until_there).await
    }

    /// Waits until the server closes the connection.
    pub async fn closed(mut self) {
        let mut rest = Vec::new();
        let _ = soon("the end of a connection", self.0.read_to_end(&mut rest)).await;
    }

    /// Returns whether the connection still serves requests.
    pub async fn serves(&mut self, request: &str) -> bool {
        self.0.write_all(request.as_bytes()).await.is_ok() && self.status().await == Some(200)
    }
}

/// Returns the number of rejections for a reason.
pub async fn refused(http: &Http, reason: &str) -> u64 {
    let answer = http.get("/metrics").await;
    let text = answer.body.as_str().unwrap().to_owned();
    let line =
        text.lines().find_map(|line| line.strip_prefix(&format!("superbot_refused_total{{reason=\"{reason}\"}} ")));
    line.map_or(0, |value| value.parse().unwrap())
}

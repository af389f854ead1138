//! A connection of which every byte is chosen.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::{Http, Server, soon};

/// A connection from an address of choice; all of 127.0.0.0/8 is this machine.
pub struct Raw(pub TcpStream);

impl Raw {
    pub async fn from(source: &str, server: &Server) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
        let address: SocketAddr = server.address.parse().unwrap();
        Self(soon("a connection", socket.connect(address)).await.unwrap())
    }

    /// A connection that has been answered.
    pub async fn asked(source: &str, server: &Server, request: &str) -> Self {
        let mut raw = Self::from(source, server).await;
        raw.send(request).await;
        assert_eq!(raw.status().await, Some(200));
        raw
    }

    pub async fn send(&mut self, request: &str) {
        self.0.write_all(request.as_bytes()).await.unwrap();
    }

    /// The status of the next answer, whose body is read as well; `None` when there is none.
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

    /// Reads until what was read contains a text; `false` where the connection ends before.
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

    /// Waits until the server has closed the connection.
    pub async fn closed(mut self) {
        let mut rest = Vec::new();
        let _ = soon("the end of a connection", self.0.read_to_end(&mut rest)).await;
    }

    /// Whether the connection still serves requests.
    pub async fn serves(&mut self, request: &str) -> bool {
        self.0.write_all(request.as_bytes()).await.is_ok() && self.status().await == Some(200)
    }
}

/// How often something was refused for a reason.
pub async fn refused(http: &Http, reason: &str) -> u64 {
    let answer = http.get("/metrics").await;
    let text = answer.body.as_str().unwrap().to_owned();
    let line =
        text.lines().find_map(|line| line.strip_prefix(&format!("superbot_refused_total{{reason=\"{reason}\"}} ")));
    line.map_or(0, |value| value.parse().unwrap())
}

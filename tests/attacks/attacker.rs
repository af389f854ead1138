//! Tools of an attacker: connections from chosen addresses, and malformed or excessive input.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::scale::sized;
use crate::support::{Http, Server};

/// Number of responses by status; 0 stands for no response in time.
pub type Statuses = BTreeMap<u16, usize>;

/// Adds up the counts of several attackers.
pub fn sum(counted: impl IntoIterator<Item = Statuses>) -> Statuses {
    let mut all = Statuses::new();
    for (status, count) in counted.into_iter().flatten() {
        *all.entry(status).or_default() += count;
    }
    all
}

/// Source address of a single attacker. All of 127.0.0.0/8 is loopback.
pub const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 66, 0, 1);

/// Source address of one of many attackers.
pub fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::from_bits(Ipv4Addr::new(127, 67, 0, 1).to_bits() + u32::try_from(number).unwrap())
}

/// Connects from an address.
pub async fn connect(server: &Server, from: Ipv4Addr) -> io::Result<TcpStream> {
    open(TcpSocket::new_v4()?, server, from).await
}

/// Connects with a minimal receive buffer, so that an unread response stays with the server.
pub async fn connect_unread(server: &Server, from: Ipv4Addr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    open(socket, server, from).await
}

async fn open(socket: TcpSocket, server: &Server, from: Ipv4Addr) -> io::Result<TcpStream> {
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((from, 0)))?;
    let stream = socket.connect(server.address.parse().unwrap()).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Returns a client with a source address that opens a new connection for each request.
pub fn http(server: &Server, from: Ipv4Addr) -> Http {
    let client = Client::builder().no_proxy().local_address(IpAddr::V4(from)).pool_max_idle_per_host(0);
    let mut http = server.http();
    http.client = client.build().unwrap();
    http
}

/// Formats the head of a request.
pub fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: superbot\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head + "\r\n"
}

/// Formats a POST request with a JSON body.
pub fn post(path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let length = body.len().to_string();
    let bearer = format!("Bearer {}", token.unwrap_or_default());
    let mut headers = vec![("Content-Type", "application/json"), ("Content-Length", &length), ("Connection", "close")];
    headers.extend(token.map(|_| ("Authorization", bearer.as_str())));
    let mut request = head("POST", path, &headers).into_bytes();
    request.extend_from_slice(body.as_bytes());
    request
}

/// Formats a login request.
pub fn sign_in(username: &str, password: &str) -> Vec<u8> {
    let body = serde_json::json!({"username": username, "password": password});
    post("/api/auth/login", None, &Value::to_string(&body))
}

/// Sends a request and returns the status of the response; 0 if there is none.
pub async fn status(server: &Server, from: Ipv4Addr, request: &[u8]) -> u16 {
    let answered = async {
        let mut stream = connect(server, from).await.ok()?;
        // A server that rejects a request early may respond before everything is sent.
        let _ = stream.write_all(request).await;
        read_status(&mut stream).await
    };
    tokio::time::timeout(sized(Duration::from_secs(20), Duration::from_mins(2)), answered)
        .await
        .ok()
        .flatten()
        .unwrap_or(0)
}

/// Reads the status of the next response.
pub async fn read_status(stream: &mut TcpStream) -> Option<u16> {
    let mut begins = [0; 12];
    stream.read_exact(&mut begins).await.ok()?;
    str::from_utf8(&begins).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

/// Reads and discards input until the server closes the connection.
pub async fn until_closed(stream: &mut (impl AsyncRead + Unpin)) {
    let mut buffer = [0; 512];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
}

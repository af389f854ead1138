//! WebSocket handshakes: alone, followed by more data, and on connections that served HTTP before.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Connect, Server};

const HANDSHAKE: &str = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: superbot\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// The `Sec-WebSocket-Accept` for this key (RFC 6455, section 1.3).
const ACCEPT: &str = "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A connection with buffered input.
struct Raw {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Raw {
    async fn to(server: &Server) -> Self {
        Self { stream: TcpStream::connect(&server.address).await.unwrap(), read: Vec::new() }
    }

    async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads up to and including `end`.
    async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|window| window == end.as_bytes()) {
                let rest = self.read.split_off(at + end.len());
                return String::from_utf8_lossy(&std::mem::replace(&mut self.read, rest)).into_owned();
            }
            assert_ne!(self.stream.read_buf(&mut self.read).await.unwrap(), 0, "closed after {:?}", self.read);
        }
    }

    /// Reads the response to the handshake and the OPEN packet.
    async fn opened(&mut self) {
        let answer = self.until("\r\n\r\n").await.to_lowercase();
        assert!(answer.starts_with("http/1.1 101 "), "{answer}");
        assert!(answer.contains(&ACCEPT.to_lowercase()), "{answer}");
        let open = self.until("}").await;
        let json: Value = serde_json::from_str(&open[open.find('{').unwrap()..]).unwrap();
        assert_eq!(json["upgrades"], serde_json::json!([]));
    }
}

/// Encodes a client text frame, masked with zeros.
fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}

fn connect(token: &str) -> Vec<u8> {
    frame(&format!("40{{\"token\":\"{token}\"}}"))
}

#[tokio::test]
async fn a_handshake_is_served_however_it_arrives() {
    let server = Server::start().await;
    let token = server.user_with_token("ann").await;
    let whole = format!("{HANDSHAKE}\r\n");

    let mut alone = Raw::to(&server).await;
    alone.send(&whole).await;
    alone.opened().await;
    alone.send(connect(&token)).await;
    alone.until("\"connected\"").await;

    // Data right after the request is the first frame.
    let mut hasty = Raw::to(&server).await;
    hasty.send([whole.as_bytes(), &connect(&token)].concat()).await;
    hasty.opened().await;
    hasty.until("\"connected\"").await;

    // A proxy may reuse a connection that served other requests.
    let mut used = Raw::to(&server).await;
    used.send("GET /healthz HTTP/1.1\r\nHost: superbot\r\n\r\n").await;
    let answer = used.until("\r\n\r\n").await.to_lowercase();
    let length: usize = answer.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
    while used.read.len() < length {
        used.stream.read_buf(&mut used.read).await.unwrap();
    }
    used.read.drain(..length);
    used.send(&whole).await;
    used.opened().await;
    used.send(connect(&token)).await;
    used.until("\"connected\"").await;
}

#[tokio::test]
async fn a_handshake_that_is_refused_is_told_why() {
    let server = Server::start().await;
    for (handshake, status, why) in [
        (format!("{HANDSHAKE}Origin: https://evil.example\r\n\r\n"), "403", "Forbidden"),
        (
            format!("{}\r\n", HANDSHAKE.replace("EIO=4", "EIO=3")),
            "400",
            "\"message\":\"Unsupported protocol version\",\"hint\":\"This server speaks Engine.IO 4 ",
        ),
        (format!("{}\r\n", HANDSHAKE.replace("Version: 13", "Version: 8")), "426", "Bad request"),
        (
            format!("{}\r\n", HANDSHAKE.replace("websocket HTTP", "websocket&sid=nobody HTTP")),
            "400",
            "\"message\":\"Session ID unknown\",\"hint\":\"It ended, or another server process opened it: ",
        ),
    ] {
        let mut raw = Raw::to(&server).await;
        raw.send(&handshake).await;
        let answer = raw.until("\r\n\r\n").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{handshake}: {answer}");
        raw.until(why).await;
    }
    let http = server.http();
    for reason in ["origin", "protocol_version"] {
        assert_eq!(http.metric(&format!("superbot_refused_total{{reason=\"{reason}\"}}")).await, 1);
        let line = format!("reason=\"{reason}\" count=1 address=127.0.0.1");
        assert!(server.log().contains(&line), "{line} is not in\n{}", server.log());
    }
}

#[tokio::test]
async fn a_bearer_header_counts_after_the_connect_packet_and_before_the_cookie() {
    let server = Server::start().await;
    let ann = server.user_with_token("ann").await;
    let bob = server.user_with_token("bob").await;
    let publish = server.token("publish", None).await;
    let cookie = server.http().signed_in("bob").await.cookie().to_owned();
    let to = || Connect::to(&server.address);
    let bearer = |token: &str| format!("Bearer {token}");
    let unknown = format!("sbt_{}", "x".repeat(43));

    for connect in [
        to().header("authorization", &bearer(&ann)),
        to().header("authorization", &format!("bEARER  {ann} ")),
        to().header("authorization", &bearer(&ann)).header("cookie", &cookie),
        to().header("authorization", &bearer(&ann)).query(&format!("token={bob}")),
        to().header("authorization", &bearer(&bob)).token(&ann),
        // The first credential decides; later ones are ignored.
        to().header("authorization", "Basic YTpi").token(&ann),
    ] {
        let (_socket, greeting) = connect.greeted().await;
        assert_eq!(greeting["username"], "ann");
    }
    for (value, code) in [
        (bearer(&unknown), "unauthenticated"),
        (bearer(""), "unauthenticated"),
        (ann.clone(), "unauthenticated"),
        ("Basic YTpi".to_owned(), "unauthenticated"),
        (String::new(), "unauthenticated"),
        (bearer(&publish), "forbidden"),
    ] {
        // An invalid credential is rejected, even if a valid cookie follows.
        let connect = to().header("authorization", &value).header("cookie", &cookie).query(&format!("token={ann}"));
        assert_eq!(connect.open().await.err().unwrap()["data"]["code"], code, "{value}");
    }
    let mut raw = Raw::to(&server).await;
    raw.send(
        [HANDSHAKE.as_bytes(), b"Authorization: Bearer \xe4\r\nCookie: ", cookie.as_bytes(), b"\r\n\r\n"].concat(),
    )
    .await;
    raw.opened().await;
    raw.send(frame("40")).await;
    raw.until("\"code\":\"unauthenticated\"").await;
    let connect = to().header("authorization", &bearer(&ann)).token(&unknown);
    assert_eq!(connect.open().await.err().unwrap()["data"]["code"], "unauthenticated");
}

#[tokio::test]
async fn many_who_come_at_once_are_each_known_by_their_own_credential() {
    let server = Server::start().await;
    let mut tokens = Vec::new();
    for number in 0..12 {
        let name = format!("user{number}");
        tokens.push((server.user_with_token(&name).await, name));
    }
    let unknown = format!("sbt_{}", "x".repeat(43));
    let connecting = tokens.iter().map(|(token, name)| async {
        let (_socket, greeting) = Connect::to(&server.address).token(token).greeted().await;
        assert_eq!(greeting["username"], **name);
    });
    let stranger = Connect::to(&server.address).token(&unknown);
    let (_, refusal) = tokio::join!(futures_util::future::join_all(connecting), stranger.open());
    assert_eq!(refusal.err().unwrap()["data"]["code"], "unauthenticated");
}

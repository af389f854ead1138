//! The memory used for one client's input and unread output is bounded.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Http, Options, Server, eventually, resident_kib, soon};

const MIB: u64 = 1 << 10;

/// A request on a new connection of which only the head of the response is read.
struct Unread {
    /// Keeps the connection open.
    _held: TcpStream,
    status: u16,
}

impl Unread {
    async fn send(server: &Server, method: &str, path: &str, token: &str, body: &[u8]) -> Self {
        // With a small receive window, unread output stays in the server rather than in the kernel.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(server.address.parse().unwrap()).await.unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n",
            server.address
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut line = [0; 12];
        soon("an answer", stream.read_exact(&mut line)).await.unwrap();
        let status = std::str::from_utf8(&line[9..]).unwrap().parse().unwrap();
        Self { _held: stream, status }
    }
}

fn json_body(http: &Http, path: &str, body: Vec<u8>) -> reqwest::RequestBuilder {
    http.request(Method::POST, path).header("content-type", "application/json").body(body)
}

fn address_space_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// An array that repeats one element, of about `bytes` bytes.
fn array_of(item: &str, bytes: usize) -> Vec<u8> {
    let items = vec![item; bytes / (item.len() + 1)].join(",");
    format!("[{items}]").into_bytes()
}

#[tokio::test]
async fn long_arrays_are_refused_in_little_memory() {
    let server = Server::start().await;
    let token = server.token("publish", None).await;
    // A new connection each time: an idle one might be closed while the next body is generated.
    let publish = async |body: Vec<u8>| {
        let publisher = server.http().with_token(&token);
        publisher.send(json_body(&publisher, "/api/listings", body)).await
    };
    // With this limit, allocating the arrays as JSON values would abort the process.
    let most = (address_space_kib(server.pid()) + 160 * MIB) << 10;
    let limit = ["--pid".to_owned(), server.pid().to_string(), format!("--as={most}")];
    assert!(tokio::process::Command::new("prlimit").args(limit).status().await.unwrap().success());
    let before = resident_kib(server.pid());
    let listing = r#"{"title":"a","link":"https://example.org/1","source":"x","more":"#;
    let nested = [listing.as_bytes(), &array_of("0", 15 << 20), b"}"].concat();
    for item in ["0", "{}", "[]", "\"\"", "[[[[[[[]]]]]]]", "{\"a\":[{}]}"] {
        let body = array_of(item, 15 << 20);
        let answer = publish(body).await;
        assert_eq!(answer.refused(413), "too_large", "{item}");
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains("5000 items") && detail.contains("NDJSON"), "{detail}");
        assert_eq!(server.http().get("/healthz").await.status, 200);
    }
    let answer = publish(nested).await;
    assert_eq!(answer.status, 201, "what no listing consists of is skipped: {}", answer.body);
    let in_title = [b"{\"title\":".as_slice(), &array_of("{}", 15 << 20), b"}"].concat();
    let answer = publish(in_title).await;
    assert_eq!(answer.refused(422), "invalid");
    assert!(answer.body.to_string().len() < 2_000, "{}", answer.body);
    let grown = resident_kib(server.pid()).saturating_sub(before);
    assert!(grown < 60 * MIB, "it grew by {grown} KiB");
}

#[tokio::test]
async fn an_array_may_have_as_many_items_as_the_setting_says() {
    let server = Server::start_with(Options::default().set("limits.array_items", 3)).await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let listing = |number: usize| json!({"title": "a", "link": format!("https://example.org/{number}"), "source": "x"});
    let three: Value = (0..3).map(listing).collect();
    let four: Value = (0..4).map(listing).collect();
    assert_eq!(publisher.post("/api/listings", &four).await.refused(413), "too_large");
    assert_eq!(publisher.post("/api/listings", &three).await.ok()["created"], 3);
    let listed = server.http().with_token(&server.token("admin", None).await);
    assert_eq!(listed.get("/api/listings").await.ok()["items"].as_array().unwrap().len(), 3);
}

/// Operations whose bodies are validated field by field.
const CHECKED: [&str; 6] = [
    "/api/price-alerts",
    "/api/price-alerts/check",
    "/api/price-alerts/preview",
    "/api/saved-searches",
    "/api/saved-searches/check",
    "/api/saved-searches/preview",
];

#[tokio::test]
async fn many_unknown_fields_are_answered_in_few_bytes() {
    let server = Server::start().await;
    let token = server.user_with_token("ann").await;
    let ann = server.http().with_token(&token);
    let fields: serde_json::Map<String, Value> = (0..75_000).map(|number| (format!("f{number}"), json!(0))).collect();
    let body = serde_json::to_vec(&fields).unwrap();
    for path in CHECKED {
        let answer = ann.send(json_body(&ann, path, body.clone())).await;
        let text = answer.body.to_string();
        assert!(text.len() <= 64 << 10, "{path}: {} bytes", text.len());
        let errors = answer.body["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 20, "{path}");
        assert_eq!(
            text.matches("there are keywords").count() + text.matches("there are name").count(),
            if answer.status == 200 { 1 } else { 2 },
            "the fields that exist are listed once, and in the summary: {text}"
        );
        if answer.status != 200 {
            assert_eq!(answer.refused(422), "invalid");
            assert!(answer.body["detail"].as_str().unwrap().ends_with("more errors)"), "{text}");
        }
    }
    let before = resident_kib(server.pid());
    let mut unread = Vec::new();
    for _ in 0..40 {
        unread.push(Unread::send(&server, "POST", "/api/price-alerts", &token, &body).await);
    }
    let grown = resident_kib(server.pid()).saturating_sub(before);
    assert!(grown < 60 * MIB, "40 unread answers: it grew by {grown} KiB");
    assert!(unread.iter().all(|answer| matches!(answer.status, 422 | 429)));
}

#[tokio::test]
async fn long_values_are_shown_in_part() {
    let server = Server::start().await;
    let ann = server.http().with_token(&server.user_with_token("ann").await);
    let root = server.http().with_token(&server.token("admin", None).await);
    let long = "\u{1}\"é".repeat(30_000);
    let name = "x".repeat(10_000);
    let cases = [
        (&ann, Method::POST, "/api/price-alerts".to_owned(), json!({"keywords": long, "threshold_price": 1})),
        (&ann, Method::POST, "/api/price-alerts".to_owned(), json!({"keywords": "a", "threshold_price": long})),
        (&ann, Method::POST, "/api/price-alerts".to_owned(), json!({"keywords": "a", "threshold_price": [long, long]})),
        (&ann, Method::POST, "/api/saved-searches".to_owned(), json!({"name": {"a": long}, "cadence": long})),
        (&ann, Method::POST, "/api/tokens".to_owned(), json!({"name": "a", "scope": long})),
        (&ann, Method::PUT, "/api/favorites/1".to_owned(), json!({"notes": long})),
        (&ann, Method::GET, format!("/api/listings?source={name}"), Value::Null),
        (&ann, Method::GET, format!("/api/listings?{name}=1"), Value::Null),
        (&ann, Method::GET, format!("/api/listings?since={name}"), Value::Null),
        (&root, Method::POST, "/api/system-messages".to_owned(), json!({"message": long, "level": long})),
        (&root, Method::PUT, "/api/scraper-status".to_owned(), json!({long.clone(): long})),
        (&root, Method::POST, "/api/users/ann/notifications".to_owned(), json!({"type": long, "data": long})),
        (&root, Method::POST, format!("/api/users/{name}/notifications"), json!({"type": "a"})),
        (&root, Method::POST, "/api/sources".to_owned(), json!({"name": long, "kind": long})),
        (
            &root,
            Method::POST,
            "/api/sources".to_owned(),
            json!({"name": "a", "kind": "json", "settings": {"urls": [long]}}),
        ),
        (
            &root,
            Method::POST,
            "/api/sources".to_owned(),
            json!({"name": "a", "kind": "json", "settings": {"fields": {"items": long}}}),
        ),
        (
            &root,
            Method::POST,
            "/api/sources".to_owned(),
            json!({"name": "a", "kind": "html", "settings": {"fields": [long]}}),
        ),
        (
            &root,
            Method::POST,
            "/api/sources".to_owned(),
            json!({"name": "a", "kind": "html", "settings": {"area": [long]}}),
        ),
    ];
    for (who, method, path, body) in cases {
        let request = who.request(method.clone(), &path);
        let answer = who.send(if body.is_null() { request } else { request.json(&body) }).await;
        assert!(matches!(answer.status, 400 | 404 | 422), "{method} {path:.60}: {}", answer.status);
        let text = answer.body.to_string();
        assert!(text.len() <= 5_000, "{method} {path:.60}: {} bytes", text.len());
    }
}

#[tokio::test]
async fn answers_that_one_user_does_not_read_are_bounded() {
    let server = Server::start().await;
    let token = server.user_with_token("ann").await;
    let bob = server.http().with_token(&server.user_with_token("bob").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let text = "x".repeat(19_000);
    let listings: Vec<Value> = (0..200)
        .map(|number| json!({"title": "a", "link": format!("https://example.org/{number}"), "source": "x", "description": text}))
        .collect();
    publisher.post("/api/listings", &json!(listings)).await.ok();
    let before = resident_kib(server.pid());
    let mut unread = Vec::new();
    for _ in 0..40 {
        unread.push(Unread::send(&server, "GET", "/api/listings?limit=200", &token, b"").await);
    }
    let refused = unread.iter().filter(|answer| answer.status == 429).count();
    assert!(unread.iter().all(|answer| matches!(answer.status, 200 | 429)));
    // A response is 3.8 MB; four of them fit into the limit, and a little more is in kernel buffers.
    assert!((20..=37).contains(&refused), "{refused} of 40 were refused");
    let grown = resident_kib(server.pid()).saturating_sub(before);
    assert!(grown < 100 * MIB, "it grew by {grown} KiB");
    assert_eq!(bob.get("/api/listings?limit=200").await.status, 200, "another user's are another matter");
    drop(unread);
    let ann = server.http().with_token(&token);
    eventually("room for answers", || async {
        let answer = ann.get("/api/listings?limit=200").await;
        (answer.status == 200).then_some(())
    })
    .await;
    assert!(server.http().metric("superbot_refused_total{reason=\"unread_answers\"}").await >= refused as u64);
}

#[tokio::test]
async fn many_large_answers_that_are_asked_for_at_once_are_bounded() {
    const POSTS: usize = 30;
    const ITEMS: usize = 20_000;
    let server = Server::start_with(Options::default().set("limits.array_items", ITEMS)).await;
    let token = server.token("publish", None).await;
    let before = resident_kib(server.pid());
    let mut posts = Vec::new();
    for number in 0..POSTS {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(server.address.parse().unwrap()).await.unwrap();
        let listing = format!(r#"{{"title":"a","link":"https://example.org/{number}","source":"x"}}"#);
        let body = format!("[{listing}{}]", ",{}".repeat(ITEMS - 1));
        let head = format!(
            "POST /api/listings HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        // All request heads arrive before there is a response.
        stream.write_all(head.as_bytes()).await.unwrap();
        posts.push((stream, body));
    }
    let mut statuses = Vec::new();
    for (stream, body) in &mut posts {
        stream.write_all(body.as_bytes()).await.unwrap();
    }
    for (stream, _) in &mut posts {
        let mut line = [0; 12];
        soon("an answer", stream.read_exact(&mut line)).await.unwrap();
        statuses.push(String::from_utf8_lossy(&line[9..]).into_owned());
    }
    let published = statuses.iter().filter(|status| *status == "200").count();
    let refused = statuses.iter().filter(|status| *status == "429").count();
    // A response is 8 MB, more than the kernel buffers, and the limit per user is 16 MB.
    assert!(published >= 1 && refused >= 3 && published + refused == POSTS, "{statuses:?}");
    let grown = resident_kib(server.pid()).saturating_sub(before);
    assert!(grown < 100 * MIB, "it grew by {grown} KiB");
    let reader = server.http().with_token(&server.token("admin", None).await);
    assert_eq!(reader.get("/api/listings").await.ok()["items"].as_array().unwrap().len(), published);
}

#[tokio::test]
async fn bodies_that_are_announced_keep_no_other_out() {
    const LIMIT: usize = 1 << 20;
    let server = Server::start_with(Options::default().set("limits.listing_body_bytes", LIMIT)).await;
    let mut announced = Vec::new();
    for _ in 0..2 {
        let token = server.token("publish", None).await;
        for _ in 0..8 {
            let mut stream = TcpStream::connect(&server.address).await.unwrap();
            let head = "POST /api/listings HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer";
            stream.write_all(format!("{head} {token}\r\nContent-Length: {LIMIT}\r\n\r\n[").as_bytes()).await.unwrap();
            announced.push(stream);
        }
    }
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let body = format!("[{}]", " ".repeat(LIMIT - 2)).into_bytes();
    for _ in 0..5 {
        assert_eq!(publisher.send(json_body(&publisher, "/api/listings", body.clone())).await.status, 200);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn bodies_without_a_credential_are_small() {
    let server = Server::start().await;
    let nobody = server.http();
    let long = json!({"username": "ann", "password": "x".repeat(20_000), "token": "x"});
    for path in ["/api/auth/login", "/api/auth/register", "/api/auth/reset", "/api/setup"] {
        assert_eq!(nobody.post(path, &long).await.refused(413), "too_large", "{path}");
    }
    // The announced body is not awaited.
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = [0; 12];
    soon("a refusal", stream.read_exact(&mut line)).await.unwrap();
    assert_eq!(&line, b"HTTP/1.1 413");
}

/// Returns the size of the largest unlinked file that a process has open.
fn largest_spool(pid: u32) -> u64 {
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    let nameless = descriptors.filter(|descriptor| {
        std::fs::read_link(descriptor.path()).is_ok_and(|path| path.to_string_lossy().ends_with(" (deleted)"))
    });
    nameless.filter_map(|descriptor| Some(std::fs::metadata(descriptor.path()).ok()?.len())).max().unwrap_or(0)
}

#[tokio::test]
async fn lines_are_read_no_further_while_many_results_are_unread() {
    const UNREAD_BYTES: u64 = 64 << 20;
    let server = Server::start().await;
    let token = server.token("publish", None).await;
    let stream = TcpStream::connect(&server.address).await.unwrap();
    let (mut results, mut upload) = stream.into_split();
    let head = format!(
        "POST /api/listings HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    upload.write_all(head.as_bytes()).await.unwrap();
    // The result of each line is more than ten times as long.
    let line = r#"{"title":[],"link":[],"source":[]}"#;
    let lines = format!("{line}\n").repeat(100);
    let chunk = format!("{:x}\r\n{lines}\r\n", lines.len());
    let sent = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&sent);
    let sending = tokio::spawn(async move {
        // Until the kernel accepts no more, because the server has stopped reading.
        while upload.write_all(chunk.as_bytes()).await.is_ok() {
            counted.fetch_add(100, Relaxed);
        }
    });
    let is_full = |spool: u64| spool > UNREAD_BYTES - (4 << 20);
    let mut spool = 0;
    // Each step may take long in a debug build.
    for _ in 0..20 {
        let waited = eventually("results", || async {
            let now = largest_spool(server.pid());
            (is_full(now) || now > spool + (4 << 20)).then_some(now)
        });
        spool = waited.await;
        if is_full(spool) {
            break;
        }
    }
    assert!(is_full(spool) && spool <= UNREAD_BYTES, "{spool} bytes of results are kept");
    let stalled = || async {
        let before = sent.load(Relaxed);
        tokio::time::sleep(Duration::from_secs(1)).await;
        (sent.load(Relaxed) == before).then_some(before)
    };
    let sent_lines = eventually("the server to read no more", stalled).await;
    assert!(sent_lines < 400_000, "it kept reading although the results are unread");
    let mut some = vec![0; 1 << 20];
    let mut fetched = 0;
    while fetched < 72 << 20 {
        fetched += soon("results", results.read(&mut some)).await.unwrap();
    }
    assert!(largest_spool(server.pid()) <= UNREAD_BYTES, "the file is used again from its beginning");
    sending.abort();
}

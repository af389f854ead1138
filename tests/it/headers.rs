//! Security headers.

use std::process::Stdio;

use reqwest::Method;

use crate::support::{Answer, Http, Options, Server, eventually};

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).map(|value| value.to_str().unwrap())
}

/// Paths in each part of the program: pages, files, API, errors, and the Socket.IO server.
const PATHS: [&str; 12] = [
    "/",
    "/login",
    "/api/docs",
    "/api/openapi.json",
    "/api/auth/me",
    "/nothing",
    "/healthz",
    "/metrics",
    "/my/",
    "/static/js/websocket-client.js",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=3&transport=polling",
];

/// A server with a public URL, another one without, and a client.
struct Known {
    first: Server,
    _child: tokio::process::Child,
    http: Http,
}

impl Known {
    async fn under(url: &str) -> Self {
        let first = Server::start().await;
        let pages = first.data_dir().join("pages");
        std::fs::create_dir(&pages).unwrap();
        std::fs::write(pages.join("index.html"), "<h1>hello</h1>").unwrap();
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut serve = first.command();
        serve.args(["serve", "--listen", &address]).stdout(Stdio::null()).stderr(Stdio::null());
        let settings = [("SUPERBOT__WEB__PUBLIC_URL", url), ("SUPERBOT__WEB__PUBLIC_DIR", pages.to_str().unwrap())];
        let child = serve.envs(settings).spawn().unwrap();
        let http = Http::new(&address);
        eventually("/readyz", || async { (http.try_get("/readyz").await? == 200).then_some(()) }).await;
        Self { first, _child: child, http }
    }
}

#[tokio::test]
async fn every_answer_says_what_it_may_be_used_for() {
    let server = Known::under("https://bot.example").await;
    for path in PATHS {
        let answer = server.http.get(path).await;
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header(&answer, "strict-transport-security"), Some("max-age=31536000"), "{path}");
        let is_page = header(&answer, "content-type").is_some_and(|kind| kind.starts_with("text/html"));
        assert_eq!(header(&answer, "cross-origin-opener-policy"), is_page.then_some("same-origin"), "{path}");
        assert_eq!(header(&answer, "permissions-policy").is_some(), is_page, "{path}");
        if is_page {
            let policy = header(&answer, "content-security-policy").unwrap();
            let framed_by = if path == "/my/" { "frame-ancestors 'self'" } else { "frame-ancestors 'none'" };
            assert!(policy.contains(framed_by), "{path}: {policy}");
            assert!(!policy.contains("127.0.0.1") && !policy.contains("localhost"), "{path}: {policy}");
        }
    }
    let posted = server.http.request(Method::POST, "/socket.io/?EIO=4&transport=polling&sid=none").body("2");
    assert_eq!(header(&server.http.send(posted).await, "x-content-type-options"), Some("nosniff"));
    // The other server has no public URL.
    for path in PATHS {
        let answer = server.first.http().get(path).await;
        assert_eq!(header(&answer, "strict-transport-security"), None, "{path}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[tokio::test]
async fn browsers_are_not_sent_to_https_where_the_address_is_http() {
    let server = Known::under("http://bot.example").await;
    for path in PATHS {
        assert_eq!(header(&server.http.get(path).await, "strict-transport-security"), None, "{path}");
    }
}

#[tokio::test]
async fn pictures_on_the_browsers_machine_are_for_the_demo() {
    let server = Server::start_with(Options::default().set("web.loopback_pictures", true)).await;
    let answer = server.http().get("/").await;
    let policy = header(&answer, "content-security-policy").unwrap();
    assert!(policy.contains("img-src 'self' https: data: http://127.0.0.1:* http://localhost:*;"), "{policy}");
}

#[tokio::test]
async fn a_folder_of_pages_that_holds_the_store_or_is_missing_stops_the_start() {
    let server = Server::start().await;
    let data = server.data_dir();
    std::os::unix::fs::symlink(data, data.join("link")).unwrap();
    for pages in
        [data.to_path_buf(), data.join("link"), data.join(".."), "/".into(), data.join("nothing"), data.join("log")]
    {
        for command in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let mut superbot = server.command();
            let output = superbot.args(command).env("SUPERBOT__WEB__PUBLIC_DIR", &pages).output().await.unwrap();
            let complaint = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{}: {complaint}", pages.display());
            assert!(
                complaint.contains("`web.public_dir` is ") && complaint.contains("must be a folder that"),
                "{complaint}"
            );
        }
    }
    let pages = data.join("pages");
    std::fs::create_dir(&pages).unwrap();
    let mut check = server.command();
    let output = check.args(["config", "check"]).env("SUPERBOT__WEB__PUBLIC_DIR", &pages).output().await.unwrap();
    assert!(output.status.success());
}

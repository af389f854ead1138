//! Commands: settings, stores and terminal output.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{Connect, Http, Options, Received, Server, isolated, program, soon};

/// Runs a command in an isolated environment: no settings, and the folder as home directory.
pub async fn run_in(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = isolated(folder);
    command.env("HOME", folder).envs(env.iter().copied()).args(args).stdin(Stdio::null());
    soon("a command", command.output()).await.unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_command_that_needs_a_store_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(".local/share/superbot/superbot.db").display().to_string();
    let commands: &[&[&str]] = &[
        &["user", "list"],
        &["user", "disable", "ann"],
        &["user", "remove", "ann"],
        &["user", "reset-link", "ann"],
        &["token", "list"],
        &["token", "create", "--name", "x", "--scope", "publish"],
        &["token", "revoke", "1"],
        &["source", "list"],
        &["source", "start", "ksl"],
        &["listing", "remove", "1"],
        &["store", "backup", "b.db"],
        &["worker", "all"],
    ];
    for args in commands {
        let output = run_in(folder.path(), args, &[]).await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(&format!("there is no store at {place}; ")), "{}", stderr(&output));
        assert!(stderr(&output).contains("--data-dir"), "{}", stderr(&output));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let copy = run_in(folder.path(), &["store", "copy", "sqlite:a.db", "sqlite:b.db"], &[]).await;
    assert!(stderr(&copy).contains(".local/share/superbot/a.db"), "{}", stderr(&copy));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_command_says_which_store_it_changed() {
    let server = Server::start().await;
    let store = server.data_dir().join("superbot.db").display().to_string();
    let changed = format!("changed the store {store}\n");
    let add = server.run(&["user", "add", "ann", "--admin", "--password-stdin"], "correct horse\n").await;
    assert_eq!((stderr(&add), add.stdout.as_slice()), (changed.clone(), b"made ann\n".as_slice()));
    server.add_user("root", true).await;
    for args in [&["source", "add", "bikes", "feed"][..], &["user", "disable", "ann"], &["user", "enable", "ann"]] {
        let output = server.run(args, "").await;
        assert!(output.status.success() && stderr(&output).ends_with(&changed), "{args:?}: {}", stderr(&output));
    }
    for args in [&["user", "list"][..], &["token", "list"], &["source", "list"], &["user", "disable", "bob"]] {
        let output = server.run(args, "").await;
        assert!(!stderr(&output).contains("changed"), "{args:?}: {}", stderr(&output));
    }
    let backup = server.superbot(&["store", "backup", "b.db"], "").await;
    assert!(backup.starts_with(&format!("backed up {store}\nto b.db: ")), "{backup}");
}

#[tokio::test]
async fn what_strangers_write_cannot_drive_the_terminal() {
    let server = Server::start().await;
    let hostile = "\u{1b}[2Jx\nforged\r\u{9b}31m\u{202e}y";
    server.superbot(&["token", "create", "--name", hostile, "--scope", "publish"], "").await;
    let page = server.data_dir().join("page.json");
    let ad = json!([{"t": hostile, "l": "https://example.org/\u{1b}[2J"}]);
    std::fs::write(&page, ad.to_string()).unwrap();
    let fields = r#"{"items": "$[*]", "title": "$.t", "link": "$.l"}"#;
    let parse = ["source", "parse", "json", page.to_str().unwrap(), "--fields", fields];
    let name_of_a_user = ["user", "disable", hostile];
    let commands: &[(&[&str], usize)] = &[
        (&["token", "list"], 1),
        (&parse, 3),
        (&name_of_a_user, 1),
        (&["query", "explain", hostile, "text"], 1),
        (&["store", "restore", hostile], 1),
        (&["health", "--url", "http://127.0.0.1:1/\u{9b}"], 1),
    ];
    let is_harmless = |c: char| c == '\n' || !(c.is_control() || matches!(c, '\u{202a}'..='\u{202e}'));
    for (args, lines) in commands {
        let output = server.run(args, "").await;
        let said = format!("{}{}", String::from_utf8(output.stdout.clone()).unwrap(), stderr(&output));
        assert!(said.chars().all(is_harmless), "{args:?}: {said:?}");
        assert!(said.lines().count() <= lines + 1 && !said.contains("\nforged"), "{args:?}: {said}");
    }
    let listed = server.superbot(&["token", "list", "--json"], "").await;
    assert!(listed.trim_end().chars().all(is_harmless), "{listed:?}");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[0]["name"], hostile, "JSON says what is there");
}

#[tokio::test]
async fn titles_are_cleaned_alike_whichever_way_they_come_in() {
    let server = Server::start().await;
    server.add_user("root", true).await;
    let root = server.http().signed_in("root").await;
    let title = "a\u{1b}[31mred\u{7}\u{202e} title\u{0}";
    let posted = json!({"title": title, "link": "https://example.org/1", "source": "test", "description": title});
    let publisher = server.http().with_token(&server.token("publish", None).await);
    publisher.post("/api/listings", &posted).await.ok();
    let settings = json!({
        "urls": ["https://example.org/feed"],
        "fields": {"items": "$[*]", "title": "$.t", "link": "$.l", "description": "$.t"}
    });
    root.post("/api/sources", &json!({"name": "pages", "kind": "json", "settings": settings})).await.ok();
    let page = json!([{"t": title, "l": "https://example.org/2"}]).to_string();
    let address = "/api/sources/pages/page?publish=true&url=https://example.org/feed";
    let request = publisher.request(reqwest::Method::POST, address);
    publisher.send(request.header("content-type", "text/html").body(page)).await.ok();
    let listings = root.get("/api/listings").await.ok();
    let found: Vec<_> =
        listings["items"].as_array().unwrap().iter().map(|item| (&item["title"], &item["description"])).collect();
    assert_eq!(found, [(&json!("a [31mred title"), &json!("a[31mred title")); 2], "{listings}");
}

#[tokio::test]
async fn health_says_whether_a_server_is_ready() {
    let mut server = Server::start().await;
    let ready = server.run(&["health"], "").await;
    assert_eq!(ready.status.code(), Some(0), "{}", stderr(&ready));
    // Without an address, that of the settings is used.
    let listen = [("SUPERBOT__SERVER__LISTEN", server.address.as_str())];
    let by_settings = run_in(server.data_dir(), &["health"], &listen).await;
    assert!(by_settings.status.success(), "{}", stderr(&by_settings));
    let wrong = server.run(&["health", "--url", "ftp://x"], "").await;
    assert_eq!(wrong.status.code(), Some(1), "{}", stderr(&wrong));
    server.kill().await;
    let gone = server.run(&["health"], "").await;
    assert_eq!((gone.status.code(), gone.stdout.len()), (Some(1), 0));
    assert!(stderr(&gone).contains(&server.address), "{}", stderr(&gone));

    let unready = wiremock::MockServer::start().await;
    let answer = json!({"ready": false, "problems": ["the log's tail is silent for 61s"]});
    let answer = wiremock::ResponseTemplate::new(503).set_body_json(answer);
    wiremock::Mock::given(wiremock::matchers::path("/readyz")).respond_with(answer).mount(&unready).await;
    let output = run_in(server.data_dir(), &["health", "--url", &unready.uri()], &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("the log's tail is silent for 61s"), "{}", stderr(&output));
    let other = wiremock::MockServer::start().await;
    let output = run_in(server.data_dir(), &["health", "--url", &other.uri()], &[]).await;
    assert!(!output.status.success() && stderr(&output).contains("not a Super-Bot"), "{}", stderr(&output));
}

#[tokio::test]
async fn users_and_listings_are_removed_by_command_and_over_the_api() {
    let server = Server::start().await;
    server.add_user("root", true).await;
    let root = server.http().signed_in("root").await;
    for (name, by_command) in [("ann", true), ("bob", false)] {
        let token = server.user_with_token(name).await;
        let (mut live, _) = Connect::to(&server.address).token(&token).greeted().await;
        if by_command {
            server.superbot(&["user", "remove", name], "").await;
        } else {
            let users = root.get("/api/users").await.ok();
            let users = users["items"].as_array().unwrap();
            let id = users.iter().find(|user| user["username"] == name).unwrap()["id"].clone();
            assert_eq!(root.delete(&format!("/api/users/{id}")).await.status, 204);
            assert_eq!(root.delete(&format!("/api/users/{id}")).await.refused(404), "not_found");
        }
        assert!(live.ended().await.contains(&Received::Disconnected));
        assert_eq!(server.http().with_token(&token).get("/api/auth/me").await.status, 401);
        assert_eq!(server.run(&["user", "remove", name], "").await.status.code(), Some(1));
    }
    let me = root.get("/api/users").await.ok()["items"][0]["id"].clone();
    assert_eq!(root.delete(&format!("/api/users/{me}")).await.refused(409), "own_account");
    let last = server.run(&["user", "remove", "root"], "").await;
    assert!(!last.status.success() && stderr(&last).contains("the only enabled admin"), "{}", stderr(&last));
    let admin = server.http().with_token(&server.token("admin", None).await);
    assert_eq!(admin.delete(&format!("/api/users/{me}")).await.refused(409), "last_admin");

    let user = server.http().with_token(&server.user_with_token("eve").await);
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let post = async |n: u32| {
        let link = format!("https://example.org/{n}");
        publisher.post("/api/listings", &json!({"title": "Corvette", "link": link, "source": "test"})).await.ok()
    };
    let first = post(1).await["id"].clone();
    let second = post(2).await["id"].clone();
    assert_eq!(user.delete(&format!("/api/listings/{first}")).await.refused(403), "forbidden");
    server.superbot(&["listing", "remove", &first.to_string()], "").await;
    assert_eq!(root.delete(&format!("/api/listings/{second}")).await.status, 204);
    assert_eq!(root.delete(&format!("/api/listings/{second}")).await.refused(404), "not_found");
    assert_eq!(server.run(&["listing", "remove", &first.to_string()], "").await.status.code(), Some(1));
    assert_eq!(root.get("/api/listings").await.ok()["items"], json!([]));
    let again = post(1).await;
    assert_eq!((&again["status"], &again["id"]), (&json!("unchanged"), &first), "it is not new again");
}

#[tokio::test]
async fn exit_codes_say_what_was_found_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), "<html>nothing</html>").unwrap();
    let cases: &[(&[&str], i32)] = &[
        (&["query", "explain", "corvette", "a truck"], 0),
        (&["query", "explain", "--exit-code", "corvette", "a truck"], 1),
        (&["query", "explain", "--exit-code", "corvette", "a corvette"], 0),
        (&["source", "parse", "craigslist", "page.html"], 0),
        (&["source", "parse", "--exit-code", "craigslist", "page.html"], 1),
    ];
    for (args, code) in cases {
        let output = run_in(folder.path(), args, &[]).await;
        assert_eq!(output.status.code(), Some(*code), "{args:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{args:?}: {}", stderr(&output));
    }
}

#[tokio::test]
async fn the_version_names_what_it_was_built_from() {
    let folder = tempfile::tempdir().unwrap();
    let output = run_in(folder.path(), &["--version"], &[]).await;
    let version = String::from_utf8(output.stdout).unwrap();
    let rest = version.strip_prefix(concat!("superbot ", env!("CARGO_PKG_VERSION"), " (")).unwrap();
    let commit = rest.strip_suffix(")\n").unwrap();
    let is_commit = commit.len() >= 7 && commit.chars().all(|c| c.is_ascii_hexdigit());
    assert!(is_commit || commit == "debug build", "{version}");
}

#[tokio::test]
async fn without_a_command_it_takes_what_serve_takes() {
    let server = Server::start().await;
    let taken = server.run(&["--listen", &server.address], "").await;
    assert_eq!(taken.status.code(), Some(1));
    assert!(stderr(&taken).contains("is another server running?"), "{}", stderr(&taken));
    let wrong = server.run(&["--listen", "127.0.0.1:0", "user", "list"], "").await;
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("options of serve"), "{}", stderr(&wrong));
}

/// Starts a server with these settings, and returns its first output.
async fn announced(options: Options) -> (Server, String, String) {
    let server = Server::start_with(options).await;
    let said = server.announced.clone();
    let log = server.log();
    (server, said, log)
}

#[tokio::test]
async fn the_demo_says_how_to_sign_in_in_json_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = isolated(folder.path());
    demo.args(["--log-format", "json", "serve", "--demo", "--listen", "127.0.0.1:0"]);
    let mut child = demo.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let mut stdout = tokio::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    soon("its first line", tokio::io::AsyncBufReadExt::read_line(&mut stdout, &mut line)).await.unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let sign_in = json!({"username": said["demo_user"], "password": said["demo_password"]});
    let http = Http::new(said["urls"][0].as_str().unwrap().trim_start_matches("http://").trim_end_matches('/'));
    assert_eq!(http.post("/api/auth/login", &sign_in).await.status, 200, "{said}");
    child.kill().await.unwrap();
}

#[tokio::test]
async fn what_a_server_says_first_can_be_opened_and_parsed() {
    let (server, said, log) =
        announced(Options::default().set("limits.array_items", 0).set("auth.registration", "open")).await;
    assert!(said.contains(&format!("Its data is in {}\n", server.data_dir().display())), "{said}");
    assert!(log.contains("starting") && log.contains(env!("CARGO_PKG_VERSION")), "{log}");
    for warning in ["limits.array_items is 0", "auth.registration is"] {
        assert!(log.contains("WARN") && log.contains(warning), "{log}");
    }
    let mut json = isolated(server.data_dir());
    json.args(["--data-dir", "other", "--log-format", "json", "serve", "--listen", "0.0.0.0:0"]);
    let mut child = json.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = tokio::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    soon("its first line", tokio::io::AsyncBufReadExt::read_line(&mut stdout, &mut line)).await.unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let urls: Vec<&str> = said["urls"].as_array().unwrap().iter().map(|url| url.as_str().unwrap()).collect();
    assert!(urls[0].starts_with("http://127.0.0.1:") && !line.contains("0.0.0.0"), "{said}");
    assert_eq!(said["set_up_urls"].as_array().unwrap().len(), urls.len());
    child.kill().await.unwrap();
    let mut log = String::new();
    let mut stderr = child.stderr.take().unwrap();
    soon("its log", tokio::io::AsyncReadExt::read_to_string(&mut stderr, &mut log)).await.unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let messages: Vec<&str> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
    assert!(messages.iter().any(|message| message.contains("server.listen is not loopback")), "{messages:?}");
}

#[tokio::test]
async fn root_is_warned_of_another_users_settings_in_the_current_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("superbot.toml");
    std::fs::write(&file, "").unwrap();
    let own = run_in(folder.path(), &["config", "show"], &[]).await;
    assert!(own.status.success() && own.stderr.is_empty(), "{}", stderr(&own));
    // Only root can change the owner of a file.
    let is_root = std::os::unix::fs::chown(&file, Some(65_534), None).is_ok();
    for args in [&["config", "show"][..], &["config", "check"]] {
        let foreign = run_in(folder.path(), args, &[]).await;
        assert!(foreign.status.success(), "{}", stderr(&foreign));
        assert_eq!(
            stderr(&foreign).matches("warning: root reads").count(),
            usize::from(is_root),
            "{}",
            stderr(&foreign)
        );
        let named = run_in(folder.path(), &[args, &["--config", file.to_str().unwrap()]].concat(), &[]).await;
        assert!(!stderr(&named).contains("root reads"), "a file that was named is meant: {}", stderr(&named));
    }
}

#[tokio::test]
async fn settings_that_are_not_meant_are_warned_about_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let near = run_in(folder.path(), &["config", "check"], &[("SUPERBOT_SERVER_LISTEN", "0.0.0.0:1")]).await;
    assert!(near.status.success() && stderr(&near).contains("SUPERBOT__SERVER__LISTEN"), "{}", stderr(&near));
    let url = "postgres://u:pa@ss#w/rd@127.0.0.1:5432/d";
    for args in [&["config", "check"][..], &["config", "show"], &["serve"], &["user", "list"]] {
        let output = run_in(folder.path(), args, &[("SUPERBOT__STORE__URL", url)]).await;
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("percent-encoded") && !said.contains("pa@") && !said.contains("ss#w"), "{said}");
    }
    let bytes = std::ffi::OsStr::from_bytes(b"\xff");
    for args in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let mut command = isolated(folder.path());
        command.env("HOME", folder.path()).env("SUPERBOT__LOG__LEVEL", bytes).args(args);
        let output = soon("a command", command.output()).await.unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("SUPERBOT__LOG__LEVEL is not UTF-8"), "{}", stderr(&output));
    }
    let mut command = Command::new(program());
    command.env_clear().current_dir(folder.path()).arg("--data-dir").arg(bytes).args(["config", "check"]);
    let output = soon("a command", command.output()).await.unwrap();
    assert!(stderr(&output).contains("--data-dir is not UTF-8"), "{}", stderr(&output));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

//! Import from the Python Super-Bot: accounts, passwords and data are imported without disturbing anyone.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::support::{Connect, Options, Server, soon};

/// A database of the Python Super-Bot.
const OLD: &str = include_str!("import/python.sql");

/// Executes statements on an SQLite file and returns the output.
pub async fn sqlite(file: &Path, statements: &str) -> String {
    let mut command = Command::new("sqlite3");
    command.arg("-bail").arg(file).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("sqlite3 is to be installed; `cargo xtask test` does so");
    child.stdin.take().unwrap().write_all(statements.as_bytes()).await.unwrap();
    let output = soon("sqlite3", child.wait_with_output()).await.unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

async fn old_database(server: &Server) -> PathBuf {
    let file = server.data_dir().join("python.db");
    sqlite(&file, OLD).await;
    file
}

async fn import(server: &Server, file: &Path, flags: &[&str]) -> String {
    server.superbot(&[&["import", file.to_str().unwrap()], flags].concat(), "").await
}

/// Returns the stored password hash of a user.
async fn hash_of(server: &Server, name: &str) -> String {
    let users = sqlite(&server.data_dir().join("superbot.db"), ".dump users\n").await;
    let row = users.lines().find(|row| row.contains(&format!(",'{name}',"))).unwrap();
    // Text columns of the row: name, name key, role, hash.
    row.split('\'').nth(7).unwrap().to_owned()
}

#[tokio::test]
async fn old_passwords_let_their_owners_in_and_are_hashed_anew() {
    let server = Server::start_with(Options::default().set("limits.login_attempts_per_minute", 100)).await;
    import(&server, &old_database(&server).await, &[]).await;
    let http = server.http();
    for name in ["pbkdf2", "scrypt", "bcrypt", "argon2"] {
        let old = hash_of(&server, name).await;
        let wrong = http.post("/api/auth/login", &json!({"username": name, "password": "correct horsf"})).await;
        assert_eq!(wrong.refused(401), "unauthenticated", "{name}");
        assert_eq!(hash_of(&server, name).await, old, "a wrong password changes nothing");
        http.signed_in(name).await;
        let new = hash_of(&server, name).await;
        assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && new != old, "{name}: {new}");
        let again = http.signed_in(name).await;
        assert_eq!(again.get("/api/auth/me").await.ok()["username"], name);
        assert_eq!(hash_of(&server, name).await, new, "it is rehashed once");
    }
    for name in ["plain", "closed"] {
        for password in ["correct horse", "!", ""] {
            let refused = http.post("/api/auth/login", &json!({"username": name, "password": password})).await;
            assert!(matches!(refused.status, 401 | 422), "{name}: {}", refused.body);
        }
    }
    assert_eq!(hash_of(&server, "plain").await, "!", "what was no hash is not kept");
    let link = server.superbot(&["user", "reset-link", "plain"], "").await;
    let token = link.trim().split_once('#').unwrap().1;
    http.post("/api/auth/reset", &json!({"token": token, "password": "battery staple"})).await.ok();
}

#[tokio::test]
async fn a_dry_run_says_what_an_import_does_and_does_nothing() {
    let server = Server::start().await;
    server.add_user("scrypt", false).await;
    let file = old_database(&server).await;
    let store = server.data_dir().join("superbot.db");
    let everything = ".dump users\n.dump listings\n.dump favorites\n.dump standing_queries\n.dump events\n";
    let before = sqlite(&store, everything).await;
    let old = std::fs::read(&file).unwrap();
    let mut tried: Value = serde_json::from_str(&import(&server, &file, &["--dry-run", "--json"]).await).unwrap();
    let shown = import(&server, &file, &["--dry-run"]).await;
    assert_eq!(sqlite(&store, everything).await, before);
    let left = std::fs::read_dir(server.data_dir()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("dry-run")).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(shown.contains("nothing was taken over yet") && shown.contains("superbot user reset-link"), "{shown}");
    assert!(shown.contains("listings 3: link: \"javascript:alert(1)\"") && shown.contains("\"settings\""), "{shown}");
    assert!(!shown.contains("correct horse") && !tried.to_string().contains("correct horse"));
    let done: Value = serde_json::from_str(&import(&server, &file, &["--json"]).await).unwrap();
    assert_eq!((tried["dry_run"].take(), &done["dry_run"]), (json!(true), &json!(false)));
    assert_eq!((&tried["tables"], &tried["notes"]), (&done["tables"], &done["notes"]));
    let counts = |report: &Value| {
        let of = |name: &str| {
            let tables = report["tables"].as_array().unwrap();
            let table = tables.iter().find(|table| table["name"] == name).unwrap();
            ["taken_over", "already_there", "refused"].map(|field| table[field].as_u64().unwrap())
        };
        ["users", "listings", "favorites", "price_alerts", "saved_searches"].map(of)
    };
    assert_eq!(counts(&done), [[5, 1, 2], [2, 0, 1], [1, 0, 1], [1, 0, 0], [0, 0, 0]]);
    let again: Value = serde_json::from_str(&import(&server, &file, &["--json"]).await).unwrap();
    assert_eq!(counts(&again), [[0, 6, 2], [0, 2, 1], [0, 1, 1], [0, 1, 0], [0, 0, 0]]);
    assert_eq!(std::fs::read(&file).unwrap(), old, "the file is only read");
    server.http().signed_in("scrypt").await;
}

#[tokio::test]
async fn a_running_server_goes_on_and_only_what_is_new_is_told() {
    let server = Server::start().await;
    let publisher = server.http().with_token(&server.token("publish", None).await);
    let token = server.user_with_token("watcher").await;
    let (mut watcher, _) = Connect::to(&server.address).token(&token).greeted().await;
    let file = old_database(&server).await;
    import(&server, &file, &[]).await;
    watcher.quiet().await;
    let owner = server.http().signed_in("bcrypt").await;
    let (mut live, _) = Connect::to(&server.address).header("cookie", owner.cookie()).greeted().await;
    import(&server, &file, &[]).await;
    live.quiet().await;
    watcher.quiet().await;
    assert_eq!(owner.get("/api/notifications").await.ok()["items"], json!([]));
    let listings = owner.get("/api/listings").await.ok();
    assert_eq!(listings["items"][1]["title"], "<script>alert(1)</script> Corvette");
    assert_eq!(owner.get("/api/favorites").await.ok()["items"][0]["notes"], "nice");

    let link = "https://slc.craigslist.org/1.html";
    let same =
        json!({"title": "<script>alert(1)</script> Corvette", "price": 12000, "link": link, "source": "craigslist"});
    assert_eq!(publisher.post("/api/listings", &same).await.ok()["status"], "unchanged");
    live.quiet().await;
    let new = json!({"title": "Corvettes", "price": 14000, "link": "https://slc.craigslist.org/9.html", "source": "craigslist"});
    publisher.post("/api/listings", &new).await.ok();
    let told = live.find("notification").await;
    assert_eq!((&told["type"], &told["data"]["keywords"]), (&json!("price_alert"), &json!("corvette*")));
    assert_eq!(told["data"]["listing"]["title"], "Corvettes");
    assert_eq!(watcher.find("new_listing").await["title"], "Corvettes");
}

#[tokio::test]
async fn what_cannot_be_taken_over_at_all_is_a_failure() {
    let server = Server::start().await;
    let text = server.data_dir().join("text");
    std::fs::write(&text, "no database").unwrap();
    let own = server.data_dir().join("superbot.db");
    for (file, why) in
        [("missing", "missing"), ("text", "it is not an SQLite database"), (own.to_str().unwrap(), "of this program")]
    {
        for flags in [&["import", file][..], &["import", file, "--dry-run"]] {
            let output = server.run(flags, "").await;
            assert_eq!(output.status.code(), Some(1), "{flags:?}");
            let complaint = String::from_utf8(output.stderr).unwrap();
            assert!(complaint.contains(why) && output.stdout.is_empty(), "{complaint}");
        }
    }
    assert_eq!(server.run(&["import"], "").await.status.code(), Some(2));
}

#[tokio::test]
async fn a_dry_run_makes_no_store() {
    let server = Server::start().await;
    let file = old_database(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("superbot.toml");
    let data_dir = folder.path().join("data");
    std::fs::write(&config, format!("[store]\nurl = \"sqlite:{}\"\n", data_dir.join("superbot.db").display())).unwrap();
    let flags = ["--dry-run", "--config", config.to_str().unwrap()];
    let shown = import(&server, &file, &flags).await;
    assert!(shown.contains("users"), "{shown}");
    assert!(!data_dir.exists());
    import(&server, &file, &flags[1..]).await;
    assert!(data_dir.exists());
}

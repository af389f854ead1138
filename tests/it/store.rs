//! `superbot store`: backups and moving a store, as documented.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use superbot_test_postgres::TestPostgres;

use crate::support::{Connect, Options, Server, eventually, soon};

fn listing(n: usize) -> Value {
    json!({
        "title": format!("Boat {n}"), "link": format!("https://example.com/{n}"), "source": "test", "price": n,
        "description": "Runs. ".repeat(500)
    })
}

/// Publishes the listings with these numbers in batches.
async fn publish(server: &Server, token: &str, numbers: std::ops::Range<usize>) {
    let publisher = server.http().with_token(token);
    let all: Vec<Value> = numbers.map(listing).collect();
    for batch in all.chunks(500) {
        publisher.post("/api/listings", &json!(batch)).await.ok();
    }
}

/// Parses the `--json` report: rows and checksum of each table.
fn tables(report: &str) -> BTreeMap<String, Value> {
    let report: Value = serde_json::from_str(report).unwrap();
    assert!(report["bytes"].as_u64().unwrap() > 0 && report["seconds"].as_f64().is_some(), "{report}");
    let tables = report["tables"].as_array().unwrap().iter();
    tables.map(|table| (table["name"].as_str().unwrap().to_owned(), table.clone())).collect()
}

/// Returns the error message of a failing command.
async fn failure(server: &Server, args: &[&str]) -> String {
    let output = server.run(args, "").await;
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_tells_clients_that_they_know_more() {
    let mut server = Server::start().await;
    let token = server.user_with_token("ann").await;
    let publisher = server.token("publish", None).await;
    publish(&server, &publisher, 0..5).await;
    let report = server.superbot(&["store", "backup", "b.db", "--json"], "").await;
    assert_eq!(tables(&report)["listings"]["rows"], 5);
    let exists = failure(&server, &["store", "backup", "b.db"]).await;
    assert!(exists.contains("--force"), "{exists}");
    server.superbot(&["store", "backup", "b.db", "--force"], "").await;
    publish(&server, &publisher, 5..8).await;
    let (_, greeting) = Connect::to(&server.address).token(&token).greeted().await;
    let seq = greeting["seq"].as_u64().unwrap();
    let epoch = greeting["epoch"].clone();
    let client = || Connect::to(&server.address).token(&token).auth("since", seq);
    let (_, kept) = client().auth("epoch", epoch.clone()).greeted().await;
    assert_eq!(kept["recovered"], true);

    let in_use = failure(&server, &["store", "restore", "b.db", "--force"]).await;
    assert!(in_use.contains("in use") && in_use.contains("stop the server"), "{in_use}");
    assert_eq!(server.http().get("/readyz").await.status, 200);
    server.terminate().await;
    let used = failure(&server, &["store", "restore", "b.db"]).await;
    assert!(used.contains("--force"), "{used}");
    server.superbot(&["store", "restore", "b.db", "--force"], "").await;
    server.restart().await;

    // The log continues where the backup ends, so numbers that clients have seen are reused for other events.
    publish(&server, &publisher, 100..110).await;
    let greeting = eventually("the new events", || async {
        let client = Connect::to(&server.address).token(&token).auth("since", seq).auth("epoch", epoch.clone());
        let (_, greeting) = Box::pin(client.greeted()).await;
        (greeting["seq"].as_u64().unwrap() > seq).then_some(greeting)
    })
    .await;
    assert_eq!((&greeting["recovered"], &greeting["replayed"]), (&json!(false), &json!(0)));
    assert_ne!(greeting["epoch"], epoch);
    let found = server.http().with_token(&token).get("/api/listings?q=boat&limit=100").await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_copy_goes_on_and_is_not_served_before() {
    let server = Server::start().await;
    let token = server.user_with_token("ann").await;
    let publisher = server.token("publish", None).await;
    publish(&server, &publisher, 0..3000).await;
    let copy = ["store", "copy", "sqlite:superbot.db", "sqlite:copy.db"];
    let target = server.data_dir().join("copy.db");
    let settings = server.data_dir().join("copy.toml");
    std::fs::write(&settings, "[store]\nurl = \"sqlite:copy.db\"\n").unwrap();
    let serve = ["--config", "copy.toml", "serve", "--listen", "127.0.0.1:0"];
    // Killed once something has been written; if it completes before, another attempt is made.
    let half = loop {
        let mut copying = server.spawn(&copy);
        let beside = server.data_dir().join("copy.db-wal");
        while std::fs::metadata(&beside).map_or(0, |file| file.len()) < 1 << 20 {
            if copying.try_wait().unwrap().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        copying.kill().await.unwrap();
        let refused = server.run(&["--config", "copy.toml", "user", "list"], "").await;
        if !refused.status.success() {
            break refused;
        }
        std::fs::remove_file(&target).unwrap();
    };
    let said = String::from_utf8_lossy(&half.stderr).into_owned();
    assert!(said.contains("unfinished copy") && said.contains("superbot store copy"), "{said}");
    assert!(failure(&server, &serve).await.contains("unfinished copy"));

    let report = server.superbot(&[&copy[..], &["--json"]].concat(), "").await;
    let again = server.superbot(&["store", "copy", "sqlite:superbot.db", "sqlite:again.db", "--json"], "").await;
    assert_eq!(tables(&report), tables(&again));
    assert_eq!(tables(&report)["listings"]["rows"], 3000);
    let moved = server.start_beside(Options::default().set("store.url", "sqlite:copy.db")).await;
    for path in
        ["/api/listings?q=boat&limit=100", "/api/listings/1234", "/api/listings/7/price-history", "/api/auth/me"]
    {
        let [old, new] = [&server, &moved].map(|server| server.http().with_token(&token));
        assert_eq!(old.get(path).await.ok(), new.get(path).await.ok(), "{path}");
    }
    let [old, new] = [&server, &moved].map(|server| Connect::to(&server.address).token(&token));
    let old = old.greeted().await.1;
    let new = new.auth("since", 2990).greeted().await.1;
    assert_eq!((&old["seq"], &old["epoch"]), (&new["seq"], &new["epoch"]), "clients go on with their cursors");
    assert_eq!((&new["recovered"], &new["replayed"]), (&json!(true), &json!(10)));
}

#[tokio::test]
async fn wrong_use_of_store_commands_is_told_from_failure() {
    let server = Server::start().await;
    for args in
        [&["store"][..], &["store", "copy", "sqlite:a.db"], &["store", "copy", "mysql://ann:hunter2@x/y", "sqlite:a"]]
    {
        let output = server.run(args, "").await;
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"));
    }
    assert!(failure(&server, &["store", "copy", "sqlite:none.db", "sqlite:to.db"]).await.contains("no store"));
    let missing = failure(&server, &["store", "restore", "none.db"]).await;
    assert!(missing.contains("cannot read the backup none.db"), "before anything is said of the server: {missing}");
    let used = failure(&server, &["store", "copy", "sqlite:superbot.db", "sqlite:superbot.db"]).await;
    assert!(used.contains("in use"), "{used}");
}

const PAGE: &str = include_str!("../../docs/BACKUP.md");
const UNIT: &str = include_str!("../../deploy/systemd/superbot-backup.service");

/// Executes the commands of the page in order.
#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_page_about_backups_works() {
    let mut server = Server::start().await;
    let token = server.user_with_token("ann").await;
    let publisher = server.token("publish", None).await;
    publish(&server, &publisher, 0..5).await;
    let database = TestPostgres::shared().database();
    let settings = server.data_dir().join("superbot.toml");
    std::fs::write(&settings, "").unwrap();
    let settings = settings.to_str().unwrap().to_owned();
    let here = |text: &str| {
        let text = text.replace("postgres://superbot:secret@localhost/superbot", &database);
        text.replace("/etc/superbot/superbot.toml", &settings)
    };
    let mut block = None;
    let mut commands = 0;
    let mut restarts = 0;
    for line in PAGE.lines() {
        match (line.strip_prefix("```"), block) {
            (Some(_), Some(_)) => block = None,
            (Some(language), None) => {
                block = Some(language);
                if language == "toml" {
                    std::fs::write(server.data_dir().join("superbot.toml"), "").unwrap();
                }
            }
            (None, Some("toml")) => {
                let file = server.data_dir().join("superbot.toml");
                let text = std::fs::read_to_string(&file).unwrap() + &here(line) + "\n";
                std::fs::write(file, text).unwrap();
            }
            (None, Some("sh")) => {
                let words = here(line);
                let words: Vec<&str> = words.split_whitespace().take_while(|word| *word != "#").collect();
                match words.as_slice() {
                    ["sudo", "superbot", args @ ..] => {
                        server.superbot(args, "").await;
                        commands += 1;
                    }
                    ["sudo", "systemctl", "stop", "superbot"] => assert!(server.terminate().await.success()),
                    ["sudo", "systemctl", "start", "superbot"] => {
                        server.restart().await;
                        restarts += 1;
                        let found = server.http().with_token(&token).get("/api/listings?q=boat").await.ok();
                        assert_eq!(found["items"].as_array().unwrap().len(), 5, "after {commands} commands");
                    }
                    // The units that these commands install have a test of their own.
                    [
                        "sudo",
                        "cp",
                        "deploy/systemd/superbot-backup.service",
                        "deploy/systemd/superbot-backup.timer",
                        _,
                    ]
                    | ["sudo", "systemctl", "enable", "--now", "superbot-backup.timer"]
                    | ["cd", _] => {}
                    other => panic!("nobody tries {other:?}"),
                }
            }
            _ => {}
        }
    }
    assert!(commands >= 4 && restarts >= 3, "{commands} commands, {restarts} starts");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unit_for_backups_writes_one() {
    let server = Server::start().await;
    let command = UNIT.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let command = command.replace("/usr/local/bin/superbot", env!("CARGO_BIN_EXE_superbot")).replace("%%", "%");
    let command = command.replace("/var/lib/superbot-backups", folder.path().to_str().unwrap());
    let script = command.strip_prefix("/bin/sh -c '").and_then(|rest| rest.strip_suffix('\'')).unwrap().to_owned();
    let data_dir = server.data_dir().to_owned();
    let run = move || {
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        shell.env("SUPERBOT__SERVER__DATA_DIR", &data_dir).current_dir(data_dir).output()
    };
    for _ in 0..2 {
        let done = soon("a backup", tokio::task::spawn_blocking(run.clone())).await.unwrap().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(done.stderr.is_empty(), "nothing but the result when all is well");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(said.contains(&format!("backed up {}/superbot.db\n", server.data_dir().display())), "{said}");
    }
    let written: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(written.len(), 1, "{written:?}");
    let name = written[0].file_name().and_then(|name| name.to_str()).unwrap();
    assert!(name.starts_with("superbot-") && name.len() == "superbot-1.db".len(), "{name}");
    assert!(Path::new(&written[0]).metadata().unwrap().len() > 0);
}

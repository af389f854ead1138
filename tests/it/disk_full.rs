//! Full disk: writes are refused, everything else works, and the server recovers when there is space.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::support::{Connect, Http, Options, Server, Socket, eventually};

/// A small file system that can be filled.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// # Panics
    /// If it cannot be mounted: this test must not be skipped silently.
    fn mount(size: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={size}");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "superbot-test"]).arg(folder.path()).output();
        let mount = mount.unwrap();
        let said = String::from_utf8_lossy(&mount.stderr);
        assert!(mount.status.success(), "a small disk cannot be mounted; run this test as root: {said}");
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Fills the disk completely.
    fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while ballast.write(&vec![0; size]).is_ok_and(|written| written > 0) {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.path()).status());
    }
}

/// Number of concurrent requests.
const TOGETHER: usize = 16;

/// A logout needs fewer pages than a listing, so a few may succeed where no listing does.
const SESSIONS: usize = 12;

/// A listing large enough to need new pages.
fn listing(n: usize) -> Value {
    let description = format!("{n:06} ").repeat(2800);
    json!({
        "title": format!("Boat {n}"), "link": format!("https://example.com/{n}"), "source": "test",
        "price": 1, "description": description
    })
}

/// A server on a small disk, and the listings it has acknowledged.
struct Scene {
    server: Server,
    disk: Disk,
    publisher: Http,
    next: usize,
    acknowledged: Vec<i64>,
    refused: usize,
}

impl Scene {
    async fn set() -> (Self, String) {
        let disk = Disk::mount("12m");
        let store = format!("sqlite:{}", disk.path().join("superbot.db").display());
        let server = Server::start_with(Options::default().set("store.url", store)).await;
        let token = server.user_with_token("ann").await;
        let publisher = server.http().with_token(&server.token("publish", None).await);
        (Self { server, disk, publisher, next: 0, acknowledged: Vec::new(), refused: 0 }, token)
    }

    /// Publishes listings concurrently, one per request; returns whether all were refused.
    async fn publish(&mut self, count: usize) -> bool {
        let mut posts = JoinSet::new();
        for n in self.next..self.next + count {
            let publisher = self.publisher.clone();
            posts.spawn(async move { publisher.post("/api/listings", &listing(n)).await });
        }
        self.next += count;
        let mut refused = 0;
        for answer in posts.join_all().await {
            if answer.status == 201 {
                self.acknowledged.push(answer.body["id"].as_i64().unwrap());
            } else {
                assert_eq!(answer.refused(507), "store_full");
                refused += 1;
            }
        }
        self.refused += refused;
        refused == count
    }

    /// Publishes until even the space reserved by the store is used up.
    async fn until_full(&mut self) {
        for _ in 0..200 {
            self.disk.fill();
            if self.publish(TOGETHER).await && self.publish(1).await {
                return;
            }
        }
        panic!("the disk does not fill up");
    }

    fn complaints(&self) -> usize {
        self.server.log().lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).count()
    }

    /// Logs out, which ends the session at least in this process and removes the cookie; returns whether it was
    /// refused.
    async fn sign_out(&self, session: &Http) -> bool {
        let answer = session.post("/api/auth/logout", &Value::Null).await;
        assert!(matches!(answer.status, 204 | 507), "{answer:?}");
        let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        assert!(
            cookies.into_iter().any(|cookie| cookie.starts_with("superbot_session=;") && cookie.contains("Max-Age=0"))
        );
        assert_eq!(session.get("/api/auth/me").await.refused(401), "unauthenticated");
        answer.status == 507
    }

    /// Returns the size of the store's file, without its WAL.
    fn size(&self) -> u64 {
        fs::metadata(self.disk.path().join("superbot.db")).unwrap().len()
    }

    /// Receives all acknowledged listings, and checks that there are no others.
    async fn hear(&self, live: &mut Socket, heard: &mut BTreeSet<i64>) {
        while heard.len() < self.acknowledged.len() {
            assert!(heard.insert(live.find("new_listing").await["id"].as_i64().unwrap()), "received twice");
        }
        live.quiet().await;
        assert_eq!(*heard, self.acknowledged.iter().copied().collect());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_survived() {
    let (mut scene, token) = Scene::set().await;
    let reader = scene.server.http().with_token(&token);
    let (mut live, _) = Connect::to(&scene.server.address).token(&token).greeted().await;
    let mut heard = BTreeSet::new();
    assert!(!scene.publish(3).await);
    for _ in 0..2 {
        let mut sessions = Vec::new();
        for _ in 0..SESSIONS {
            sessions.push(scene.server.http().signed_in("ann").await);
        }
        scene.until_full().await;
        let mut refused = false;
        for session in &sessions {
            refused |= scene.sign_out(session).await;
        }
        assert!(refused, "there is room to note {SESSIONS} sign-outs");
        let refused = scene.refused;
        let complaints = scene.complaints();
        for _ in 0..10 {
            scene.publish(TOGETHER).await;
            scene.publish(1).await;
        }
        let batch = json!([listing(900_000), listing(900_001)]);
        assert_eq!(scene.publisher.post("/api/listings", &batch).await.refused(507), "store_full");
        let refused = scene.refused - refused;
        let complaints = scene.complaints() - complaints;
        assert!(refused > 100 && complaints < 10, "{complaints} lines for {refused}:\n{}", scene.server.log());

        // Reads still work, and no client was disconnected.
        assert_eq!(reader.get("/api/listings?q=boat").await.ok()["items"][0]["source"], "test");
        assert!(scene.publish(1).await, "there is no room");
        let not_ready = scene.server.http().get("/readyz").await;
        let problem = (not_ready.status, &not_ready.body["problems"][0]);
        assert_eq!(problem, (503, &json!("the store's disk is full")), "{}", scene.server.log());
        scene.hear(&mut live, &mut heard).await;

        let size = scene.size();
        scene.disk.make_room();
        let before = scene.acknowledged.len();
        scene.publish(1).await;
        scene.publish(TOGETHER).await;
        assert_eq!(scene.acknowledged.len() - before, 1 + TOGETHER, "there is room");
        assert_eq!(scene.server.http().get("/readyz").await.status, 200);
        scene.hear(&mut live, &mut heard).await;
        // Committed data is still checkpointed into the file.
        eventually("a larger file", || async { (scene.size() > size).then_some(()) }).await;
    }
    scene.server.kill().await;
    scene.server.restart().await;
    for id in &scene.acknowledged {
        assert_eq!(reader.get(&format!("/api/listings/{id}")).await.status, 200, "answered and lost");
    }
    let log = scene.server.log();
    assert!(!log.contains("panicked"), "{log}");
}

//! A server, its users, and the model of who must receive what.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::live::{Line, Live, event_key};
use crate::stream::Stream;
use crate::support::{Connect, Http, Options, Received, Server, eventually, soon};

/// An expected event: its name, and a key that distinguishes it from others of that name.
pub(super) type Heard = (String, Value);

/// One of a user's credentials, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    Session(usize),
    Token(usize),
}

pub(super) struct User {
    name: String,
    id: i64,
    disabled: bool,
    /// Clients with session cookies; `None` if revoked.
    sessions: Vec<Option<Http>>,
    /// Ids and secrets; `None` if revoked.
    tokens: Vec<Option<(i64, String)>>,
    /// Read state by notification.
    notifications: BTreeMap<i64, bool>,
    /// All events due to the user, from the beginning of the log.
    log: Vec<Heard>,
    password: String,
}

pub(super) struct World {
    server: Server,
    admin: Http,
    publisher: Http,
    pub(super) users: Vec<User>,
    lives: Vec<Live>,
    /// Counter for unique names.
    count: u32,
}

impl User {
    /// Returns the valid credentials.
    pub(super) fn credentials(&self) -> Vec<Credential> {
        let live = !self.disabled;
        let sessions = self.sessions.iter().enumerate().filter(|(_, session)| live && session.is_some());
        let tokens = self.tokens.iter().enumerate().filter(|(_, token)| live && token.is_some());
        let sessions = sessions.map(|(place, _)| Credential::Session(place));
        sessions.chain(tokens.map(|(place, _)| Credential::Token(place))).collect()
    }

    pub(super) fn token(&self, place: usize) -> &str {
        &self.tokens[place].as_ref().unwrap().1
    }

    fn unread(&self) -> usize {
        self.notifications.values().filter(|read| !**read).count()
    }
}

impl World {
    pub(super) async fn create() -> Self {
        let options = Options::default()
            .set("limits.user_requests_per_second", 0)
            .set("limits.socket_events_per_second", 0)
            .set("limits.login_attempts_per_minute", 0);
        let server = Server::start_with(options).await;
        server.add_user("root", true).await;
        let admin = server.http().signed_in("root").await;
        let publisher = server.http().with_token(&server.token("publish", None).await);
        let mut world = Self { server, admin, publisher, users: Vec::new(), lives: Vec::new(), count: 0 };
        for place in 0..3 {
            let name = format!("user{place}");
            let password = "correct horse".to_owned();
            let made = world.admin.post("/api/users", &json!({"username": name, "password": password})).await.ok();
            let id = made["id"].as_i64().unwrap();
            let sessions = Vec::new();
            let tokens = Vec::new();
            let notifications = BTreeMap::new();
            let log = Vec::new();
            world.users.push(User { name, id, disabled: false, sessions, tokens, notifications, log, password });
            world.add_credential(place, true).await;
            world.add_credential(place, false).await;
        }
        world
    }

    pub(super) fn address(&self) -> &str {
        &self.server.address
    }

    fn client(&self, user: usize, credential: Credential) -> Http {
        match credential {
            Credential::Session(place) => self.users[user].sessions[place].clone().unwrap(),
            Credential::Token(place) => self.server.http().with_token(self.users[user].token(place)),
        }
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    /// Adds a session or a token.
    pub(super) async fn add_credential(&mut self, user: usize, session: bool) {
        let User { name, password, disabled, .. } = &self.users[user];
        let sign_in = json!({"username": name, "password": password});
        let answer = self.server.http().post("/api/auth/login", &sign_in).await;
        if *disabled {
            assert!(matches!(answer.status, 401 | 403), "{}", answer.body);
            return;
        }
        assert_eq!(answer.status, 200, "{}", answer.body);
        let client = self.server.http().with_cookie(&answer.session_cookie().unwrap());
        if !session {
            let made = client.post("/api/tokens", &json!({"name": "a token", "scope": "user"})).await.ok();
            let token = (made["id"].as_i64().unwrap(), made["token"].as_str().unwrap().to_owned());
            self.users[user].tokens.push(Some(token));
        }
        self.users[user].sessions.push(Some(client));
    }

    pub(super) async fn connect(&mut self, user: usize, credential: Credential, stream: bool) {
        if self.lives.len() >= 12 {
            return;
        }
        let now = self.deliver_all().await;
        let http = self.client(user, credential);
        let line = if stream {
            let mut stream = Stream::open(&http, None).await;
            assert_eq!(stream.expect("connection_status").await.data["seq"], now);
            Line::Stream(stream)
        } else {
            let connect = Connect::to(&self.server.address);
            let connect = match credential {
                Credential::Session(_) => connect.header("cookie", http.cookie()),
                Credential::Token(place) => connect.token(self.users[user].token(place)),
            };
            let (socket, greeting) = connect.greeted().await;
            assert_eq!((&greeting["username"], &greeting["seq"]), (&json!(self.users[user].name), &json!(now)));
            Line::Socket(Box::new(socket))
        };
        self.lives.push(Live { line, user, credential, subscribed: false, due: VecDeque::new() });
    }

    pub(super) async fn notify(&mut self, user: usize) {
        let path = format!("/api/users/{}/notifications", self.users[user].name);
        let note = json!({"type": "custom", "data": {"for": self.users[user].name}});
        let answer = self.publisher.post(&path, &note).await;
        if self.users[user].disabled {
            assert_eq!(answer.refused(409), "user_disabled");
            return;
        }
        let id = answer.ok()["id"].as_i64().unwrap();
        self.users[user].notifications.insert(id, false);
        self.tell(Some(user), "notification", &json!(id));
    }

    pub(super) async fn post_listing(&mut self) {
        let link = format!("https://example.org/{}", self.next());
        let listing = json!({"title": "A thing", "link": link, "source": "test"});
        let made = self.publisher.post("/api/listings", &listing).await.ok();
        self.tell(None, "new_listing", &made["id"]);
    }

    /// Publishes a system message; returns its sequence number.
    pub(super) async fn announce(&mut self) -> u64 {
        let made =
            self.publisher.post("/api/system-messages", &json!({"message": "Hello", "level": "info"})).await.ok();
        self.tell(None, "system_message", &made["seq"]);
        made["seq"].as_u64().unwrap()
    }

    pub(super) async fn set_status(&mut self) {
        let running = self.next().is_multiple_of(2);
        self.publisher.put("/api/scraper-status", &json!({"ksl": running})).await.ok();
        for live in self.lives.iter_mut().filter(|live| live.subscribed) {
            live.due.push_back(("scraper_status_update".to_owned(), json!(running)));
        }
    }

    pub(super) async fn toggle_subscription(&mut self, which: usize) {
        let status = self.admin.get("/api/status").await.ok()["ksl"].clone();
        let Some(place) = which.checked_rem(self.lives.len()) else { return };
        // Earlier events must have arrived, to distinguish them from those after the change.
        self.settle().await;
        let live = &mut self.lives[place];
        let Line::Socket(socket) = &mut live.line else { return };
        live.subscribed = !live.subscribed;
        if live.subscribed {
            socket.emit("subscribe_scraper_status", &json!({})).await;
            socket.expect("subscribed").await;
            assert_eq!(socket.expect("scraper_status_update").await["ksl"], status);
        } else {
            socket.emit("unsubscribe_scraper_status", &json!({})).await;
            socket.expect("unsubscribed").await;
        }
    }

    /// A user marks one of their notifications as read.
    pub(super) async fn read_own(&mut self, user: usize, credential: Credential, which: usize) {
        let ids: Vec<i64> = self.users[user].notifications.keys().copied().collect();
        let Some(place) = which.checked_rem(ids.len()) else { return };
        let id = ids[place];
        let path = format!("/api/notifications/{id}/read");
        let answer = self.client(user, credential).post(&path, &Value::Null).await.ok();
        let was_read = self.users[user].notifications.insert(id, true).unwrap();
        let unread = self.users[user].unread();
        let read = if was_read { json!([]) } else { json!([id]) };
        assert_eq!(answer, json!({"ids": read, "unread": unread}));
        if !was_read {
            self.tell(Some(user), "notification_read", &json!([[id], unread]));
        }
    }

    /// A user attempts operations on other users' data, or reserved for publishers and admins.
    pub(super) async fn meddle(&mut self, user: usize, credential: Credential, other: usize) {
        let client = self.client(user, credential);
        let theirs = &self.users[other];
        for id in theirs.notifications.keys().take(3) {
            let answer = client.post(&format!("/api/notifications/{id}/read"), &Value::Null).await;
            assert_eq!(answer.refused(404), "not_found");
        }
        for (id, _) in theirs.tokens.iter().flatten() {
            assert_eq!(client.delete(&format!("/api/tokens/{id}")).await.refused(404), "not_found");
        }
        if let Some(session) = theirs.sessions.iter().flatten().next().filter(|_| !theirs.disabled) {
            let id = own_session(session).await;
            assert_eq!(client.delete(&format!("/api/sessions/{id}")).await.refused(404), "not_found");
        }
        let disabling = client.patch(&format!("/api/users/{}", theirs.id), &json!({"disabled": true})).await;
        assert_eq!(disabling.refused(403), "forbidden");
        for path in ["/api/users", "/api/admin/stats", "/api/connected-users"] {
            assert_eq!(client.get(path).await.refused(403), "forbidden", "{path}");
        }
        let note = json!({"type": "custom", "data": {}});
        let notify = format!("/api/users/{}/notifications", theirs.name);
        assert_eq!(client.post(&notify, &note).await.refused(403), "forbidden");
        let foreign: Vec<i64> = theirs.notifications.keys().copied().collect();
        let unread = self.users[user].unread();
        let mine = self.lives.iter_mut().filter(|live| live.user == user);
        for live in mine {
            if let Line::Socket(socket) = &mut live.line {
                let answer = socket.call("notification_read", &json!({"ids": foreign})).await;
                assert_eq!(answer, json!({"ok": true, "unread": unread}));
            }
        }
    }

    /// Checks that a user sees exactly their own notifications.
    pub(super) async fn look(&mut self, user: usize, credential: Credential) {
        let client = self.client(user, credential);
        let mut seen = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let page = client.get(&format!("/api/notifications?limit=5{cursor}")).await.ok();
            for item in page["items"].as_array().unwrap() {
                assert_eq!(item["data"]["for"], self.users[user].name);
                seen.insert(item["id"].as_i64().unwrap(), !item["read_at"].is_null());
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, self.users[user].notifications);
        let count = client.get("/api/notifications/unread-count").await.ok();
        assert_eq!(count, json!({"unread": self.users[user].unread()}));
        assert_eq!(client.get("/api/auth/me").await.ok()["username"], self.users[user].name);
    }

    /// A user revokes the credential in use.
    pub(super) async fn revoke(&mut self, user: usize, credential: Credential) {
        let client = self.client(user, credential);
        let path = match credential {
            Credential::Session(_) => format!("/api/sessions/{}", own_session(&client).await),
            Credential::Token(place) => format!("/api/tokens/{}", self.users[user].tokens[place].as_ref().unwrap().0),
        };
        assert_eq!(client.delete(&path).await.status, 204);
        assert_eq!(client.get("/api/auth/me").await.refused(401), "unauthenticated");
        match credential {
            Credential::Session(place) => self.users[user].sessions[place] = None,
            Credential::Token(place) => self.users[user].tokens[place] = None,
        }
        self.end(|live| live.user == user && live.credential == credential).await;
    }

    /// An admin disables or enables a user.
    pub(super) async fn set_disabled(&mut self, user: usize, disabled: bool) {
        let path = format!("/api/users/{}", self.users[user].id);
        self.admin.patch(&path, &json!({"disabled": disabled})).await.ok();
        self.users[user].disabled = disabled;
        if disabled {
            self.users[user].sessions.fill(None);
            self.end(|live| live.user == user).await;
        }
    }

    /// A user changes their password, which ends all other sessions.
    pub(super) async fn change_password(&mut self, user: usize, session: usize) {
        let client = self.client(user, Credential::Session(session));
        let new = format!("correct horse {}", self.next());
        let change = json!({"current_password": self.users[user].password, "new_password": new});
        assert_eq!(client.post("/api/auth/password", &change).await.status, 204);
        self.users[user].password = new;
        let sessions = self.users[user].sessions.iter_mut().enumerate();
        sessions.filter(|(place, _)| *place != session).for_each(|(_, other)| *other = None);
        let kept = Credential::Session(session);
        self.end(|live| {
            live.user == user && matches!(live.credential, Credential::Session(_)) && live.credential != kept
        })
        .await;
    }

    /// Adds a published event to the model.
    fn tell(&mut self, user: Option<usize>, name: &str, key: &Value) {
        let heard = (name.to_owned(), key.clone());
        for live in self.lives.iter_mut().filter(|live| user.is_none_or(|user| live.user == user)) {
            live.due.push_back(heard.clone());
        }
        for (place, entry) in self.users.iter_mut().enumerate() {
            if user.is_none_or(|user| place == user) {
                entry.log.push(heard.clone());
            }
        }
    }

    /// Waits until new connections start after everything published; returns that position.
    async fn deliver_all(&mut self) -> u64 {
        let seq = self.announce().await;
        eventually("the hub", || async { (self.publisher.metric("superbot_log_seq").await == seq).then_some(()) })
            .await;
        seq
    }

    /// Checks that each connection has received exactly what it was due.
    pub(super) async fn settle(&mut self) {
        self.deliver_all().await;
        for live in &mut self.lives {
            live.hear_what_is_due().await;
        }
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for live in &self.lives {
            *expected.entry(self.users[live.user].name.clone()).or_default() += 1;
        }
        let expected: Vec<(String, u64)> = expected.into_iter().collect();
        eventually("those connected", || async { (self.connected().await == expected).then_some(()) }).await;
    }

    /// Returns the connected users with their numbers of connections.
    pub(super) async fn connected(&self) -> Vec<(String, u64)> {
        let answer = self.publisher.get("/api/connected-users").await.ok();
        let users = answer["users"].as_array().unwrap().iter();
        users
            .map(|user| (user["username"].as_str().unwrap().to_owned(), user["connections"].as_u64().unwrap()))
            .collect()
    }

    /// Checks that connections with a revoked credential receive what was due before, and then end.
    async fn end(&mut self, gone: impl Fn(&Live) -> bool) {
        let (ending, staying): (Vec<Live>, Vec<Live>) = std::mem::take(&mut self.lives).into_iter().partition(gone);
        self.lives = staying;
        for mut live in ending {
            live.hear_what_is_due().await;
            match live.line {
                Line::Socket(mut socket) => assert_eq!(socket.ended().await, [Received::Disconnected]),
                Line::Stream(mut stream) => assert!(soon("a stream's end", stream.next()).await.is_none()),
            }
        }
    }

    /// Checks that a replay from the beginning yields exactly the user's events.
    pub(super) async fn replay_is_as_it_was_live(&mut self) {
        for user in 0..self.users.len() {
            self.set_disabled(user, false).await;
            self.add_credential(user, false).await;
            let User { tokens, log, .. } = &self.users[user];
            let token = &tokens.last().unwrap().as_ref().unwrap().1;
            let (mut socket, greeting) =
                Connect::to(&self.server.address).token(token).auth("since", 0).greeted().await;
            assert_eq!(greeting["replayed"], log.len());
            for expected in log {
                let Received::Event(name, payload) = soon("a replay", socket.next()).await else { panic!("it ended") };
                assert_eq!((name.clone(), event_key(&name, &payload)), *expected);
            }
            socket.quiet().await;
        }
    }
}

/// Returns the id of a client's session.
async fn own_session(client: &Http) -> i64 {
    let sessions = client.get("/api/sessions").await.ok();
    let current = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == true);
    current.unwrap()["id"].as_i64().unwrap()
}

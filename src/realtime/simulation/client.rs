//! A simulated client, which reconnects whenever its connection ends.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use parking_lot::Mutex;
use superbot_domain::{SessionId, UserId};
use tokio::time::sleep;

use super::line::{Heard, Hello, Line, Way};
use super::oracle::{Position, RECOVERS_WITHIN, Violation, Witness};
use super::world::{Gate, WORLD, World};
use crate::auth::{RandomSecret, SecretKind};
use crate::records::simulated::{Bearer, Change, Dice, Revoked, Transaction, token, user};

/// How a client authenticates.
#[derive(Clone, Copy, Debug)]
pub enum Identity {
    Anonymous,
    /// A user, in a browser.
    Browser(UserId),
    /// A user's program, with a token.
    Program(UserId),
    /// A program whose token has no owner.
    Ownerless,
}

pub struct Client {
    number: u64,
    way: Way,
    identity: Identity,
    wants_status: bool,
    dice: Dice,
    world: Arc<World>,
    witness: Arc<Mutex<Witness>>,
    secret: Option<String>,
    principal: Option<Bearer>,
    sign_ins: i64,
}
#[derive(Debug)]
enum End {
    /// It was not established, or the server closed it.
    Closed,
    Lost,
    Crashed,
    /// The server refused the credential.
    Unwelcome,
}

/// A client's behaviour on one connection.
struct Mood {
    /// Duration after which the client loses the connection.
    lasts: Duration,
    /// Maximum pause between two reads.
    pause_ms: u64,
    /// Percentage of reads before which the client stalls.
    stalls: u64,
    pipe_bytes: usize,
}

/// Maximum lag of a hub behind the log.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(30);

impl Client {
    pub fn new(number: u64, world: &Arc<World>) -> Self {
        let mut dice = Dice::of(world.model.seed, ("client", number));
        let user = UserId::from(i64::try_from(dice.within(1..=3)).unwrap());
        let identity = match dice.within(0..=9) {
            0 | 1 => Identity::Anonymous,
            2 => Identity::Ownerless,
            3..=5 => Identity::Program(user),
            _ => Identity::Browser(user),
        };
        let way = dice.pick(&[Way::WebSocket, Way::WebSocket, Way::WebSocket, Way::Polling, Way::Stream]);
        let wants_status = !matches!(identity, Identity::Anonymous) && (way == Way::Stream || dice.chance(50));
        let witness = Witness::new(Arc::clone(&world.model), identity.user(), world.plan.replay_limit, world.forgetful);
        let witness = Arc::new(Mutex::new(witness));
        let world = Arc::clone(world);
        world.note(number, || format!("is {identity:?} on {way:?}, status: {wants_status}"));
        Self { number, way, identity, wants_status, dice, world, witness, secret: None, principal: None, sign_ins: 0 }
    }

    /// Returns a check for what the client has not received, for use after all faults have ended.
    pub fn due(&self) -> impl Fn() -> Option<String> + Send + Sync + use<> {
        let witness = Arc::clone(&self.witness);
        let wants_status = self.wants_status;
        let number = self.number;
        move || {
            let witness = witness.lock();
            let due = witness.lacks().or_else(|| witness.lacks_status().filter(|_| wants_status));
            due.map(|due| format!("client {number} {due}"))
        }
    }

    /// Connects again and again until the end of the simulation.
    pub async fn run(mut self) {
        loop {
            let away = if self.world.is_calm() { 50..=500 } else { self.dice.pick(&[0..=20, 20..=500, 500..=4000]) };
            sleep(self.dice.ms(away)).await;
            if let Err(violation) = self.connect().await {
                self.world.fail(format!("client {}: {violation}", self.number));
                return;
            }
        }
    }

    async fn connect(&mut self) -> Result<(), Violation> {
        let Some(gate) = self.world.gate(&mut self.dice) else { return Ok(()) };
        let mood = self.mood();
        let mut slot = None;
        let end = tokio::select! {
            biased;
            () = gate.crashed.cancelled() => End::Crashed,
            () = sleep(mood.lasts) => End::Lost,
            end = self.talk(&gate, &mood, &mut slot) => end?,
        };
        self.world.note(self.number, || format!("is off node {}: {end:?}", gate.node));
        match (end, slot) {
            (End::Unwelcome, _) => self.lost_credential()?,
            (End::Lost | End::Crashed, Some(mut line)) => {
                if self.dice.chance(30) {
                    // Data that has already arrived is still read.
                    while let Some(Some(heard)) = line.next().now_or_never() {
                        self.hear(heard, &gate)?;
                    }
                } else if self.dice.chance(40) {
                    // The node does not notice the loss, and continues to write.
                    let unnoticed = self.dice.ms(100..=20_000);
                    tokio::spawn(async move {
                        sleep(unnoticed).await;
                        drop(line);
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn mood(&mut self) -> Mood {
        if self.world.is_calm() {
            return Mood { lasts: Duration::from_hours(1), pause_ms: 0, stalls: 0, pipe_bytes: 4096 };
        }
        let dice = &mut self.dice;
        let lasts = dice.pick(&[0..=40, 0..=1_000, 500..=8_000, 20_000..=60_000]);
        let pauses = dice.pick(&[0, 0, 0, 0, 20, 200]);
        let stalls = dice.pick(&[0, 0, 0, 5]);
        let pipe_bytes = dice.pick(&[300, 1_000, 4_000]);
        Mood { lasts: dice.ms(lasts), pause_ms: pauses, stalls, pipe_bytes }
    }

    /// Connects, and reads until the connection ends.
    async fn talk(&mut self, gate: &Gate, mood: &Mood, slot: &mut Option<Line>) -> Result<End, Violation> {
        let hello = self.hello();
        self.world.note(self.number, || format!("comes to node {} with {:?}", gate.node, hello.since));
        if self.dice.chance(8) && !self.world.is_calm() {
            self.sign_out_soon();
        }
        let Some(line) = Line::open(&gate.front, self.way, hello, mood.pipe_bytes).await else {
            return Ok(End::Closed);
        };
        let line = slot.insert(line);
        loop {
            let Some(heard) = line.next().await else { return Ok(End::Closed) };
            let greeted = matches!(&heard, Heard::Event(name, _) if name == "connection_status");
            if let Some(end) = self.hear(heard, gate)? {
                return Ok(end);
            }
            if greeted && self.wants_status {
                line.say(r#"42["subscribe_scraper_status"]"#).await;
            } else if self.dice.chance(4) && !self.world.is_calm() {
                self.chat(line).await;
            }
            if mood.pause_ms > 0 {
                sleep(self.dice.ms(0..=mood.pause_ms)).await;
            }
            if self.dice.chance(mood.stalls) {
                sleep(self.dice.ms(500..=8_000)).await;
            }
        }
    }

    fn hello(&mut self) -> Hello {
        if self.secret.is_none() {
            self.sign_in();
        }
        let mut witness = self.witness.lock();
        let said = witness.position.clone().filter(|_| !self.world.forgetful);
        witness.begins(said.clone());
        let (since, epoch) = said.map(|Position { epoch, seq }| (seq, epoch)).unzip();
        let secret = self.secret.clone();
        match self.identity {
            Identity::Browser(_) => {
                let cookie = secret.map(|secret| format!("{}={secret}", crate::auth::SESSION_COOKIE));
                Hello { cookie, since, epoch, ..Hello::default() }
            }
            _ => Hello { token: secret, since, epoch, ..Hello::default() },
        }
    }

    fn sign_in(&mut self) {
        self.sign_ins += 1;
        let id = i64::try_from(self.number).unwrap() * 1000 + self.sign_ins;
        let (kind, prefix, principal) = match self.identity {
            Identity::Anonymous => return,
            Identity::Browser(owner) => {
                (SecretKind::Session, "sbs", Bearer::Session { id: SessionId::from(id), user: user(owner) })
            }
            Identity::Program(owner) => (SecretKind::ApiToken, "sbt", token(id.into(), Some(owner))),
            Identity::Ownerless => (SecretKind::ApiToken, "sbt", token(id.into(), None)),
        };
        let secret = RandomSecret::parse(kind, &format!("{prefix}_{id:043}")).unwrap();
        self.principal = Some(principal.clone());
        self.world.model.admit(secret.hash(), principal);
        self.witness.lock().credential = Some(secret.hash());
        self.secret = Some(secret.reveal().to_owned());
    }

    /// Revokes the credential while the client is connecting with it.
    fn sign_out_soon(&mut self) {
        let Some(principal) = self.principal.clone() else { return };
        let world = Arc::clone(&self.world);
        let number = self.number;
        let soon = self.dice.ms(0..=300);
        tokio::spawn(async move {
            sleep(soon).await;
            world.note(WORLD, || format!("client {number} is signed out"));
            world.model.write(Transaction::of(vec![Change::Revoke(Revoked::one(&principal))])).await;
        });
    }

    /// Checks a received message; returns how the connection ended if it was the last.
    fn hear(&mut self, heard: Heard, gate: &Gate) -> Result<Option<End>, Violation> {
        match heard {
            Heard::Nothing => Ok(None),
            Heard::Event(name, payload) => {
                // `retry_after_ms` is drawn from the operating system's randomness, not from the seed.
                let said = if name == "going_away" { "" } else { &payload };
                self.world.note(self.number, || format!("hears {name} {said}"));
                self.witness.lock().hears(&name, &payload, gate).map(|()| None)
            }
            Heard::Disconnected => Ok(Some(End::Unwelcome)),
            Heard::Refused(code) if code == "unauthenticated" => Ok(Some(End::Unwelcome)),
            Heard::Refused(code) if code == "unavailable" && gate.link.failed_within(RECOVERS_WITHIN) => {
                Ok(Some(End::Closed))
            }
            Heard::Refused(code) => Err(format!("it is refused: {code}")),
        }
    }

    /// Checks that the server had a reason to refuse the credential.
    fn lost_credential(&mut self) -> Result<(), Violation> {
        let credential = self.witness.lock().credential;
        let Some(hash) = credential else { return Err("it is turned away, but has no credential".into()) };
        // A lagging hub applies the revocation of all of a user's sessions to credentials created later.
        let swept_at = self.identity.user().and_then(|user| self.world.model.state().swept_at(user));
        let is_swept = swept_at.is_some_and(|at| at + FOLLOWS_WITHIN > self.world.model.clock.now());
        if self.world.model.state().is_valid(&hash) && !is_swept {
            return Err("it is turned away, but its credential is valid".into());
        }
        self.secret = None;
        Ok(())
    }

    /// Sends one of the events that clients may send.
    async fn chat(&mut self, line: &mut Line) {
        let is_user = self.identity.user().is_some();
        let said = match self.dice.within(0..=3) {
            0 if is_user => r#"427["notification_read",{"ids":[1]}]"#,
            1 if self.wants_status => r#"42["unsubscribe_scraper_status"]"#,
            _ => r#"42["ping"]"#,
        };
        line.say(said).await;
        if said.contains("unsubscribe") {
            line.say(r#"42["subscribe_scraper_status"]"#).await;
        }
    }
}

impl Identity {
    fn user(self) -> Option<UserId> {
        match self {
            Self::Browser(user) | Self::Program(user) => Some(user),
            Self::Anonymous | Self::Ownerless => None,
        }
    }
}

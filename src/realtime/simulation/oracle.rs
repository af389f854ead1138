//! Compares what a client has received with what it was entitled to.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use superbot_domain::{Audience, EventKind, LogEvent, Seq, UserId};
use superbot_wire::ScraperStatus;

use super::world::Gate;
use crate::records::simulated::{Model, after, user};

/// Description of a violated guarantee.
pub type Violation = String;

/// Position in a log up to which a client has received everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub epoch: String,
    pub seq: Seq,
}

/// A client's cursor, with the checks of what it receives.
pub struct Witness {
    model: Arc<Model>,
    user: Option<UserId>,
    replay_limit: u64,
    /// Whether it never sends its cursor, although it continues from it: the intentional bug.
    forgetful: bool,
    pub position: Option<Position>,
    /// The newest scraper status it received.
    pub status: Option<Value>,
    /// Hash of the credential in use.
    pub credential: Option<[u8; 32]>,
    /// Number of events received.
    pub heard: u64,
    line: Option<OnLine>,
}

/// State of the current connection.
struct OnLine {
    /// Cursor that the client sent.
    since: Option<Position>,
    greeted: bool,
    /// The last `seq` received on this connection.
    last: Seq,
}

/// Time within which a node is up to date after its last failure.
pub const RECOVERS_WITHIN: Duration = Duration::from_secs(20);

impl Witness {
    pub fn new(model: Arc<Model>, user: Option<UserId>, replay_limit: u64, forgetful: bool) -> Self {
        Self {
            model,
            user,
            replay_limit,
            forgetful,
            position: None,
            status: None,
            credential: None,
            heard: 0,
            line: None,
        }
    }

    /// Starts a connection with the cursor `since`.
    pub fn begins(&mut self, since: Option<Position>) {
        self.line = Some(OnLine { since, greeted: false, last: 0 });
    }

    /// Checks a received event.
    pub fn hears(&mut self, name: &str, payload: &str, gate: &Gate) -> Result<(), Violation> {
        let greeted = self.line.as_ref().is_some_and(|line| line.greeted);
        match name {
            "connection_status" if greeted => Err("it is greeted twice".into()),
            "connection_status" => self.greeted(&read(payload)?, gate),
            // Also sent to clients that have not been greeted yet.
            "going_away" => Ok(()),
            _ if !greeted => Err(format!("{name} comes before the greeting")),
            "subscribed" | "unsubscribed" | "pong" => Ok(()),
            "error" => Err(format!("an error: {payload}")),
            _ => self.notified(name, payload),
        }
    }

    fn greeted(&mut self, status: &Value, gate: &Gate) -> Result<(), Violation> {
        let (Some(seq), Some(epoch)) = (status["seq"].as_u64(), status["epoch"].as_str()) else {
            return Err(format!("a greeting without a place: {status}"));
        };
        let recovered = status["recovered"] == true;
        let replayed = status["replayed"].as_u64();
        if status["username"] != Value::from(self.user.map(|id| user(id).username.to_string())) {
            return Err(format!("it is taken for somebody else: {status}"));
        }
        let line = self.line.as_mut().ok_or("there is no connection")?;
        line.greeted = true;
        line.last = seq;
        let since = line.since.clone();
        let Some(since) = since else {
            if recovered || replayed != Some(0) {
                return Err(format!("it gave no cursor, and is replayed something: {status}"));
            }
            if !self.forgetful || self.position.is_none() {
                self.reloads(epoch, seq);
            }
            return Ok(());
        };
        let missed = self.model.in_epoch(epoch, |events| self.entitled(events, since.seq, seq).count() as u64);
        if !recovered {
            let (now, oldest) = {
                let state = self.model.state();
                (Arc::clone(&state.epoch), state.bounds().oldest)
            };
            // The model does not record what was pruned in earlier epochs.
            let is_right = since.epoch != epoch
                || *now != *epoch
                || since.seq + 1 < oldest
                || missed > self.replay_limit
                || gate.link.failed_within(RECOVERS_WITHIN);
            if !is_right || replayed != Some(0) {
                return Err(format!("it has to reload without a reason: {since:?}, {missed} missed, {status}"));
            }
            self.reloads(epoch, seq);
            return Ok(());
        }
        if since.epoch != epoch || seq < since.seq || replayed != Some(missed) {
            return Err(format!("{missed} were missed since {since:?}: {status}"));
        }
        if let Some(line) = &mut self.line {
            line.last = since.seq;
        }
        if missed == 0 {
            self.position = Some(Position { seq, ..since });
        }
        Ok(())
    }

    /// Simulates reloading over REST, after which the client has everything up to `seq`.
    fn reloads(&mut self, epoch: &str, seq: Seq) {
        self.position = Some(Position { epoch: epoch.to_owned(), seq });
    }

    fn notified(&mut self, name: &str, payload: &str) -> Result<(), Violation> {
        let Some(seq) = seq_of(payload) else {
            if name != EventKind::ScraperStatus.wire_name() {
                return Err(format!("{name} without a place: {payload}"));
            }
            self.status = Some(read(payload)?);
            return Ok(());
        };
        let (Some(line), Some(position)) = (&mut self.line, &self.position) else { return Err("no connection".into()) };
        if seq <= line.last {
            return Err(format!("{seq} comes after {} on one connection", line.last));
        }
        line.last = seq;
        if seq <= position.seq {
            return Err(format!("{seq} comes again, {} was seen", position.seq));
        }
        self.model.in_epoch(&position.epoch, |events| self.may_hear(events, position.seq, seq, name, payload))?;
        let state = self.model.state();
        if *state.epoch == *position.epoch
            && let Some(revoked) = self.credential.and_then(|hash| state.revoked_at(&hash))
            && seq > revoked
        {
            return Err(format!("{seq} is heard with a credential that was revoked at {revoked}"));
        }
        drop(state);
        self.position = Some(Position { epoch: position.epoch.clone(), seq });
        self.heard += 1;
        if name == EventKind::ScraperStatus.wire_name() {
            let mut status = read(payload)?;
            status.as_object_mut().map(|fields| fields.remove("seq"));
            self.status = Some(status);
        }
        Ok(())
    }

    /// Checks that an event is in the log, is for this client, and is the next one after `seen`.
    fn may_hear(&self, events: &[LogEvent], seen: Seq, seq: Seq, name: &str, payload: &str) -> Result<(), Violation> {
        let found = after(events, seq - 1).first().filter(|event| event.seq == seq);
        let Some(event) = found else { return Err(format!("{seq} is not in the log: {name} {payload}")) };
        if event.kind.wire_name() != name || event.payload_with_seq() != payload {
            return Err(format!("{seq} is another than in the log: {name} {payload}"));
        }
        let status = event.audience == Audience::ScraperStatus;
        if !status && !self.is_entitled_to(event) {
            return Err(format!("{seq} is for {:?}", event.audience));
        }
        let lost: Vec<Seq> = self.entitled(events, seen, seq - 1).map(|event| event.seq).collect();
        if lost.is_empty() { Ok(()) } else { Err(format!("{lost:?} were not heard before {seq}")) }
    }

    /// Returns what it has not received, if anything.
    pub fn lacks(&self) -> Option<String> {
        let state = self.model.state();
        let Some(position) = self.position.as_ref().filter(|position| *position.epoch == *state.epoch) else {
            return Some(format!("stands at {:?} and not in {}", self.position, state.epoch));
        };
        let next = self.entitled(&state.events, position.seq, Seq::MAX).next();
        next.map(|event| format!("stands at {position:?} and has not heard {}", event.seq))
    }

    /// Returns whether its scraper status is outdated, if it has subscribed.
    pub fn lacks_status(&self) -> Option<String> {
        let (status, at) = self.model.state().status.clone();
        let now = serde_json::to_value(ScraperStatus::new(&status, at)).unwrap();
        (self.status.as_ref() != Some(&now)).then(|| format!("takes {:?} for the scrapers' status: {now}", self.status))
    }

    fn entitled<'e>(&self, events: &'e [LogEvent], seen: Seq, upto: Seq) -> impl Iterator<Item = &'e LogEvent> {
        let user = self.user;
        let stretch = after(events, seen).iter().take_while(move |event| event.seq <= upto);
        stretch.filter(move |event| is_entitled(user, event))
    }

    fn is_entitled_to(&self, event: &LogEvent) -> bool {
        is_entitled(self.user, event)
    }
}

fn is_entitled(user: Option<UserId>, event: &LogEvent) -> bool {
    match event.audience {
        Audience::Everyone => true,
        Audience::User(id) => Some(id) == user,
        Audience::ScraperStatus | Audience::Control => false,
    }
}

fn read(payload: &str) -> Result<Value, Violation> {
    serde_json::from_str(payload).map_err(|error| format!("{error}: {payload}"))
}

/// Extracts the `seq` at the end of a payload.
fn seq_of(payload: &str) -> Option<Seq> {
    payload.rsplit_once("\"seq\":")?.1.strip_suffix('}')?.parse().ok()
}

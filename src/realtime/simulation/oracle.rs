//! What a client has seen, held against what it was entitled to.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use superbot_domain::{Audience, EventKind, LogEvent, Seq, UserId};
use superbot_wire::ScraperStatus;

use super::world::Gate;
use crate::records::simulated::{Model, after, user};

/// Something that must not be.
pub type Violation = String;

/// The place in a log up to which a client has seen everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub epoch: String,
    pub seq: Seq,
}

/// A client's memory, and its conscience.
pub struct Witness {
    model: Arc<Model>,
    user: Option<UserId>,
    replay_limit: u64,
    /// It does not say what it has seen, and takes it for granted that it is known.
    forgetful: bool,
    pub position: Option<Position>,
    /// The scrapers' status, as last heard.
    pub status: Option<Value>,
    /// The credential in use.
    pub credential: Option<[u8; 32]>,
    /// How many events it was told.
    pub heard: u64,
    line: Option<OnLine>,
}

/// What is known of the connection there is.
struct OnLine {
    /// Where the client said it was.
    since: Option<Position>,
    greeted: bool,
    /// The last `seq` on this connection.
    last: Seq,
}

/// After its last failure, a node is up to date again within this time.
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

    /// A connection begins, on which the client says that it has seen everything up to `since`.
    pub fn begins(&mut self, since: Option<Position>) {
        self.line = Some(OnLine { since, greeted: false, last: 0 });
    }

    /// An event came in.
    pub fn hears(&mut self, name: &str, payload: &str, gate: &Gate) -> Result<(), Violation> {
        let greeted = self.line.as_ref().is_some_and(|line| line.greeted);
        match name {
            "connection_status" if greeted => Err("it is greeted twice".into()),
            "connection_status" => self.greeted(&read(payload)?, gate),
            // Who is still being let in is told to come back, as all others are.
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
            // What was pruned in a former epoch is not known any more.
            let is_right = since.epoch != epoch
                || *now != *epoch
                || since.seq + 1 < oldest
                || missed > self.replay_limit
                || gate.link.failed_within(RECOVERS_WITHIN);
            if !is_right || replayed != Some(0) {
                return Err(format!("it is told to start anew for no reason: {since:?}, {missed} missed, {status}"));
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

    /// The client reads over REST what there is.
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

    /// Whether this event is next, after a place up to which everything was seen.
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

    /// What is still due to it.
    pub fn lacks(&self) -> Option<String> {
        let state = self.model.state();
        let Some(position) = self.position.as_ref().filter(|position| *position.epoch == *state.epoch) else {
            return Some(format!("stands at {:?} and not in {}", self.position, state.epoch));
        };
        let next = self.entitled(&state.events, position.seq, Seq::MAX).next();
        next.map(|event| format!("stands at {position:?} and has not heard {}", event.seq))
    }

    /// The same of the scrapers' status, which it asked for.
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

/// The place in the log that a payload ends with.
fn seq_of(payload: &str) -> Option<Seq> {
    payload.rsplit_once("\"seq\":")?.1.strip_suffix('}')?.parse().ok()
}

//! A model of the log and the credentials, shared by all nodes of a simulation.
//!
//! It gives the store's guarantees: a writer holds a lock from assigning a number to its commit, so that nothing becomes
//! visible below what is visible already, and an aborted one may leave a gap. [`Flaw`] breaks a guarantee on purpose.

mod dice;
mod link;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use superbot_domain::{
    Clock, LogEvent, ScraperStates, Seq, SessionId, Timestamp, TokenId, TokenScope, User, UserId, UserRole, Username,
};
use superbot_store::LogBounds;

pub use dice::Dice;
pub use link::{Link, Weather};
pub use write::{Change, Revoked, Transaction};

/// A broken guarantee, which the simulation has to detect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Writers release the lock after assigning numbers, and commit in any order.
    LateCommits,
    /// A node that was not woken finds nothing when polling.
    LostWakeUps,
}

/// The log, the credentials, and the writers' lock.
pub struct Model {
    pub seed: u64,
    pub flaw: Option<Flaw>,
    pub clock: Arc<dyn Clock>,
    state: Mutex<State>,
    writer: tokio::sync::Mutex<()>,
    links: Mutex<Vec<Link>>,
    /// Logs of earlier epochs.
    past: Mutex<BTreeMap<Arc<str>, Vec<LogEvent>>>,
}

/// State that is part of a backup.
#[derive(Clone)]
pub struct State {
    pub epoch: Arc<str>,
    /// All committed events in order, including pruned ones.
    pub events: Vec<LogEvent>,
    /// `seq` of the last pruned event.
    pub pruned: Seq,
    next: Seq,
    credentials: BTreeMap<[u8; 32], Known>,
    pub status: (ScraperStates, Timestamp),
    /// When all sessions of a user were revoked.
    swept: BTreeMap<UserId, Timestamp>,
}
#[derive(Clone, Debug)]
pub enum Bearer {
    Session { id: SessionId, user: User },
    Token { id: TokenId, name: String, scope: TokenScope, user: Option<User> },
}

impl Bearer {
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Session { user, .. } => Some(user.id),
            Self::Token { user, .. } => user.as_ref().map(|user| user.id),
        }
    }
}

/// A credential with the `seq` of its revocation.
#[derive(Clone)]
struct Known {
    principal: Bearer,
    revoked: Option<Seq>,
}

impl Model {
    pub fn new(seed: u64, flaw: Option<Flaw>, clock: Arc<dyn Clock>) -> Arc<Self> {
        let state = State {
            epoch: "epoch-0".into(),
            events: Vec::new(),
            pruned: 0,
            next: 1,
            credentials: BTreeMap::new(),
            status: (ScraperStates::initial(), clock.now()),
            swept: BTreeMap::new(),
        };
        Arc::new(Self {
            seed,
            flaw,
            clock,
            state: Mutex::new(state),
            writer: tokio::sync::Mutex::default(),
            links: Mutex::default(),
            past: Mutex::default(),
        })
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Connects a node until the connection is severed.
    pub fn link(self: &Arc<Self>, node: u64) -> Link {
        let link = Link::new(Arc::clone(self), node);
        let mut links = self.links.lock();
        links.retain(|link| !link.is_severed());
        links.push(link.clone());
        link
    }

    /// Adds a valid credential.
    pub fn admit(&self, hash: [u8; 32], principal: Bearer) {
        self.state().credentials.insert(hash, Known { principal, revoked: None });
    }

    /// Restores a backup under a new epoch, severing all connections.
    pub async fn restore(&self, backup: State) {
        let _writer = self.writer.lock().await;
        self.links.lock().iter().for_each(Link::sever);
        let mut state = self.state();
        let mut past = self.past.lock();
        past.insert(Arc::clone(&state.epoch), std::mem::take(&mut state.events));
        *state = State { epoch: format!("epoch-{}", past.len()).into(), ..backup };
    }

    /// Prunes the log up to `upto`.
    pub fn prune(&self, upto: Seq) {
        let mut state = self.state();
        state.pruned = state.pruned.max(upto.min(state.head()));
    }

    /// Accesses all committed events of an epoch.
    pub fn in_epoch<T>(&self, epoch: &str, look: impl FnOnce(&[LogEvent]) -> T) -> T {
        let state = self.state();
        if *state.epoch == *epoch {
            return look(&state.events);
        }
        let past = self.past.lock();
        look(past.get(epoch).map_or(&[], |events| events))
    }
}

impl State {
    /// Returns the `seq` of the last committed event.
    pub fn head(&self) -> Seq {
        self.events.last().map_or(0, |event| event.seq)
    }

    pub fn bounds(&self) -> LogBounds {
        let oldest = self.after(self.pruned).first().map_or(self.head() + 1, |event| event.seq);
        LogBounds { oldest, head: self.head() }
    }
    fn after(&self, place: Seq) -> &[LogEvent] {
        after(&self.events, place.max(self.pruned))
    }

    /// Returns the `seq` of a credential's revocation; `None` if it is valid or unknown.
    pub fn revoked_at(&self, hash: &[u8; 32]) -> Option<Seq> {
        self.credentials.get(hash)?.revoked
    }

    /// Returns when all sessions of a user were last revoked.
    pub fn swept_at(&self, user: UserId) -> Option<Timestamp> {
        self.swept.get(&user).copied()
    }

    /// Returns the identities of all valid credentials.
    pub fn principals(&self) -> Vec<Bearer> {
        let valid = self.credentials.values().filter(|known| known.revoked.is_none());
        valid.map(|known| known.principal.clone()).collect()
    }

    pub fn is_valid(&self, hash: &[u8; 32]) -> bool {
        self.credentials.get(hash).is_some_and(|known| known.revoked.is_none())
    }
}
pub fn after(events: &[LogEvent], place: Seq) -> &[LogEvent] {
    &events[events.partition_point(|event| event.seq <= place)..]
}
pub fn user(id: UserId) -> User {
    let username = Username::parse(&format!("user-{id}")).unwrap();
    User { id, username, role: UserRole::User, disabled: false, created_at: Timestamp::UNIX_EPOCH }
}
pub fn token(id: TokenId, owner: Option<UserId>) -> Bearer {
    let scope = if owner.is_some() { TokenScope::User } else { TokenScope::Admin };
    Bearer::Token { id, name: format!("token {id}"), scope, user: owner.map(user) }
}

//! A model of the log and the credentials, shared by all nodes of a simulation.
//!
//! It is what the store promises: writers hold a lock from taking a number to their commit, so that nothing becomes visible
//! below what already is; who aborts may leave a gap. [`Flaw`] breaks a promise on purpose.

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

/// A promise of the store that is broken, to see that somebody notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Writers let go of the lock as soon as they have their numbers, and commit in any order.
    LateCommits,
    /// Whoever was not woken finds nothing new when looking by itself.
    LostWakeUps,
}

/// The log, the credentials, and who may write.
pub struct Model {
    pub seed: u64,
    pub flaw: Option<Flaw>,
    pub clock: Arc<dyn Clock>,
    state: Mutex<State>,
    writer: tokio::sync::Mutex<()>,
    links: Mutex<Vec<Link>>,
    /// The logs of former epochs.
    past: Mutex<BTreeMap<Arc<str>, Vec<LogEvent>>>,
}

/// What a backup holds, too.
#[derive(Clone)]
pub struct State {
    pub epoch: Arc<str>,
    /// All that was ever committed, pruned or not, in order.
    pub events: Vec<LogEvent>,
    /// All up to here was pruned.
    pub pruned: Seq,
    next: Seq,
    credentials: BTreeMap<[u8; 32], Known>,
    pub status: (ScraperStates, Timestamp),
    /// When users lost all that they had at the time.
    swept: BTreeMap<UserId, Timestamp>,
}

/// Whom a credential speaks for.
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

/// A credential, and the control event that took it away.
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

    /// A node's way to it, which lasts until it is severed.
    pub fn link(self: &Arc<Self>, node: u64) -> Link {
        let link = Link::new(Arc::clone(self), node);
        let mut links = self.links.lock();
        links.retain(|link| !link.is_severed());
        links.push(link.clone());
        link
    }

    /// Makes a credential valid from now on.
    pub fn admit(&self, hash: [u8; 32], principal: Bearer) {
        self.state().credentials.insert(hash, Known { principal, revoked: None });
    }

    /// Puts a backup in the place of what there is, which ends every node's way to it.
    pub async fn restore(&self, backup: State) {
        let _writer = self.writer.lock().await;
        self.links.lock().iter().for_each(Link::sever);
        let mut state = self.state();
        let mut past = self.past.lock();
        past.insert(Arc::clone(&state.epoch), std::mem::take(&mut state.events));
        *state = State { epoch: format!("epoch-{}", past.len()).into(), ..backup };
    }

    /// Forgets the log up to there.
    pub fn prune(&self, upto: Seq) {
        let mut state = self.state();
        state.pruned = state.pruned.max(upto.min(state.head()));
    }

    /// Looks at all that was committed in an epoch.
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
    /// The last event that was committed.
    pub fn head(&self) -> Seq {
        self.events.last().map_or(0, |event| event.seq)
    }

    pub fn bounds(&self) -> LogBounds {
        let oldest = self.after(self.pruned).first().map_or(self.head() + 1, |event| event.seq);
        LogBounds { oldest, head: self.head() }
    }

    /// What is there after a place in the log.
    fn after(&self, place: Seq) -> &[LogEvent] {
        after(&self.events, place.max(self.pruned))
    }

    /// The control event that took a credential away; `None` while it is valid, or where it is not known.
    pub fn revoked_at(&self, hash: &[u8; 32]) -> Option<Seq> {
        self.credentials.get(hash)?.revoked
    }

    /// Since when a user may have new credentials after losing all others.
    pub fn swept_at(&self, user: UserId) -> Option<Timestamp> {
        self.swept.get(&user).copied()
    }

    /// All whose credentials are valid.
    pub fn principals(&self) -> Vec<Bearer> {
        let valid = self.credentials.values().filter(|known| known.revoked.is_none());
        valid.map(|known| known.principal.clone()).collect()
    }

    pub fn is_valid(&self, hash: &[u8; 32]) -> bool {
        self.credentials.get(hash).is_some_and(|known| known.revoked.is_none())
    }
}

/// The events after a place in the log.
pub fn after(events: &[LogEvent], place: Seq) -> &[LogEvent] {
    &events[events.partition_point(|event| event.seq <= place)..]
}

/// A user of that number.
pub fn user(id: UserId) -> User {
    let username = Username::parse(&format!("user-{id}")).unwrap();
    User { id, username, role: UserRole::User, disabled: false, created_at: Timestamp::UNIX_EPOCH }
}

/// A token of that number.
pub fn token(id: TokenId, owner: Option<UserId>) -> Bearer {
    let scope = if owner.is_some() { TokenScope::User } else { TokenScope::Admin };
    Bearer::Token { id, name: format!("token {id}"), scope, user: owner.map(user) }
}

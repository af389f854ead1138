//! A node's connection to the model, with delays, failures, lost wake-ups, and severance.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use parking_lot::Mutex;
use superbot_domain::{
    Audience, EventKind, LogEvent, NotificationId, ScraperStates, Seq, SessionId, Timestamp, TokenId, UserId,
};
use superbot_store::{DbError, LogBounds, ReadOutcome, SessionAuth, StoreError, TokenAuth};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::{Bearer, Change, Dice, Flaw, Model, State, Transaction};

type Result<T> = std::result::Result<T, StoreError>;

/// Rates of a node's store faults. The fate of a query depends on seed, time and query only, so that tasks that run in
/// another order observe the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// Percentage of queries that fail.
    pub failing: u64,
    /// Percentage of wake-ups that are lost; others may be late, or repeated.
    pub lost: u64,
    /// Maximum delay of a query, and of its result.
    pub latency_ms: u64,
}

/// A node's connection to the model. Clones share it.
#[derive(Clone)]
pub struct Link(Arc<Inner>);

struct Inner {
    model: Arc<Model>,
    node: u64,
    epoch: Arc<str>,
    changes: watch::Sender<u64>,
    weather: Mutex<Weather>,
    /// Whether the node is dead, so that no query completes.
    severed: AtomicBool,
    /// Head of the log at the last wake-up.
    heard: AtomicU64,
    failed_at: Mutex<Option<Instant>>,
}

impl Link {
    pub(super) fn new(model: Arc<Model>, node: u64) -> Self {
        let (epoch, head) = {
            let state = model.state();
            (Arc::clone(&state.epoch), state.head())
        };
        Self(Arc::new(Inner {
            model,
            node,
            epoch,
            changes: watch::Sender::new(0),
            weather: Mutex::default(),
            severed: AtomicBool::new(false),
            heard: AtomicU64::new(head),
            failed_at: Mutex::default(),
        }))
    }

    pub fn set_weather(&self, weather: Weather) {
        *self.0.weather.lock() = weather;
    }

    /// Cuts the node off: none of its queries completes from now on.
    pub fn sever(&self) {
        self.0.severed.store(true, Relaxed);
    }

    pub fn is_severed(&self) -> bool {
        self.0.severed.load(Relaxed)
    }

    /// Returns whether a query has failed within `span`.
    pub fn failed_within(&self, span: Duration) -> bool {
        self.0.failed_at.lock().is_some_and(|at| at.elapsed() <= span)
    }

    /// Reports a commit: the node is woken at once, late, twice, or not at all.
    pub(super) fn ring(&self, head: Seq) {
        let weather = *self.0.weather.lock();
        let mut dice = Dice::of(self.0.model.seed, ("ring", self.0.node, head));
        if self.is_severed() || dice.chance(weather.lost) {
            return;
        }
        if !dice.chance(20) {
            self.wake(head);
        }
        if dice.chance(30) {
            let link = self.clone();
            let delay = dice.ms(1..=1500);
            tokio::spawn(async move {
                sleep(delay).await;
                link.wake(head);
            });
        }
    }

    fn wake(&self, head: Seq) {
        self.0.heard.fetch_max(head, Relaxed);
        self.0.changes.send_modify(|changes| *changes += 1);
    }

    /// Runs a query on the model, with a delay in both directions; a failure may occur after it took effect.
    async fn ask<T>(&self, question: impl Hash, look: impl FnOnce(&State) -> T) -> Result<T> {
        let weather = *self.0.weather.lock();
        let asked_at = self.0.model.clock.now().as_millisecond();
        let mut dice = Dice::of(self.0.model.seed, (self.0.node, asked_at, question));
        self.travel(dice.within(0..=weather.latency_ms)).await;
        let found = look(&self.0.model.state());
        self.travel(dice.within(0..=weather.latency_ms)).await;
        if dice.chance(weather.failing) {
            *self.0.failed_at.lock() = Some(Instant::now());
            return Err(StoreError::Db(DbError::Busy));
        }
        Ok(found)
    }

    async fn travel(&self, ms: u64) {
        if ms > 0 {
            sleep(Duration::from_millis(ms)).await;
        }
        if self.is_severed() {
            std::future::pending::<()>().await;
        }
    }
}

/// The methods of [`super::super::HubStore`].
impl Link {
    pub fn epoch(&self) -> &str {
        &self.0.epoch
    }

    #[expect(clippy::unused_self, reason = "the store has it")]
    pub fn is_closed(&self) -> bool {
        false
    }

    pub fn log_changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    pub async fn log_bounds(&self) -> Result<LogBounds> {
        self.ask("bounds", State::bounds).await
    }

    pub async fn read_log(&self, after: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        let deaf = self.0.model.flaw == Some(Flaw::LostWakeUps);
        let upto = if deaf { self.0.heard.load(Relaxed) } else { Seq::MAX };
        self.ask(("log", after), |state| {
            let events = state.after(after).iter().filter(|event| event.seq <= upto);
            events.take(limit as usize).cloned().collect()
        })
        .await
    }

    pub async fn next_events(&self, after: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        self.read_log(after, limit).await
    }

    pub async fn read_log_for(&self, user: Option<UserId>, after: Seq, upto: Seq, limit: u32) -> Result<Vec<LogEvent>> {
        self.ask(("log for", user, after, upto), |state| {
            entitled(state, user, after, upto).take(limit as usize).cloned().collect()
        })
        .await
    }

    pub async fn count_log_for(&self, user: Option<UserId>, after: Seq, upto: Seq, cap: u64) -> Result<u64> {
        let question = ("count", user, after, upto);
        self.ask(question, |state| (entitled(state, user, after, upto).count() as u64).min(cap + 1)).await
    }

    pub async fn scraper_status(&self) -> Result<(ScraperStates, Timestamp)> {
        self.ask("status", |state| state.status.clone()).await
    }

    pub async fn mark_read(&self, user: UserId, ids: &[NotificationId]) -> Result<ReadOutcome> {
        let payload = serde_json::json!({"ids": ids, "unread": 0}).to_string();
        let notified = Change::Tell(EventKind::NotificationRead, Audience::User(user), payload);
        self.travel(1).await;
        self.0.model.write(Transaction::of(vec![notified])).await;
        self.travel(1).await;
        Ok(ReadOutcome { ids: ids.to_vec(), unread: 0 })
    }

    pub async fn sessions_by_hash(&self, hashes: &[[u8; 32]]) -> Result<HashMap<[u8; 32], SessionAuth>> {
        Ok(self.sessions(self.valid(Some(hashes)).await?).collect())
    }

    pub async fn tokens_by_hash(&self, hashes: &[[u8; 32]]) -> Result<HashMap<[u8; 32], TokenAuth>> {
        Ok(tokens(self.valid(Some(hashes)).await?).collect())
    }

    pub async fn sessions_before(&self, before: Option<SessionId>, limit: u32) -> Result<Vec<([u8; 32], SessionAuth)>> {
        Ok(newest(self.sessions(self.valid(None).await?), |session| session.id, before, limit))
    }

    pub async fn tokens_before(&self, before: Option<TokenId>, limit: u32) -> Result<Vec<([u8; 32], TokenAuth)>> {
        Ok(newest(tokens(self.valid(None).await?), |token| token.id, before, limit))
    }

    fn sessions(&self, valid: Vec<([u8; 32], Bearer)>) -> impl Iterator<Item = ([u8; 32], SessionAuth)> {
        let last_seen_at = self.0.model.clock.now();
        let expires_at = Timestamp::MAX;
        valid.into_iter().filter_map(move |(hash, bearer)| match bearer {
            Bearer::Session { id, user } => Some((hash, SessionAuth { id, user, expires_at, last_seen_at })),
            Bearer::Token { .. } => None,
        })
    }

    #[expect(clippy::unused_self, reason = "the store has it")]
    pub fn control_version(&self) -> Option<u64> {
        None
    }

    #[expect(clippy::unused_self, reason = "the store has it")]
    pub fn is_touch_due(&self, _: Option<Timestamp>) -> bool {
        false
    }

    #[expect(clippy::unused_async, reason = "the store has it")]
    pub async fn touch(&self, _: &[SessionId], _: &[TokenId]) -> Result<()> {
        Ok(())
    }

    /// Returns the credentials, all or those with the given hashes, that have not been revoked.
    async fn valid(&self, hashes: Option<&[[u8; 32]]>) -> Result<Vec<([u8; 32], Bearer)>> {
        let found = self
            .ask(("credentials", hashes), |state| {
                let mut valid: Vec<_> = (state.credentials.iter())
                    .filter(|(hash, known)| known.revoked.is_none() && hashes.is_none_or(|asked| asked.contains(*hash)))
                    .map(|(hash, known)| (*hash, known.principal.clone()))
                    .collect();
                valid.sort_unstable_by_key(|(hash, _)| *hash);
                valid
            })
            .await;
        // A result may arrive long after it has become outdated.
        let mut dice = Dice::of(self.0.model.seed, ("late", self.0.node, self.0.model.clock.now().as_millisecond()));
        if dice.chance(20) {
            self.travel(dice.within(0..=400)).await;
        }
        found
    }
}

/// Returns a page of the items before `before`, newest first.
fn newest<T, I: Copy + Ord>(
    all: impl Iterator<Item = ([u8; 32], T)>,
    id: impl Fn(&T) -> I,
    before: Option<I>,
    limit: u32,
) -> Vec<([u8; 32], T)> {
    let mut older: Vec<_> = all.filter(|(_, one)| before.is_none_or(|before| id(one) < before)).collect();
    older.sort_by_key(|(_, one)| Reverse(id(one)));
    older.truncate(limit as usize);
    older
}

fn tokens(valid: Vec<([u8; 32], Bearer)>) -> impl Iterator<Item = ([u8; 32], TokenAuth)> {
    valid.into_iter().filter_map(|(hash, bearer)| match bearer {
        Bearer::Token { id, name, scope, user } => {
            Some((hash, TokenAuth { id, name, scope, user, last_used_at: None }))
        }
        Bearer::Session { .. } => None,
    })
}

/// Returns the events in a range of the log that a user, or an anonymous client, is entitled to.
fn entitled(state: &State, user: Option<UserId>, after: Seq, upto: Seq) -> impl Iterator<Item = &LogEvent> {
    let stretch = state.after(after).iter().take_while(move |event| event.seq <= upto);
    stretch.filter(move |event| match event.audience {
        Audience::Everyone => true,
        Audience::User(id) => Some(id) == user,
        Audience::ScraperStatus | Audience::Control => false,
    })
}

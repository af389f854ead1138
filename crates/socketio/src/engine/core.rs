//! State shared by all sessions of a server.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt as _;
use http::request::Parts;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::frame::EngineFrame;
use super::session::{EngineSession, SessionHandler};
use super::transport::TransportKind;
use crate::admission::AdmissionLimit;
use crate::config::SocketIoConfig;
use crate::gate::{GateRejection, GuestTicket};
use crate::id::SessionId;
use crate::reason::DisconnectReason;
use crate::stats::LiveCounters;

/// Time that tasks have to stop after being aborted.
const ABORT_GRACE: Duration = Duration::from_millis(250);

pub(crate) struct EngineCore {
    pub(crate) config: SocketIoConfig,
    pub(crate) counters: LiveCounters,
    pub(crate) handler: Box<dyn SessionHandler>,
    /// The ping packet, encoded once for all sessions.
    pub(crate) ping: EngineFrame,
    sessions: Mutex<HashMap<SessionId, Arc<EngineSession>>>,
    draining: AtomicBool,
    /// Runtime of the first task, since packets may be sent from threads outside any runtime.
    runtime: OnceLock<Handle>,
    tasks: AtomicUsize,
    tasks_idle: Notify,
    aborted: Notify,
}

/// A place within [`SocketIoConfig::max_connections`].
pub(crate) struct ConnectionPermit(Arc<EngineCore>);

/// Guard of a counted task; decrements the count even if the task panics.
struct RunningTask(Arc<EngineCore>);

impl EngineCore {
    pub(crate) fn new(config: SocketIoConfig, handler: Box<dyn SessionHandler>) -> Arc<EngineCore> {
        Arc::new(EngineCore {
            config,
            handler,
            counters: LiveCounters::default(),
            ping: EngineFrame::text("2"),
            sessions: Mutex::default(),
            draining: AtomicBool::new(false),
            runtime: OnceLock::new(),
            tasks: AtomicUsize::new(0),
            tasks_idle: Notify::new(),
            aborted: Notify::new(),
        })
    }

    /// Reserves a place for a connection; `None` if the server is full or shutting down.
    pub(crate) fn admit(self: &Arc<EngineCore>) -> Option<ConnectionPermit> {
        if self.draining.load(Acquire) {
            return None;
        }
        self.try_admit().or_else(|| {
            // Evicting an unauthenticated session releases its permit at once.
            let permit = if self.config.gate.guests.evict_oldest_session() { self.try_admit() } else { None };
            if permit.is_none() {
                self.reject(GateRejection::Full(AdmissionLimit::Connections), None);
            }
            permit
        })
    }

    fn try_admit(self: &Arc<EngineCore>) -> Option<ConnectionPermit> {
        // Counted first: a check followed by an increment would let concurrent connections exceed the limit.
        let taken = self.counters.connections.fetch_add(1, AcqRel);
        let permit = ConnectionPermit(Arc::clone(self));
        (taken < self.config.max_connections).then_some(permit)
    }

    /// Charges the session that a request opens to the budget for unauthenticated connections.
    pub(crate) fn enter(&self, parts: &Parts) -> Result<GuestTicket, AdmissionLimit> {
        let client = self.config.gate.keeper.0.client(parts);
        self.config.gate.guests.enter(client).inspect_err(|overrun| self.reject(GateRejection::Full(*overrun), client))
    }

    /// Reports a rejection.
    pub(crate) fn reject(&self, rejection: GateRejection, client: Option<IpAddr>) {
        self.config.gate.keeper.0.rejected(rejection, client);
    }

    pub(crate) fn insert(&self, session: &Arc<EngineSession>) {
        self.sessions.lock().insert(session.id, Arc::clone(session));
        // A shutdown that began in between may have missed this session.
        if self.draining.load(Acquire) {
            session.close(DisconnectReason::ServerShutdown);
        }
    }

    pub(crate) fn get(&self, id: SessionId) -> Option<Arc<EngineSession>> {
        self.sessions.lock().get(&id).cloned()
    }

    pub(crate) fn remove(&self, id: SessionId) {
        self.sessions.lock().remove(&id);
    }

    /// Spawns a task that a shutdown waits for and aborts at its deadline.
    pub(crate) fn spawn(self: &Arc<EngineCore>, task: impl Future<Output = ()> + Send + 'static) {
        let core = Arc::clone(self);
        self.spawn_for_session(async move {
            // The task is polled first: most complete without having to register for the abort.
            tokio::select! {
                biased;
                () = task => {}
                () = core.aborted.notified() => {}
            }
        });
    }

    /// Spawns a task that a shutdown waits for, and that ends by itself when its session is aborted.
    pub(crate) fn spawn_for_session(self: &Arc<EngineCore>, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.fetch_add(1, AcqRel);
        let running = RunningTask(Arc::clone(self));
        // The first task is spawned while serving a request, hence inside a runtime. Later ones prefer the current
        // runtime.
        let first = self.runtime.get_or_init(Handle::current);
        // Not an async block, whose state would hold the task twice: as captured and as awaited.
        Handle::try_current().as_ref().unwrap_or(first).spawn(task.map(|()| drop(running)));
    }

    /// Closes all sessions, waits for them to finish, and aborts what remains at the deadline.
    pub(crate) async fn drain(&self, deadline: Duration) {
        let deadline = Instant::now() + deadline;
        self.draining.store(true, Release);
        for session in self.sessions() {
            session.close(DisconnectReason::ServerShutdown);
        }
        if timeout_at(deadline, self.idle()).await.is_err() {
            for session in self.sessions() {
                session.abort(DisconnectReason::ServerShutdown);
            }
            self.aborted.notify_waiters();
            // A handler that blocks its thread cannot be aborted.
            let _ = timeout_at(Instant::now() + ABORT_GRACE, self.idle()).await;
        }
    }

    /// Returns all sessions, in the order in which they were opened.
    pub(crate) fn sessions(&self) -> Vec<Arc<EngineSession>> {
        let mut sessions: Vec<_> = self.sessions.lock().values().cloned().collect();
        sessions.sort_unstable_by_key(|session| session.number);
        sessions
    }

    async fn idle(&self) {
        loop {
            // Registered before the check, so that a notification in between is not lost.
            let idle = self.tasks_idle.notified();
            if self.tasks.load(Acquire) == 0 {
                return;
            }
            idle.await;
        }
    }

    pub(crate) fn open_packet(&self, id: SessionId, transport: TransportKind) -> String {
        let SocketIoConfig { ping_interval, ping_timeout, max_payload, .. } = &self.config;
        let upgrades = if transport == TransportKind::Polling { "[\"websocket\"]" } else { "[]" };
        format!(
            "0{{\"sid\":\"{id}\",\"upgrades\":{upgrades},\"pingInterval\":{},\"pingTimeout\":{},\"maxPayload\":{max_payload}}}",
            ping_interval.as_millis(),
            ping_timeout.as_millis(),
        )
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.0.counters.connections.fetch_sub(1, Relaxed);
    }
}

impl Drop for RunningTask {
    fn drop(&mut self) {
        if self.0.tasks.fetch_sub(1, AcqRel) == 1 {
            self.0.tasks_idle.notify_waiters();
        }
    }
}

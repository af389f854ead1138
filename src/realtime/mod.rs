//! Real-time delivery: the hub, Socket.IO sockets and Server-Sent Events.

mod catch_up;
mod connection;
mod hub;
mod hub_deps;
mod resume;
mod ring;
mod settings;
#[cfg(test)]
mod simulation;
mod socket;
mod sse;
mod sticky_sessions;
mod tail;
mod user_connections;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use rand::RngExt as _;
use superbot_socketio::{SocketIo, SocketIoConfig, SocketIoLayer};
use superbot_store::StoreError;
use superbot_wire::{ConnectionEvent, GoingAway};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::lifecycle::Lifecycle;
use connection::emit;
use hub::EventHub;
use socket::SocketAuth;
use user_connections::UserConnections;

pub use hub_deps::HubDeps;
pub use settings::{BatchLimits, RealtimeSettings};
pub use user_connections::UserLimits;

/// The real-time side of the program. Clones share it.
#[derive(Clone)]
pub struct RealtimeServer {
    io: SocketIo,
    door: Arc<SocketAuth>,
}

impl RealtimeServer {
    /// Creates the hub and starts to follow the log.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(
        base: HubDeps,
        config: SocketIoConfig,
        settings: RealtimeSettings,
        lifecycle: &Lifecycle,
    ) -> Result<Self, StoreError> {
        let queue_bytes = config.queue_bytes;
        let io = SocketIo::new(config);
        let namespace = io.of("/");
        let hub = EventHub::new(&base, namespace.clone(), lifecycle.clone(), queue_bytes, settings.portions).await?;
        base.metrics.collect_from(Box::new(SocketStats(io.clone())));
        base.health.expect(tail::TASK, tail::BEATS_WITHIN);
        let follower = tail::follow(Arc::clone(&hub), base.health, lifecycle.stopping().clone());
        lifecycle.spawn_critical(tail::TASK, follower);
        lifecycle
            .spawn_critical(sticky_sessions::TASK, sticky_sessions::watch(io.clone(), lifecycle.stopping().clone()));
        let users = UserConnections::new(settings.user_limits);
        let door = Arc::new(SocketAuth { hub, auth: base.auth, edge: base.edge, rates: base.rates, users, settings });
        socket::install(&namespace, Arc::clone(&door));
        Ok(Self { io, door })
    }

    /// Returns the Socket.IO endpoint as the outermost layer, because no other one may delay an upgrade.
    pub fn layer(&self) -> SocketIoLayer {
        self.io.layer()
    }

    /// Returns the Socket.IO server.
    pub fn server(&self) -> &SocketIo {
        &self.io
    }

    /// Returns the REST endpoints for event streams.
    pub fn routes<S>(&self) -> OpenApiRouter<S> {
        OpenApiRouter::new().routes(routes!(sse::events)).with_state(Arc::clone(&self.door))
    }

    /// Sends every client `going_away`, and closes all connections within the deadline.
    pub async fn drain(&self, deadline: Duration) {
        let sockets = self.door.hub.sockets().await;
        // Reconnections are spread over half a millisecond per client: for 10,000 clients that is a load of 5 s instead of a
        // single burst.
        let spread_ms = (sockets.len() as u64 / 2).clamp(500, 30_000);
        for socket in sockets {
            let retry_after_ms = 250 + rand::rng().random_range(0..spread_ms);
            let _ = emit(&socket, &ConnectionEvent::GoingAway(GoingAway { retry_after_ms }));
        }
        self.door.hub.end_streams().await;
        self.io.drain(deadline).await;
    }
}

/// Metrics of the Socket.IO server, read when they are scraped.
struct SocketStats(SocketIo);

impl std::fmt::Debug for SocketStats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SocketStats").finish_non_exhaustive()
    }
}

impl Collector for SocketStats {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let stats = self.0.stats();
        let gauges = [
            ("superbot_connections_polling", "Engine.IO sessions on long-polling", stats.polling),
            ("superbot_connections_websocket", "Engine.IO sessions on WebSocket", stats.websocket),
            ("superbot_sockets", "Connected Socket.IO sockets", stats.sockets),
            ("superbot_queue_bytes", "Bytes queued for slow clients", stats.queued_bytes),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        let counters = [
            ("superbot_slow_client_cut_offs", "Clients disconnected by the write deadline", stats.cut_offs),
            ("superbot_sessions_opened", "Engine.IO sessions opened since the start", stats.sessions_opened),
            (
                "superbot_unknown_sessions",
                "Requests for Engine.IO sessions unknown to this process",
                stats.unknown_sessions,
            ),
        ];
        for (name, help, value) in counters {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        Ok(())
    }
}

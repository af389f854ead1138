//! A simulated server process.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Response;
use superbot_socketio::SocketIoConfig;
use superbot_store::StoreError;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower::util::BoxCloneSyncService;

use super::line::Front;
use super::world::{Gate, Plan};
use crate::auth::Authenticator;
use crate::edge::ProxyPolicy;
use crate::health::TaskHealth;
use crate::lifecycle::Lifecycle;
use crate::limits::RequestRates;
use crate::metrics::Metrics;
use crate::presence::PresenceRegister;
use crate::realtime::{HubDeps, RealtimeServer, RealtimeSettings, UserLimits};
use crate::records::HubStore;
use crate::records::simulated::{Link, Model};
use crate::refusal::RefusalLog;

pub struct Node {
    pub realtime: RealtimeServer,
    pub lifecycle: Lifecycle,
    pub link: Link,
    front: Front,
    /// Cancelled when the node crashes, for its clients.
    pub crashed: CancellationToken,
}

impl Node {
    /// Assembles the real-time side in the same way as the program.
    pub async fn start(model: &Model, plan: &Plan, link: Link) -> Result<Self, StoreError> {
        let lifecycle = Lifecycle::new(CancellationToken::new());
        let records = HubStore::Simulated(link.clone());
        let auth = Authenticator::new(records.clone(), lifecycle.clone());
        let metrics = Arc::new(Metrics::default());
        let refusals = RefusalLog::new(Arc::clone(&metrics));
        let base = HubDeps {
            records,
            clock: Arc::clone(&model.clock),
            auth: auth.clone(),
            edge: Arc::new(ProxyPolicy::new(None, Vec::new())),
            rates: Arc::new(RequestRates::unlimited(refusals.clone())),
            refusals,
            metrics,
            presence: PresenceRegister::of_node(0),
            health: TaskHealth::new(Arc::clone(&model.clock)),
        };
        let config = SocketIoConfig {
            ping_interval: Duration::from_secs(4),
            ping_timeout: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(5),
            queue_bytes: plan.queue_bytes,
            write_deadline: Duration::from_secs(3),
            ..SocketIoConfig::default()
        };
        let settings = RealtimeSettings {
            allow_anonymous: true,
            any_origin: false,
            replay_limit: plan.replay_limit,
            socket_events_per_second: 0,
            user_limits: UserLimits { connections: 0, event_streams: 0 },
            portions: plan.portions,
        };
        let realtime = RealtimeServer::start(base, config, settings, &lifecycle).await?;
        auth.warm_cache().await;
        let routes = realtime.routes::<()>().split_for_parts().0.with_state(());
        let service = ServiceBuilder::new().map_response(|response: Response<_>| response.map(Body::new));
        let front = BoxCloneSyncService::new(service.layer(realtime.layer()).service(routes));
        Ok(Self { realtime, lifecycle, link, front, crashed: CancellationToken::new() })
    }

    /// Returns access for a client.
    pub fn gate(&self, node: usize) -> Gate {
        Gate { node, front: self.front.clone(), crashed: self.crashed.clone(), link: self.link.clone() }
    }

    /// Waits until the node stops by itself; returns the reason, which is empty after a regular stop.
    pub async fn stops(lifecycle: Lifecycle) -> String {
        lifecycle.stopping().cancelled().await;
        match lifecycle.finish(Duration::ZERO).await {
            Ok(()) => String::new(),
            Err(reason) => format!("{reason:#}"),
        }
    }

    /// Crashes the node: its memory is lost, and its remaining tasks have no effect.
    pub fn crash(&self) {
        self.link.sever();
        self.crashed.cancel();
        self.lifecycle.stopping().cancel();
    }

    /// Stops the node as the program does on SIGTERM.
    pub async fn drain(self, deadline: Duration) -> anyhow::Result<()> {
        self.lifecycle.stopping().cancel();
        self.realtime.drain(deadline).await;
        let finished = self.lifecycle.clone().finish(Duration::from_millis(500)).await;
        self.crash();
        finished
    }
}

//! Dependencies of the real-time side.

use std::sync::Arc;

use superbot_domain::Clock;

use crate::auth::Authenticator;
use crate::edge::ProxyPolicy;
use crate::health::TaskHealth;
use crate::limits::RequestRates;
use crate::metrics::Metrics;
use crate::presence::PresenceRegister;
use crate::records::HubStore;
use crate::refusal::RefusalLog;

/// Dependencies of the real-time side.
pub struct HubDeps {
    pub(crate) records: HubStore,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) auth: Authenticator,
    pub(crate) edge: Arc<ProxyPolicy>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) refusals: RefusalLog,
    pub(crate) rates: Arc<RequestRates>,
    pub(crate) presence: PresenceRegister,
    pub(crate) health: TaskHealth,
}

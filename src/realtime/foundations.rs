//! Dependencies of the real-time side.

use std::sync::Arc;

use superbot_domain::Clock;

use crate::auth::Authenticator;
use crate::edge::Edge;
use crate::health::Health;
use crate::limits::RequestRates;
use crate::metrics::Metrics;
use crate::presence::Presence;
use crate::records::Records;
use crate::refusal::Refusals;

/// Dependencies of the real-time side.
pub struct Foundations {
    pub(crate) records: Records,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) auth: Authenticator,
    pub(crate) edge: Arc<Edge>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) refusals: Refusals,
    pub(crate) rates: Arc<RequestRates>,
    pub(crate) presence: Presence,
    pub(crate) health: Health,
}

//! What the Socket.IO server asks and reports about its clients.

use std::net::IpAddr;

use http::request::Parts;
use superbot_socketio::{GateRejection, Gatekeeper};

use super::budgets::{AdmissionBudgets, reason_of};
use super::http_connection::HttpConnection;
use crate::refusal::RefusalReason;

impl Gatekeeper for AdmissionBudgets {
    fn client(&self, request: &Parts) -> Option<IpAddr> {
        self.client_address(request)
    }

    fn recognized(&self, request: &Parts) {
        if let Some(visit) = request.extensions.get::<HttpConnection>() {
            visit.recognized();
        }
    }

    fn rejected(&self, rejection: GateRejection, client: Option<IpAddr>) {
        let reason = match rejection {
            GateRejection::Full(overrun) => reason_of(overrun),
            GateRejection::ConnectTimeout => RefusalReason::Deadline,
            GateRejection::ProtocolVersion => RefusalReason::ProtocolVersion,
            GateRejection::Origin => RefusalReason::Origin,
            // The other rejections before joining are all caused by the packets that the client sent.
            _ => RefusalReason::UnauthenticatedTraffic,
        };
        self.refusals.note(reason, client, None);
    }
}

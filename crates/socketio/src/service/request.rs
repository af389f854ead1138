//! Transport and session named by a request's URL.

use std::sync::Arc;

use http::request::Parts;

use super::origin::OriginAccess;
use crate::config::SocketIoConfig;
use crate::engine::answer::RequestProblem;
use crate::engine::core::EngineCore;
use crate::engine::{EngineSession, TransportKind};
use crate::id::SessionId;
use crate::query;

/// Returns whether this server handles the path.
pub(super) fn is_ours(config: &SocketIoConfig, path: &str) -> bool {
    config.path.trim_end_matches('/') == path.trim_end_matches('/')
}

/// Query parameters of a request.
pub(super) struct RequestTarget {
    pub(super) transport: TransportKind,
    pub(super) session: Option<Arc<EngineSession>>,
}

/// Parses a request after checking its origin.
pub(super) fn asked(core: &EngineCore, parts: &Parts) -> Result<RequestTarget, RequestProblem> {
    if OriginAccess::of(&core.config, parts) == OriginAccess::Denied {
        Err(RequestProblem::Forbidden)
    } else {
        asked_by(core, parts)
    }
}

/// Like [`asked`], for requests whose origin was checked.
pub(super) fn asked_by(core: &EngineCore, parts: &Parts) -> Result<RequestTarget, RequestProblem> {
    let parameter = |name| query::get(parts.uri.query().unwrap_or_default(), name);
    let transport = match parameter("transport").as_deref() {
        Some("polling") => TransportKind::Polling,
        Some("websocket") => TransportKind::WebSocket,
        _ => return Err(RequestProblem::UnknownTransport),
    };
    if parameter("EIO").as_deref() != Some("4") {
        return Err(RequestProblem::BadVersion);
    }
    let session = match parameter("sid") {
        Some(sid) => {
            let session = SessionId::parse(&sid).and_then(|id| core.get(id));
            Some(session.ok_or(RequestProblem::UnknownSession)?)
        }
        None => None,
    };
    Ok(RequestTarget { transport, session })
}

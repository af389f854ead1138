//! Transport and session named by a request's URL.

use std::sync::Arc;

use http::request::Parts;

use super::origin::Access;
use crate::config::Config;
use crate::engine::answer::Problem;
use crate::engine::core::Core;
use crate::engine::{Session, Transport};
use crate::id::SessionId;
use crate::query;

/// Returns whether this server handles the path.
pub(super) fn is_ours(config: &Config, path: &str) -> bool {
    config.path.trim_end_matches('/') == path.trim_end_matches('/')
}

/// Query parameters of a request.
pub(super) struct Asked {
    pub(super) transport: Transport,
    pub(super) session: Option<Arc<Session>>,
}

/// Parses a request after checking its origin.
pub(super) fn asked(core: &Core, parts: &Parts) -> Result<Asked, Problem> {
    if Access::of(&core.config, parts) == Access::Denied { Err(Problem::Forbidden) } else { asked_by(core, parts) }
}

/// Like [`asked`], for requests whose origin was checked.
pub(super) fn asked_by(core: &Core, parts: &Parts) -> Result<Asked, Problem> {
    let parameter = |name| query::get(parts.uri.query().unwrap_or_default(), name);
    let transport = match parameter("transport").as_deref() {
        Some("polling") => Transport::Polling,
        Some("websocket") => Transport::WebSocket,
        _ => return Err(Problem::UnknownTransport),
    };
    if parameter("EIO").as_deref() != Some("4") {
        return Err(Problem::BadVersion);
    }
    let session = match parameter("sid") {
        Some(sid) => {
            let session = SessionId::parse(&sid).and_then(|id| core.get(id));
            Some(session.ok_or(Problem::UnknownSession)?)
        }
        None => None,
    };
    Ok(Asked { transport, session })
}

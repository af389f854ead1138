//! The transport and the session that a request's URL names.

use std::sync::Arc;

use http::request::Parts;

use super::origin::Access;
use crate::config::Config;
use crate::engine::answer::Problem;
use crate::engine::core::Core;
use crate::engine::{Session, Transport};
use crate::id::SessionId;
use crate::query;

/// Whether requests for that path are this server's.
pub(super) fn is_ours(config: &Config, path: &str) -> bool {
    config.path.trim_end_matches('/') == path.trim_end_matches('/')
}

/// What a request asks for.
pub(super) struct Asked {
    pub(super) transport: Transport,
    pub(super) session: Option<Arc<Session>>,
}

/// What a request asks for whose origin is not looked at yet.
pub(super) fn asked(core: &Core, parts: &Parts) -> Result<Asked, Problem> {
    if Access::of(&core.config, parts) == Access::Denied { Err(Problem::Forbidden) } else { asked_by(core, parts) }
}

/// As [`asked`], for a request whose origin is known to be allowed.
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

//! Whose request it is, and how many bytes of answers wait for them.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::Extensions;
use http_body::Body as _;
use parking_lot::Mutex;

use super::api::ApiState;
use super::buffers::{BufferCharge, NoRoom, SMALL_BYTES};
use super::client_key::ClientKey;
use super::held_body::HeldBody;
use crate::admission::ClientSlot;
use crate::auth::{ChargedAccount, Principal};
use crate::problem::{Problem, Result};
use crate::refusal::RefusalReason;

/// Whose request it is: a principal as soon as an extractor knows it, until then an address.
#[derive(Clone)]
pub struct RequestOwner {
    address: Option<IpAddr>,
    held: Arc<HeldForRequest>,
}

/// What is held for a request until it has been answered.
#[derive(Default)]
struct HeldForRequest {
    principal: OnceLock<ClientKey>,
    /// Counts the request until its answer has been sent.
    slot: OnceLock<ClientSlot<ChargedAccount>>,
    /// Room for the answer, as long as its size is not known.
    reserved: Mutex<Option<BufferCharge>>,
}

impl RequestOwner {
    /// Notes who signed in.
    ///
    /// # Errors
    /// 429 where too many of their answers wait to be read. That is asked before anything is done, as a change cannot be
    /// refused after it was made.
    pub fn identify(extensions: &Extensions, principal: &Principal, api: &ApiState) -> Result<()> {
        let Some(owner) = extensions.get::<Self>() else { return Ok(()) };
        let _ = owner.held.principal.get_or_init(|| ClientKey::Account(principal.into()));
        owner.refuse_unread(api)
    }

    /// Holds a slot until the request has been answered.
    pub fn hold(extensions: &Extensions, slot: Option<ClientSlot<ChargedAccount>>) {
        if let (Some(owner), Some(slot)) = (extensions.get::<Self>(), slot) {
            // One that is there already counts the same request.
            let _ = owner.held.slot.set(slot);
        }
    }

    /// Reserves room for an answer of `bytes`, before anything is done that it is the answer to.
    ///
    /// # Errors
    /// 429 where too many answers wait for the client, 503 where too many wait for all.
    pub fn reserve(&self, api: &ApiState, bytes: usize) -> Result<()> {
        let charge = api.answers.charge(self.client(), bytes.min(api.answers.per_client()));
        let charge = charge.map_err(|no_room| unread(api, self, no_room))?;
        *self.held.reserved.lock() = Some(charge);
        Ok(())
    }

    /// Refuses more while too many answers of the client wait to be read.
    ///
    /// # Errors
    /// 429 where they do.
    pub fn refuse_unread(&self, api: &ApiState) -> Result<()> {
        if api.answers.is_exhausted(self.client()) { Err(unread(api, self, NoRoom::OfClient)) } else { Ok(()) }
    }

    /// Whom its memory is charged to.
    pub fn client(&self) -> ClientKey {
        self.held.principal.get().copied().unwrap_or_else(|| ClientKey::of_address(self.address))
    }

    /// Where it comes from.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

/// Counts the bytes of each answer until they are sent, and refuses what would be too many.
///
/// Streams have no size that is known and are not counted: they are made as fast as they are read.
pub async fn bound_answers(State(api): State<Arc<ApiState>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let owner = RequestOwner { address: api.edge.client_address(&parts), held: Arc::default() };
    parts.extensions.insert(owner.clone());
    let is_read = parts.method.is_safe();
    let response = next.run(Request::from_parts(parts, body)).await;
    let reserved = owner.held.reserved.lock().take();
    let bytes = response.body().size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
    let client = owner.client();
    let charge = match bytes.filter(|bytes| *bytes > SMALL_BYTES) {
        None => None,
        // Something was done, and its client must learn of it.
        Some(bytes) if !is_read && response.status().is_success() => Some(api.answers.charge_anyway(client, bytes)),
        Some(bytes) => match api.answers.charge(client, bytes) {
            Ok(charge) => Some(charge),
            Err(no_room) => return unread(&api, &owner, no_room).into_response(),
        },
    };
    drop(reserved);
    if charge.is_none() && owner.held.slot.get().is_none() {
        return response;
    }
    response.map(|body| Body::new(HeldBody::new(body, (charge, owner.held))))
}

fn unread(api: &ApiState, owner: &RequestOwner, no_room: NoRoom) -> Problem {
    let client = owner.client();
    api.refusals.note(RefusalReason::UnreadAnswers, owner.address, Some(&client.to_string()));
    match no_room {
        NoRoom::OfClient => Problem::unread_answers(api.answers.per_client()),
        NoRoom::OfAll => Problem::unavailable("too many answers wait to be read; nothing was done; try again"),
    }
}

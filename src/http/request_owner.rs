//! The client that a request and its response are charged to.

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

/// The client of a request: its principal once an extractor has authenticated it, its address until then.
#[derive(Clone)]
pub struct RequestOwner {
    address: Option<IpAddr>,
    held: Arc<HeldForRequest>,
}

/// State kept until the response has been sent.
#[derive(Default)]
struct HeldForRequest {
    principal: OnceLock<ClientKey>,
    /// Counts a proxied request until its response has been sent.
    slot: OnceLock<ClientSlot<ChargedAccount>>,
    /// Space reserved for the response while its size is unknown.
    reserved: Mutex<Option<BufferCharge>>,
}

impl RequestOwner {
    /// Records the authenticated principal.
    ///
    /// # Errors
    /// 429 if too many responses to this client are pending. Checked before the request is handled, because a change cannot
    /// be refused after it was made.
    pub fn identify(extensions: &Extensions, principal: &Principal, api: &ApiState) -> Result<()> {
        let Some(owner) = extensions.get::<Self>() else { return Ok(()) };
        let _ = owner.held.principal.get_or_init(|| ClientKey::Account(principal.into()));
        owner.refuse_unread(api)
    }

    /// Keeps a slot until the response has been sent.
    pub fn hold(extensions: &Extensions, slot: Option<ClientSlot<ChargedAccount>>) {
        if let (Some(owner), Some(slot)) = (extensions.get::<Self>(), slot) {
            // An existing slot counts the same request.
            let _ = owner.held.slot.set(slot);
        }
    }

    /// Reserves space for a response of `bytes`, before the operation that it is the result of.
    ///
    /// # Errors
    /// 429 if too many responses to the client are pending, 503 if too many in total.
    pub fn reserve(&self, api: &ApiState, bytes: usize) -> Result<()> {
        let charge = api.answers.charge(self.client(), bytes.min(api.answers.per_client()));
        let charge = charge.map_err(|no_room| unread(api, self, no_room))?;
        *self.held.reserved.lock() = Some(charge);
        Ok(())
    }

    /// Refuses a request while too many responses to its client are pending.
    ///
    /// # Errors
    /// 429 in that case.
    pub fn refuse_unread(&self, api: &ApiState) -> Result<()> {
        if api.answers.is_exhausted(self.client()) { Err(unread(api, self, NoRoom::OfClient)) } else { Ok(()) }
    }

    /// Returns the client that memory is charged to.
    pub fn client(&self) -> ClientKey {
        self.held.principal.get().copied().unwrap_or_else(|| ClientKey::of_address(self.address))
    }

    /// Returns the client's address, behind trusted proxies.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

/// Middleware that counts the bytes of each response until they are sent, and refuses those beyond the budget.
///
/// Streams have no known size and are not counted: they are produced as fast as they are read.
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
        // A change has been made, and its client has to learn of it.
        Some(bytes) if !is_read && response.status().is_success() => Some(api.answers.charge_anyway(client, bytes)),
        Some(bytes) => match api.answers.charge(client, bytes) {
            Ok(charge) => Some(charge),
            Err(no_room) => return unread(&api, &owner, no_room).into_response(),
        },
    };
    // Only now, so that another request cannot take the space in between.
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
        NoRoom::OfAll => Problem::unavailable("too many responses are pending; nothing was done; try again"),
    }
}

//! Reading of whole request bodies within the clients' memory budgets.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use http::header;

use super::api::ApiState;
use super::authority::RequestAuthority;
use super::buffers::{BufferCharge, NoRoom, SMALL_BYTES};
use super::client_key::ClientKey;
use super::held_body::hold_with;
use super::request_body::BodyDeadline;
use super::request_owner::RequestOwner;
use crate::admission::GUEST_BODY_BYTES;
use crate::problem::{Problem, Result};
use crate::refusal::RefusalReason;

/// Reads a whole body of at most `limit` bytes, charged to the client until its last reference is dropped.
///
/// # Errors
/// 413 beyond the limit; 408 if incomplete after the time limit; 429 or 503 if too many bodies are being read or too many
/// responses are pending; 400 if the connection broke; 401 or 403 if the credential was revoked in the meantime.
pub async fn read_body(request: Request, limit: usize, api: &ApiState) -> Result<Bytes> {
    let owner = request.extensions().get::<RequestOwner>().cloned();
    let authority = request.extensions().get::<RequestAuthority>().cloned();
    let client = owner.as_ref().map_or(ClientKey::of_address(None), RequestOwner::client);
    let address = owner.as_ref().and_then(RequestOwner::address);
    let limit = if client.is_anonymous() { limit.min(GUEST_BODY_BYTES) } else { limit };
    // From the header, because layers in between do not pass on the body's size hint.
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let expected = announced.unwrap_or(limit);
    let charge = api.bodies.begin(client);
    let mut reading = ReadBody { limit, expected, received: 0, parts: Vec::new(), charge };
    let read = if expected > limit { Err(BodyReadError::TooLarge) } else { reading.read(request.into_body()).await };
    read.map_err(|unreadable| unreadable.into_problem(api, client, address, limit))?;
    if let Some(authority) = authority {
        authority.confirm_if_old(api).await?;
    }
    // Checked again: responses to other requests of the client may have become pending since the head was received.
    if let Some(owner) = owner.filter(|_| !client.is_anonymous()) {
        owner.refuse_unread(api)?;
    }
    Ok(reading.into_bytes())
}

/// Granularity of charges. A body is charged as it arrives, because an announced length occupies no memory.
const STEP_BYTES: usize = 64 << 10;
struct ReadBody {
    limit: usize,
    /// Announced length in bytes, or the limit.
    expected: usize,
    received: usize,
    parts: Vec<Bytes>,
    charge: BufferCharge,
}

/// Reason for which a body is not read to its end.
enum BodyReadError {
    TooLarge,
    NoRoom(NoRoom),
    Late,
    Broken(axum::Error),
}

impl ReadBody {
    async fn read(&mut self, mut body: Body) -> Result<(), BodyReadError> {
        use http_body_util::BodyExt as _;
        while let Some(frame) = body.frame().await {
            let frame = frame
                .map_err(|error| if is_late(&error) { BodyReadError::Late } else { BodyReadError::Broken(error) })?;
            let Ok(data) = frame.into_data() else { continue };
            self.received += data.len();
            if self.received > self.limit {
                return Err(BodyReadError::TooLarge);
            }
            // Small bodies are bounded by the number of connections, anonymous ones by the guests' budget.
            let is_counted = self.received > SMALL_BYTES && !self.charge.client().is_anonymous();
            if is_counted && self.received > self.charge.bytes() {
                let step = self.received.next_multiple_of(STEP_BYTES).min(self.expected).max(self.received);
                self.charge.grow(step - self.charge.bytes()).map_err(BodyReadError::NoRoom)?;
            }
            self.parts.push(data);
        }
        Ok(())
    }

    fn into_bytes(mut self) -> Bytes {
        // The usual case of one frame is passed on without a copy.
        let bytes = if self.parts.len() == 1 { self.parts.swap_remove(0) } else { self.parts.concat().into() };
        if self.charge.bytes() == 0 { bytes } else { hold_with(bytes, &Arc::new(self.charge)) }
    }
}

impl BodyReadError {
    fn into_problem(self, api: &ApiState, client: ClientKey, address: Option<IpAddr>, limit: usize) -> Problem {
        if matches!(self, Self::TooLarge | Self::NoRoom(_)) {
            api.refusals.note(RefusalReason::Size, address, Some(&client.to_string()));
        }
        match self {
            Self::TooLarge => Problem::too_large(format!("the body is larger than {limit} bytes")),
            Self::NoRoom(NoRoom::OfClient) => {
                let detail = "other large requests of yours are in progress; send them one at a time";
                Problem::rate_limited(detail, Duration::from_secs(1))
            }
            Self::NoRoom(NoRoom::OfAll) => {
                Problem::unavailable("too many large requests are being read; nothing was done; try again")
            }
            Self::Late => Problem::request_timeout("the body was not complete in time"),
            Self::Broken(error) => Problem::bad_request(format!("the body could not be read: {error}")),
        }
    }
}

/// Returns whether a time limit caused the error.
fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.into_iter().any(<dyn std::error::Error>::is::<BodyDeadline>)
}

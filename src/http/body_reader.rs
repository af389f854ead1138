//! Reads whole bodies, within what a client may make the server hold.

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

/// Reads a whole body of at most `limit` bytes, and counts it until the last reference to it is gone.
///
/// # Errors
/// 413 beyond the limit; 408 when it was not complete in time; 429 and 503 where too many bodies are being read, or too many
/// answers wait; 400 when the connection broke; 401 and 403 when it took long and its credential was revoked before it was
/// complete.
pub async fn read_body(request: Request, limit: usize, api: &ApiState) -> Result<Bytes> {
    let owner = request.extensions().get::<RequestOwner>().cloned();
    let authority = request.extensions().get::<RequestAuthority>().cloned();
    let client = owner.as_ref().map_or(ClientKey::of_address(None), RequestOwner::client);
    let address = owner.as_ref().and_then(RequestOwner::address);
    let limit = if client.is_anonymous() { limit.min(GUEST_BODY_BYTES) } else { limit };
    // Layers in between do not pass on what the body says of its size.
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let expected = announced.unwrap_or(limit);
    let charge = api.bodies.begin(client);
    let mut reading = ReadBody { limit, expected, received: 0, parts: Vec::new(), charge };
    let read = if expected > limit { Err(BodyReadError::TooLarge) } else { reading.read(request.into_body()).await };
    read.map_err(|unreadable| unreadable.into_problem(api, client, address, limit))?;
    if let Some(authority) = authority {
        authority.confirm_if_old(api).await?;
    }
    // Others of the same client may have been answered since its head came.
    if let Some(owner) = owner.filter(|_| !client.is_anonymous()) {
        owner.refuse_unread(api)?;
    }
    Ok(reading.into_bytes())
}

/// The steps in which bodies are counted: what is announced takes no memory before it has come.
const STEP_BYTES: usize = 64 << 10;

/// A body that is being read.
struct ReadBody {
    limit: usize,
    /// How many bytes are announced.
    expected: usize,
    received: usize,
    parts: Vec<Bytes>,
    charge: BufferCharge,
}

/// Why a body is not read to its end.
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
                let detail = "other large requests of yours are being read; send them one after the other";
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

/// Whether a body could not be read because it took too long.
fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.into_iter().any(<dyn std::error::Error>::is::<BodyDeadline>)
}

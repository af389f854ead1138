//! Bounds the memory that clients make the server hold: bodies while they are read, and answers until they are sent.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{Extensions, header};
use http_body::{Body as _, Frame, SizeHint};

use super::Api;
use super::client_key::ClientKey;
use super::extract::Authority;
use super::held_body::HeldBody;
use super::request_body::BodyDeadline;
use crate::admission::{ClientSlot, GUEST_BODY_BYTES};
use crate::auth::{Account, Principal};
use crate::problem::{Problem, Result};
use crate::refusal::RefusalReason;

/// Less than this is not counted: there are at most as many such buffers as connections.
const SMALL_BYTES: usize = 1 << 10;

/// Bytes held for clients, counted by client. Clones share their state.
#[derive(Clone)]
pub struct BufferBudget {
    limits: BufferLimits,
    held: Arc<Mutex<HeldBytes>>,
}

/// The most bytes that are held at the same time:
#[derive(Debug, Clone, Copy)]
pub struct BufferLimits {
    /// for one client; a single buffer may be larger, where its client has no other.
    pub per_client: usize,
    /// for all clients together that have not signed in.
    pub anonymous: usize,
    /// for all clients together.
    pub total: usize,
}

/// Answers that wait to be sent.
pub const ANSWERS: BufferLimits = BufferLimits { per_client: 16 << 20, anonymous: 64 << 20, total: 256 << 20 };

#[derive(Default)]
struct HeldBytes {
    by_client: HashMap<ClientKey, usize>,
    anonymous: usize,
    total: usize,
}

/// Bytes that are counted until this is dropped.
pub struct BufferCharge {
    budget: BufferBudget,
    client: ClientKey,
    bytes: usize,
}

/// Bytes together with their charge, which ends with the last reference to them.
struct ChargedBytes {
    bytes: Bytes,
    _charge: Arc<BufferCharge>,
}

impl BufferLimits {
    /// Bodies that are being read: two of the largest for one client, and twice as many for all.
    pub fn of_bodies(largest: usize) -> Self {
        Self { per_client: largest.saturating_mul(2), anonymous: 0, total: largest.saturating_mul(4) }
    }
}

impl BufferBudget {
    /// A budget of which nothing is used.
    pub fn new(limits: BufferLimits) -> Self {
        Self { limits, held: Arc::default() }
    }

    /// Counts bytes, where there is room for them.
    pub fn charge(&self, client: ClientKey, bytes: usize) -> Option<BufferCharge> {
        let mut held = self.lock();
        let own = held.by_client.get(&client).copied().unwrap_or(0);
        let is_within = |used: usize, limit: usize| used.saturating_add(bytes) <= limit;
        let has_room = (own == 0 || is_within(own, self.limits.per_client))
            && is_within(held.total, self.limits.total)
            && (!client.is_anonymous() || is_within(held.anonymous, self.limits.anonymous));
        has_room.then(|| self.add(&mut held, client, bytes))
    }

    /// Counts bytes that are held whether there is room or not.
    pub fn charge_anyway(&self, client: ClientKey, bytes: usize) -> BufferCharge {
        self.add(&mut self.lock(), client, bytes)
    }

    /// Whether a client has used up what it may.
    pub fn is_exhausted(&self, client: ClientKey) -> bool {
        self.lock().by_client.get(&client).is_some_and(|own| *own >= self.limits.per_client)
    }

    fn add(&self, held: &mut HeldBytes, client: ClientKey, bytes: usize) -> BufferCharge {
        *held.by_client.entry(client).or_default() += bytes;
        held.total += bytes;
        if client.is_anonymous() {
            held.anonymous += bytes;
        }
        BufferCharge { budget: self.clone(), client, bytes }
    }

    fn lock(&self) -> MutexGuard<'_, HeldBytes> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BufferCharge {
    /// The same bytes; they are counted until the last reference to them is gone.
    fn on(self: &Arc<Self>, bytes: Bytes) -> Bytes {
        Bytes::from_owner(ChargedBytes { bytes, _charge: Arc::clone(self) })
    }
}

impl Drop for BufferCharge {
    fn drop(&mut self) {
        let mut held = self.budget.lock();
        held.total -= self.bytes;
        if self.client.is_anonymous() {
            held.anonymous -= self.bytes;
        }
        if let Some(own) = held.by_client.get_mut(&self.client) {
            *own -= self.bytes;
            if *own == 0 {
                held.by_client.remove(&self.client);
            }
        }
    }
}

impl AsRef<[u8]> for ChargedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Whose request it is: a principal as soon as an extractor knows it, until then an address.
#[derive(Clone)]
pub struct RequestOwner {
    address: Option<IpAddr>,
    principal: Arc<OnceLock<ClientKey>>,
    /// Counts the request until its answer has been sent.
    slot: Arc<OnceLock<ClientSlot<Account>>>,
}

impl RequestOwner {
    /// Notes who signed in.
    ///
    /// # Errors
    /// 429 where too many of their answers wait to be read. That is asked before anything is done, as a change cannot be
    /// refused after it was made.
    pub fn identify(extensions: &Extensions, principal: &Principal, api: &Api) -> Result<()> {
        let Some(owner) = extensions.get::<Self>() else { return Ok(()) };
        let client = *owner.principal.get_or_init(|| ClientKey::Account(principal.into()));
        if api.answers.is_exhausted(client) { Err(unread(api, owner)) } else { Ok(()) }
    }

    /// Holds a slot until the request has been answered.
    pub fn hold(extensions: &Extensions, slot: Option<ClientSlot<Account>>) {
        if let (Some(owner), Some(slot)) = (extensions.get::<Self>(), slot) {
            // One that is there already counts the same request.
            let _ = owner.slot.set(slot);
        }
    }

    fn client(&self) -> ClientKey {
        self.principal.get().copied().unwrap_or_else(|| ClientKey::of_address(self.address))
    }
}

/// Counts the bytes of each answer until they are sent, and refuses what would be too many.
///
/// Streams have no size that is known and are not counted: they are made as fast as they are read.
pub async fn bound_answers(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let owner =
        RequestOwner { address: api.edge.client_address(&parts), principal: Arc::default(), slot: Arc::default() };
    parts.extensions.insert(owner.clone());
    let is_read = parts.method.is_safe();
    let response = next.run(Request::from_parts(parts, body)).await;
    let response = match owner.slot.get() {
        Some(_) => response.map(|body| Body::new(HeldBody::new(body, Arc::clone(&owner.slot)))),
        None => response,
    };
    let bytes = response.body().size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
    let Some(bytes) = bytes.filter(|bytes| *bytes > SMALL_BYTES) else { return response };
    let client = owner.client();
    let charge = match api.answers.charge(client, bytes) {
        Some(charge) => charge,
        // Something was done, and its client must learn of it.
        None if !is_read && response.status().is_success() => api.answers.charge_anyway(client, bytes),
        None => return unread(&api, &owner).into_response(),
    };
    response.map(|body| Body::new(ChargedBody { body, charge: Arc::new(charge) }))
}

fn unread(api: &Api, owner: &RequestOwner) -> Problem {
    let client = owner.client();
    api.refusals.note(RefusalReason::UnreadAnswers, owner.address, Some(&client.to_string()));
    Problem::unread_answers(api.answers.limits.per_client)
}

/// An answer of which every part is counted until it is sent.
struct ChargedBody {
    body: Body,
    charge: Arc<BufferCharge>,
}

impl http_body::Body for ChargedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        polled.map(|frame| frame.map(|frame| frame.map(|frame| frame.map_data(|bytes| self.charge.on(bytes)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Reads a whole body of at most `limit` bytes, and counts it until the last reference to it is gone.
///
/// # Errors
/// 413 beyond the limit; 408 when it was not complete in time; 429 and 503 where too many bodies are being read; 400 when the
/// connection broke; 401 and 403 when it took long and its credential was revoked before it was complete.
pub async fn read_body(request: Request, limit: usize, api: &Api) -> Result<Bytes> {
    use http_body_util::{BodyExt as _, LengthLimitError, Limited};
    let owner = request.extensions().get::<RequestOwner>().cloned();
    let authority = request.extensions().get::<Authority>().cloned();
    let client = owner.as_ref().map_or(ClientKey::of_address(None), RequestOwner::client);
    let limit = if client.is_anonymous() { limit.min(GUEST_BODY_BYTES) } else { limit };
    let too_large = || {
        api.refusals.note(
            RefusalReason::Size,
            owner.as_ref().and_then(|owner| owner.address),
            Some(&client.to_string()),
        );
        Problem::too_large(format!("the body is larger than {limit} bytes"))
    };
    // Layers in between do not pass on what the body says of its size.
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > limit as u64) {
        return Err(too_large());
    }
    let expected = announced.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(limit);
    let is_counted = expected > SMALL_BYTES && !client.is_anonymous();
    let charge = if is_counted { Some(charge_body(api, client, expected)?) } else { None };
    let bytes = match Limited::new(request.into_body(), limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
        Err(error) if is_late(error.as_ref()) => {
            return Err(Problem::request_timeout("the body was not complete in time"));
        }
        Err(error) => return Err(Problem::bad_request(format!("the body could not be read: {error}"))),
    };
    if let Some(authority) = authority {
        authority.confirm_if_old(api).await?;
    }
    match charge {
        Some(charge) => Ok(Arc::new(charge).on(bytes)),
        None => Ok(bytes),
    }
}

/// Whether a body could not be read because it took too long.
fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.into_iter().any(<dyn std::error::Error>::is::<BodyDeadline>)
}

fn charge_body(api: &Api, client: ClientKey, bytes: usize) -> Result<BufferCharge> {
    if let Some(charge) = api.bodies.charge(client, bytes) {
        return Ok(charge);
    }
    api.refusals.note(RefusalReason::Size, None, Some(&client.to_string()));
    if api.bodies.lock().by_client.contains_key(&client) {
        let detail = "other large requests of yours are being read; send them one after the other";
        return Err(Problem::rate_limited(detail, Duration::from_secs(1)));
    }
    Err(Problem::unavailable("too many large requests are being read; nothing was done; try again"))
}

#[cfg(test)]
mod tests {
    use superbot_domain::UserId;

    use super::*;
    use crate::auth::Account;

    const LIMITS: BufferLimits = BufferLimits { per_client: 100, anonymous: 150, total: 300 };

    fn user(id: i64) -> ClientKey {
        ClientKey::Account(Account::User(UserId::from(id)))
    }

    #[test]
    fn each_client_and_all_together_are_bounded() {
        let budget = BufferBudget::new(LIMITS);
        let first = budget.charge(user(1), 60).unwrap();
        assert!(budget.charge(user(1), 41).is_none());
        let second = budget.charge(user(1), 40).unwrap();
        assert!(budget.is_exhausted(user(1)) && !budget.is_exhausted(user(2)));
        let third = budget.charge(user(2), 200).expect("a single buffer may be larger");
        assert!(budget.charge(user(3), 1).is_none(), "all together");
        drop((first, third));
        assert!(budget.charge(user(1), 60).is_some());
        drop(second);
        assert!(budget.lock().by_client.is_empty() && budget.lock().total == 0);
    }

    #[test]
    fn clients_that_have_not_signed_in_share_a_budget() {
        let budget = BufferBudget::new(LIMITS);
        let address = |last: u8| ClientKey::of_address(Some([10, 0, 0, last].into()));
        let held = [budget.charge(address(1), 80), budget.charge(address(2), 70)];
        assert!(budget.charge(address(3), 1).is_none());
        assert!(budget.charge(user(1), 100).is_some());
        drop(held);
        assert_eq!(budget.lock().anonymous, 0);
    }

    #[test]
    fn bytes_are_counted_until_the_last_part_of_them_is_gone() {
        let budget = BufferBudget::new(LIMITS);
        let charge = Arc::new(budget.charge(user(1), 50).unwrap());
        let whole = charge.on(Bytes::from(vec![7; 50]));
        drop(charge);
        let part = whole.slice(10..20);
        drop(whole);
        assert_eq!(budget.lock().total, 50);
        drop(part);
        assert_eq!(budget.lock().total, 0);
    }
}

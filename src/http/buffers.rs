//! Bounds the memory that clients make the server hold: bodies while they are read, and answers until they are sent.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{Extensions, header};
use http_body::Body as _;

use super::Api;
use super::client_key::ClientKey;
use super::extract::Authority;
use super::held_body::{HeldBody, hold_with};
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

/// Why no more bytes can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// The client itself holds as many as it may.
    OfClient,
    /// Others hold them.
    OfAll,
}

impl BufferLimits {
    /// Bodies that are being read: one of the largest for one client, which is an eighth of what there is for all.
    pub fn of_bodies(largest: usize) -> Self {
        Self { per_client: largest, anonymous: 0, total: largest.saturating_mul(8) }
    }
}

impl BufferBudget {
    /// A budget of which nothing is used.
    pub fn new(limits: BufferLimits) -> Self {
        Self { limits, held: Arc::default() }
    }

    /// Counts bytes, where there is room for them.
    ///
    /// # Errors
    /// Whose bytes leave no room.
    pub fn charge(&self, client: ClientKey, bytes: usize) -> Result<BufferCharge, NoRoom> {
        let mut charge = BufferCharge { budget: self.clone(), client, bytes: 0 };
        charge.grow(bytes).map(|()| charge)
    }

    /// Counts bytes that are held whether there is room or not.
    pub fn charge_anyway(&self, client: ClientKey, bytes: usize) -> BufferCharge {
        self.lock().add(client, bytes);
        BufferCharge { budget: self.clone(), client, bytes }
    }

    /// Whether a client has used up what it may.
    pub fn is_exhausted(&self, client: ClientKey) -> bool {
        self.lock().by_client.get(&client).is_some_and(|own| *own >= self.limits.per_client)
    }

    fn lock(&self) -> MutexGuard<'_, HeldBytes> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeldBytes {
    fn add(&mut self, client: ClientKey, bytes: usize) {
        if bytes == 0 {
            return;
        }
        *self.by_client.entry(client).or_default() += bytes;
        self.total += bytes;
        if client.is_anonymous() {
            self.anonymous += bytes;
        }
    }

    fn subtract(&mut self, client: ClientKey, bytes: usize) {
        self.total -= bytes;
        if client.is_anonymous() {
            self.anonymous -= bytes;
        }
        if let Some(own) = self.by_client.get_mut(&client) {
            *own -= bytes;
            if *own == 0 {
                self.by_client.remove(&client);
            }
        }
    }
}

impl BufferCharge {
    /// Counts more bytes of the same buffer, where there is room for them.
    ///
    /// # Errors
    /// Whose bytes leave no room.
    pub fn grow(&mut self, more: usize) -> Result<(), NoRoom> {
        let BufferLimits { per_client, anonymous, total } = self.budget.limits;
        let mut held = self.budget.lock();
        let own = held.by_client.get(&self.client).copied().unwrap_or(0);
        let is_within = |used: usize, limit: usize| used.saturating_add(more) <= limit;
        if own > self.bytes && !is_within(own, per_client) {
            return Err(NoRoom::OfClient);
        }
        if !is_within(held.total, total) || (self.client.is_anonymous() && !is_within(held.anonymous, anonymous)) {
            return Err(NoRoom::OfAll);
        }
        held.add(self.client, more);
        self.bytes += more;
        Ok(())
    }
}

impl Drop for BufferCharge {
    fn drop(&mut self) {
        self.budget.lock().subtract(self.client, self.bytes);
    }
}

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
    slot: OnceLock<ClientSlot<Account>>,
    /// Room for the answer, as long as its size is not known.
    reserved: Mutex<Option<BufferCharge>>,
}

impl RequestOwner {
    /// Notes who signed in.
    ///
    /// # Errors
    /// 429 where too many of their answers wait to be read. That is asked before anything is done, as a change cannot be
    /// refused after it was made.
    pub fn identify(extensions: &Extensions, principal: &Principal, api: &Api) -> Result<()> {
        let Some(owner) = extensions.get::<Self>() else { return Ok(()) };
        let _ = owner.held.principal.get_or_init(|| ClientKey::Account(principal.into()));
        owner.refuse_unread(api)
    }

    /// Holds a slot until the request has been answered.
    pub fn hold(extensions: &Extensions, slot: Option<ClientSlot<Account>>) {
        if let (Some(owner), Some(slot)) = (extensions.get::<Self>(), slot) {
            // One that is there already counts the same request.
            let _ = owner.held.slot.set(slot);
        }
    }

    /// Reserves room for an answer of `bytes`, before anything is done that it is the answer to.
    ///
    /// # Errors
    /// 429 where too many answers wait for the client, 503 where too many wait for all.
    pub fn reserve(&self, api: &Api, bytes: usize) -> Result<()> {
        let charge = api.answers.charge(self.client(), bytes.min(api.answers.limits.per_client));
        let charge = charge.map_err(|no_room| unread(api, self, no_room))?;
        *self.reserved() = Some(charge);
        Ok(())
    }

    fn refuse_unread(&self, api: &Api) -> Result<()> {
        if api.answers.is_exhausted(self.client()) { Err(unread(api, self, NoRoom::OfClient)) } else { Ok(()) }
    }

    fn client(&self) -> ClientKey {
        self.held.principal.get().copied().unwrap_or_else(|| ClientKey::of_address(self.address))
    }

    fn reserved(&self) -> MutexGuard<'_, Option<BufferCharge>> {
        self.held.reserved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the bytes of each answer until they are sent, and refuses what would be too many.
///
/// Streams have no size that is known and are not counted: they are made as fast as they are read.
pub async fn bound_answers(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let owner = RequestOwner { address: api.edge.client_address(&parts), held: Arc::default() };
    parts.extensions.insert(owner.clone());
    let is_read = parts.method.is_safe();
    let response = next.run(Request::from_parts(parts, body)).await;
    let reserved = owner.reserved().take();
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

fn unread(api: &Api, owner: &RequestOwner, no_room: NoRoom) -> Problem {
    let client = owner.client();
    api.refusals.note(RefusalReason::UnreadAnswers, owner.address, Some(&client.to_string()));
    match no_room {
        NoRoom::OfClient => Problem::unread_answers(api.answers.limits.per_client),
        NoRoom::OfAll => Problem::unavailable("too many answers wait to be read; nothing was done; try again"),
    }
}

/// Reads a whole body of at most `limit` bytes, and counts it until the last reference to it is gone.
///
/// # Errors
/// 413 beyond the limit; 408 when it was not complete in time; 429 and 503 where too many bodies are being read, or too many
/// answers wait; 400 when the connection broke; 401 and 403 when it took long and its credential was revoked before it was
/// complete.
pub async fn read_body(request: Request, limit: usize, api: &Api) -> Result<Bytes> {
    let owner = request.extensions().get::<RequestOwner>().cloned();
    let authority = request.extensions().get::<Authority>().cloned();
    let client = owner.as_ref().map_or(ClientKey::of_address(None), RequestOwner::client);
    let address = owner.as_ref().and_then(|owner| owner.address);
    let limit = if client.is_anonymous() { limit.min(GUEST_BODY_BYTES) } else { limit };
    // Layers in between do not pass on what the body says of its size.
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let expected = announced.unwrap_or(limit);
    let charge = BufferCharge { budget: api.bodies.clone(), client, bytes: 0 };
    let mut reading = ReadBody { limit, expected, received: 0, parts: Vec::new(), charge };
    let read = if expected > limit { Err(Unreadable::TooLarge) } else { reading.read(request.into_body()).await };
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
enum Unreadable {
    TooLarge,
    NoRoom(NoRoom),
    Late,
    Broken(axum::Error),
}

impl ReadBody {
    async fn read(&mut self, mut body: Body) -> Result<(), Unreadable> {
        use http_body_util::BodyExt as _;
        while let Some(frame) = body.frame().await {
            let frame =
                frame.map_err(|error| if is_late(&error) { Unreadable::Late } else { Unreadable::Broken(error) })?;
            let Ok(data) = frame.into_data() else { continue };
            self.received += data.len();
            if self.received > self.limit {
                return Err(Unreadable::TooLarge);
            }
            let is_counted = self.received > SMALL_BYTES && !self.charge.client.is_anonymous();
            if is_counted && self.received > self.charge.bytes {
                let step = self.received.next_multiple_of(STEP_BYTES).min(self.expected).max(self.received);
                self.charge.grow(step - self.charge.bytes).map_err(Unreadable::NoRoom)?;
            }
            self.parts.push(data);
        }
        Ok(())
    }

    fn into_bytes(mut self) -> Bytes {
        let bytes = if self.parts.len() == 1 { self.parts.swap_remove(0) } else { self.parts.concat().into() };
        if self.charge.bytes == 0 { bytes } else { hold_with(bytes, &Arc::new(self.charge)) }
    }
}

impl Unreadable {
    fn into_problem(self, api: &Api, client: ClientKey, address: Option<IpAddr>, limit: usize) -> Problem {
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
        assert_eq!(budget.charge(user(1), 41).err(), Some(NoRoom::OfClient));
        let second = budget.charge(user(1), 40).unwrap();
        assert!(budget.is_exhausted(user(1)) && !budget.is_exhausted(user(2)));
        let third = budget.charge(user(2), 200).expect("a single buffer may be larger");
        assert_eq!(budget.charge(user(3), 1).err(), Some(NoRoom::OfAll));
        drop((first, third));
        assert!(budget.charge(user(1), 60).is_ok());
        drop(second);
        assert!(budget.lock().by_client.is_empty() && budget.lock().total == 0);
    }

    #[test]
    fn a_buffer_that_grows_is_bounded_where_its_client_has_others() {
        let budget = BufferBudget::new(LIMITS);
        let mut growing = budget.charge(user(1), 60).unwrap();
        let other = budget.charge(user(1), 30).unwrap();
        assert_eq!(growing.grow(20), Err(NoRoom::OfClient));
        assert_eq!(growing.grow(10), Ok(()));
        drop(other);
        assert_eq!(growing.grow(200), Ok(()));
        assert_eq!(growing.grow(40), Err(NoRoom::OfAll));
        drop(growing);
        assert_eq!(budget.lock().total, 0);
    }

    #[test]
    fn clients_that_have_not_signed_in_share_a_budget() {
        let budget = BufferBudget::new(LIMITS);
        let address = |last: u8| ClientKey::of_address(Some([10, 0, 0, last].into()));
        let held = [budget.charge(address(1), 80), budget.charge(address(2), 70)];
        assert_eq!(budget.charge(address(3), 1).err(), Some(NoRoom::OfAll));
        assert!(budget.charge(user(1), 100).is_ok());
        drop(held);
        assert_eq!(budget.lock().anonymous, 0);
    }

    #[test]
    fn bytes_are_counted_until_the_last_part_of_them_is_gone() {
        let budget = BufferBudget::new(LIMITS);
        let charge = Arc::new(budget.charge(user(1), 50).unwrap());
        let whole = hold_with(Bytes::from(vec![7; 50]), &charge);
        drop(charge);
        let part = whole.slice(10..20);
        drop(whole);
        assert_eq!(budget.lock().total, 50);
        drop(part);
        assert_eq!(budget.lock().total, 0);
    }
}

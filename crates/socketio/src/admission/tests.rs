use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::*;

const LIMITS: AdmissionLimits =
    AdmissionLimits { connections: 4, client_connections: 2, bytes: 100, ..AdmissionLimits::UNLIMITED };

/// A connection that records whether it was evicted.
struct Visitor {
    ticket: AdmissionTicket<char>,
    evicted: Arc<AtomicUsize>,
}

impl Visitor {
    fn enter(admission: &AdmissionBudget<char>, client: impl Into<Option<char>>) -> Result<Visitor, AdmissionLimit> {
        let visitor = Visitor { ticket: admission.enter(client.into())?, evicted: Arc::default() };
        visitor.ticket.on_eviction(visitor.counter());
        Ok(visitor)
    }

    fn open(&self) {
        self.ticket.open(self.counter());
    }

    fn counter(&self) -> impl FnOnce() + Send + 'static {
        let evicted = Arc::clone(&self.evicted);
        move || {
            evicted.fetch_add(1, Relaxed);
        }
    }

    fn is_evicted(&self) -> bool {
        self.evicted.load(Relaxed) == 1
    }
}

fn admission() -> AdmissionBudget<char> {
    AdmissionBudget::new(LIMITS, |_, _| {})
}

#[test]
fn the_oldest_connection_of_a_client_makes_room_and_nobody_elses() {
    let admission = admission();
    let other = Visitor::enter(&admission, 'b').unwrap();
    let [first, second, third] = std::array::from_fn(|_| Visitor::enter(&admission, 'a').unwrap());
    assert!(first.is_evicted() && !second.is_evicted() && !third.is_evicted() && !other.is_evicted());
    assert_eq!(admission.connections(), 3);
    // The first connection's place was lost already and must not be released twice.
    drop((first, second));
    assert_eq!(admission.connections(), 2);
}

#[test]
fn the_oldest_of_all_makes_room_when_the_whole_is_full() {
    let admission = admission();
    let visitors: Vec<_> = ['a', 'b', 'c', 'd', 'e'].map(|client| Visitor::enter(&admission, client).unwrap()).into();
    let evicted: Vec<bool> = visitors.iter().map(Visitor::is_evicted).collect();
    assert_eq!(evicted, [true, false, false, false, false]);
    let unlimited = Visitor::enter(&admission, None).unwrap();
    assert!(visitors[1].is_evicted() && !unlimited.is_evicted());
}

#[test]
fn sessions_that_one_client_opens_as_fast_as_it_can_keep_no_other_client_out() {
    let limits = AdmissionLimits { connections: 4, client_connections: 10, ..AdmissionLimits::UNLIMITED };
    let admission = AdmissionBudget::new(limits, |_, _| {});
    let flood: Vec<_> = (0..4).map(|_| Visitor::enter(&admission, 'a').unwrap()).collect();
    flood.iter().for_each(Visitor::open);
    assert_eq!(Visitor::enter(&admission, 'a').err(), Some(AdmissionLimit::Connections));
    let other = Visitor::enter(&admission, 'b').unwrap();
    other.open();
    assert_eq!(flood.iter().map(Visitor::is_evicted).collect::<Vec<_>>(), [true, false, false, false]);
    assert!(!other.is_evicted());
}

#[test]
fn an_opened_session_is_protected_for_a_moment() {
    let admission = admission();
    let opened = Visitor::enter(&admission, 'a').unwrap();
    opened.open();
    let silent = Visitor::enter(&admission, 'a').unwrap();
    let newest = Visitor::enter(&admission, 'a').unwrap();
    assert!(silent.is_evicted() && !opened.is_evicted());
    newest.open();
    assert_eq!(Visitor::enter(&admission, 'a').err(), Some(AdmissionLimit::ClientConnections));
    let later = Instant::now() + LIMITS.handshake_grace;
    drop(admission.enter_at(Some('a'), later).unwrap());
    assert!(opened.is_evicted() && !newest.is_evicted());
}

#[test]
fn sessions_that_lost_their_protection_make_room_before_newer_connections_without_one() {
    let admission = admission();
    let sessions = ['a', 'a', 'b', 'b'].map(|client| Visitor::enter(&admission, client).unwrap());
    sessions.iter().for_each(Visitor::open);
    let later = Instant::now() + LIMITS.handshake_grace;
    let newcomers = ['c', 'd', 'e'].map(|client| admission.enter_at(Some(client), later).unwrap());
    let evicted: Vec<bool> = sessions.iter().map(Visitor::is_evicted).collect();
    assert_eq!(evicted, [true, true, true, false]);
    assert_eq!(admission.connections(), 4);
    drop(newcomers);
}

#[test]
fn the_bytes_of_all_are_bounded_and_only_those_that_hold_some_are_evicted() {
    let admission = admission();
    let [innocent, first, second, third] =
        ['a', 'b', 'c', 'd'].map(|client| Visitor::enter(&admission, client).unwrap());
    first.ticket.hold(60);
    second.ticket.hold(40);
    third.ticket.hold(10);
    assert!(first.is_evicted() && !second.is_evicted() && !innocent.is_evicted());
    assert_eq!(admission.bytes(), 50);
    second.ticket.hold(0);
    third.ticket.hold(101);
    assert!(third.is_evicted() && !second.is_evicted());
    assert_eq!(admission.bytes(), 0);
}

#[test]
fn a_connection_evicted_before_it_said_how_to_end_it_is_ended_then() {
    let admission = admission();
    let ticket = admission.enter(Some('a')).unwrap();
    assert!(admission.evict_oldest() && !admission.evict_oldest());
    let evicted = Arc::<AtomicUsize>::default();
    let counter = Arc::clone(&evicted);
    ticket.on_eviction(move || {
        counter.fetch_add(1, Relaxed);
    });
    assert_eq!(evicted.load(Relaxed), 1);
}

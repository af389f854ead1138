//! The load generator: one thread with one epoll instance for tens of thousands of clients.
//!
//! A client costs a descriptor and a few hundred bytes; all share one read buffer. This keeps the generator's load
//! small compared with that of the servers on the same machine.

mod client;
mod connecting;
mod polling;
mod shared;
mod socket;

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use crate::clock::now_ns;
use crate::orders::{Answer, Order, State};
use crate::tally::Account;
use crate::wire::packet::Audience;
use client::Client;
use connecting::Connecting;
use shared::Shared;

/// Epoll key of standard input; clients use their index.
const INPUT: u64 = u64::MAX;

/// Maximum number of events per wait.
const EVENTS: usize = 1024;

/// A load generator with its clients.
struct Worker {
    epoll: OwnedFd,
    clients: Vec<Client>,
    shared: Shared,
    connecting: Option<Connecting>,
    waiting: Option<Waiting>,
    input: Vec<u8>,
}

/// An order to wait for events.
struct Waiting {
    audience: Audience,
    events: u64,
    deadline_ns: u64,
}

/// Executes orders until standard input closes.
pub fn run() -> Result<()> {
    crate::machine::limits::raise_descriptors();
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let stdin = rustix::stdio::stdin();
    epoll::add(&epoll, stdin, epoll::EventData::new_u64(INPUT), epoll::EventFlags::IN)?;
    let shared = Shared::new();
    let mut worker = Worker { epoll, clients: Vec::new(), shared, connecting: None, waiting: None, input: Vec::new() };
    let mut events = Vec::with_capacity(EVENTS);
    loop {
        let timeout = worker.pause();
        events.clear();
        match epoll::wait(&worker.epoll, rustix::buffer::spare_capacity(&mut events), timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for events"),
        }
        for event in &events {
            let key = event.data.u64();
            if key == INPUT {
                if !worker.read_orders()? {
                    return Ok(());
                }
            } else {
                worker.client_event(key, event.flags);
            }
        }
        worker.go_on()?;
    }
}

impl Worker {
    /// Returns how long to wait for events before something else is due.
    fn pause(&self) -> Option<Timespec> {
        let now = now_ns();
        let connecting = self.connecting.as_ref().map(Connecting::next_ns);
        let waiting = self.waiting.as_ref().map(|waiting| waiting.deadline_ns);
        let reopening = (!self.shared.reopen.is_empty()).then_some(now);
        let next = [connecting, waiting, reopening].into_iter().flatten().min()?;
        let pause = Duration::from_nanos(next.saturating_sub(now));
        Timespec::try_from(pause).ok()
    }

    fn client_event(&mut self, key: u64, flags: epoll::EventFlags) {
        let Some(client) = usize::try_from(key).ok().and_then(|index| self.clients.get_mut(index)) else { return };
        client.event(flags, &mut self.shared);
        if let Some(connecting) = &mut self.connecting {
            connecting.note(client, usize::try_from(key).unwrap_or(usize::MAX));
        }
    }

    /// Does everything that is due.
    fn go_on(&mut self) -> Result<()> {
        for index in std::mem::take(&mut self.shared.reopen) {
            let client = &mut self.clients[index];
            client.reopen(&self.epoll, index, &mut self.shared);
            if let Some(connecting) = &mut self.connecting {
                connecting.note(client, index);
            }
        }
        if let Some(connecting) = &mut self.connecting {
            connecting.go_on(&self.epoll, &mut self.clients, &mut self.shared);
            if connecting.is_done() {
                let done = self.connecting.take().map(Connecting::finish).unwrap_or_default();
                say(&Answer::Connected(done))?;
            }
        }
        if let Some(Waiting { audience, events, deadline_ns }) = self.waiting {
            let received = self.shared.received(audience);
            if received >= events || now_ns() >= deadline_ns {
                self.waiting = None;
                say(&Answer::Received(received))?;
            }
        }
        Ok(())
    }

    /// Reads available orders; returns false at the end of input.
    fn read_orders(&mut self) -> Result<bool> {
        let mut bytes = [0; 4096];
        let count = rustix::io::read(rustix::stdio::stdin(), &mut bytes)?;
        self.input.extend(&bytes[..count]);
        while let Some(end) = self.input.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.input.drain(..=end).collect();
            let order = serde_json::from_slice(&line).context("reading an order")?;
            if let Some(answer) = self.carry_out(order) {
                say(&answer)?;
            }
        }
        Ok(count > 0)
    }

    /// Executes an order; some are answered later.
    fn carry_out(&mut self, order: Order) -> Option<Answer> {
        match order {
            Order::Connect(connect) => {
                self.shared.set_out(&connect);
                match connecting::make(&connect) {
                    Ok(clients) => self.clients = clients,
                    Err(error) => return Some(Answer::Failed(format!("{error:#}"))),
                }
                self.connecting = Some(Connecting::begin(0..self.clients.len(), connect.pace));
                return None;
            }
            Order::Reconnect(pace) => {
                self.connecting = Some(Connecting::begin(0..self.clients.len(), pace));
                return None;
            }
            Order::Await { audience, events, deadline_ms } => {
                self.waiting = Some(Waiting { audience, events, deadline_ns: now_ns() + deadline_ms * 1_000_000 });
                return None;
            }
            Order::Receipts => return Some(Answer::Receipts(self.shared.take_receipts())),
            Order::Account { audience, expected, clients } => {
                let expected = expected.map(|(first, last)| first..=last);
                let mut account = Account::default();
                let from = clients.0.min(self.clients.len());
                let to = clients.1.min(self.clients.len());
                for client in self.clients[from..to].iter().filter(|client| client.was_admitted()) {
                    account += client.tally(audience).account(expected.as_ref());
                }
                return Some(Answer::Account(account));
            }
            Order::Cut => self.clients.iter_mut().for_each(Client::cut),
            Order::Stall { clients } => self.clients.iter_mut().take(clients).for_each(Client::stall),
            Order::Resume => self.clients.iter_mut().for_each(|client| client.resume(&mut self.shared)),
            Order::State => {}
        }
        Some(Answer::State(State {
            connected: self.clients.iter().filter(|client| client.is_connected()).count(),
            stalled: self.clients.iter().filter(|client| client.is_stalled()).count(),
            ended: self.shared.ended.clone(),
        }))
    }
}

fn say(answer: &Answer) -> Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&line)?;
    Ok(stdout.flush()?)
}

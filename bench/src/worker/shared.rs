//! What the clients of one load generator share.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::clock::now_ns;
use crate::orders::{Connect, Receipts};
use crate::wire::packet::{Audience, Event};

/// More than what a server writes to one client at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// More receipts than this are counted, and not kept.
const MOST_RECEIPTS: u64 = 8 << 20;

/// What the clients share.
pub(super) struct Shared {
    /// What is read goes through here; a client keeps only what is left of a message that is not all there.
    pub(super) buffer: Vec<u8>,
    /// Where the server is, as an address and for the `Host` header.
    pub(super) server: SocketAddr,
    receipts: Receipts,
    kept: u64,
    /// Connections that ended by themselves, by why.
    pub(super) ended: BTreeMap<String, u64>,
    /// Clients whose server wants a new connection for their next request.
    pub(super) reopen: Vec<usize>,
    to_everyone: u64,
    to_some: u64,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self {
            buffer: vec![0; BUFFER_BYTES],
            server: SocketAddr::from(([127, 0, 0, 1], 0)),
            receipts: Receipts::default(),
            kept: 0,
            ended: BTreeMap::new(),
            reopen: Vec::new(),
            to_everyone: 0,
            to_some: 0,
        }
    }

    pub(super) fn set_out(&mut self, connect: &Connect) {
        self.server = connect.server;
    }

    /// How many events came for the first time, to all clients together.
    pub(super) fn received(&self, audience: Audience) -> u64 {
        match audience {
            Audience::Everyone => self.to_everyone,
            Audience::Some => self.to_some,
        }
    }

    /// Notes an event that a client got for the first time.
    pub(super) fn receive(&mut self, event: &Event, bytes: usize) {
        let took = match event.audience {
            Audience::Everyone => {
                self.to_everyone += 1;
                &mut self.receipts.to_everyone
            }
            Audience::Some => {
                self.to_some += 1;
                &mut self.receipts.to_some
            }
        };
        if self.kept >= MOST_RECEIPTS {
            self.receipts.left_out += 1;
            return;
        }
        self.kept += 1;
        self.receipts.bytes += bytes as u64;
        let tenths = now_ns().saturating_sub(event.mark.published_ns) / 100;
        took.entry(event.mark.number).or_default().push(u32::try_from(tenths).unwrap_or(u32::MAX));
    }

    /// Hands over what was noted of events' times, and begins anew.
    pub(super) fn take_receipts(&mut self) -> Receipts {
        self.kept = 0;
        std::mem::take(&mut self.receipts)
    }

    /// Notes a connection's end.
    pub(super) fn end(&mut self, why: &str) {
        *self.ended.entry(why.to_owned()).or_default() += 1;
    }
}

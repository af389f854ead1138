//! State shared by the clients of one load generator.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::clock::now_ns;
use crate::orders::{Connect, Receipts};
use crate::wire::packet::{Audience, Event};

/// Larger than what a server writes to one client at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// Maximum number of receipts stored; further ones are only counted.
const MOST_RECEIPTS: u64 = 8 << 20;

/// State shared by the clients.
pub(super) struct Shared {
    /// Read buffer; a client only stores the rest of an incomplete message.
    pub(super) buffer: Vec<u8>,
    /// Address of the server, also for the `Host` header.
    pub(super) server: SocketAddr,
    receipts: Receipts,
    kept: u64,
    /// Number of connections that ended unexpectedly, by reason.
    pub(super) ended: BTreeMap<String, u64>,
    /// Clients that need another connection for their next request.
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

    /// Returns the number of distinct events received by all clients.
    pub(super) fn received(&self, audience: Audience) -> u64 {
        match audience {
            Audience::Everyone => self.to_everyone,
            Audience::Some => self.to_some,
        }
    }

    /// Records a client's first receipt of an event.
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

    /// Returns the recorded latencies and discards them.
    pub(super) fn take_receipts(&mut self) -> Receipts {
        self.kept = 0;
        std::mem::take(&mut self.receipts)
    }

    /// Records the end of a connection.
    pub(super) fn end(&mut self, why: &str) {
        *self.ended.entry(why.to_owned()).or_default() += 1;
    }
}

//! Where a request comes from.

use std::net::IpAddr;

use crate::edge::ClientNetwork;

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct RequestClient {
    /// The address of the client, past the proxies that are trusted.
    pub address: Option<IpAddr>,
}

impl RequestClient {
    /// What its limits are counted by.
    pub fn network(self) -> Option<ClientNetwork> {
        self.address.map(ClientNetwork::from)
    }
}

//! The client of a request.

use std::net::IpAddr;

use crate::edge::ClientNetwork;
#[derive(Debug, Clone, Copy)]
pub struct RequestClient {
    /// Its address, behind trusted proxies; `None` if a proxy does not pass it on.
    pub address: Option<IpAddr>,
}

impl RequestClient {
    /// Returns the network that limits count it by.
    pub fn network(self) -> Option<ClientNetwork> {
        self.address.map(ClientNetwork::from)
    }
}

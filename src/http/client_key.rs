//! Whom buffers are charged to.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::auth::ChargedAccount;
use crate::edge::ClientNetwork;

/// Whom memory is charged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientKey {
    /// An account that has signed in.
    Account(ChargedAccount),
    /// The network of somebody who has not signed in.
    Network(ClientNetwork),
}

impl ClientKey {
    /// The network of an address; one that is unknown shares a key with all others that are.
    pub fn of_address(address: Option<IpAddr>) -> Self {
        Self::Network(address.unwrap_or(Ipv6Addr::UNSPECIFIED.into()).into())
    }

    /// Whether nobody is signed in.
    pub fn is_anonymous(self) -> bool {
        matches!(self, Self::Network(_))
    }
}

impl fmt::Display for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => account.fmt(f),
            Self::Network(network) => network.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_share_a_key() {
        let key = |address: &str| ClientKey::of_address(Some(address.parse().unwrap()));
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("10.0.0.1"), key("10.0.0.2"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
    }
}

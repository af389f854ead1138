//! The unit that buffered memory is charged to.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::auth::ChargedAccount;
use crate::edge::ClientNetwork;

/// The unit that buffered memory is charged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientKey {
    Account(ChargedAccount),
    Network(ClientNetwork),
}

impl ClientKey {
    /// Returns the key of an unauthenticated client; unknown addresses share one.
    pub fn of_address(address: Option<IpAddr>) -> Self {
        Self::Network(address.unwrap_or(Ipv6Addr::UNSPECIFIED.into()).into())
    }
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

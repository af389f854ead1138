//! Whom resources are charged to.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use superbot_domain::{TokenId, User, UserId};

use crate::auth::Principal;

/// Whom memory and searches are charged to: a user with all their credentials, or a token without an owner, or the
/// network of somebody who has not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientKey {
    /// A user.
    User(UserId),
    /// A token that belongs to no user.
    Token(TokenId),
    /// An IPv4 address or an IPv6 /64: all of the latter usually belong to one customer.
    Network(IpAddr),
}

impl ClientKey {
    /// The network of an address; one that is unknown shares a key with all others that are.
    pub fn of_address(address: Option<IpAddr>) -> Self {
        match address.unwrap_or(Ipv6Addr::UNSPECIFIED.into()).to_canonical() {
            IpAddr::V6(address) => Self::Network(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()),
            address @ IpAddr::V4(_) => Self::Network(address),
        }
    }

    /// Whether nobody is signed in.
    pub fn is_anonymous(self) -> bool {
        matches!(self, Self::Network(_))
    }
}

impl From<&User> for ClientKey {
    fn from(user: &User) -> Self {
        Self::User(user.id)
    }
}

impl From<&Principal> for ClientKey {
    fn from(principal: &Principal) -> Self {
        match principal {
            Principal::Session { user, .. } | Principal::Token { user: Some(user), .. } => user.into(),
            Principal::Token { id, user: None, .. } => Self::Token(*id),
        }
    }
}

impl fmt::Display for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user {}", id.get()),
            Self::Token(id) => write!(f, "token {}", id.get()),
            Self::Network(address) => address.fmt(f),
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

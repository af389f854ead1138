//! Networks as the unit of limits per client.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The unit of limits per client: an IPv4 address, or the /64 of an IPv6 address.
///
/// A provider assigns at least a /64 to each customer (RFC 6177), so a single host has 2^64 IPv6 addresses to send from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientNetwork(IpAddr);

/// Length of an IPv6 network's prefix, in bits.
const IPV6_NETWORK_BITS: u32 = 64;

impl From<IpAddr> for ClientNetwork {
    fn from(address: IpAddr) -> Self {
        // An IPv4 client on a dual-stack listener arrives as ::ffff:a.b.c.d; all of those share one /64.
        match address.to_canonical() {
            address @ IpAddr::V4(_) => Self(address),
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << (u128::BITS - IPV6_NETWORK_BITS));
                Self(IpAddr::V6(Ipv6Addr::from_bits(network)))
            }
        }
    }
}

impl From<ClientNetwork> for IpAddr {
    fn from(ClientNetwork(network): ClientNetwork) -> Self {
        network
    }
}

impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/{IPV6_NETWORK_BITS}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_ipv4_by_address_and_ipv6_by_64_bits() {
        let network = |text: &str| ClientNetwork::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(network("203.0.113.7").to_string(), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), network("203.0.113.7"));
        assert_ne!(network("203.0.113.7"), network("203.0.113.8"));
        assert_eq!(network("2001:db8:1:2:ffff::9").to_string(), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }
}

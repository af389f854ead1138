//! Which addresses of the network may be asked.
//!
//! A user who names a page to be watched must not gain access to the network that this program runs in.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The public addresses, and those that were allowed besides.
#[derive(Clone)]
pub struct Reach(Arc<dyn Fn(IpAddr) -> bool + Send + Sync>);

/// A name or an address that leads into a private network.
#[derive(Debug, thiserror::Error)]
#[error("{0} is an address of a private network, which the settings do not allow (sources.private_addresses)")]
pub(crate) struct Private(String);

impl Reach {
    /// Public addresses, and those that `also` holds.
    pub fn public_and(also: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(also))
    }

    fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || (self.0)(address.to_canonical())
    }

    /// Refuses an address that is written out as one; names are looked at when they are resolved.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Private> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        if self.allows(address) { Ok(()) } else { Err(Private(address.to_string())) }
    }
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reach")
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found.filter(|address| this.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(Private(name.as_str().to_owned()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The special-purpose registry of RFC 6890, and multicast.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !is_special
}

/// Global unicast, but for documentation and what may hide an IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let embedded = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b) {
        // NAT64 and 6to4 lead on to an IPv4 address.
        (0x64, 0xff9b) => is_public_v4(embedded(address.segments()[6], address.segments()[7])),
        (0x2002, _) => is_public_v4(embedded(b, address.segments()[2])),
        (0x2001, 0x0db8 | 0..=0x01ff) => false,
        _ => (0x2000..=0x3fff).contains(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_told_from_public_ones() {
        for private in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn what_is_allowed_besides_is_reached() {
        let reach = Reach::public_and(|address| address.is_loopback());
        let may = |url: &str| reach.check(&Url::parse(url).unwrap()).is_ok();
        assert!(may("http://127.0.0.1:8080/") && may("http://[::ffff:127.0.0.1]/") && may("https://example.com/"));
        assert!(!may("http://10.0.0.1/") && !may("http://0x0a000001/") && !may("http://[fe80::1]/"));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused() {
        let resolve = |reach: Reach| async move { reach.resolve("localhost".parse().unwrap()).await.map(drop) };
        let error = resolve(Reach::public_and(|_| false)).await.unwrap_err();
        assert!(error.to_string().contains("localhost is an address of a private network"), "{error}");
        resolve(Reach::public_and(|address| address.is_loopback())).await.unwrap();
    }
}

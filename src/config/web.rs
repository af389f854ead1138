//! `[web]`: public URL, proxies, and static pages.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};

/// Public URL, proxies, and static pages.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// URL at which browsers reach this server, if it differs from the Host header: an origin, without a path.
    pub public_url: Option<Url>,
    /// Proxies whose forwarding headers are trusted.
    pub trusted_proxies: Vec<IpRange>,
    /// Folder of the user's own static pages.
    pub public_dir: Option<PathBuf>,
    /// Whether the Content-Security-Policy permits images from loopback, for the demo.
    pub loopback_pictures: bool,
}

impl WebConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        Ok(Self {
            public_url: section.optional_text("public_url")?,
            trusted_proxies: section.list("trusted_proxies")?,
            public_dir: section.optional_text("public_dir")?,
            loopback_pictures: section.switch("loopback_pictures")?,
        })
    }

    /// Checks that the folder of pages exists, and that nothing of the store can be downloaded from it.
    pub(super) fn check_public_dir(&self, data_dir: &Path, store: Option<&Path>) -> Result<(), ConfigProblem> {
        let Some(given) = &self.public_dir else { return Ok(()) };
        let refused = |expected| Err(ConfigProblem::PublicDir { path: given.clone(), expected });
        let Some(public_dir) = given.canonicalize().ok().filter(|dir| dir.is_dir()) else {
            return refused("a folder that exists, or empty");
        };
        let is_inside = |path: &Path| resolved(path).starts_with(&public_dir);
        if is_inside(data_dir) || store.is_some_and(is_inside) {
            return refused("a folder that contains neither `server.data_dir` nor the store, as its files are public");
        }
        Ok(())
    }
}

/// Resolves symbolic links; for a path that does not exist yet, those of its existing part.
fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // `canonicalize` fails for a path that does not exist.
    let found = path.ancestors().find_map(|part| Some((part, part.canonicalize().ok()?)));
    let Some((part, real)) = found else { return path };
    path.strip_prefix(part)
        .map_or(real.clone(), |rest| if rest.as_os_str().is_empty() { real } else { real.join(rest) })
}

impl ParseSetting for Url {
    const EXPECTED: &'static str = "a URL without a path, such as \"https://superbot.example\"";

    fn parse(text: &str) -> Option<Self> {
        origin_url(text)
    }
}

/// Parses a URL that consists of an origin: http or https, a host, optionally a port.
pub(super) fn origin_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    (web && bare && anonymous && url.has_host()).then_some(url)
}

/// An IP address, or a range in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpRange {
    address: IpAddr,
    prefix: u8,
}

impl IpRange {
    /// Returns whether the range contains every address of its family.
    pub fn is_everything(&self) -> bool {
        self.prefix == 0
    }

    /// Returns whether the range contains the address; IPv4-mapped IPv6 addresses count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                // `checked_shl` is `None` for prefix 0, where the shift equals the width of the type.
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

/// The text is neither an IP address nor a range in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not {}", <IpRange as ParseSetting>::EXPECTED)]
pub struct InvalidIpRange;

impl FromStr for IpRange {
    type Err = InvalidIpRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidIpRange)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), str::parse).map_err(|_| InvalidIpRange)?;
        if prefix > longest {
            return Err(InvalidIpRange);
        }
        Ok(Self { address, prefix })
    }
}

impl ParseSetting for IpRange {
    const EXPECTED: &'static str = "an IP address or a range of them, such as \"127.0.0.1\" or \"10.0.0.0/8\"";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_own_addresses_only() {
        let holds = |range: &str, address: &str| IpRange::parse(range).unwrap().contains(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.200.3.4"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("127.0.0.1", "127.0.0.1"));
        assert!(!holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("0.0.0.0/0", "8.8.8.8"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(!holds("0.0.0.0/0", "::1"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!holds("2001:db8::/32", "2001:db9::1"));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "localhost"] {
            assert_eq!(text.parse::<IpRange>(), Err(InvalidIpRange), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_of_pages_exists_and_does_not_contain_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("data/pages")).unwrap();
        std::fs::create_dir_all(path("pages")).unwrap();
        std::fs::write(path("file"), "").unwrap();
        std::os::unix::fs::symlink(path("data"), path("link")).unwrap();
        let is_fine = |public_dir: PathBuf, data_dir: PathBuf, store: Option<PathBuf>| {
            let public_url = None;
            let trusted_proxies = Vec::new();
            let web = WebConfig { public_url, trusted_proxies, public_dir: Some(public_dir), loopback_pictures: false };
            web.check_public_dir(&data_dir, store.as_deref()).is_ok()
        };
        for pages in ["pages", "data/pages"] {
            assert!(is_fine(path(pages), path("data"), Some(path("data/superbot.db"))), "{pages}");
        }
        for pages in ["data", "data/pages/..", "link", "", "nothing", "file"] {
            assert!(!is_fine(path(pages), path("data"), None), "{pages}");
        }
        assert!(!is_fine(path("data"), path("link/new"), None), "a data folder that is yet to be made");
        assert!(!is_fine(path("pages"), path("data"), Some(path("pages/deep/superbot.db"))));
        assert!(!is_fine(PathBuf::from("/"), path("data"), None));
    }

    #[test]
    fn a_public_url_is_an_origin() {
        let url = origin_url("https://Superbot.example:443/").unwrap();
        assert_eq!(url.as_str(), "https://superbot.example/");
        let wrong = [
            "superbot.example",
            "ftp://a.example",
            "https://a.example/b",
            "https://u@a.example",
            "https://a.example/?q",
        ];
        for text in wrong {
            assert_eq!(origin_url(text), None, "{text}");
        }
    }
}

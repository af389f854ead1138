//! The canonical form of addresses by the first version of the rules.

use superbot_domain::{AddressKey, ListingLink};
use url::Url;

/// The key of an address by the first version of the rules. It must never change: stores contain such keys.
fn first_key(link: &str) -> Option<String> {
    let mut url = Url::parse(link.trim()).ok()?;
    url.set_fragment(None);
    if let Some(query) = url.query() {
        let mut parameters: Vec<&str> =
            query.split('&').filter(|parameter| !parameter.is_empty() && !was_tracking(parameter)).collect();
        parameters.sort_unstable();
        let kept = parameters.join("&");
        url.set_query(if kept.is_empty() { None } else { Some(&kept) });
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    let text = String::from(url);
    Some(match text.split_once('?') {
        Some((address, query)) => format!("{}?{query}", address.trim_end_matches('/')),
        None => text.trim_end_matches('/').to_owned(),
    })
}

fn was_tracking(parameter: &str) -> bool {
    const PREFIXES: [&str; 4] = ["utm_", "mc_", "__cft__", "pk_"];
    const NAMES: [&str; 24] = [
        "fbclid",
        "gclid",
        "dclid",
        "gbraid",
        "wbraid",
        "gclsrc",
        "msclkid",
        "yclid",
        "twclid",
        "ttclid",
        "igshid",
        "igsh",
        "_ga",
        "_gl",
        "ref",
        "ref_src",
        "fref",
        "hc_ref",
        "__tn__",
        "__xts__",
        "mibextid",
        "referral_code",
        "referral_story_type",
        "tracking",
    ];
    let name = parameter.split_once('=').map_or(parameter, |(name, _)| name).to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The key by the first rules, where it is another one than by today's.
pub(crate) fn former_key(link: &ListingLink) -> Option<String> {
    let key = AddressKey::split(link.canonical());
    let former = key.of_address(&first_key(link.as_str())?);
    (former != link.canonical()).then_some(former)
}

/// The key by today's rules of what is stored under `key`, which was made by these or by the first ones from `link`.
///
/// A key is less than the address that it was made from: by the first rules it lacks a fragment that belongs to it. `link` may be
/// another address of the same listing, or empty where the address is lost; then the key is all there is.
pub(crate) fn current_key(link: &str, key: &str) -> String {
    let stored = AddressKey::split(key);
    let address = if first_key(link).as_deref() == Some(stored.address) { link } else { stored.address };
    let parsed = ListingLink::parse(address).or_else(|_| ListingLink::parse(stored.address));
    parsed.map_or_else(|_| key.to_owned(), |parsed| stored.of_address(parsed.canonical()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(text: &str) -> ListingLink {
        ListingLink::parse(text).unwrap()
    }

    #[test]
    fn keys_are_made_as_the_first_version_did() {
        for (text, expected) in [
            ("https://Example.COM/Item/1", "https://example.com/Item/1"),
            ("HTTPS://example.com:443/item/1/", "https://example.com/item/1"),
            ("http://www.example.com", "http://www.example.com"),
            ("https://example.com/?", "https://example.com"),
            ("https://example.com/#photos", "https://example.com"),
            ("https://spa.example/#/ad/1", "https://spa.example"),
            ("https://example.com:8443/a/../b", "https://example.com:8443/b"),
            ("https://example.com/v?b=2&a=1&utm_source=x&fbclid=y&&ref=z", "https://example.com/v?a=1&b=2"),
            ("https://example.com/v/?reference=7", "https://example.com/v?reference=7"),
            ("https://example.com/v?q=a/", "https://example.com/v?q=a/"),
            ("https://example.com/%c3%a9%2D?x=%20", "https://example.com/%c3%a9%2D?x=%20"),
        ] {
            assert_eq!(first_key(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn stored_keys_become_those_of_today() {
        for (address, key, expected) in [
            ("http://www.example.com/1", "http://www.example.com/1", "https://example.com/1"),
            ("https://spa.example/#/ad/1", "https://spa.example", "https://spa.example#/ad/1"),
            ("https://example.com/v?ref=7", "https://example.com/v", "https://example.com/v?ref=7"),
            ("http://example.com/feed", "http://example.com/feed#77", "https://example.com/feed#77"),
            // Known by another address than by the one of its key.
            ("https://example.com/new", "http://example.com/old", "https://example.com/old"),
            ("", "http://m.example.com/old?a=1", "https://example.com/old?a=1"),
            ("no link", "no key", "no key"),
        ] {
            assert_eq!(current_key(address, key), expected, "{address}");
            assert_eq!(current_key(address, expected), expected, "{address} has it already");
        }
    }

    proptest! {
        #[test]
        fn what_was_stored_is_found_by_what_is_posted(path in "(/[a-z.%A-F0-9é;]{0,6}){0,3}", query in "(\\?[a-cé&=_%/+ 0-9]{0,16}(&ref=[0-9])?)?", fragment in "(#[a-z/!#]{0,5})?", host in "(www\\.|m\\.)?[a-z]{1,4}\\.org", key in prop::option::of("[a-z0-9/ ]{1,4}")) {
            let Ok(link) = ListingLink::parse(&format!("http://{host}{path}{query}{fragment}")) else { return Ok(()) };
            let link = match key { Some(key) => link.with_key(&key), None => link };
            let stored = former_key(&link).unwrap_or_else(|| link.canonical().to_owned());
            prop_assert_eq!(current_key(link.as_str(), &stored), link.canonical());
            prop_assert_eq!(current_key(link.as_str(), link.canonical()), link.canonical());
        }
    }

    #[test]
    fn an_address_that_both_rules_write_alike_has_one_key() {
        assert_eq!(former_key(&link("https://example.com/1?a=2")), None);
        assert_eq!(former_key(&link("http://example.com/1")).as_deref(), Some("http://example.com/1"));
        assert_eq!(former_key(&link("http://example.com/1").with_key("7")).as_deref(), Some("http://example.com/1#7"));
    }
}

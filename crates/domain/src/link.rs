//! Web addresses of listings, and their canonical form.

use url::Url;

use crate::field::{InvalidField, quoted};

/// An http(s) URL of at most 2,048 bytes, as given and in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingLink {
    given: Box<str>,
    canonical: Box<str>,
}

impl ListingLink {
    const MAX_BYTES: usize = 2048;
    /// Runs of plain characters and escaped bytes; no id is longer.
    const MAX_KEY_PIECES: usize = 100;

    /// Parses an absolute http or https URL.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        let url = web_url(text)?;
        Ok(Self { given: text.trim().into(), canonical: canonical(url).into() })
    }

    /// The link of one of several ads that share an address; `key` is what differs between them, such as the site's id.
    #[must_use]
    pub fn with_key(self, key: &str) -> Self {
        // Identities of whole addresses have no fragment, so this one is no other ad's.
        let key: String =
            url::form_urlencoded::byte_serialize(key.trim().as_bytes()).take(Self::MAX_KEY_PIECES).collect();
        Self { canonical: format!("{}#{key}", self.canonical).into(), ..self }
    }

    /// The link as given, to be shown and followed.
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// Returns the canonical form, which identifies a listing: links that lead to the same page have the same form.
    ///
    /// The host is in lower case without a default port; fragment, trailing slashes and tracking parameters are
    /// removed; the other parameters are sorted.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

/// Validates a URL that browsers may follow or load as a picture.
pub(crate) fn web_url(text: &str) -> Result<Url, InvalidField> {
    let text = text.trim();
    let refused = |why: &str| {
        InvalidField::new(format!(
            "{} {why}; give an http:// or https:// address of at most {} bytes",
            quoted(text),
            ListingLink::MAX_BYTES
        ))
    };
    if text.len() > ListingLink::MAX_BYTES {
        return Err(refused("is too long"));
    }
    // The URL parser would silently remove control characters, and other parsers might then see a different address.
    if text.contains(|c: char| c.is_control()) {
        return Err(refused("has control characters"));
    }
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(refused("is not an absolute address"));
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(refused("is not on the web"));
    }
    Url::parse(text).map_err(|error| refused(&format!("is not a valid address ({error})")))
}

fn canonical(mut url: Url) -> String {
    url.set_fragment(None);
    if let Some(query) = url.query() {
        let mut parameters: Vec<&str> =
            query.split('&').filter(|parameter| !parameter.is_empty() && !tracks_visitors(parameter)).collect();
        parameters.sort_unstable();
        let kept = parameters.join("&");
        url.set_query(if kept.is_empty() { None } else { Some(&kept) });
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    // The URL standard represents an empty path as one slash, so it is removed from the text.
    let text = String::from(url);
    match text.split_once('?') {
        Some((address, query)) => format!("{}?{query}", address.trim_end_matches('/')),
        None => text.trim_end_matches('/').to_owned(),
    }
}

/// Returns whether a query parameter only tracks visitors and does not affect the page.
fn tracks_visitors(parameter: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn identity(text: &str) -> String {
        ListingLink::parse(text).unwrap().canonical().to_owned()
    }

    #[test]
    fn what_does_not_change_the_page_does_not_change_the_identity() {
        for (text, expected) in [
            ("https://Example.COM/Item/1", "https://example.com/Item/1"),
            ("HTTPS://example.com:443/item/1/", "https://example.com/item/1"),
            ("https://example.com", "https://example.com"),
            ("https://example.com/?", "https://example.com"),
            ("https://example.com/#photos", "https://example.com"),
            ("https://example.com:8443/a/../b", "https://example.com:8443/b"),
            ("https://example.com/v?b=2&a=1&utm_source=x&fbclid=y&&ref=z", "https://example.com/v?a=1&b=2"),
            ("https://example.com/v/?reference=7", "https://example.com/v?reference=7"),
            ("https://example.com/v?utm_source=x", "https://example.com/v"),
            ("https://example.com/v?q=a/", "https://example.com/v?q=a/"),
        ] {
            assert_eq!(identity(text), expected, "{text}");
        }
    }

    #[test]
    fn the_placeholder_of_the_manual_is_a_link() {
        assert_eq!(ListingLink::parse(" https://... ").unwrap().as_str(), "https://...");
    }

    #[test]
    fn ads_that_share_an_address_are_told_apart_by_their_keys() {
        let link = |key: &str| ListingLink::parse("https://example.com/list?b=1").unwrap().with_key(key);
        assert_eq!(
            (link("7").as_str(), link("7").canonical()),
            ("https://example.com/list?b=1", "https://example.com/list?b=1#7")
        );
        assert_ne!(link("7").canonical(), link("8").canonical());
        assert_eq!(link(" 7 "), link("7"));
        assert!(link(&"é".repeat(5_000)).canonical().len() < 2_048);
    }

    #[test]
    fn only_links_of_the_web_are_taken() {
        for text in [
            "",
            "example.com/1",
            "/item/1",
            "javascript:alert(1)",
            "javascript://x%0aalert(1)",
            "ftp://example.com/1",
            "data:text/html,x",
            "https:example.com",
            "https://",
            "https://a b/",
            "https://a/\u{0}",
            "ht\ntps://a/",
        ] {
            assert!(ListingLink::parse(text).is_err(), "{text:?}");
        }
        assert!(ListingLink::parse(&format!("https://a/{}", "x".repeat(2040))).is_err());
    }

    proptest! {
        #[test]
        fn an_identity_is_its_own_identity(host in "[a-zA-Z]{1,9}(\\.[a-z]{2,3})?", path in "(/[a-z/.%A-Zé]{0,6}){0,4}", query in "(\\?[a-zé&=_%/+ ]{0,24})?", fragment in "(#[a-z/?]{0,5})?") {
            if let Ok(link) = ListingLink::parse(&format!("http://{host}{path}{query}{fragment}")) {
                prop_assert_eq!(identity(link.canonical()), link.canonical());
            }
        }

        #[test]
        fn the_order_of_parameters_does_not_matter(mut parameters in prop::collection::vec("[a-c]=[0-9]", 0..6)) {
            let forth = identity(&format!("https://x.test/i?{}", parameters.join("&")));
            parameters.reverse();
            prop_assert_eq!(forth, identity(&format!("https://x.test/i?{}&utm_medium=mail", parameters.join("&"))));
        }

        #[test]
        fn no_text_breaks_the_parser(text in "\\PC{0,40}") {
            let _ = ListingLink::parse(&format!("https://{text}"));
            let _ = ListingLink::parse(&text);
        }
    }
}

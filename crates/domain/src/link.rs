//! Web addresses of listings, and their canonical form.

mod canonical;
mod tracking;

use url::Url;

use self::canonical::canonical;
pub use self::canonical::{AddressKey, LINK_RULES_VERSION};
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
        // It has neither of the signs by which fragments of whole addresses begin, so it is no other ad's.
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
    /// The scheme is `https`; the host is in lower case, without a default port and without `www.`, `m.` and `mobile.`; escapes
    /// are in upper case, and only where they are needed; trailing slashes, tracking parameters and session ids are removed, as is
    /// a fragment that does not begin with `/` or `!`; the other parameters are sorted.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn identity(text: &str) -> String {
        ListingLink::parse(text).unwrap().canonical().to_owned()
    }

    #[test]
    fn what_does_not_change_the_page_does_not_change_the_identity() {
        for (expected, texts) in [
            (
                "https://example.com/Item/1",
                &[
                    "https://Example.COM/Item/1",
                    "http://example.com/Item/1",
                    "HTTPS://example.com:443/Item/1/",
                    "http://example.com:80/Item/1",
                    "https://www.example.com/Item/1",
                    "https://m.example.com/Item/1#photos",
                    "http://mobile.example.com/Item/1?",
                    "https://www.m.example.com/Item//../1",
                    "https://example.com./Item/1;jsessionid=0A1B",
                    "https://example.com/%49tem/1",
                ][..],
            ),
            ("https://example.com", &["https://example.com/?", "http://www.example.com#x", "https://example.com//"]),
            ("https://example.com:8443/b", &["https://example.com:8443/a/../b", "http://example.com:8443/b/"]),
            (
                "https://example.com/v?a=1&b=2",
                &[
                    "https://example.com/v?b=2&a=1&utm_source=x&fbclid=y&&srsltid=z",
                    "https://example.com/v/?UTM_Medium=x&a=1&b=2&gclid=1&_ga=2.3&mc_cid=4",
                    "https://example.com/v?a=1&PHPSESSID=0123&b=2",
                ],
            ),
            (
                "https://example.com/gr%C3%BCn-blau/a~b?q=l%C3%B6we+x",
                &[
                    "https://example.com/gr%c3%bcn%2Dblau/a%7Eb?q=l%c3%b6we+x",
                    "https://example.com/grün-blau/a~b?q=löwe%20x",
                    "https://example.com/gr%C3%BCn-bl%61u/a%7eb/?q=l%C3%B6w%65+x",
                ],
            ),
            ("https://example.com/a%2Fb%20c%25?x=%26%3D%2B/", &["https://example.com/a%2fb c%25?x=%26%3d%2b%2f"]),
            ("https://example.com/v?q=a/", &["https://example.com/v?q=a/"]),
            (
                "https://facebook.com/marketplace/item/77",
                &[
                    "https://www.facebook.com/marketplace/item/77/?ref=search&referral_code=x&tracking=y",
                    "https://m.facebook.com/marketplace/item/77?rdid=1&share_url=https%3A%2F%2Ffacebook.com",
                    "https://web.facebook.com/marketplace/item/77/?__tn__=x&_rdr",
                    "https://de-de.facebook.com/marketplace/item/77?mibextid=1",
                ],
            ),
            (
                "https://ebay.de/itm/123?var=4",
                &[
                    "https://www.ebay.de/itm/123?var=4&hash=item1:g:2&amdata=enc%3A1&itmmeta=5",
                    "https://m.ebay.de/itm/123?_trkparms=a&_trksid=b&var=4&mkevt=1&campid=2",
                ],
            ),
            ("https://spa.example#/ad/1", &["https://spa.example/#/ad/1", "http://www.spa.example/#/ad/1/"]),
            ("https://spa.example/x#!ad=1", &["https://spa.example/x#!ad=1", "https://spa.example/x/#!%61d=1"]),
        ] {
            for text in texts {
                assert_eq!(identity(text), expected, "{text}");
                assert_eq!(identity(expected), expected);
            }
        }
    }

    #[test]
    fn what_may_be_another_ad_has_another_identity() {
        for texts in [
            ["https://spa.example/#/ad/1", "https://spa.example/#/ad/2"],
            ["https://spa.example/#!ad=1", "https://spa.example/#!ad=2"],
            ["https://example.com/v?ref=1", "https://example.com/v?ref=2"],
            ["https://example.com/v?tracking=1", "https://example.com/v?tracking=2"],
            ["https://example.com/v?hash=1", "https://example.com/v?hash=2"],
            ["https://notebay.com/v?hash=1", "https://notebay.com/v?hash=2"],
            ["https://example.com/v?reference=1", "https://example.com/v?reference=2"],
            ["https://example.com/a/b", "https://example.com/a%2Fb"],
            ["https://example.com/?a=1&b=2", "https://example.com/?a=1%26b=2"],
            ["https://example.com/?q=1+1", "https://example.com/?q=1%2B1"],
            ["https://example.com/Item", "https://example.com/item"],
            ["https://example.com:8443/", "https://example.com/"],
            ["https://m.org/1", "https://org/1"],
            ["https://shop.example.com/1", "https://example.com/1"],
            ["https://facebook.com.example/1?ref=1", "https://facebook.com.example/1?ref=2"],
            ["https://example.com/a;1", "https://example.com/a;2"],
            ["https://user@example.com/1", "https://example.com/1"],
        ] {
            let [one, other] = texts.map(identity);
            assert_ne!(one, other, "{texts:?}");
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

    #[test]
    fn a_stored_key_is_split_whatever_the_address() {
        let link = |text: &str| ListingLink::parse(text).unwrap();
        for text in ["https://spa.example/#/ad/1", "https://example.com/1?a=b", "https://spa.example/#!a#b"] {
            let plain = link(text);
            let whole = AddressKey { address: plain.canonical(), suffix: None };
            assert_eq!(AddressKey::split(plain.canonical()), whole);
            let keyed = link(text).with_key("/7 !");
            let split = AddressKey::split(keyed.canonical());
            assert_eq!((split.address, split.suffix), (plain.canonical(), Some("%2F7+%21")));
            assert_eq!(split.of_address(plain.canonical()), keyed.canonical());
        }
    }

    proptest! {
        #[test]
        fn an_identity_is_its_own_identity(host in "((www|m|a)\\.){0,2}[a-zA-Z]{1,9}(\\.[a-z]{2,3})?\\.?(:(80|443|99))?", path in "(/[a-z/.%A-F0-9é;=|~]{0,8}){0,4}", query in "(\\?[a-fé&=_%/+ 0-9;'|]{0,24})?", fragment in "(#[a-z/?!#%2]{0,6})?") {
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

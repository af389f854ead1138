//! Parameters of addresses that have no effect on the page: where a visitor came from, and session ids.
//!
//! The names are those that browsers and content blockers remove from links.

/// Beginnings of names that are tracking on every site.
const PREFIXES: [&str; 13] = [
    "utm_",
    "mc_",
    "__cft__",
    "pk_",
    "mtm_",
    "matomo_",
    "piwik_",
    "hsa_",
    "fb_action",
    "oly_",
    "vero_",
    "bsft_",
    "_branch_",
];

/// Names that are tracking on every site, in lower case.
const NAMES: [&str; 68] = [
    "__hsfp",
    "__hssc",
    "__hstc",
    "__s",
    "__tn__",
    "__xts__",
    "_ga",
    "_gac",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_kx",
    "_openstat",
    "awc",
    "cjevent",
    "cmpid",
    "dclid",
    "dm_i",
    "ef_id",
    "elqtrack",
    "elqtrackid",
    "epik",
    "fb_ref",
    "fb_source",
    "fbclid",
    "fref",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "hc_ref",
    "hsctatracking",
    "igsh",
    "igshid",
    "irclickid",
    "irgwc",
    "li_fat_id",
    "mibextid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "ndclid",
    "rb_clickid",
    "referral_code",
    "referral_story_type",
    "ref_src",
    "ref_url",
    "s_cid",
    "s_kwcid",
    "sc_cid",
    "sc_campaign",
    "srsltid",
    "sscid",
    "tduid",
    "ttclid",
    "twclid",
    "unicorn_click_id",
    "wbraid",
    "wickedid",
    "wt_mc",
    "yclid",
    "ysclid",
    "zanpid",
];

/// Names that are tracking on a site and its subdomains, but may be ids elsewhere; a name that ends with `*` is a beginning.
const OF_SITES: [(&[&str], &[&str]); 6] = [
    (
        &["facebook.com"],
        &[
            "ref",
            "ref_*",
            "rdid",
            "share_url",
            "tracking",
            "acontext",
            "notif_*",
            "paipv",
            "eav",
            "_rdr",
            "_rdc",
            "locale",
        ],
    ),
    (
        &[
            "ebay.com",
            "ebay.co.uk",
            "ebay.de",
            "ebay.fr",
            "ebay.it",
            "ebay.es",
            "ebay.ca",
            "ebay.com.au",
            "ebay.at",
            "ebay.ch",
            "ebay.ie",
            "ebay.nl",
            "ebay.pl",
            "ebay.be",
        ],
        &[
            "hash", "amdata", "itmmeta", "itmprp", "_trk*", "mkevt", "mkcid", "mkrid", "campid", "toolid", "customid",
            "ssspo", "sssrc", "ssuid", "media", "_skw", "epid", "chn", "norover", "mkscid",
        ],
    ),
    (
        &[
            "amazon.com",
            "amazon.co.uk",
            "amazon.de",
            "amazon.fr",
            "amazon.it",
            "amazon.es",
            "amazon.ca",
            "amazon.co.jp",
        ],
        &[
            "ref",
            "ref_",
            "tag",
            "pd_rd_*",
            "pf_rd_*",
            "qid",
            "sr",
            "crid",
            "keywords",
            "sprefix",
            "dib",
            "dib_tag",
            "_encoding",
            "linkcode",
            "content-id",
        ],
    ),
    (
        &["etsy.com"],
        &[
            "ref",
            "ga_*",
            "click_key",
            "click_sum",
            "frs",
            "organic_search_click",
            "pro",
            "sts",
            "content_source",
            "logging_key",
        ],
    ),
    (&["aliexpress.com", "alibaba.com"], &["spm", "scm*", "algo_*", "pdp_*", "curpageloguid", "utparam*"]),
    (&["olx.pl", "olx.ua", "olx.pt", "olx.ro", "olx.bg", "olx.kz"], &["reason", "search_reason"]),
];

/// Names of session ids, in lower case.
const SESSIONS: [&str; 5] = ["jsessionid", "phpsessid", "aspsessionid", "cfid", "cftoken"];

/// Returns whether a parameter of a query has no effect on the page of that host, whose form is the canonical one.
pub(super) fn tracks_visitors(parameter: &str, host: &str) -> bool {
    let name = parameter_name(parameter);
    NAMES.contains(&name.as_str())
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || is_session_parameter(parameter)
        || OF_SITES.iter().any(|(sites, names)| {
            names.iter().any(|known| is_named(&name, known)) && sites.iter().any(|site| is_of_site(host, site))
        })
}

/// Returns whether a parameter is a session id.
pub(super) fn is_session_parameter(parameter: &str) -> bool {
    SESSIONS.contains(&parameter_name(parameter).as_str())
}

/// Whether a host is a site's or one of its subdomains.
pub(super) fn is_of_site(host: &str, site: &str) -> bool {
    host.strip_suffix(site).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn parameter_name(parameter: &str) -> String {
    parameter.split_once('=').map_or(parameter, |(name, _)| name).to_ascii_lowercase()
}

fn is_named(name: &str, known: &str) -> bool {
    known.strip_suffix('*').map_or(name == known, |prefix| name.starts_with(prefix))
}

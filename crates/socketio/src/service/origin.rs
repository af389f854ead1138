//! Origin checks and CORS headers.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, HOST, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};
use http::{Uri, request};

use crate::config::{AllowedOriginList, SocketIoConfig};
use crate::engine::answer::HttpAnswer;

/// Access granted according to a request's `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OriginAccess {
    /// Same origin or no browser; no CORS headers needed.
    Own,
    /// Another origin that may connect, with cookies if `credentials` is set.
    Cross {
        origin: HeaderValue,
        credentials: bool,
    },
    Denied,
}

impl OriginAccess {
    pub(crate) fn of(config: &SocketIoConfig, request: &request::Parts) -> OriginAccess {
        let mut origins = request.headers.get_all(ORIGIN).iter();
        let (origin, text) = match (origins.next(), origins.next()) {
            (None, _) => return OriginAccess::Own,
            (Some(origin), None) => match origin.to_str() {
                Ok(text) => (origin, text),
                Err(_) => return OriginAccess::Denied,
            },
            // Several `Origin` headers: browsers send one, so this is an attempt to confuse a proxy.
            (Some(_), Some(_)) => return OriginAccess::Denied,
        };
        if is_own(config, text, &request.headers, &request.uri) {
            return OriginAccess::Own;
        }
        let credentials = match &config.origins {
            AllowedOriginList::Any => false,
            AllowedOriginList::List(list) if list.iter().any(|known| same(known, text)) => true,
            AllowedOriginList::List(_) | AllowedOriginList::SameOrigin => return OriginAccess::Denied,
        };
        OriginAccess::Cross { origin: origin.clone(), credentials }
    }

    /// Adds the CORS headers without which a browser hides the response from the page.
    pub(crate) fn mark(self, answer: &mut HttpAnswer) {
        // Caches must not serve the response for one origin to another.
        answer.set(VARY, HeaderValue::from_static("Origin"));
        if let OriginAccess::Cross { origin, credentials } = self {
            answer.set(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            if credentials {
                answer.set(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            }
        }
    }
}

/// Answers a CORS preflight request.
pub(crate) fn preflight(request: &request::Parts) -> HttpAnswer {
    let mut answer = HttpAnswer::no_content();
    answer.set(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    answer.set(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    let wanted = request.headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    answer.set(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or_else(|| HeaderValue::from_static("content-type")));
    answer
}

fn is_own(config: &SocketIoConfig, origin: &str, headers: &HeaderMap, uri: &Uri) -> bool {
    if config.public_origins.iter().any(|known| same(known, origin)) {
        return true;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(http::uri::Authority::as_str));
    match (host, origin.split_once("://")) {
        (Some(host), Some((scheme, authority))) => {
            let default_port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
            let plain = |text: &str| text.strip_suffix(default_port).unwrap_or(text).to_ascii_lowercase();
            plain(host) == plain(authority)
        }
        _ => false,
    }
}

fn same(known: &str, origin: &str) -> bool {
    known.trim_end_matches('/').eq_ignore_ascii_case(origin)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn access(config: &SocketIoConfig, origins: &[&str], host: &str) -> OriginAccess {
        let mut request = Request::builder().uri("/socket.io/").header(HOST, host);
        for origin in origins {
            request = request.header(ORIGIN, *origin);
        }
        OriginAccess::of(config, &request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn the_servers_own_pages_may_connect_and_others_not() {
        let config =
            SocketIoConfig { public_origins: vec!["https://bot.example/".into()], ..SocketIoConfig::default() };
        for (origins, host, own) in [
            (&[][..], "bot.lan:5000", true),
            (&["http://bot.lan:5000"], "bot.lan:5000", true),
            (&["http://BOT.lan"], "bot.lan:80", true),
            (&["https://bot.lan:443"], "bot.lan", true),
            (&["https://bot.example"], "127.0.0.1:5000", true),
            (&["http://bot.lan:5001"], "bot.lan:5000", false),
            (&["https://bot.lan"], "bot.lan:80", false),
            (&["http://evil.example"], "bot.lan:5000", false),
            (&["http://bot.lan:5000.evil.example"], "bot.lan:5000", false),
            (&["null"], "bot.lan:5000", false),
            (&["http://bot.lan:5000", "http://evil.example"], "bot.lan:5000", false),
        ] {
            let expected = if own { OriginAccess::Own } else { OriginAccess::Denied };
            assert_eq!(access(&config, origins, host), expected, "{origins:?} {host}");
        }
    }

    #[test]
    fn listed_origins_bring_cookies_and_strangers_do_not() {
        let cross =
            |credentials| OriginAccess::Cross { origin: HeaderValue::from_static("https://a.example"), credentials };
        let list = SocketIoConfig {
            origins: AllowedOriginList::List(vec!["https://A.example".into()]),
            ..SocketIoConfig::default()
        };
        assert_eq!(access(&list, &["https://a.example"], "h"), cross(true));
        assert_eq!(access(&list, &["https://b.example"], "h"), OriginAccess::Denied);
        let any = SocketIoConfig { origins: AllowedOriginList::Any, ..SocketIoConfig::default() };
        assert_eq!(access(&any, &["https://a.example"], "h"), cross(false));
    }
}

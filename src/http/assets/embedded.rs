//! The pages, scripts and style sheets that are part of the binary.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};

/// What `build.rs` has built of `web/`, laid out as its addresses are.
#[derive(RustEmbed)]
#[folder = "$SUPERBOT_WEB_FILES"]
struct AssetTable;

/// What a page may do: run and style itself with files of its own, talk to this server, and show pictures of listings.
///
/// No string ever becomes markup or script on these pages, so they may not even name a policy that would let one.
macro_rules! page_policy {
    ($pictures:literal) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:",
            $pictures,
            "; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'"
        )
    };
}
const PAGE_POLICY: &str = page_policy!("");
/// The same with pictures that are on the browser's own machine. Elsewhere such a picture's address would make each reader's
/// browser ask a server of its user's own.
const LOOPBACK_PICTURES_POLICY: &str = page_policy!(" http://127.0.0.1:* http://localhost:*");

/// Pages that are served at another address than their file's name says.
const PAGES: [(&str, &str); 4] =
    [("login.html", "/login"), ("setup.html", "/setup"), ("reset.html", "/reset"), ("docs.html", "/api/docs")];

/// The dashboard is one page that reads its address itself.
const DASHBOARD: &str = "index.html";
/// The dashboard's addresses by the names of its pages, written by the web build; not served itself.
const DASHBOARD_ROUTES: &str = "routes.json";

/// A route for every file the binary carries.
pub fn routes<S: Clone + Send + Sync + 'static>(loopback_pictures: bool) -> Router<S> {
    let policy = if loopback_pictures { LOOPBACK_PICTURES_POLICY } else { PAGE_POLICY };
    let mut router = Router::new();
    for name in AssetTable::iter() {
        let Some(file) = AssetTable::get(&name) else { continue };
        let asset = EmbeddedAsset::new(&name, file, policy);
        for address in addresses(&name) {
            let asset = asset.clone();
            let serve = move |request: HeaderMap| async move { asset.respond(&request) };
            router = router.route(&address, get(serve));
        }
    }
    router
}

fn addresses(name: &str) -> Vec<String> {
    match name {
        DASHBOARD => dashboard_addresses(),
        DASHBOARD_ROUTES => Vec::new(),
        _ => {
            let page = PAGES.iter().find(|(file, _)| *file == name);
            vec![page.map_or_else(|| format!("/{name}"), |(_, address)| (*address).to_owned())]
        }
    }
}

/// They are listed, so that an address that is none stays a 404 instead of a page that says so.
fn dashboard_addresses() -> Vec<String> {
    let file = AssetTable::get(DASHBOARD_ROUTES).expect("build.rs accepts no web files without routes.json");
    let routes: BTreeMap<String, String> =
        serde_json::from_slice(&file.data).expect("routes.json maps names of pages to addresses");
    routes.into_values().collect()
}

#[derive(Clone)]
struct EmbeddedAsset {
    bytes: Bytes,
    etag: String,
    headers: Vec<(HeaderName, &'static str)>,
}

impl EmbeddedAsset {
    fn new(name: &str, file: EmbeddedFile, policy: &'static str) -> Self {
        let etag = etag(&file);
        let bytes = match file.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Self { bytes, etag, headers: headers(name, policy) }
    }

    fn respond(self, request: &HeaderMap) -> Response {
        let mut response = if super::conditional::is_current(request, &self.etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.bytes.into_response()
        };
        let own = response.headers_mut();
        for (name, value) in self.headers {
            own.insert(name, header::HeaderValue::from_static(value));
        }
        if let Ok(etag) = self.etag.parse() {
            own.insert(header::ETAG, etag);
        }
        response
    }
}

/// A strong entity tag made of the content alone, so that it survives restarts and is the same on every node.
fn etag(file: &EmbeddedFile) -> String {
    format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]))
}

fn headers(name: &str, policy: &'static str) -> Vec<(HeaderName, &'static str)> {
    // The bundler names what is below assets/ by its content; everything else may change with the next version.
    let caching = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut headers = vec![
        (header::CONTENT_TYPE, content_type(name)),
        (header::CACHE_CONTROL, caching),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    if extension(name) == "html" {
        headers.push((header::CONTENT_SECURITY_POLICY, policy));
    }
    // Pages of other origins use the clients, as modules too; there is nothing secret in them.
    if name.starts_with("static/") || name.starts_with("socket.io/") {
        headers.push((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    }
    headers
}

/// The types of the few kinds of file there are; guessing by the system's tables makes a video of a `.d.ts`.
fn content_type(name: &str) -> &'static str {
    match extension(name) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "ts" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        _ => "application/octet-stream",
    }
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn fetch(path: &str, if_none_match: Option<&str>) -> (StatusCode, HeaderMap, Bytes) {
        let mut request = Request::get(path);
        if let Some(etag) = if_none_match {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let request = request.body(Body::empty()).unwrap();
        let (head, body) = routes::<()>(false).oneshot(request).await.unwrap().into_parts();
        (head.status, head.headers, body.collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn a_page_has_a_policy_under_which_no_string_runs() {
        for page in ["/", "/alerts/new", "/sources/ksl", "/login", "/setup", "/reset"] {
            let (status, headers, body) = fetch(page, None).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"));
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert!(!body.contains("<style") && !body.contains(" style=") && !body.contains("<script>"), "{page}");
        }
    }

    #[tokio::test]
    async fn every_address_of_the_dashboard_is_the_same_page_and_no_other_is() {
        let (.., page) = fetch("/", None).await;
        let addresses = dashboard_addresses();
        assert!(addresses.len() > 10 && addresses.iter().any(|address| address == "/alerts/{id}"), "{addresses:?}");
        for address in addresses {
            let (status, _, body) = fetch(&address.replace("{id}", "7"), None).await;
            assert!(status == StatusCode::OK && body == page, "{address}");
        }
        for address in ["/nowhere", "/index.html", "/routes.json", "/alerts/7/edit", "/assets"] {
            assert_eq!(fetch(address, None).await.0, StatusCode::NOT_FOUND, "{address}");
        }
    }

    #[tokio::test]
    async fn both_clients_are_served_to_any_origin() {
        for path in [
            "/static/js/websocket-client.js",
            "/static/js/websocket-client.mjs",
            "/socket.io/socket.io.min.js",
            "/socket.io/socket.io.js",
            "/socket.io/socket.io.esm.min.js",
        ] {
            let (status, headers, body) = fetch(path, None).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert_eq!(headers[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
            assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
            assert!(body.len() > 10_000, "{path} is {} bytes long", body.len());
        }
        let (_, headers, _) = fetch("/static/js/websocket-client.d.ts", None).await;
        assert_eq!(headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    }

    #[tokio::test]
    async fn what_a_browser_holds_is_not_sent_again() {
        let (_, headers, _) = fetch("/static/js/websocket-client.js", None).await;
        let etag = headers[header::ETAG].to_str().unwrap();
        let (status, headers, body) = fetch("/static/js/websocket-client.js", Some(etag)).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(headers[header::ETAG], etag);
        let (status, ..) = fetch("/static/js/websocket-client.js", Some("\"another\"")).await;
        assert_eq!(status, StatusCode::OK);
    }

    #[test]
    fn hashed_files_are_kept_for_ever_and_others_asked_for_again() {
        let caching = |name| headers(name, PAGE_POLICY)[1].1;
        assert!(caching("assets/index-3f2a.js").contains("immutable"));
        assert_eq!(caching("index.html"), "no-cache");
    }
}

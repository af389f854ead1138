//! The user's own pages, served from a folder below `/my/`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use tokio_util::io::ReaderStream;

/// Prevents markup in a listing's title from running, while the page's own inline scripts do run, and framing by other sites.
const PUBLIC_POLICY: &str = "require-trusted-types-for 'script'; frame-ancestors 'self'";

/// Serves the files of a folder below `/my/`: no hidden files, nothing outside of the folder, `index.html` for folders.
pub fn public_dir<S: Clone + Send + Sync + 'static>(dir: PathBuf) -> Router<S> {
    Router::new()
        .route("/my", get(async || Redirect::temporary("/my/")))
        .route("/my/", get(root_page))
        .route("/my/{*path}", get(page))
        .with_state(Arc::<Path>::from(dir))
}

async fn root_page(State(dir): State<Arc<Path>>, uri: Uri, request: HeaderMap) -> Response {
    serve(&dir, "", &uri, &request).await
}

async fn page(State(dir): State<Arc<Path>>, UrlPath(path): UrlPath<String>, uri: Uri, request: HeaderMap) -> Response {
    serve(&dir, &path, &uri, &request).await
}

async fn serve(dir: &Path, path: &str, uri: &Uri, request: &HeaderMap) -> Response {
    let Some(found) = find(dir, path).await else {
        return (StatusCode::NOT_FOUND, "There is no such page.\n").into_response();
    };
    match found {
        // Without the trailing slash the page's relative links would be resolved against the parent.
        PublicEntry::Folder if !uri.path().ends_with('/') => {
            Redirect::temporary(&format!("{}/", uri.path())).into_response()
        }
        PublicEntry::Folder => Box::pin(serve(dir, &format!("{path}index.html"), uri, request)).await,
        PublicEntry::File { path, etag, length } => send(&path, &etag, length, request).await,
    }
}

enum PublicEntry {
    Folder,
    File { path: PathBuf, etag: String, length: u64 },
}

/// Looks up a path; `None` for everything that must not be served.
async fn find(dir: &Path, path: &str) -> Option<PublicEntry> {
    if !is_plain(path) {
        return None;
    }
    let root = tokio::fs::canonicalize(dir).await.ok()?;
    // Symbolic links are resolved before the check, so that none leads out of the folder.
    let path = tokio::fs::canonicalize(root.join(path)).await.ok()?;
    let inside = path.strip_prefix(&root).ok()?;
    // The resolved path is checked for hidden parts as well: a link within the folder must not expose them.
    if !inside.iter().all(|part| part.to_str().is_some_and(|part| !part.starts_with('.'))) {
        return None;
    }
    let metadata = tokio::fs::metadata(&path).await.ok()?;
    if metadata.is_dir() {
        return Some(PublicEntry::Folder);
    }
    // Opening a pipe or device could block indefinitely.
    if !metadata.is_file() {
        return None;
    }
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let etag = format!("W/\"{:x}-{:x}\"", modified.as_nanos(), metadata.len());
    Some(PublicEntry::File { path, etag, length: metadata.len() })
}

/// Returns whether each part of the path is an ordinary name: not hidden, not `..`, without separators of other systems.
fn is_plain(path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    path.is_empty()
        || path.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']))
}

async fn send(path: &Path, etag: &str, length: u64, request: &HeaderMap) -> Response {
    let mut response = if super::conditional::is_current(request, etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let Ok(file) = tokio::fs::File::open(path).await else {
            return StatusCode::NOT_FOUND.into_response();
        };
        // A file that grows in the meantime must not exceed the announced Content-Length.
        let body = ReaderStream::new(tokio::io::AsyncReadExt::take(file, length));
        let mut response = Body::from_stream(body).into_response();
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type(path));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PUBLIC_POLICY));
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

fn content_type(path: &Path) -> HeaderValue {
    let guessed = mime_guess::from_path(path).first_or_octet_stream();
    let text = guessed.type_() == mime_guess::mime::TEXT;
    let value = if text { format!("{guessed}; charset=utf-8") } else { guessed.to_string() };
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    fn folder() -> tempfile::TempDir {
        let outer = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(outer.path().join(name), text).unwrap();
        std::fs::create_dir_all(outer.path().join("pages/more")).unwrap();
        write("secret.txt", "secret");
        write("pages/index.html", "<h1>hello</h1>");
        write("pages/more/index.html", "more");
        write("pages/more/a b.js", "1");
        write("pages/.hidden", "hidden");
        outer
    }

    async fn fetch(folder: &tempfile::TempDir, path: &str, etag: Option<&HeaderValue>) -> Response {
        let mut request = Request::get(path);
        if let Some(etag) = etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let router = public_dir::<()>(folder.path().join("pages"));
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn body(response: Response) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn pages_are_served_with_their_one_policy() {
        let folder = folder();
        let response = fetch(&folder, "/my/", None).await;
        assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], PUBLIC_POLICY);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(response.headers()[header::CONTENT_LENGTH], "14");
        let etag = response.headers()[header::ETAG].clone();
        assert_eq!(body(response).await, "<h1>hello</h1>");
        assert_eq!(fetch(&folder, "/my/index.html", Some(&etag)).await.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(body(fetch(&folder, "/my/more/a%20b.js", None).await).await, "1");
    }

    #[tokio::test]
    async fn a_folder_is_its_index_below_a_slash() {
        let folder = folder();
        let response = fetch(&folder, "/my/more", None).await;
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(response.headers()[header::LOCATION], "/my/more/");
        assert_eq!(body(fetch(&folder, "/my/more/", None).await).await, "more");
    }

    #[tokio::test]
    async fn nothing_outside_and_nothing_hidden_is_served() {
        let folder = folder();
        for path in [
            "/my/../secret.txt",
            "/my/%2e%2e/secret.txt",
            "/my/..%2fsecret.txt",
            "/my/more/%2e%2e/%2e%2e/secret.txt",
            "/my/..%5csecret.txt",
            "/my/%2fetc/passwd",
            "/my//etc/passwd",
            "/my/.hidden",
            "/my/more/../.hidden",
            "/my/index.html%00.js",
            "/my/nothing.html",
        ] {
            let response = fetch(&folder, path, None).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn links_lead_neither_out_nor_to_what_is_hidden() {
        let folder = folder();
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(folder.path().join(to), folder.path().join("pages").join(name)).unwrap();
        };
        link("secret.txt", "out.txt");
        link("", "up");
        link("pages/.hidden", "shown.txt");
        link("pages/more", "inside");
        for path in ["/my/out.txt", "/my/up/secret.txt", "/my/shown.txt"] {
            let response = fetch(&folder, path, None).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(fetch(&folder, "/my/inside/", None).await.status(), StatusCode::OK);
    }
}
